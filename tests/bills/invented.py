"""Invented customers and what a bill says of them, from a seed; nobody here exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random


@dataclass(frozen=True, slots=True)
class Place:
    """An address as the lines of a bill."""

    street: str
    unit: str | None
    city: str
    state: str | None
    postal_code: str
    country: str

    @property
    def last_line(self) -> str:
        match self.country:
            case "US":
                return f"{self.city}, {self.state} {self.postal_code}"
            case "CA":
                return f"{self.city} {self.state}  {self.postal_code}"
            case "PL":
                return f"{self.postal_code} {self.city}"
            case _:
                return f"{self.city} {self.postal_code}"

    @property
    def lines(self) -> list[str]:
        return [line for line in (self.street, self.unit, self.last_line) if line]

    @property
    def joined(self) -> str:
        return ", ".join(self.lines)


@dataclass(frozen=True, slots=True)
class Bill:
    """The truth that a layout writes, and the other things that stand on a bill."""

    language: str
    country: str
    carrier: str
    carrier_place: Place
    company: str
    contact: str
    account_number: str
    btn: str
    """In E.164, as every number here."""
    phone_numbers: tuple[str, ...]
    billing: Place
    service: Place
    issued_on: date
    due_on: date
    period: tuple[date, date]
    invoice_number: str
    tax_id: str
    bank_account: str
    help_line: str
    amounts: tuple[str, ...]


CARRIERS = {
    "en": ("Northgale Telephone", "Bluepeak Communications", "Harbor & Vale Telecom", "Quillnet",
           "Ostrava Ridge Telephone Co.", "Tamarack Voice Services, LLC"),
    "pl": ("Telewid S.A.", "Nadbrzeże Telekom Sp. z o.o.", "Łącza Polskie S.A.", "Sieć Jantar S.A.",
           "Orlik Telekomunikacja Sp. z o.o."),
}  # fmt: skip
FIRST = {
    "en": ("Marlowe", "Dana", "Theodora", "Quentin", "Priya", "Rosalind", "Emmett", "Yolanda"),
    "pl": ("Żaneta", "Bogumił", "Łucja", "Mściwoj", "Grażyna", "Świętosława", "Teodor", "Kalina"),
}
LAST = {
    "en": ("Ashgrove", "Pemberline", "O'Dellary", "Vantassel", "Brightwater-Hale", "Kowen",
           "Marchetti-Roe", "Quillfeather"),
    "pl": ("Brzęczykowska", "Żółtowąski", "Ćwiklińska-Gaj", "Łęgocki", "Niedźwiadek", "Srebrnicka",
           "Powiślański"),
}  # fmt: skip
COMPANY = {
    "US": ("Copperline Dental Group, Inc.", "Wren & Sable Logistics LLC", "Fourth Lantern Bakery",
           "Tidewater Glassworks, Inc.", "Juniper Loop Architects P.C.",
           "Oakmoss Veterinary Clinic", "Brindle Hardware Corp.", "Saltmarsh Title Company",
           "3 Rivers Packaging, LLC"),
    "CA": ("Maple Hollow Furnishings Ltd.", "Kestrel Bay Seafoods Inc.", "Ptarmigan Outfitters",
           "Lakeward Insurance Brokers Ltd."),
    "GB": ("Thistledown Fabrics Ltd", "Pennywhistle Publishing Limited", "Harrow & Finch LLP",
           "Cobbleford Dairies Ltd"),
    "PL": ("Młyn Zbożowy Jaskółka sp. z o.o.", "Pracownia Szkła Bursztyn S.A.",
           "Hurtownia Łabędź sp. j.", "Kancelaria Żurawina i Wspólnicy sp. k.",
           "Przedsiębiorstwo Handlowe KOS sp. z o.o.", "Piekarnia Pod Kasztanem"),
}  # fmt: skip
STREETS = {
    "US": ("Larkspur Avenue", "N Alder Street", "Old Mill Road", "Bellweather Blvd", "SW 4th Ave"),
    "CA": ("Ironwood Crescent", "Rue des Érables", "Bay Street", "Portage Avenue"),
    "GB": ("Station Road", "Market Lane", "High Street", "Orchard Close"),
    "PL": ("ul. Jaśminowa", "al. Niepodległych Żeglarzy", "ul. Długa", "pl. Świętej Barbary"),
}
CITIES = {
    "US": (("Seattle", "WA", "98104", "206"), ("Portland", "OR", "97205", "503"),
           ("Salt Lake City", "UT", "84111", "801"), ("Austin", "TX", "78701", "512"),
           ("St. Louis", "MO", "63101-2214", "314")),
    "CA": (("Toronto", "ON", "M5V 2T6", "416"), ("Halifax", "NS", "B3J 1S9", "902"),
           ("Vancouver", "BC", "V6B 1A1", "604")),
    "GB": (("Leeds", None, "LS1 4AP", "113"), ("Birmingham", None, "B2 4QA", "121"),
           ("London", None, "EC1A 1BB", "20")),
    "PL": (("Łódź", None, "90-001", "42"), ("Kraków", None, "31-042", "12"),
           ("Gdańsk", None, "80-831", "58"), ("Zielona Góra", None, "65-001", "68")),
}  # fmt: skip
UNITS = {"US": "Suite {}", "CA": "Unit {}", "GB": "Floor {}", "PL": "lok. {}"}
CALLING_CODE = {"US": "1", "CA": "1", "GB": "44", "PL": "48"}


def _digits(rng: Random, count: int) -> str:
    return "".join(str(rng.randint(0, 9)) for _ in range(count))


def _place(rng: Random, country: str, city: tuple[str, str | None, str, str]) -> Place:
    number, street = rng.randint(2, 4800), rng.choice(STREETS[country])
    unit = UNITS[country].format(rng.randint(2, 90)) if rng.random() < 0.5 else None
    return Place(
        street=f"{street} {number % 200 + 1}" if country == "PL" else f"{number} {street}",
        unit=unit,
        city=city[0],
        state=city[1],
        postal_code=city[2],
        country=country,
    )


def _number(rng: Random, country: str, area: str) -> str:
    line = rng.randint(0, 9999)
    match country:
        case "PL":
            local = f"555{line:04}"
        case "GB":
            local = f"555{line:04}" if area != "20" else f"7555{line:04}"
        case _:
            local = f"555{line:04}"
    return f"+{CALLING_CODE[country]}{area}{local}"


def _account_number(rng: Random, country: str, btn: str) -> str:
    styles = [
        f"{_digits(rng, 4)}-{_digits(rng, 4)}-{_digits(rng, 3)}",
        f"{rng.choice('ABKMT')}-{_digits(rng, 7)}",
        f"{rng.randint(10, 99)}{_digits(rng, 8)}",
        f"{_digits(rng, 3)} {_digits(rng, 3)} {_digits(rng, 4)}",
        f"1.{_digits(rng, 8)}",
    ]
    if country in ("US", "CA"):
        # The billing number and a customer code, as the former Bell companies write it.
        styles.append(f"{btn[2:5]} {btn[5:8]}-{btn[8:]} {_digits(rng, 3)} {rng.randint(0, 9)}")
    if country == "PL":
        styles.append(f"K/{_digits(rng, 6)}/{rng.randint(10, 99)}")
    return rng.choice(styles)


def invent(rng: Random, language: str) -> Bill:
    """A bill that could be."""
    country = "PL" if language == "pl" else rng.choice(("US", "US", "US", "CA", "GB"))
    city = rng.choice(CITIES[country])
    area = city[3]
    numbers = tuple(
        sorted({_number(rng, country, area) for _ in range(rng.randint(1, 8))}),
    )
    btn = rng.choice(numbers) if rng.random() < 0.7 else _number(rng, country, area)
    issued_on = date(2026, 1, 1) + timedelta(days=rng.randint(0, 364))
    service = _place(rng, country, city)
    billing = service if rng.random() < 0.5 else _place(rng, country, rng.choice(CITIES[country]))
    return Bill(
        language=language,
        country=country,
        carrier=rng.choice(CARRIERS[language]),
        carrier_place=_place(rng, country, rng.choice(CITIES[country])),
        company=rng.choice(COMPANY[country]),
        contact=f"{rng.choice(FIRST[language])} {rng.choice(LAST[language])}",
        account_number=_account_number(rng, country, btn),
        btn=btn,
        phone_numbers=numbers,
        billing=billing,
        service=service,
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=rng.choice((14, 21, 30))),
        period=(issued_on - timedelta(days=31), issued_on - timedelta(days=1)),
        invoice_number=(
            f"FV/{_digits(rng, 5)}/{issued_on.month:02}/{issued_on.year}"
            if language == "pl"
            else f"{rng.choice(('INV', 'I', ''))}{_digits(rng, 9)}"
        ),
        tax_id=_digits(rng, 10) if language == "pl" else f"{_digits(rng, 2)}-{_digits(rng, 7)}",
        bank_account=" ".join(
            [_digits(rng, 2), *(_digits(rng, 4) for _ in range(6))],
        ),
        help_line="800 555 100" if language == "pl" else "1-800-555-0199",
        amounts=tuple(
            f"{rng.randint(3, 900)}{',' if language == 'pl' else '.'}{_digits(rng, 2)}"
            for _ in range(12)
        ),
    )


MONTHS_EN = ("January", "February", "March", "April", "May", "June", "July", "August",
             "September", "October", "November", "December")  # fmt: skip
MONTHS_PL = ("stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia",
             "września", "października", "listopada", "grudnia")  # fmt: skip


def write_date(day: date, country: str, style: int) -> str:
    """The day in one of the ways the country writes it."""
    match country:
        case "US":
            month = MONTHS_EN[day.month - 1]
            forms = [
                f"{day:%m/%d/%Y}",
                f"{month} {day.day}, {day.year}",
                f"{month[:3]} {day.day:02}, {day.year}",
                f"{day.month}/{day.day}/{day:%y}",
                f"{day:%Y-%m-%d}",
            ]
        case "CA":
            month = MONTHS_EN[day.month - 1]
            forms = [
                f"{day:%Y-%m-%d}",
                f"{month} {day.day}, {day.year}",
                f"{month[:3]}. {day.day}, {day.year}",
            ]
        case "GB":
            month = MONTHS_EN[day.month - 1]
            forms = [
                f"{day.day} {month} {day.year}",
                f"{day:%d/%m/%Y}",
                f"{day.day:02} {month[:3]} {day.year}",
            ]
        case _:
            forms = [
                f"{day:%d.%m.%Y}",
                f"{day:%Y-%m-%d}",
                f"{day.day} {MONTHS_PL[day.month - 1]} {day.year} r.",
                f"{day:%d-%m-%Y}",
                f"{day:%d/%m/%Y}",
            ]
    return forms[style % len(forms)]


def write_number(number: str, country: str, style: int) -> str:
    """The telephone number in one of the ways the country writes it."""
    match country:
        case "US" | "CA":
            area, prefix, line = number[2:5], number[5:8], number[8:]
            forms = [
                f"({area}) {prefix}-{line}",
                f"{area}-{prefix}-{line}",
                f"{area}.{prefix}.{line}",
                f"+1 {area} {prefix} {line}",
                f"{area} {prefix}-{line}",
            ]
        case "GB":
            national = number[3:]
            size = 2 if national.startswith("20") else 3
            area, rest = national[:size], national[size:]
            forms = [
                f"0{area} {rest[:-4]} {rest[-4:]}",
                f"+44 {area} {rest[:-4]} {rest[-4:]}",
                f"(0{area}) {rest[:-4]} {rest[-4:]}",
            ]
        case _:
            area, rest = number[3:5], number[5:]
            forms = [
                f"{area} {rest[:3]} {rest[3:5]} {rest[5:]}",
                f"+48 {area} {rest[:3]} {rest[3:5]} {rest[5:]}",
                f"({area}) {rest[:3]}-{rest[3:5]}-{rest[5:]}",
                f"{area}-{rest[:3]}-{rest[3:5]}-{rest[5:]}",
            ]
    return forms[style % len(forms)]
