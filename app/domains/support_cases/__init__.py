"""Whom to turn to, and cases as threads that both sides see (domain.md J)."""
