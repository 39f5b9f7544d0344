"""Locations and their PSTN connection: Cisco PSTN, Cloud Connected PSTN or Local Gateway.

Domain.md A1, A3, A4, B1 to B4. The way onto Cisco PSTN starts at `service.connect`.
"""
