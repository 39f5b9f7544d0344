"""Two stories by a client generated from `openapi/openapi.json`: new numbers, and a port.

Run it against `make run`; ../README.md tells how.
"""

from __future__ import annotations

import json
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from cisco_pstn_client import AuthenticatedClient, models
from cisco_pstn_client.api.new_numbers import (
    accept_terms_of_service,
    create_number_order,
    create_reservation,
    get_terms_of_service,
    search_available_numbers,
)
from cisco_pstn_client.api.numbers import configure_connection
from cisco_pstn_client.api.orders import get_order
from cisco_pstn_client.api.ports import (
    add_port_document,
    check_portability,
    create_port_order,
    get_port_order,
    sign_loa,
    submit_port_order,
    update_port_order,
)
from cisco_pstn_client.api.simulator import advance_clock, get_clock
from cisco_pstn_client.types import File

DEMO = json.loads((Path(os.environ.get("PSTN_HOME", ".data")) / "demo.json").read_text())
ADMIN = AuthenticatedClient(DEMO["baseUrl"], DEMO["tokens"]["customerAdmin"])
OPERATOR = AuthenticatedClient(DEMO["baseUrl"], DEMO["tokens"]["operator"])
LOCATION: str = DEMO["locations"]["paidUs"]

BILL = Path(__file__).parents[1] / "bill.pdf"
BILLED = [f"+12065550{line}01" for line in range(10)]
"""The numbers on the bill; the simulated carrier rejects numbers ending in 01 the first time."""
BETTER = {
    "/account/accountNumber": models.Account(account_number="8834-22191"),
    "/account/pin": models.Account(pin="1147"),
}
"""What we know better than the bill, by the field that a remedy may point at."""

Answer = TypeVar("Answer")


def told(answer: Answer | models.ProblemView | None) -> Answer:
    """The answer; a refusal is raised with everything that is wrong."""
    if answer is None or isinstance(answer, models.ProblemView):
        raise RuntimeError(answer)
    return answer


def order_numbers() -> None:
    """Enable the location, find two numbers, hold them, order them, accept the terms."""
    connection = models.ConnectionPut(
        pstn_connection_type="CISCO_PSTN",
        contact=models.Contact("Northwind Traders", "Ada", "Example", "ada@northwind.example"),
        emergency_disclaimer=models.EmergencyDisclaimer("Ada Example", "Head of IT"),
        emergency_address=models.AddressSchema(
            address1="400 Broad Street",
            city="Seattle",
            state="WA",
            postal_code="98109",
            country="US",
        ),
    )
    told(configure_connection.sync(LOCATION, client=ADMIN, body=connection))

    found = told(
        search_available_numbers.sync(
            LOCATION, client=ADMIN, state="WA", area_code="425", quantity=2
        )
    )
    chosen = [number.phone_number for number in found.phone_numbers if number.preselected]
    wish = models.NumbersOrderCreate("numbers", chosen)
    reservation = told(create_reservation.sync(LOCATION, client=ADMIN, body=wish))

    wish.reservation_id = str(reservation.id)
    order = told(create_number_order.sync(LOCATION, client=ADMIN, body=wish))
    while order.status == "pending":
        time.sleep(0.2)
        order = told(get_order.sync(str(order.id), client=ADMIN))

    terms = told(get_terms_of_service.sync(client=ADMIN))
    acceptance = models.TermsAcceptanceCreate(terms.version)
    told(accept_terms_of_service.sync(client=ADMIN, body=acceptance))
    tell(told(get_order.sync(str(order.id), client=ADMIN)))


def port_number() -> None:
    """Draft a port, prove it by a bill and a signature, mend what is rejected, see it completed."""
    checked = told(check_portability.sync(client=ADMIN, body=models.PortNumbersChoice(BILLED)))
    portable = [number.phone_number for number in checked.phone_numbers if number.portable]
    wish = models.PortNumbersChoice(portable[:1])
    port_id = str(told(create_port_order.sync(LOCATION, client=ADMIN, body=wish)).id)

    account = models.Account(
        carrier_name="Old Carrier Inc.",
        account_number="8834-22190",
        billing_telephone_number="+12065559000",
        authorized_name="Ada Example",
        company_name="Northwind Traders",
        pin="4711",
        service_address=models.ServiceAddress(
            address1="400 Broad Street",
            city="Seattle",
            state="WA",
            postal_code="98109",
            country="US",
        ),
    )
    draft = models.PortOrderPatch("partial", account, remaining_numbers_action="keep")
    told(update_port_order.sync(port_id, client=ADMIN, body=draft))

    issued_on = told(get_clock.sync(client=OPERATOR)).now.date() - timedelta(days=5)
    with BILL.open("rb") as content:
        bill = models.AddPortDocumentForm("bill", File(content, "bill.pdf"), issued_on)
        told(add_port_document.sync(port_id, client=ADMIN, body=bill))
    sign_and_submit(port_id)

    for error in when(port_id, "rejected").errors:
        remedy = error.remedies[0]  # the one advised first
        print(f"  {error.title}: {remedy.text}")
        for pointer in remedy.pointers:
            mended = models.PortOrderPatch(account=BETTER[pointer])
            told(update_port_order.sync(port_id, client=ADMIN, body=mended))
    sign_and_submit(port_id)  # the letter names the account: it has to be signed anew

    tell(when(port_id, "focReceived"))
    tell(when(port_id, "completed"))


def sign_and_submit(port_id: str) -> None:
    """Sign the letter of authorisation, and send the port on its way."""
    signature = models.LoaSigning("Ada Example", "Head of IT", consent=True)
    told(sign_loa.sync(port_id, client=ADMIN, body=signature))
    told(submit_port_order.sync(port_id, client=ADMIN))


def when(port_id: str, status: models.OrderStatus) -> models.PortOrderView:
    """The port once it has come so far; the operator lets the days of the simulation pass."""
    a_day = models.ClockAdvance(seconds=86_400)
    while (port := told(get_port_order.sync(port_id, client=ADMIN))).status != status:
        told(advance_clock.sync(client=OPERATOR, body=a_day))
    return port


def tell(order: models.OrderView | models.PortOrderView) -> None:
    """A line on how far an order is."""
    numbers = ", ".join(f"{number.phone_number} {number.status}" for number in order.phone_numbers)
    print(f"{order.order_number} {order.display_status}: {numbers}")


order_numbers()
port_number()
