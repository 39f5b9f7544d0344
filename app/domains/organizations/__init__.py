"""Customers of Webex Calling: subscription, partner, calling plans, limits (domain.md A)."""
