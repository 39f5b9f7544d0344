"""The errors of port orders, each with its remedies, the one advised first (domain.md G). Pure."""

from __future__ import annotations

from app.core.texts import Text, text
from app.domains.orders.kinds import DocumentKind, ErrorType, Remedy, RemedyAction, register
from app.domains.orders.lifecycle import Actor, OrderKind
from app.domains.port_orders.lifecycle import LIFECYCLE


def update(words: Text, *pointers: str) -> Remedy:
    """Change a field; of several, those that are wrong."""
    return Remedy(RemedyAction.update_field, Actor.customer, words, pointers)


REMOVE = Remedy(
    RemedyAction.remove_numbers,
    Actor.customer,
    text("Take the numbers concerned out of the order; the others go on."),
)
CONTACT = Remedy(
    RemedyAction.contact_support,
    Actor.customer,
    text("Open a support case on the order, and submit again once PTS has answered."),
)
SIGN_LOA = Remedy(
    RemedyAction.sign_loa,
    Actor.customer,
    text("Have the account's authorised person sign the letter of authorisation."),
)
UPLOAD_LOA = Remedy(
    RemedyAction.upload_document,
    Actor.customer,
    text("Upload a letter of authorisation signed by the account's authorised person."),
    document_kind=DocumentKind.loa,
)
UPLOAD_BILL = Remedy(
    RemedyAction.upload_document,
    Actor.customer,
    text("Upload a whole bill of the losing carrier, issued within the last 30 days."),
    document_kind=DocumentKind.bill,
)

_TYPES = (
    ErrorType(
        "accountNumberMismatch",
        text("Account number mismatch"),
        text("The account number is not the one in the losing carrier's record."),
        (
            update(
                text(
                    "Correct the account number as the losing carrier has it; with some carriers"
                    " it is the billing number, or the number itself."
                ),
                "/account/accountNumber",
            ),
        ),
    ),
    ErrorType(
        "accountNumberRequired",
        text("Account number required"),
        text("The losing carrier asks for an account number and did not get one it knows."),
        (
            update(
                text("Enter the account number as it stands on the bill."), "/account/accountNumber"
            ),
        ),
    ),
    ErrorType(
        "accountNameMismatch",
        text("Account name mismatch"),
        text("The person who authorises is not the one in the losing carrier's record."),
        (
            update(
                text("Enter the person whom the losing carrier knows as authorised."),
                "/account/authorizedName",
            ),
        ),
    ),
    ErrorType(
        "btnMismatch",
        text("BTN mismatch"),
        text("The billing telephone number is not the one in the losing carrier's record."),
        (
            update(
                text("Correct the billing telephone number of the losing carrier's account."),
                "/account/billingTelephoneNumber",
            ),
        ),
    ),
    ErrorType(
        "companyNameMismatch",
        text("Company name mismatch"),
        text("The company is not the one in the losing carrier's record."),
        (update(text("Enter the company as the losing carrier has it."), "/account/companyName"),),
    ),
    ErrorType(
        "multipleBtns",
        text("Several BTNs"),
        text("The numbers are of several billing numbers; the carrier wants an order for each."),
        (
            Remedy(
                RemedyAction.split_order,
                Actor.customer,
                text("Split the order by the billing number of each number."),
            ),
        ),
    ),
    ErrorType(
        "focRejectedByLosingCarrier",
        text("FOC rejected by the losing carrier"),
        text("The losing carrier cannot keep the date."),
        (
            update(
                text("Wish for another date; readiness lists those that are allowed."),
                "/requestedCompletionDate",
            ),
        ),
    ),
    ErrorType(
        "unknown",
        text("Unknown"),
        text("The losing carrier refused for a reason that we do not know."),
        (CONTACT,),
    ),
    ErrorType(
        "invalidPin",
        text("Invalid PIN"),
        text("The losing carrier needs a PIN or password, and it was not the right one."),
        (update(text("Enter the PIN that the losing carrier gave you."), "/account/pin"),),
    ),
    ErrorType(
        "orderPending",
        text("Order pending"),
        text("The losing carrier has another order under way on the account."),
        (REMOVE,),
    ),
    ErrorType(
        "mainBtnPending",
        text("Main BTN pending"),
        text("The billing telephone number is among the numbers, while others stay behind."),
        (
            Remedy(
                RemedyAction.remove_numbers,
                Actor.customer,
                text("Take the billing number out of the order, and port it with the last group."),
            ),
            update(
                text(
                    "Or state the port type, what becomes of the remaining numbers, and their new"
                    " billing number."
                ),
                "/portType",
                "/remainingNumbersAction",
                "/newBillingTelephoneNumber",
            ),
        ),
    ),
    ErrorType(
        "serviceAddressMismatch",
        text("Service address mismatch"),
        text("The address where the numbers are used is not the losing carrier's."),
        (
            update(
                text("Correct the service address, the city and the state."),
                "/account/serviceAddress/address1",
                "/account/serviceAddress/city",
                "/account/serviceAddress/state",
            ),
        ),
    ),
    ErrorType(
        "tnSpecialFeature",
        text("A number has a special feature"),
        text("A feature, remote call forwarding say, keeps the number from moving."),
        (
            REMOVE,
            Remedy(
                RemedyAction.contact_support,
                Actor.customer,
                text(
                    "Or have the losing carrier take the feature off, tell PTS in a support case"
                    " on the order, and submit again once PTS has answered."
                ),
            ),
        ),
    ),
    ErrorType(
        "tnMismatch",
        text("Number mismatch"),
        text("Some of the numbers are not the end user's."),
        (REMOVE,),
    ),
    ErrorType(
        "tnNotPortable",
        text("Number not portable"),
        text("Some of the numbers are inactive, or not on the account."),
        (REMOVE,),
    ),
    ErrorType(
        "unsupportedRateCenter",
        text("Rate centre not supported"),
        text("Numbers of this rate centre cannot move to us."),
        (REMOVE,),
    ),
    ErrorType(
        "postalCodeMismatch",
        text("Postal code mismatch"),
        text("The postal code is not the one in the losing carrier's record."),
        (
            update(
                text("Correct the postal code of the service address."),
                "/account/serviceAddress/postalCode",
            ),
        ),
    ),
    ErrorType(
        "previousCarrierBillInvalid",
        text("Invalid bill of the previous carrier"),
        text("The bill is too old, not whole, or not of this account."),
        (UPLOAD_BILL,),
    ),
    ErrorType(
        "loaInvalid",
        text("Invalid letter of authorisation"),
        text("The losing carrier does not accept the letter of authorisation."),
        (SIGN_LOA, UPLOAD_LOA, CONTACT),
    ),
)

ERRORS = {kind.code: kind for kind in _TYPES}
UNKNOWN = "unknown"


def known(code: str) -> str:
    """A carrier's code, or `unknown`: what a carrier says is never a failure of ours."""
    return code if code in ERRORS else UNKNOWN


register(OrderKind.port, LIFECYCLE, ERRORS)
