"""Whom to turn to, as data: the desks, how one reaches them, and which need is whose (J1). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.texts import Text, text


class Region(StrEnum):
    """Where the caller is."""

    na = "NA"
    emea = "EMEA"
    apac = "APAC"


class Desk(StrEnum):
    """Who helps."""

    phd = "PHD"
    pts = "PTS"
    tac = "TAC"
    billing = "billing"
    ces = "CES"


class Need(StrEnum):
    """What help is wanted with."""

    assisted_order = "assistedOrder"
    pstn_question = "pstnQuestion"
    portability = "portability"
    expedite = "expedite"
    reschedule = "reschedule"
    rejection = "rejection"
    specific_time = "specificTime"
    after_foc = "afterFoc"
    cancellation = "cancellation"
    partner_question = "partnerQuestion"
    tax_estimate = "taxEstimate"
    loa_form = "loaForm"
    product_fault = "productFault"
    service_fault = "serviceFault"
    billing = "billing"
    quoting = "quoting"
    booking = "booking"
    provisioning = "provisioning"
    subscription = "subscription"
    billing_dispute = "billingDispute"


@dataclass(frozen=True, slots=True)
class Contact:
    """A desk and how one reaches it."""

    desk: Desk
    name: Text
    purpose: Text
    how: Text
    needs: tuple[Need, ...]
    email: str | None = None
    phones: Mapping[Region, str] = field(default_factory=dict)
    url: str | None = None


CONTACTS: tuple[Contact, ...] = (
    Contact(
        Desk.pts,
        text("PSTN technical support (PTS)"),
        text(
            "Questions of partners and customers about the PSTN, and everything about an order"
            " under way: faster, another date, a specific time, after the FOC, rejected, cancelled."
        ),
        text("Open a support case here."),
        (
            Need.assisted_order,
            Need.pstn_question,
            Need.portability,
            Need.expedite,
            Need.reschedule,
            Need.rejection,
            Need.specific_time,
            Need.after_foc,
            Need.cancellation,
        ),
    ),
    Contact(
        Desk.phd,
        text("Partner help desk (PHD)"),
        text(
            "Questions of partners, estimates of regulatory taxes, a country's form of the letter"
            " of authorisation."
        ),
        text("Write, call, or open a support case here."),
        (Need.partner_question, Need.tax_estimate, Need.loa_form),
        email="webexcalling-phd@cisco.com",
        phones={
            Region.na: "1-844-613-6108",
            Region.emea: "+44 129 366 10 20",
            Region.apac: "+61 3 7017 7272",
        },
    ),
    Contact(
        Desk.tac,
        text("Technical assistance centre (TAC)"),
        text("Faults of the product and of the service."),
        text("Write, call, or open a support case here."),
        (Need.product_fault, Need.service_fault),
        email="tac@cisco.com",
        phones={
            Region.na: "1-800-553-2447",
            Region.emea: "+32 2 704 5555",
            Region.apac: "+61 2 8446 7411",
        },
    ),
    Contact(
        Desk.billing,
        text("Billing and collections"),
        text("Invoices, VAT and payments."),
        text("Turn to the collector named on the invoice, or open a support case here."),
        (Need.billing,),
    ),
    Contact(
        Desk.ces,
        text("SaaS support (CES)"),
        text("Quotes, bookings, provisioning, subscriptions, and disputes about bills."),
        text("Use the customer service hub, or open a support case here."),
        (
            Need.quoting,
            Need.booking,
            Need.provisioning,
            Need.subscription,
            Need.billing_dispute,
        ),
        url="https://customerservice.cloudapps.cisco.com",
    ),
)


def contact_for(need: Need) -> Contact:
    """The desk that helps with it."""
    return next(contact for contact in CONTACTS if need in contact.needs)
