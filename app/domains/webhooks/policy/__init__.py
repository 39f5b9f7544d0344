"""What a webhook may be, and when a message is sent again. Pure."""
