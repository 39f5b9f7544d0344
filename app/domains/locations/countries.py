"""The supported countries on the wire (domain.md A3)."""

from __future__ import annotations

from pydantic import Field

from app.core.texts import Language
from app.core.validation import CodeText, Entries, LineText, ProseText, Schema
from app.telephony.country import Country


class StateView(Schema):
    """A state or province."""

    code: CodeText = Field(description="Its code.", examples=["WA"])
    name: LineText = Field(description="Its name.", examples=["Washington"])


class PortRequirementView(Schema):
    """A field of `additionalInformation` that a port needs in the country."""

    name: LineText = Field(description="The field's name.", examples=["rio"])
    description: ProseText = Field(description="What it is.", examples=["The RIO of the line"])
    required: bool = Field(description="Whether a port needs it.", examples=[True])


class CountryView(Schema):
    """A country with Cisco PSTN."""

    country: CodeText = Field(description="ISO 3166-1 alpha-2 code.", examples=["US"])
    name: LineText = Field(description="Its name.", examples=["United States"])
    process: CodeText = Field(
        description="`selfService`: search and order here; `assisted`: through a support case.",
        examples=["selfService"],
    )
    states: Entries[StateView] = Field(
        description="Its states or provinces, where they are needed."
    )
    number_types: Entries[CodeText] = Field(description="Kinds of numbers.", examples=[["local"]])
    port_requirements: Entries[PortRequirementView] = Field(
        description="What a port needs beyond the account."
    )

    @classmethod
    def of(cls, country: Country, language: Language) -> CountryView:
        return cls(
            country=country.code,
            name=country.name.to(language),
            process=country.process,
            states=[StateView(code=state.code, name=state.name) for state in country.states],
            number_types=[str(kind) for kind in country.number_types],
            port_requirements=[
                PortRequirementView(
                    name=need.name,
                    description=need.description.to(language),
                    required=need.required,
                )
                for need in country.port_requirements
            ],
        )


class Countries(Schema):
    """The countries with Cisco PSTN."""

    items: Entries[CountryView] = Field(description="By code.")
