"""What is allowed with ports: `drafting`, `editing`, `readiness`, `remedies`. Pure."""
