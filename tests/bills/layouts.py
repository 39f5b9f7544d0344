"""Layouts of bills that the reading was developed on; each tells which fields it shows."""

from __future__ import annotations

from tests.bills.sheet import Sheet

ACCOUNT, BTN, COMPANY, CONTACT = (
    "accountNumber",
    "billingTelephoneNumber",
    "companyName",
    "authorizedName",
)
BILLING, SERVICE, NUMBERS, DATE = "billingAddress", "serviceAddress", "phoneNumbers", "issuedOn"


def classic(s: Sheet) -> set[str]:
    """Labels with colons at the right, the addressee in the window at the left."""
    b = s.bill
    s.put(40, 50, b.carrier, size=18, bold=True)
    s.put(40, 66, b.carrier_place.joined, size=7)
    s.put(40, 77, s.say("Customer care", "Obsługa klienta") + f": {b.help_line}", size=7)
    y = 100.0
    rows = [
        (s.say("Account Number:", "Numer konta klienta:"), b.account_number),
        (s.say("Bill Date:", "Data wystawienia:"), s.date()),
        (s.say("Invoice Number:", "Numer faktury:"), b.invoice_number),
        (s.say("Billing Telephone Number:", "Rozliczeniowy numer telefonu:"), s.number()),
        (s.say("Payment Due:", "Termin płatności:"), s.date("due")),
    ]
    for label, value in rows:
        s.pair(310, y, label, value, 470)
        y += 14
    s.stack(60, 190, [b.company, s.say("Attn: ", "Do rąk: ") + b.contact, *b.billing.lines])
    s.put(40, 290, s.say("Service address", "Adres świadczenia usług"), bold=True)
    s.stack(40, 304, b.service.lines)
    s.rule(370)
    s.put(40, 390, s.say("Charges by line", "Opłaty według numerów"), bold=True)
    y = 406
    for index, number in enumerate(b.phone_numbers):
        s.put(40, y, s.number(number))
        s.put(220, y, s.say("Business line", "Linia firmowa"))
        s.put(540, y, s.money(index), align="right")
        y += 13
    s.put(540, y + 20, s.say("Total due ", "Do zapłaty ") + s.money(9), bold=True, align="right")
    return {ACCOUNT, BTN, COMPANY, CONTACT, BILLING, SERVICE, NUMBERS, DATE}


def header_table(s: Sheet) -> set[str]:
    """A row of labels with a row of values under it."""
    b = s.bill
    s.put(306, 46, b.carrier, size=16, bold=True, align="center")
    s.put(306, 62, s.say("Monthly statement", "Rachunek miesięczny"), align="center")
    columns = [
        (s.say("Account No.", "Nr konta"), b.account_number),
        (s.say("Statement Date", "Data rachunku"), s.date()),
        (s.say("Main Billing No.", "Główny numer"), s.number()),
        (s.say("Amount Due", "Kwota"), s.money(3)),
        (s.say("Due Date", "Zapłać do"), s.date("due")),
    ]
    xs = (44, 170, 285, 410, 480)
    s.box(40, 80, 532, 40)
    for x, (label, value) in zip(xs, columns, strict=True):
        s.put(x, 94, label, size=8, bold=True)
        s.put(x, 112, value, size=8)
    s.put(40, 150, s.say("Bill to", "Odbiorca"), bold=True)
    s.stack(40, 164, [b.company, *b.billing.lines])
    s.put(330, 150, s.say("Service location", "Miejsce świadczenia usługi"), bold=True)
    s.stack(330, 164, b.service.lines)
    s.put(330, 230, s.say("Authorized contact: ", "Osoba upoważniona: ") + b.contact)
    s.rule(250)
    s.put(40, 266, s.say("Telephone", "Telefon"), bold=True)
    s.put(200, 266, s.say("Plan", "Taryfa"), bold=True)
    s.put(540, 266, s.say("Amount", "Kwota"), bold=True, align="right")
    y = 282.0
    for index, number in enumerate(b.phone_numbers):
        s.put(40, y, s.number(number))
        s.put(200, y, "Office 100")
        s.put(540, y, s.money(index), align="right")
        y += 13
    s.put(40, 740, f"{b.carrier}  {b.carrier_place.joined}  {b.help_line}", size=6.5)
    return {ACCOUNT, BTN, COMPANY, CONTACT, BILLING, SERVICE, NUMBERS, DATE}


