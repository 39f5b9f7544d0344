"""Emergency service addresses: where help goes when a number calls for it (domain.md B3, B5).

Starts at `service`; its paths lie under a location and are in that slice's router.
"""
