"""What one does with webhooks and their deliveries, a module for each verb."""
