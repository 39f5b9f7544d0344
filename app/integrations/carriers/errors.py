"""How a carrier fails: for good, or for now."""


class CarrierRejected(Exception):  # noqa: N818 - the carrier's word
    """Final: the carrier will not do it; `reason` is its code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CarrierUnavailable(Exception):  # noqa: N818 - a state of the carrier
    """No answer. What was asked may have been done: ask before sending it again."""
