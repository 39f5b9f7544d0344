"""Calling the receivers of webhooks: which targets are called, how a message is signed and sent."""
