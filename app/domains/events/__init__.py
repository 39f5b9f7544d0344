"""What happened to orders, numbers and documents, as a feed that can be read again.

Every slice above writes here with `service.recording.record`, in the transaction of its change.
"""
