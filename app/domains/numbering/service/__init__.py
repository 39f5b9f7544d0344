"""What one does with numbers, a module for each verb; nothing is sold twice by `holding`."""
