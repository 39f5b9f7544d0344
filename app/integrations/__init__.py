"""The outside: each thing with a port, its adapters and their errors."""
