"""The words before a value on a bill, in English and Polish; starts at `labels_in`. Pure.

A label that is of no use is listed as well (`None`): 'bank account number' must not be taken for an
account number, nor a due date for the bill's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domains.port_orders.policy.bill_values import folded


class BillPart(StrEnum):
    """What is read from a bill; more than is compared: the billing address tells apart."""

    account_number = "accountNumber"
    billing_telephone_number = "billingTelephoneNumber"
    company_name = "companyName"
    authorized_name = "authorizedName"
    billing_address = "billingAddress"
    service_address = "serviceAddress"
    phone_numbers = "phoneNumbers"
    issued_on = "issuedOn"


@dataclass(frozen=True, slots=True)
class Label:
    """A label found in a text: from which character to which, what it announces, how surely."""

    start: int
    end: int
    field: BillPart | None
    strength: float


SURE: Final = 0.95
LIKELY: Final = 0.85
FAIR: Final = 0.75
VAGUE: Final = 0.5
"""Below what a difference needs to count as one: the label may mean something else."""

NO: Final = r"(?:numbers?|numbe?r|num|nbr|no|id|code|#)"
NR: Final = r"(?:numeru|numer|nr|no|id|identyfikator|kod|#)"
LINE: Final = r"(?:tele ?phone|phone|tel|line)"

# Folded: small letters without accents, words parted by one space. `=` at the end: only with a
# colon after it or with nothing else in its place, because it is a common word too.
PATTERNS: Final[Sequence[tuple[BillPart | None, float, str]]] = (
    # Account number
    (
        BillPart.account_number,
        SURE,
        rf"(?:your |billing |customer |client |subscriber |service )?(?:account|acct|acc|a c) {NO}",
    ),
    (BillPart.account_number, SURE, rf"(?:your )?(?:customer|client|subscriber) {NO}"),
    (BillPart.account_number, LIKELY, r"(?:your )?(?:customer|billing) account="),
    (BillPart.account_number, FAIR, r"(?:account|acct)="),
    (
        BillPart.account_number,
        SURE,
        rf"(?:twoj )?{NR} (?:ewidencyjny |identyfikacyjny )?(?:konta )?"
        r"(?:klienta|abonenta|platnika|konta|abonencki)(?: (?:klienta|abonenta|abonenckiego))?",
    ),
    (BillPart.account_number, SURE, rf"konto (?:klienta |abonenta |abonenckie )?{NR}"),
    (BillPart.account_number, LIKELY, r"konto (?:klienta|abonenta|abonenckie)="),
    (BillPart.account_number, LIKELY, r"numer ewidencyjny"),
    (BillPart.account_number, FAIR, r"konto="),
    # Billing telephone number
    (BillPart.billing_telephone_number, SURE, r"btn|atn"),
    (
        BillPart.billing_telephone_number,
        SURE,
        rf"(?:main |primary )?(?:billing|billed|bill to) {LINE} ?{NO}?",
    ),
    (BillPart.billing_telephone_number, SURE, rf"(?:main |primary )?(?:billing|billed) {NO}"),
    (BillPart.billing_telephone_number, LIKELY, rf"{LINE} {NO}? ?billed"),
    (BillPart.billing_telephone_number, SURE, rf"account {LINE} ?{NO}?"),
    (
        BillPart.billing_telephone_number,
        SURE,
        rf"(?:main|primary|lead|pilot|principal|master) (?:billing )?(?:{LINE} ?{NO}?|{NO})",
    ),
    (BillPart.billing_telephone_number, VAGUE, rf"(?:tele ?phone|phone|tel) {NO}="),
    (
        BillPart.billing_telephone_number,
        SURE,
        rf"(?:glowny )?(?:{NR}|telefon) (?:telefonu )?(?:do )?"
        r"(?:rozliczeniowy|rozliczeniowego|rozliczen|bilingowy|billingowy|obciazany)",
    ),
    (
        BillPart.billing_telephone_number,
        SURE,
        rf"(?:rozliczeniowy|bilingowy|billingowy) {NR}(?: telefonu)?",
    ),
    (
        BillPart.billing_telephone_number,
        SURE,
        rf"{NR} (?:telefonu )?(?:glowny|glownego|wiodacy|wiodacego|czolowy|pilotowy|glownej linii)",
    ),
    (
        BillPart.billing_telephone_number,
        SURE,
        rf"(?:glowny|wiodacy|czolowy|pilotowy) {NR}(?: telefonu)?|telefon glowny",
    ),
    (BillPart.billing_telephone_number, VAGUE, rf"{NR} telefonu="),
    # Company
    (
        BillPart.company_name,
        SURE,
        r"(?:company|business|customer|account|client|subscriber|billing) name",
    ),
    (BillPart.company_name, SURE, r"name of (?:the )?(?:company|business|customer|subscriber)"),
    (BillPart.company_name, LIKELY, r"(?:bill|billed|invoice|invoiced|sold) to="),
    (BillPart.company_name, LIKELY, r"(?:customer|buyer|purchaser|company|subscriber|client)="),
    (
        BillPart.company_name,
        SURE,
        r"(?:nazwa|firma) (?:firmy|klienta|abonenta|konta|nabywcy|odbiorcy|platnika|"
        r"przedsiebiorstwa)",
    ),
    (BillPart.company_name, LIKELY, r"(?:nabywca|odbiorca|klient|abonent|firma|platnik)="),
    # Authorised person
    (
        BillPart.authorized_name,
        SURE,
        r"authori[sz]ed (?:account )?(?:contact|user|person|signer|representative|name|by|party)"
        r"(?: name)?",
    ),
    (
        BillPart.authorized_name,
        SURE,
        r"(?:account|primary|customer|billing|main) contact(?: (?:name|person))?",
    ),
    (BillPart.authorized_name, SURE, r"contact (?:name|person)"),
    # The holder may be the company.
    (BillPart.authorized_name, VAGUE, r"account (?:holder|owner)|(?:wlasciciel|posiadacz) konta"),
    (BillPart.company_name, VAGUE, r"name on (?:the )?account"),
    (BillPart.authorized_name, VAGUE, r"(?:attn|attention|contact|c o)="),
    (
        BillPart.authorized_name,
        SURE,
        r"(?:osoba|osoby) (?:upowaznion[ae]j?|uprawnion[ae]j?|kontaktow[ae]j?|do kontaktu)"
        r"(?: do (?:kontaktu|reprezentacji))?",
    ),
    (
        BillPart.authorized_name,
        SURE,
        r"imie i nazwisko|pelnomocnik=|przedstawiciel=|reprezentant=",
    ),
    (BillPart.authorized_name, VAGUE, r"do rak=|kontakt="),
    # Addresses
    (
        BillPart.billing_address,
        SURE,
        r"(?:billing|mailing|invoice|correspondence|account|postal) address",
    ),
    (
        BillPart.billing_address,
        SURE,
        r"adres (?:rozliczeniowy|do (?:korespondencji|faktury|rozliczen)|korespondencyjny|"
        r"(?:nabywcy|klienta|abonenta|siedziby|platnika))",
    ),
    (
        BillPart.service_address,
        SURE,
        r"(?:service|installation|premises?|site|physical) (?:address|location)|"
        r"(?:address|location|place) of (?:the )?(?:services?|installation)",
    ),
    (
        BillPart.service_address,
        LIKELY,
        r"services? (?:provided |delivered |supplied |rendered )?(?:at|to|for)=|"
        r"(?:where )?(?:we )?(?:provide|deliver) services?=|delivery of services?=",
    ),
    (
        BillPart.service_address,
        SURE,
        r"adres (?:swiadczenia|instalacji|uslugi|uslug|lokalu|zainstalowania|podlaczenia|montazu|"
        r"punktu|lokalizacji)(?: (?:uslugi|uslug|uslugowego|swiadczenia uslugi?))?",
    ),
    (
        BillPart.service_address,
        SURE,
        r"(?:miejsce|lokalizacja) (?:swiadczenia|instalacji|uslugi|uslug)(?: (?:uslugi|uslug))?",
    ),
    (
        BillPart.service_address,
        LIKELY,
        r"(?:usluga|uslugi) (?:swiadczon[ae] )?(?:pod adresem|dla)=",
    ),
    # Date of the bill
    (
        BillPart.issued_on,
        SURE,
        r"(?:bill|billing|invoice|statement|issue|document) (?:issue )?date|"
        r"(?:bill|invoice|statement) (?:issued|dated|prepared)(?: on)?|"
        r"date (?:of )?(?:the )?(?:bill|invoice|issue|issued|statement)",
    ),
    (BillPart.issued_on, SURE, r"(?:issued|billed|dated|prepared)(?: on)?="),
    (BillPart.issued_on, FAIR, r"date="),
    (
        BillPart.issued_on,
        SURE,
        r"data (?:wystawienia|faktury|rachunku|dokumentu|sporzadzenia)"
        r"(?: (?:faktury|rachunku|dokumentu))?",
    ),
    (BillPart.issued_on, SURE, r"(?:wystawion[oya]|sporzadzon[oya])(?: (?:w )?dni[au])?"),
    (BillPart.issued_on, FAIR, r"data=|dnia|z dnia"),
    # Of no use
    (
        None,
        SURE,
        r"(?:payment |pay |amount |total )?(?:is )?(?:due|payable)(?: date| by| on| before)?"
        r"(?: date)?|date (?:payment )?due|(?:please )?pay (?:us )?(?:by|before|on)",
    ),
    (
        None,
        SURE,
        r"termin(?: (?:platnosci|zaplaty))?|platn[eay] do|platnosc do|(?:zaplac|zaplate) "
        r"(?:do|przed)(?: dnia)?|do zaplaty",
    ),
    (
        None,
        SURE,
        r"(?:billing|bill|service|invoice|statement) (?:period|cycle)|period|"
        r"(?:za )?okres(?: rozliczeniowy)?|"
        r"(?:next|last|previous) (?:bill|payment|invoice)(?: date)?",
    ),
    (None, SURE, r"data (?:sprzedazy|dostawy|uslugi|zaplaty|platnosci|wplywu|zawarcia umowy)"),
    (
        None,
        SURE,
        rf"(?:vat )?(?:invoice|inv|bill|statement|document|reference|ref|order|purchase order|po|"
        rf"contract|agreement|page|cheque|check|vat|tax|routing|remittance|ticket|"
        rf"registration|your invoice) {NO}",
    ),
    (None, SURE, r"(?:inv|invoice|reference|page|total|amount|balance|fax)="),
    (None, SURE, r"bank (?:account|transfer)(?: (?:number|no))?|pay to account|sort code|iban"),
    (
        None,
        SURE,
        rf"{NR} (?:faktury|rachunku|dokumentu|umowy|zamowienia|referencyjny|nip|regon|konta "
        r"bankowego|rachunku bankowego|strony|zgloszenia|faksu)",
    ),
    (
        None,
        SURE,
        r"faktura(?: vat)?(?: (?:nr|numer))?|nip|regon|krs|pesel|bdo|(?:twoja )?faktura|"
        r"(?:rachunek|konto) bankow[ey]|(?:wplaty )?na (?:rachunek|konto)",
    ),
    (None, SURE, r"account (?:balance|summary|details|manager|type|charges)"),
    (None, SURE, r"(?:dane|stan|saldo|podsumowanie) konta"),
    (
        None,
        SURE,
        rf"(?:customer|client|technical) (?:care|service|support|relations)(?: {LINE}| {NO})?|"
        r"call(?: us)?|(?:any )?questions|help(?: ?line| ?desk)?|contact us",
    ),
    (
        None,
        SURE,
        r"(?:biuro )?obslug[ai](?: klienta)?|infolinia|zadzwon(?: do nas)?|pomoc(?: techniczna)?|"
        r"pytania|telefon kontaktowy",
    ),
    # The other party
    (None, SURE, r"(?:seller|supplier|vendor|issuer|payee)=|(?:remit|payable) to|send payment to"),
    (
        None,
        SURE,
        r"(?:sprzedawca|wystawca|dostawca|uslugodawca|operator)=|wplaty kierowac do|"
        r"odbiorca (?:przelewu|platnosci)",
    ),
)

OTHER_PARTY: Final = re.compile(
    r"(?:seller|supplier|vendor|issuer|payee|remit to|payable to|send payment to|sprzedawca|"
    r"wystawca|dostawca|uslugodawca|operator|wplaty kierowac do|odbiorca (?:przelewu|platnosci))"
    r"[ :]*"
)
"""A label over the carrier's own name and address."""


