"""What is allowed with numbers, a module for each matter. Pure."""
