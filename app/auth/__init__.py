"""Who is calling, and what they may: tokens, roles, organisations. Starts at `guard.Allow`."""
