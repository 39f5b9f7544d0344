"""Orders of new numbers, and the terms of service they wait for (domain.md C).

Starts at `service.place`; the worker goes on at `jobs.provision`.
"""
