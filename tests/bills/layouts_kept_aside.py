"""Layouts kept aside: they measure the reading, and nothing was tuned on them."""

from __future__ import annotations

from tests.bills.layouts import ACCOUNT, BILLING, BTN, COMPANY, CONTACT, DATE, NUMBERS, SERVICE
from tests.bills.sheet import Sheet


def sidebar(s: Sheet) -> set[str]:
    """A narrow column with a label above each value; the letter beside it."""
    b = s.bill
    s.put(220, 50, b.carrier, size=17, bold=True)
    s.put(220, 64, b.carrier_place.joined, size=7)
    y = 60.0
    for label, value in (
        (s.say("Account number", "Numer konta"), b.account_number),
        (s.say("Bill issue date", "Data wystawienia"), s.date()),
        (s.say("Telephone billed", "Numer bilingowy"), s.number()),
        (s.say("Invoice no.", "Nr faktury"), b.invoice_number),
        (s.say("Payment due", "Termin płatności"), s.date("due")),
        (s.say("Account holder", "Właściciel konta"), b.contact),
        (s.say("Total", "Razem"), s.money(5)),
    ):
        s.put(40, y, label, size=7, bold=True)
        s.put(40, y + 12, value, size=9)
        y += 34
    s.stack(220, 120, [b.company, *b.billing.lines], size=10)
    s.put(220, 210, s.say("Where we provide service", "Adres punktu usługowego"), bold=True)
    s.stack(220, 224, b.service.lines)
    s.put(220, 290, s.say("Lines on your account", "Linie na koncie"), bold=True)
    y = 306.0
    for index, number in enumerate(b.phone_numbers):
        s.put(220, y, s.number(number))
        s.put(560, y, s.money(index), align="right")
        y += 13
    s.put(40, 720, s.say("Help: ", "Pomoc: ") + b.help_line, size=8)
    return {ACCOUNT, BTN, COMPANY, CONTACT, BILLING, SERVICE, NUMBERS, DATE}


def ruled_cells(s: Sheet) -> set[str]:
    """A ruled table of label and value, twice in a row."""
    b = s.bill
    s.put(40, 44, b.carrier, size=14, bold=True)
    s.put(572, 44, s.say("Page 1 of 3", "Strona 1 z 3"), size=8, align="right")
    rows = [
        (
            (s.say("Company name", "Nazwa firmy"), b.company),
            (s.say("Account ID", "Numer abonenta"), b.account_number),
        ),
        (
            (s.say("Contact person", "Osoba do kontaktu"), b.contact),
            (s.say("Date of issue", "Data wystawienia"), s.date()),
        ),
        (
            (s.say("Billed number", "Numer główny"), s.number()),
            (s.say("Due on", "Płatność do"), s.date("due")),
        ),
        (
            (s.say("Reference", "Numer umowy"), b.invoice_number),
            (s.say("VAT number", "NIP"), b.tax_id),
        ),
    ]
    y = 60.0
    for row in rows:
        for x, (label, value) in zip((40, 330), row, strict=True):
            s.box(x, y, 90, 18)
            s.box(x + 90, y, 190 if x == 40 else 150, 18)
            s.put(x + 4, y + 12, label, size=7.5)
            s.put(x + 94, y + 12, value, size=7.5)
        y += 18
    s.put(40, 160, s.say("Billing address", "Adres rozliczeniowy"), size=8, bold=True)
    s.stack(40, 173, b.billing.lines)
    s.put(330, 160, s.say("Address of service", "Adres świadczenia usług"), size=8, bold=True)
    s.stack(330, 173, b.service.lines)
    y = 260.0
    for index, number in enumerate(b.phone_numbers):
        s.box(40, y, 200, 16)
        s.box(240, y, 100, 16)
        s.put(44, y + 11, s.number(number), size=8)
        s.put(336, y + 11, s.money(index), size=8, align="right")
        y += 16
    return {ACCOUNT, BTN, COMPANY, CONTACT, BILLING, SERVICE, NUMBERS, DATE}


