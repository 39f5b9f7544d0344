"""Checking of addresses: the port, and the adapter the service ships."""