def two_columns(s: Sheet) -> set[str]:
    """Two columns of labels, their values at the column's right edge."""
    b = s.bill
    s.put(40, 44, b.carrier, size=15, bold=True)
    s.put(572, 44, s.say("INVOICE ", "FAKTURA ") + b.invoice_number, align="right")
    s.rule(54)
    left = [
        (s.say("Customer name", "Nazwa klienta"), b.company),
        (s.say("Customer account", "Konto klienta"), b.account_number),
        (s.say("Account contact", "Osoba kontaktowa"), b.contact),
        (s.say("Tax ID", "NIP"), b.tax_id),
    ]
    right = [
        (s.say("Invoice date", "Data faktury"), s.date()),
        (s.say("Billing period", "Okres rozliczeniowy"), f"{s.date('from')} - {s.date('to')}"),
        (s.say("BTN", "Numer rozliczeniowy"), s.number()),
        (s.say("Balance forward", "Saldo"), s.money(1)),
    ]
    for side, x, edge in ((left, 40, 300), (right, 320, 572)):
        y = 74.0
        for label, value in side:
            s.put(x, y, label, size=7.5)
            s.put(edge, y, value, size=7.5, align="right")
            y += 15
    s.put(40, 150, s.say("Billing address:", "Adres do korespondencji:"), size=8)
    s.stack(40, 162, b.billing.lines)
    s.put(320, 150, s.say("Service address:", "Adres usługi:"), size=8)
    s.stack(320, 162, b.service.lines)
    s.rule(220)
    s.put(40, 236, s.say("Your numbers", "Twoje numery"), bold=True)
    for index, number in enumerate(b.phone_numbers):
        s.put(40 + 180 * (index % 3), 252 + 14 * (index // 3), s.number(number))
    s.put(
        40,
        320,
        s.say("Pay to account ", "Wpłaty na rachunek bankowy ") + b.bank_account,
        size=8,
    )
    return {ACCOUNT, BTN, COMPANY, CONTACT, BILLING, SERVICE, NUMBERS, DATE}


def remittance(s: Sheet) -> set[str]:
    """Boxes with small labels above, and a slip to tear off that says it again."""
    b = s.bill
    s.stack(40, 46, [b.carrier, *b.carrier_place.lines], size=8)
    cells = [
        (s.say("ACCOUNT NUMBER", "NUMER KLIENTA"), b.account_number),
        (s.say("DATE OF BILL", "DATA WYSTAWIENIA"), s.date()),
        (s.say("PAGE", "STRONA"), "1 / 2"),
    ]
    for index, (label, value) in enumerate(cells):
        x = 250 + 110 * index
        s.box(x, 36, 110, 32)
        s.above(x + 4, 46, label, value, size=8.5)
    s.above(254, 84, s.say("BILLING NUMBER", "NUMER ROZLICZENIOWY"), s.number())
    s.above(420, 84, s.say("QUESTIONS? CALL", "PYTANIA? ZADZWOŃ"), b.help_line)
    s.put(40, 150, s.say("Account summary", "Podsumowanie"), size=12, bold=True)
    y = 170.0
    for index, line in enumerate(
        [
            s.say("Previous balance", "Poprzednie saldo"),
            s.say("Payments received", "Wpłaty"),
            s.say("Current charges", "Bieżące opłaty"),
            s.say("Taxes and fees", "Podatki"),
        ]
    ):
        s.put(40, y, line)
        s.put(300, y, s.money(index), align="right")
        y += 14
    s.put(40, 260, s.say("Service at:", "Usługa pod adresem:"))
    s.stack(150, 260, b.service.lines)
    s.put(40, 330, s.say("Lines billed", "Numery"), bold=True)
    s.stack(40, 346, [s.number(number) for number in b.phone_numbers])
    s.rule(600)
    s.put(40, 612, s.say("Please detach and return with your payment", "Odcinek do zwrotu"), size=7)
    s.stack(60, 640, [b.company.upper(), *[line.upper() for line in b.billing.lines]])
    s.put(330, 640, s.say("Account number: ", "Numer klienta: ") + b.account_number)
    s.put(330, 654, s.say("Amount due: ", "Do zapłaty: ") + s.money(4))
    s.put(330, 668, s.say("Due by: ", "Termin płatności: ") + s.date("due"))
    s.put(330, 700, s.say("Remit to:", "Wpłaty kierować do:"), size=8)
    s.stack(330, 712, [b.carrier, *b.carrier_place.lines], size=8)
    return {ACCOUNT, BTN, COMPANY, BILLING, SERVICE, NUMBERS, DATE}


def typewriter(s: Sheet) -> set[str]:
    """One font, capitals, dots between label and value."""
    b = s.bill

    def row(label: str, value: str, y: float) -> None:
        s.put(40, y, f"{label.upper():.<32} {value.upper()}", size=8)

    s.put(40, 40, b.carrier.upper(), size=8)
    row(s.say("account name", "abonent"), b.company, 70)
    row(s.say("account no", "nr klienta"), b.account_number, 82)
    row(s.say("billing tel no", "telefon rozliczeniowy"), s.number(), 94)
    row(s.say("bill issued", "wystawiono dnia"), s.date(), 106)
    row(s.say("pay before", "płatne do"), s.date("due"), 118)
    row(s.say("authorized user", "osoba uprawniona"), b.contact, 130)
    row(s.say("service address", "adres lokalu"), b.service.joined, 142)
    row(s.say("mailing address", "adres korespondencyjny"), b.billing.joined, 154)
    s.put(40, 190, s.say("SERVICE NUMBER        CHARGE", "NUMER USŁUGI          OPŁATA"), size=8)
    y = 204.0
    for index, number in enumerate(b.phone_numbers):
        s.put(40, y, f"{s.number(number):<22}{s.money(index)}", size=8)
        y += 12
    return {ACCOUNT, BTN, COMPANY, CONTACT, BILLING, SERVICE, NUMBERS, DATE}


def vat_invoice(s: Sheet) -> set[str]:
    """An invoice with seller and buyer side by side, tax numbers and a bank account."""
    b = s.bill
    place = b.carrier_place.city
    s.put(
        300,
        50,
        s.say("VAT invoice No. ", "Faktura VAT nr ") + b.invoice_number,
        size=13,
        bold=True,
        align="center",
    )
    s.put(560, 76, s.say(f"Issued: {s.date()}", f"{place}, dnia {s.date()}"), align="right")
    s.put(560, 90, s.say("Payable by: ", "Termin zapłaty: ") + s.date("due"), size=8, align="right")
    s.put(40, 120, s.say("Seller", "Sprzedawca"), bold=True)
    s.stack(40, 134, [b.carrier, *b.carrier_place.lines, s.say("Tax no. ", "NIP ") + b.tax_id])
    s.put(320, 120, s.say("Buyer", "Nabywca"), bold=True)
    s.stack(320, 134, [b.company, *b.billing.lines, s.say("Tax no. 77-", "NIP ") + b.tax_id[::-1]])
    s.put(40, 220, s.say("Bank account: ", "Nr rachunku bankowego: ") + b.bank_account, size=8)
    y = 240.0
    for label, value in (
        (s.say("Customer number", "Numer ewidencyjny klienta"), b.account_number),
        (s.say("Main telephone number", "Główny numer telefonu"), s.number()),
        (s.say("Installation address", "Adres instalacji"), b.service.joined),
    ):
        s.put(40, y, f"{label}: {value}", size=8)
        y += 13
    s.rule(300)
    head = (s.say("No.", "Lp."), s.say("Service", "Usługa"), s.say("Net", "Netto"), "VAT")
    for x, label in zip((40, 80, 420, 500), head, strict=True):
        s.put(x, 314, label, size=8, bold=True)
    y = 330.0
    for index, number in enumerate(b.phone_numbers):
        s.put(40, y, str(index + 1), size=8)
        s.put(80, y, s.say("Subscription ", "Abonament ") + s.number(number), size=8)
        s.put(420, y, s.money(index), size=8)
        s.put(500, y, s.money(index + 3), size=8)
        y += 13
    return {ACCOUNT, BTN, COMPANY, BILLING, SERVICE, NUMBERS, DATE}


def second_page(s: Sheet) -> set[str]:
    """A page of advertisement and amounts first; the account's data on the next."""
    b = s.bill
    s.put(40, 60, b.carrier, size=20, bold=True)
    s.put(40, 100, s.say("Your bill at a glance", "Twój rachunek w skrócie"), size=14)
    s.put(
        40,
        130,
        s.say("Call us: ", "Zadzwoń: ") + b.help_line + s.say(" or visit us", " lub odwiedź nas"),
    )
    s.put(40, 180, s.say("Total due", "Razem do zapłaty"), size=12)
    s.put(300, 180, s.money(0), size=12)
    s.put(40, 200, s.say("Pay by", "Zapłać do"), size=12)
    s.put(300, 200, s.date("due"), size=12)
    s.page()
    s.put(40, 50, s.say("Account details", "Dane konta"), size=12, bold=True)
    y = 76.0
    for label, value in (
        (s.say("Company", "Firma"), b.company),
        (s.say("Contact name", "Imię i nazwisko"), b.contact),
        (s.say("Account #", "Konto nr"), b.account_number),
        (s.say("Billing phone number", "Numer telefonu do rozliczeń"), s.number()),
        (s.say("Date issued", "Data wystawienia rachunku"), s.date()),
        (s.say("Order number", "Numer zamówienia"), b.invoice_number[::-1]),
        (s.say("Billing address", "Adres rozliczeniowy"), b.billing.joined),
        (s.say("Service address", "Adres świadczenia usługi"), b.service.joined),
    ):
        s.pair(40, y, label, value, 200, size=8)
        y += 15
    s.put(40, 230, s.say("Numbers on this account", "Numery na tym koncie"), bold=True)
    y = 246.0
    for number in b.phone_numbers:
        s.put(50, y, s.number(number))
        y += 13
    return {ACCOUNT, BTN, COMPANY, CONTACT, BILLING, SERVICE, NUMBERS, DATE}


LAYOUTS = {
    "classic": (classic, "DejaVuSans"),
    "headerTable": (header_table, "DejaVuSans"),
    "twoColumns": (two_columns, "DejaVuSansCondensed"),
    "remittance": (remittance, "DejaVuSans"),
    "typewriter": (typewriter, "DejaVuSansMono"),
    "vatInvoice": (vat_invoice, "DejaVuSerif"),
    "secondPage": (second_page, "DejaVuSans"),
}
