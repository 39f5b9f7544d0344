"""The life of a support case as data (`lifecycles.md`). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class CaseStatus(StrEnum):
    """Whose turn it is."""

    open = "open"
    """Support's."""
    answered = "answered"
    """The customer's."""
    closed = "closed"


class Side(StrEnum):
    """Who speaks."""

    customer = "customer"
    support = "support"


TRANSITIONS: Mapping[CaseStatus, frozenset[CaseStatus]] = {
    CaseStatus.open: frozenset({CaseStatus.open, CaseStatus.answered, CaseStatus.closed}),
    CaseStatus.answered: frozenset({CaseStatus.answered, CaseStatus.open, CaseStatus.closed}),
    CaseStatus.closed: frozenset(),
}

AFTER_COMMENT: Mapping[Side, CaseStatus] = {
    Side.support: CaseStatus.answered,
    Side.customer: CaseStatus.open,
}
"""A comment hands the turn to the other side."""
