"""What one does with events, a module for each verb: `recording`, `publishing`, `reading`."""
