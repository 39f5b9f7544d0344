"""Webhooks: events sent to receivers that customers name, by Standard Webhooks.

`service.managing` keeps the webhooks, `service.announcing` makes deliveries of events,
`service.delivering` sends them. All of it lives by the real clock.
"""
