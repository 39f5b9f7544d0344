"""Receivers, and webhooks that lead to them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.conftest import Customer
from tests.webhooks.hooking import Hook, hook
from tests.webhooks.receiving import Receiver, receiving


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver on loopback."""
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def hooked(customer: Customer, receiver: Receiver) -> AsyncIterator[Hook]:
    """A webhook of the customer's; deleted with what still waits for it."""
    made = await hook(customer, receiver.url)
    yield made
    await customer.api.delete(made.path)
