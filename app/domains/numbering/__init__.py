"""Telephone numbers: the inventory, whose a number is, the search (domain.md C3, H).

The inventory is kept in thousands-blocks: `models.ThousandsBlock`. A number leaves it by
`service.holding` and comes in by `service.stocking`; `service.search` shows what is there.
"""