def _compiled(pattern: str) -> list[tuple[re.Pattern[str], bool]]:
    found = []
    for part in _alternatives(pattern):
        is_alone = part.endswith("=")
        found.append((re.compile(rf"(?<![^\s]){part.rstrip('=')}(?![^\s])"), is_alone))
    return found


def _alternatives(pattern: str) -> list[str]:
    """The parts between the bars that are in no brackets."""
    parts, depth = [""], 0
    for character in pattern:
        depth += (character == "(") - (character == ")")
        if character == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


COMPILED: Final = [
    (field, strength, compiled, is_alone)
    for field, strength, pattern in PATTERNS
    for compiled, is_alone in _compiled(pattern)
]
WORD: Final = re.compile(r"[^\W_]+|#")
OPENING: Final = re.compile(r"(?:^|[,;:|/(-])\s*$")
NUMBER_NEXT: Final = re.compile(r"\s+[A-Z]{0,3}[-/.]?\d")
CLOSING: Final = re.compile(r"\s*(?:[:#=]|\.{2,}|_{2,}|$)")


def labels_in(text: str) -> list[Label]:
    """The labels of a text that overlap nowhere, the longest first chosen, in their order."""
    spans = [match.span() for match in WORD.finditer(text)]
    words = [folded(text[start:end]) for start, end in spans]
    plain = " ".join(words)
    # Where each word begins and ends in the plain text, to find the way back.
    begins, ends, at = {}, {}, 0
    for index, word in enumerate(words):
        begins[at], ends[at + len(word)] = index, index
        at += len(word) + 1
    found = []
    for field, strength, pattern, is_alone in COMPILED:
        for match in pattern.finditer(plain):
            if match.start() not in begins or match.end() not in ends:
                continue
            start, end = spans[begins[match.start()]][0], spans[ends[match.end()]][1]
            if is_alone and not _is_alone(text, start, end, field):
                continue
            found.append(Label(start, end, field, strength))
    found.sort(key=lambda label: (label.start - label.end, -label.strength))
    chosen: list[Label] = []
    for label in found:
        if all(label.end <= other.start or other.end <= label.start for other in chosen):
            chosen.append(label)
    return sorted(chosen, key=lambda label: label.start)


def _is_alone(text: str, start: int, end: int, field: BillPart | None) -> bool:
    """Whether a common word stands there as a label: at a beginning, before a colon or the end."""
    if OPENING.search(text[:start]) is None:
        return False
    is_account = field is BillPart.account_number and NUMBER_NEXT.match(text, end)
    return bool(is_account or CLOSING.match(text, end))
