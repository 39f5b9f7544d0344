"""What must hold when many ask at once, and when processes are killed."""
