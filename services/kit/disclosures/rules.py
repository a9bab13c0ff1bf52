"""What a decision must say, who decides, and what must be so at the telling: law as data (YAML)."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final, Self

import yaml
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from publicprotection.exchange.v1.disclosure_pb2 import DisclosureConsideration, DisclosureTelling
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.kit.access.actor import Role

_FILE: Final = Path(__file__).resolve().parents[2] / "rulebook" / "third_party_disclosure.yaml"
"""Beside the kit, which names no organisation and no guidance."""

Values = Mapping[str, tuple[str, ...]]
"""Fields, with the values for which a row applies: names of enumerations, numbers, `true`."""


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Must(StrEnum):
    """How a field must be."""

    STATED = "STATED"
    YES = "YES"
    ABSENT = "ABSENT"


class Heading(_Form):
    """One thing that must be stated, where the row applies.

    Attributes:
        code: stable; names the violation.
        when: it applies where each field has one of these values; empty: always.
        unless: it does not apply where this field is stated.
        decided: of a telling: it applies where the decision says so.
        says: what to do.
    """

    code: str = Field(pattern=r"^[A-Z][A-Z0-9_]+$")
    field: str
    must: Must
    when: Values = {}
    unless: str = ""
    decided: Values = {}
    says: str
    paragraph: str


class Decider(_Form):
    """Who decides at which levels, and as what that person acts."""

    decided_by: str
    levels: frozenset[int] = Field(min_length=1)
    roles: frozenset[Role] = Field(min_length=1)
    says: str
    paragraph: str


class TwoPeople(_Form):
    """Where whoever wrote a decision does not decide it."""

    when: Values
    paragraph: str


class Rules(_Form):
    """All of it; `level` is the field with the level. What the contract does not have refuses to load."""

    version: str
    level: str
    headings: tuple[Heading, ...] = Field(min_length=1)
    deciders: tuple[Decider, ...] = Field(min_length=1)
    two_people: tuple[TwoPeople, ...]
    telling: tuple[Heading, ...]

    def decider(self, decided_by: str) -> Decider | None:
        """Who that is; None if nobody is called that."""
        return next((each for each in self.deciders if each.decided_by == decided_by), None)

    @model_validator(mode="after")
    def _refers_to_the_contract(self) -> Self:
        for fault in self._faults():
            raise ValueError(fault)
        return self

    def _faults(self) -> Iterator[str]:
        decision, telling = DisclosureConsideration.DESCRIPTOR, DisclosureTelling.DESCRIPTOR
        for heading in self.headings:
            yield from _unknown(decision, {heading.field: (), heading.unless: (), **heading.when})
            if heading.decided:
                yield f"{heading.code}: only a telling looks at what was decided"
        for heading in self.telling:
            yield from _unknown(telling, {heading.field: (), heading.unless: (), **heading.when})
            yield from _unknown(decision, heading.decided)
        yield from _unknown(decision, {self.level: ()})
        for row in self.two_people:
            yield from _unknown(decision, row.when)
        for decider in self.deciders:
            yield from _unknown(decision, {"decided_by": (decider.decided_by,)})
        for rows in (self.headings, self.telling):
            if len({each.code for each in rows}) < len(rows):
                yield "a code stands twice"


def _unknown(descriptor: Descriptor, named: Values) -> Iterator[str]:
    for name, values in named.items():
        field = descriptor.fields_by_name.get(name)
        if field is None and name:
            yield f"{name}: the contract has no such field"
        elif field is not None and not set(values) <= _values_of(field, values):
            yield f"{name}: the contract has no such value"


def _values_of(field: FieldDescriptor, values: tuple[str, ...]) -> set[str]:
    if field.enum_type is not None:
        return set(field.enum_type.values_by_name)
    if field.type == FieldDescriptor.TYPE_BOOL:
        return {"true"}
    return {each for each in values if each.isdecimal()}


@cache
def read_rules() -> Rules:
    """The rules; pydantic.ValidationError if the file is not in its form."""
    return Rules.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8")))
