"""Cisco PSTN, the calling plan of Webex Calling, as an API. See `main`, `worker`, `cli`."""
