"""The rulebook's form: law and guidance as data (design section 5). Files are under `gateway/rulebook/`.

Every entry cites its paragraph; every list is closed (`vocabulary`); an unknown key is refused.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gateway.core.model import Tell
from gateway.core.vocabulary import (
    BasisName,
    Category,
    ConditionName,
    DocumentName,
    FactName,
    Form,
    FunctionName,
    KindName,
    PurposeName,
    StandingName,
    UrgencyName,
)

RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]*(-[A-Za-z0-9.()@]+)+$")]
RequirementId = Annotated[str, StringConstraints(pattern=r"^(mappa|later|child|adult):[A-Za-z0-9_.@-]+$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
PrerequisiteId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{2,63}$")]
Regime = Literal["LAW_ENFORCEMENT", "GENERAL"]


class Entry(BaseModel):
    """What all entries have in common: nothing unknown, nothing changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Applies(Entry):
    """To which flows an entry applies. An empty list is any.

    `lacking` names kinds of which the exchange has no recipient at all: what must go to several goes to none
    while one is missing.
    """

    documents: tuple[DocumentName, ...] = ()
    purposes: tuple[PurposeName, ...] = ()
    senders: tuple[KindName, ...] = ()
    recipients: tuple[KindName, ...] = ()
    except_documents: tuple[DocumentName, ...] = ()
    except_recipients: tuple[KindName, ...] = ()
    lacking: frozenset[KindName] = frozenset()

    def covers(self, document: str, purpose: str, sender: str, recipient: str) -> bool:
        """Whether a flow is one of them."""
        return (
            (not self.documents or document in self.documents)
            and (not self.purposes or purpose in self.purposes)
            and (not self.senders or sender in self.senders)
            and (not self.recipients or recipient in self.recipients)
            and document not in self.except_documents
            and recipient not in self.except_recipients
        )


class Instead(Entry):
    """What to do instead of what a rule refuses."""

    document_type: str = ""
    workflow: str = ""
    explanation: Text


class Refuse(Entry):
    """Nothing goes."""

    instead: Instead | None = None


class Hold(Entry):
    """Waits for a prerequisite: the items of some categories, or the whole exchange.

    `text_only` leaves all but free text alone: what somebody must read before it goes. `system` leaves alone
    what provenance does not say to come from that system; with it, no categories means every category.
    """

    prerequisite: PrerequisiteId
    scope: Literal["ITEM", "EXCHANGE"]
    categories: tuple[Category, ...] = ()
    owner: Literal["ANYBODY", "OTHER_THAN_SENDER"] = "ANYBODY"
    system: str = ""
    text_only: bool = False

    @model_validator(mode="after")
    def _check_scope(self) -> Self:
        if (self.scope == "ITEM") != bool(self.categories or self.system):
            raise ValueError("a hold of scope ITEM names categories, one of scope EXCHANGE names none")
        if self.scope == "EXCHANGE" and self.owner != "ANYBODY":
            raise ValueError("only a hold of scope ITEM can look at an item's owner: leave `owner` out")
        if self.scope == "EXCHANGE" and self.text_only:
            raise ValueError("only a hold of scope ITEM can look at free text alone: leave `text_only` out")
        return self


class Telling(Entry):
    """What each side may learn of the reason. Less than the default needs a citation."""

    sender: Tell = Tell.REASON
    recipient: Tell = Tell.CATEGORY
    citation: str = ""

    @model_validator(mode="after")
    def _check_citation(self) -> Self:
        if Tell.NOTHING in (self.sender, self.recipient) and not self.citation:
            raise ValueError("telling NOTHING needs a `citation` of the paragraph that allows it")
        return self


class Flagging(Entry):
    """What goes although it could not wait for all that the text asks for: it says so, and is reviewed."""

    name: Literal["URGENT"]
    review_in_working_days: int = Field(ge=0, le=30)


