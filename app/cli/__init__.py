"""The command `pstn`: serve with everything it needs, look after the inventory. See `main`."""
