"""What the parties to an agreement promise each other, under the headings of the ICO's Data Sharing Code.

The decision reads lawful bases, purposes, clauses, dates, states and the ceiling; the rest is for people, is
checked when it is loaded, and is bound by the agreement's digest.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from gateway.core.directory import Identifier
from gateway.core.rulebook_model import Entry, Regime, Text
from gateway.core.vocabulary import BasisName, ConditionName

Status = Literal["CONTROLLER", "JOINT_CONTROLLER", "PROCESSOR"]


def _iso_date(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("write a date as 2029-03-31")  # noqa: TRY004  # pydantic turns this one into an error
    return value


Day = Annotated[date, BeforeValidator(_iso_date)]


class Party(Entry):
    """One party, and what it is to the data."""

    organisation: Identifier
    status: Status

    @property
    def is_controller(self) -> bool:
        """Whether it decides, alone or with others, what the data are used for."""
        return self.status != "PROCESSOR"


class EndConditions(Entry):
    """The conditions on which sensitive data go, for who discloses and for who receives."""

    disclosing: tuple[ConditionName, ...] = ()
    receiving: tuple[ConditionName, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Those of either end."""
        return (*self.disclosing, *self.receiving)

    @property
    def are_stated(self) -> bool:
        """Whether each end has one."""
        return bool(self.disclosing and self.receiving)


class LegalGround(Entry):
    """What the sharing rests on under one regime.

    Attributes:
        processing: why processing is lawful at all: DPA 2018 s.35(2), or UK GDPR Article 6.
        bases: the powers to share. What a sender states must be among them.
        special: for sensitive processing (s.35(3) to (5)), or special categories (Article 9).
        criminal: for offences, convictions and allegations (Article 10); none is needed under Part 3.
    """

    regime: Regime
    processing: Text
    bases: tuple[BasisName, ...] = Field(min_length=1)
    special: EndConditions = EndConditions()
    criminal: EndConditions = EndConditions()


class PolicyDocument(Entry):
    """A controller's appropriate policy document (DPA 2018 s.42; Sch.1 Part 4): reference, keeper, review."""

    organisation: Identifier
    reference: Text
    owner: Text
    review: Day


class Security(Entry):
    """How the data are kept safe on the way, at rest, and from those who have no business with them."""

    in_transit: Text
    at_rest: Text
    access: Text


class Retention(Entry):
    """How long the data are kept, and how they are got rid of."""

    period: Text
    disposal: Text


class Requests(Entry):
    """Who answers requests, and how people's rights are met.

    Attributes:
        access: requests by the person, or under the Freedom of Information Act.
        exemptions: how they are applied.
        rights: rectification, erasure, restriction, objection, and telling the other parties.
    """

    access: Text
    exemptions: Text
    rights: Text


class BreachContact(Entry):
    """Whom to tell of a breach, and within how many hours of knowing."""

    organisation: Identifier
    role: Text
    telephone: Text
    within_hours: int = Field(ge=1, le=72)


class Signature(Entry):
    """A party's signature: the role that signed for it, and when. Names of persons stand on the paper."""

    organisation: Identifier
    role: Text
    on: Day
