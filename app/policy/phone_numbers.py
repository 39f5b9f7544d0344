"""What is wrong with telephone numbers as sent, told alike wherever numbers are sent. Pure."""

from __future__ import annotations

from app.core.texts import text
from app.policy.violation import Violation
from app.telephony.phone_number import PhoneNumber


def invalid_phone_number(pointer: str) -> Violation:
    """The text is no telephone number."""
    return Violation(
        "invalidPhoneNumber",
        pointer,
        text("This is no telephone number; write it in E.164, like +12065550100."),
    )


def duplicate_phone_number(pointer: str, number: PhoneNumber) -> Violation:
    """The number comes a second time."""
    return Violation(
        "duplicatePhoneNumber",
        pointer,
        text("The number is in the list already; name it once."),
        phone_number=number.e164,
    )
