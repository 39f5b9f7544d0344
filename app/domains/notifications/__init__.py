"""Mail about changes of orders, once for each change and recipient (domain.md E7, E8, F).

Starts at the job `order.notify`, which `orders.service.move` enqueues.
"""
