"""The commands that call a running service: by its public API, knowing nothing else of it."""
