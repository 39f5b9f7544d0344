"""What is allowed: rules answer with every `Violation`, limits are named data. Pure."""
