"""Requests that nobody thought of, made from the OpenAPI document, on the service as it is run."""
