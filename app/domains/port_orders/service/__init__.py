"""What one does with port orders, a module a verb: `drafting`, `editing`, `submitting`, …"""