def letter(s: Sheet) -> set[str]:
    """A letter with a subject, and sentences."""
    b = s.bill
    s.stack(60, 50, [b.carrier, *b.carrier_place.lines], size=8)
    s.put(540, 110, s.say("Date: ", "Data: ") + s.date(), align="right")
    s.stack(60, 140, [b.company, b.contact, *b.billing.lines], size=10)
    s.put(
        60,
        240,
        s.say("Re: Account number ", "Dotyczy: numer konta ")
        + b.account_number
        + s.say(", billing telephone number ", ", rozliczeniowy numer telefonu ")
        + s.number(),
        size=8,
        bold=True,
    )
    s.put(60, 270, s.say("Dear customer,", "Szanowni Państwo,"))
    s.put(
        60,
        286,
        s.say("this is what we bill you for ", "oto rachunek za okres ")
        + f"{s.date('from')} - {s.date('to')}.",
    )
    s.put(60, 302, s.say("Please pay by ", "Prosimy o zapłatę do ") + s.date("due") + ".")
    s.put(
        60, 330, s.say("Service address: ", "Adres świadczenia usługi: ") + b.service.joined, size=8
    )
    y = 360.0
    for index, number in enumerate(b.phone_numbers):
        s.put(80, y, f"{s.number(number)}   {s.money(index)}")
        y += 14
    s.put(60, y + 30, s.say("Questions? ", "Pytania? ") + b.help_line)
    return {ACCOUNT, BTN, COMPANY, CONTACT, BILLING, SERVICE, NUMBERS, DATE}


def one_line(s: Sheet) -> set[str]:
    """Everything in one line of the header, parted by bars."""
    b = s.bill
    s.put(40, 40, b.carrier, size=14, bold=True)
    parts = [
        s.say("Acct. No: ", "Nr konta: ") + b.account_number,
        s.say("Billed on: ", "Wystawiono: ") + s.date(),
        "BTN: " + s.number(),
        s.say("Inv: ", "Faktura: ") + b.invoice_number,
    ]
    s.put(40, 58, " | ".join(parts), size=7)
    s.put(40, 90, s.say("Customer:", "Klient:"), size=8)
    s.stack(100, 90, [b.company, *b.billing.lines])
    s.put(330, 90, s.say("Service for:", "Usługa dla:"), size=8)
    s.stack(400, 90, b.service.lines)
    s.put(40, 170, s.say("Authorized by: ", "Osoba upoważniona: ") + b.contact, size=8)
    s.rule(190)
    s.put(40, 204, s.say("Phone", "Numer telefonu"), size=8, bold=True)
    s.put(250, 204, s.say("Minutes", "Minuty"), size=8, bold=True)
    s.put(400, 204, s.say("Cost", "Koszt"), size=8, bold=True)
    y = 220.0
    for index, number in enumerate(b.phone_numbers):
        s.put(40, y, s.number(number), size=8)
        s.put(250, y, str(17 + 31 * index), size=8)
        s.put(400, y, s.money(index), size=8)
        y += 12
    s.put(40, 700, s.say("Pay before ", "Zapłać przed ") + s.date("due"), size=8)
    return {ACCOUNT, BTN, COMPANY, CONTACT, BILLING, SERVICE, NUMBERS, DATE}


def right_stack(s: Sheet) -> set[str]:
    """Labels above their values, all along the right margin; the window in the middle."""
    b = s.bill
    edge = s.width - 40
    s.put(edge, 44, b.carrier, size=15, bold=True, align="right")
    y = 70.0
    for label, value in (
        (s.say("Your account number", "Twój numer klienta"), b.account_number),
        (s.say("Invoice date", "Data wystawienia faktury"), s.date()),
        (s.say("Billing telephone", "Telefon rozliczeniowy"), s.number()),
        (s.say("Your invoice", "Twoja faktura"), b.invoice_number),
        (s.say("Pay us by", "Zapłać do dnia"), s.date("due")),
    ):
        s.put(edge, y, label, size=7, align="right")
        s.put(edge, y + 12, value, size=9, align="right")
        y += 30
    s.stack(60, 130, [b.company, *b.billing.lines], size=10)
    s.put(60, 230, s.say("Services provided at", "Usługi świadczone pod adresem"), size=8)
    s.stack(60, 243, b.service.lines)
    s.put(60, 320, s.say("Summary by number", "Zestawienie numerów"), bold=True)
    y = 338.0
    for index, number in enumerate(b.phone_numbers):
        s.put(60, y, s.number(number))
        s.put(edge, y, s.money(index), align="right")
        y += 14
    s.put(60, 730, f"{b.carrier}, {b.carrier_place.joined}, tel. {b.help_line}", size=7)
    return {ACCOUNT, BTN, COMPANY, BILLING, SERVICE, NUMBERS, DATE}


