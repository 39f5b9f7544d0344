"""Uploaded documents, judged and read in child processes with limits, not in the service."""