class Rule(Entry):
    """One rule: where it applies, under what condition, with which one effect, and why.

    `when` is CEL over `header` and `document`; absent: always. `unless` names facts, any of which lifts the
    rule when YES. `chosen` names options of contradictions without which the rule is not in force. A
    prohibition is applied last and can only remove; `permit_only: []` removes everything. A `limit` takes
    nothing away: whoever receives one of its categories is told the reason as a condition of use. Nor does a
    `flag`: what goes is reviewed so many working days later. What removes may name a `system`: it leaves
    alone what provenance does not say to come from there.
    """

    id: RuleId
    implements: tuple[RequirementId, ...] = ()
    paragraph: Text
    applies: Applies = Applies()
    when: Text | None = None
    unless: tuple[FactName, ...] = ()
    prohibition: bool = False
    refuse: Refuse | None = None
    hold: Hold | None = None
    withhold: tuple[Category, ...] = ()
    generalise: dict[Category, FunctionName] = Field(default_factory=dict)
    permit_only: tuple[Category, ...] | None = None
    limit: tuple[Category, ...] = ()
    flag: Flagging | None = None
    system: str = ""
    chosen: dict[RequirementId, str] = Field(default_factory=dict)
    reason: Text
    tell: Telling = Telling()

    @model_validator(mode="after")
    def _check_effect(self) -> Self:
        permits = self.permit_only is not None
        effects = (self.refuse, self.hold, self.withhold, self.generalise, permits, self.limit, self.flag)
        if sum(1 for effect in effects if effect) != 1:
            raise ValueError(
                "write exactly one of refuse, hold, withhold, generalise, permit_only, limit, flag"
            )
        if permits and not self.prohibition:
            raise ValueError("permit_only removes everything else: say `prohibition: true`")
        if self.prohibition and not (self.withhold or permits):
            raise ValueError("a prohibition can only remove: use withhold or permit_only")
        if self.system and not (self.withhold or permits):
            raise ValueError("only withhold and permit_only look at the `system`: a hold has its own")
        return self


class Rules(Entry):
    """A file of rules from one body of guidance, in one edition."""

    guidance: Text
    edition: Text
    rules: tuple[Rule, ...]


class Kind(Entry):
    """A kind of organisation: its standing, and what else follows from being one.

    `partner_for` names purposes for which the kind takes part in sharing whatever its standing under MAPPA,
    as a school does in safeguarding children. `competent_for` names purposes for which it processes under
    DPA 2018 Part 3.
    """

    kind: KindName
    standing: StandingName
    paragraph: Text
    partner_for: tuple[PurposeName, ...] = ()
    competent_for: tuple[PurposeName, ...] = ()


class Basis(Entry):
    """A lawful basis: between whom, for which purposes, under which facts.

    `regime` is what processing under it falls into at both ends; absent, each end's own.
    """

    basis: BasisName
    paragraph: Text
    standings: tuple[StandingName, ...] = ()
    senders: tuple[KindName, ...] = ()
    recipients: tuple[KindName, ...] = ()
    purposes: tuple[PurposeName, ...]
    urgency: tuple[UrgencyName, ...] = ()
    requires_fact: FactName | None = None
    prerequisite: PrerequisiteId | None = None
    regime: Regime | None = None

    @model_validator(mode="after")
    def _check_fact(self) -> Self:
        if (self.requires_fact is None) != (self.prerequisite is None):
            raise ValueError("requires_fact and prerequisite go together")
        return self


class Condition(Entry):
    """A condition for sensitive data: the regimes in which stating it evidences one, and what it serves."""

    condition: ConditionName
    paragraph: Text
    regimes: tuple[Regime, ...]
    purposes: tuple[PurposeName, ...] = ()


class Sensitive(Entry):
    """Which data need a condition in a regime."""

    regime: Regime
    special: bool
    criminal: bool
    paragraph: Text


class Need(Entry):
    """What a purpose needs of a document, category by category, each in its finest permitted form."""

    documents: tuple[DocumentName, ...] = ()
    purposes: tuple[PurposeName, ...]
    senders: tuple[KindName, ...] = ()
    recipients: tuple[KindName, ...] = ()
    paragraph: Text
    categories: dict[Category, Form]

    def covers(self, document: str, purpose: str, sender: str, recipient: str) -> bool:
        """Whether a flow is one of those that have it; no purpose at all is none of them."""
        return (
            purpose in self.purposes
            and (not self.documents or document in self.documents)
            and (not self.senders or sender in self.senders)
            and (not self.recipients or recipient in self.recipients)
        )


class HeaderLeaves(Entry):
    """Which header leaves every recipient of a release gets, by shape."""

    released: tuple[str, ...]
    own_entry: tuple[str, ...]
    with_released_part: tuple[str, ...]


class Protective(Entry):
    """A category whose absence can kill: held, not dropped, where nothing permits it."""

    category: Category
    paragraph: Text
    reason: Text


class Minimum(Entry):
    """What of a document may go without an agreement."""

    document: DocumentName
    categories: tuple[Category, ...]
    paragraph: Text