def buyer_and_payer(s: Sheet) -> set[str]:
    """Seller, buyer and details in three columns; a bank account with its own number."""
    b = s.bill
    s.put(40, 50, s.say("Invoice ", "Faktura ") + b.invoice_number, size=14, bold=True)
    s.put(40, 80, s.say("Supplier", "Wystawca"), size=7)
    s.stack(40, 92, [b.carrier, *b.carrier_place.lines], size=7.5)
    s.put(210, 80, s.say("Billed to", "Płatnik"), size=7)
    s.stack(210, 92, [b.company, *b.billing.lines], size=7.5)
    y = 80.0
    for label, value in (
        (s.say("Customer ID", "ID klienta"), b.account_number),
        (s.say("Date", "Data wystawienia"), s.date()),
        (s.say("Due", "Termin"), s.date("due")),
        (s.say("Main number", "Numer wiodący"), s.number()),
    ):
        s.put(390, y, label + ":", size=7.5)
        s.put(475, y, value, size=7.5)
        y += 12
    s.put(390, y + 4, s.say("Bank account number", "Numer konta bankowego"), size=7)
    s.put(390, y + 15, b.bank_account, size=7)
    s.put(40, 180, s.say("Delivery of service:", "Lokalizacja usługi:"), size=8)
    s.put(150, 180, b.service.joined, size=8)
    s.rule(200)
    y = 216.0
    for index, number in enumerate(b.phone_numbers):
        s.put(40, y, f"{index + 1}.", size=8)
        s.put(70, y, s.say("Telephony service", "Usługa telefoniczna"), size=8)
        s.put(250, y, s.number(number), size=8)
        s.put(540, y, s.money(index), size=8, align="right")
        y += 13
    s.put(40, y + 20, s.say("Total ", "Razem ") + s.money(7), bold=True)
    return {ACCOUNT, BTN, COMPANY, BILLING, SERVICE, NUMBERS, DATE}


def grid_below(s: Sheet) -> set[str]:
    """Two rows of labels in bands, each with its values below."""
    b = s.bill
    s.put(40, 46, b.carrier.upper(), size=13, bold=True)
    s.put(40, 60, s.say("Customer service ", "Biuro obsługi ") + b.help_line, size=7)
    first = [
        (s.say("Customer name", "Nazwa abonenta"), b.company),
        (s.say("Telephone number", "Numer telefonu rozliczeniowego"), s.number()),
        (s.say("Acct number", "Numer konta abonenta"), b.account_number),
    ]
    second = [
        (s.say("Bill date", "Data rachunku"), s.date()),
        (s.say("Bill period", "Okres"), f"{s.date('from')} - {s.date('to')}"),
        (s.say("Payment due date", "Termin płatności"), s.date("due")),
    ]
    for y, row, xs in ((84.0, first, (40, 250, 430)), (124.0, second, (40, 200, 430))):
        for x, (label, value) in zip(xs, row, strict=True):
            s.put(x, y, label, size=7, bold=True)
            s.put(x, y + 13, value, size=8)
    s.stack(40, 180, [b.company, b.contact, *b.billing.lines])
    s.put(330, 180, s.say("Service location", "Adres świadczenia usług"), size=8, bold=True)
    s.stack(330, 193, b.service.lines)
    s.put(40, 290, s.say("Itemized charges", "Opłaty szczegółowe"), bold=True)
    y = 306.0
    for index, number in enumerate(b.phone_numbers):
        s.put(40, y, s.number(number) + s.say(" monthly fee", " opłata miesięczna"))
        s.put(540, y, s.money(index), align="right")
        y += 13
    return {ACCOUNT, BTN, COMPANY, CONTACT, BILLING, SERVICE, NUMBERS, DATE}


LAYOUTS_KEPT_ASIDE = {
    "sidebar": (sidebar, "DejaVuSans"),
    "ruledCells": (ruled_cells, "DejaVuSansCondensed"),
    "letter": (letter, "DejaVuSerif"),
    "oneLine": (one_line, "DejaVuSans"),
    "rightStack": (right_stack, "DejaVuSerif"),
    "buyerAndPayer": (buyer_and_payer, "DejaVuSans"),
    "gridBelow": (grid_below, "DejaVuSansCondensed"),
}
