"""What is kept of a past decision so that it can be decided again: codes, paths, facts, truths; no values.

An abstract holds no name, date, text or identifier of anybody. Header codes (purpose, bases, parties), which
paths were there, the facts on record and what each condition came to: all that the steps of a decision read.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from publicprotection.common.v1 import organisation_pb2
from pydantic import AwareDatetime, Field

from gateway.core.conditions import Truth, activate
from gateway.core.facts import read_facts
from gateway.core.flow import DOCUMENT, desk_of
from gateway.core.model import Answer, Case, KnownFact
from gateway.core.owners import stated_owners
from gateway.core.rulebook import CompiledRule
from gateway.core.rulebook_model import Entry
from gateway.core.world import World
from services.kit.evidence.derive import FUNCTIONS
from services.kit.evidence.errors import NotDerivableError
from services.kit.evidence.paths import shape_of
from services.kit.evidence.values import JsonValue

HEADER: Final = "header."
EVERYBODY: Final = ""
"""The key of truths that are the same for every recipient."""

_CODES: Final = frozenset(
    {
        "header.purpose",
        "header.lawful_bases",
        "header.conditions",
        "header.urgency",
        "header.marking",
        "header.release_kind",
        "header.sender.organisation",
        "header.sender.desk",
        "header.recipients.organisation",
        "header.recipients.desk",
        "header.provenance.prefix",
        "header.provenance.owner",
        "header.provenance.source_system",
    }
)
"""Header leaves whose values are codes, by shape. Of all others only the presence is kept."""


class KeptFact(Entry):
    """A fact as it was on record (model.KnownFact)."""

    name: str
    party: str | None = None
    answer: Answer
    organisation: str
    from_: AwareDatetime | None = None
    until: AwareDatetime | None = None
    recipient: str | None = None

    def known(self) -> KnownFact:
        """As the decision takes it."""
        return KnownFact(**{name: getattr(self, name) for name in type(self).model_fields})


class Abstract(Entry):
    """One past exchange without its content.

    Attributes:
        exchange: its id.
        rulebook: the version it was decided under.
        at: when it was decided.
        header: every header leaf by path: its value where that is a code, else nothing.
        necessity: whether one was stated.
        paths: every leaf of the document, with the generalisations that its value allowed.
        owners: the organisation that owns each item of which the document says so itself, by its path.
        facts: asserted in the header or otherwise.
        truths: by recipient (`organisation/desk`, or empty for all), what each condition came to, by text.
    """

    exchange: str
    document_type: str
    rulebook: str
    at: AwareDatetime
    header: dict[str, bool | int | str | None]
    necessity: bool
    paths: dict[str, tuple[str, ...]]
    owners: dict[str, str] = Field(default_factory=dict)
    facts: tuple[KeptFact, ...] = ()
    truths: dict[str, dict[str, Truth]]


def abstract_of(case: Case, world: World) -> Abstract:
    """The abstract of a case, with the truth of each condition of the world's rulebook.

    Args:
        case: as it was decided; its header's facts are kept with the others.
        world: the one it was decided in.
    """
    sender = case.header.sender.organisation
    return Abstract(
        exchange=case.exchange_id,
        document_type=case.document_type,
        rulebook=world.rulebook.version,
        at=case.at,
        header={path: _code(path, value) for path, value in case.leaves.items() if path.startswith(HEADER)},
        necessity=bool(case.header.necessity.strip()),
        paths={path: _forms(value) for path, value in case.leaves.items() if path.startswith(DOCUMENT)},
        owners=dict(stated_owners(case.document, case.leaves)),
        facts=tuple(_kept(each) for each in (*read_facts(case.header, sender), *case.facts)),
        truths=truths_of(case, world),
    )


def truths_of(case: Case, world: World) -> dict[str, dict[str, Truth]]:
    """What each condition that can concern the document comes to, as `Abstract.truths`."""
    common = activate(case.header, case.document, case.at.date())
    found = {EVERYBODY: dict(_truths(case, world, common, by_recipient=False))}
    for each in case.header.recipients:
        reference = organisation_pb2.DeskReference(organisation=each.organisation, desk=each.desk)
        own = activate(case.header, case.document, case.at.date(), reference)
        found[str(desk_of(each))] = dict(_truths(case, world, own, by_recipient=True))
    return found


def concerns(compiled: CompiledRule, document_type: str) -> bool:
    """Whether a rule can apply to a document at all."""
    applies = compiled.rule.applies
    return document_type not in applies.except_documents and document_type in (
        applies.documents or (document_type,)
    )


def _truths(case: Case, world: World, activation: Any, *, by_recipient: bool) -> Iterator[tuple[str, Truth]]:
    for compiled in world.rulebook.rules:
        condition = compiled.condition
        if condition and condition.by_recipient == by_recipient and concerns(compiled, case.document_type):
            yield condition.text, condition.evaluate(case.document_type, activation)


def _code(path: str, value: JsonValue) -> bool | int | str | None:
    return value if shape_of(path) in _CODES and isinstance(value, bool | int | str) else None


def _forms(value: JsonValue) -> tuple[str, ...]:
    return tuple(name for name in sorted(FUNCTIONS) if _is_derivable(name, value))


def _is_derivable(name: str, value: JsonValue) -> bool:
    try:
        FUNCTIONS[name](value)
    except NotDerivableError:
        return False
    return True


def _kept(fact: KnownFact) -> KeptFact:
    names: Mapping[str, Any] = {name: getattr(fact, name) for name in KeptFact.model_fields}
    return KeptFact.model_validate(names)
