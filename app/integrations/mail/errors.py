"""How sending a mail fails: for good, or for now."""


class MailRejected(Exception):  # noqa: N818 - the mail server's word
    """Final: nobody will take this mail; `reason` is for whoever looks into it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MailUnavailable(Exception):  # noqa: N818 - a state of the mail server
    """No answer, or "later". The mail may have gone out: sent again it has the same Message-ID."""
