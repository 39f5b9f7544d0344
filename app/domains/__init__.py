"""What the business does, a slice for each capability; the layers above and below are in README."""
