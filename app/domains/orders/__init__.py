"""What new-number orders and port orders share: number, status gate, timeline, list (domain.md F).

A status changes only through `service.move`.
"""
