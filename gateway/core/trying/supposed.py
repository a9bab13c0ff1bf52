"""What is supposed of an exchange that is tried: ends, document, purpose, facts, circumstances; no values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import header_pb2

from gateway.core.model import Answer, Desk


class TryError(Exception):
    """It cannot be tried.

    Attributes:
        field: of the question at fault.
        advice: what to give instead.
    """

    def __init__(self, field: str, advice: str) -> None:  # the name that the field has
        super().__init__(f"{field}: {advice}")
        self.field, self.advice = field, advice


class Agreements(StrEnum):
    """What is supposed of agreements."""

    IN_FORCE = "IN_FORCE"
    NONE = "NONE"
    EVERYTHING = "EVERYTHING"


@dataclass(frozen=True, slots=True)
class Supposed:
    """The question.

    Attributes:
        others: who would receive it at the same time.
        purpose: a value of exchange.v1.Purpose; likewise the enumerations below.
        bases: lawful bases relied on; None: those that the rulebook has for the flow.
        conditions: for sensitive data; None: those that the rulebook has for the purpose.
        facts: what is supposed of facts, by name; what is not named is not known.
        circumstances: whether something is so that only values would show, by id; others are tried both ways.
        without: categories and parts, by path without indices, of which the document holds nothing.
        owner: whose information it is; empty: the sender's.
        system: from which it was taken; empty: none that a rule looks at.
    """

    sender: Desk
    recipient: Desk
    document: str
    purpose: int
    others: tuple[Desk, ...] = ()
    urgency: int = header_pb2.URGENCY_ROUTINE
    marking: int = organisation_pb2.MARKING_OFFICIAL_SENSITIVE
    release_kind: int = header_pb2.RELEASE_KIND_SHARING
    bases: tuple[int, ...] | None = None
    conditions: tuple[int, ...] | None = None
    necessity: bool = True
    agreements: Agreements = Agreements.IN_FORCE
    facts: Mapping[str, Answer] = field(default_factory=dict)
    circumstances: Mapping[str, bool] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    owner: str = ""
    system: str = ""
