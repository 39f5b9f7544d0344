"""Work done after the answer: enqueued in the business transaction, done by `worker.py`."""
