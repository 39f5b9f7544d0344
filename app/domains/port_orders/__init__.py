"""Numbers that move to Cisco PSTN from another carrier (domain.md E, G).

Starts at `service.drafting.draft`; `service.submitting.submit` sends it on its way.
"""
