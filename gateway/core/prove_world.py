"""The most permissive world there can be: all is agreed, needed and on record; only prohibitions are left.

What a prohibition keeps back here, no agreement, need or fact can ever let through: all that the real world
adds can only take more away (properties of the decision). The proof's agreement is exempt from the check that
refuses clauses which a prohibition always defeats.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from google.protobuf.message import Message
from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import directory_service_pb2, header_pb2

from gateway.core.agreement_short import ShortAgreement
from gateway.core.agreements import Agreement
from gateway.core.categories import known_categories
from gateway.core.directory import DirectoryIndex
from gateway.core.documents import shareable_documents
from gateway.core.facts import FactScope, assertable_by, fact_scope
from gateway.core.filling import Setting
from gateway.core.model import TYPE_PATH, Answer, Case, KnownFact
from gateway.core.release_model import Release
from gateway.core.rulebook import Rulebook
from gateway.core.rulebook_model import Basis, Need, Sensitive
from gateway.core.vocabulary import KIND_PREFIX, WHOLE, fact_names, kind_name, short_names
from gateway.core.world import World
from services.kit.evidence.leaves import flatten
from services.kit.evidence.values import JsonValue

AT: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
DESK: Final = "desk"
_SYNTHETIC: Final = "Everything that can be agreed"
_ENDLESS: Final = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Route:
    """From one kind of organisation to another, for a purpose.

    `stands_for` counts the routes that no prohibition tells apart from this one, itself included.
    """

    sender: str
    recipient: str
    purpose: str
    stands_for: int = 1

    def __str__(self) -> str:
        return f"{self.sender} to {self.recipient} for {self.purpose}"


def all_kinds() -> tuple[str, ...]:
    """Every kind of organisation in the contract."""
    return short_names(organisation_pb2.OrganisationKind, KIND_PREFIX)


def all_purposes() -> tuple[str, ...]:
    """Every purpose in the contract."""
    return short_names(header_pb2.Purpose, "PURPOSE_")


def organisation_of(kind: str) -> str:
    """The id of the one organisation of a kind."""
    return kind.lower().replace("_", "-")


def permissive_world(rulebook: Rulebook, desks: Collection[str] = ()) -> World:
    """A world with the rulebook's prohibitions, in which nothing else stands in the way of anything.

    Args:
        rulebook: with its prohibitions.
        desks: what desks each organisation has, besides one that means nothing.
    """
    purposes = all_purposes()
    book = replace(
        rulebook,
        rules=tuple(each for each in rulebook.rules if each.rule.prohibition),
        bases={name: (_basis(name, purposes),) for name in rulebook.bases},
        sensitive={name: _insensitive(each) for name, each in rulebook.sensitive.items()},
        needs=(
            Need(
                purposes=purposes,
                paragraph=_SYNTHETIC,
                categories=dict.fromkeys(known_categories(), WHOLE),
            ),
        ),
        releases=tuple(_release(name) for name in ("SHARING", "DISCLOSURE", "RESPONSE")),
    )
    return World(_directory(desks), (synthetic_agreement(),), book)


def synthetic_agreement(organisations: Collection[str] = ()) -> Agreement:
    """Between these, or between one of each kind, for everything, for ever."""
    names = sorted(organisations) or map(organisation_of, all_kinds())
    parties = [{"organisation": name, "status": "CONTROLLER"} for name in names]
    clause = {
        "id": "A1",
        "paragraph": _SYNTHETIC,
        "from": {},
        "to": {},
        "documents": shareable_documents(),
        "purposes": all_purposes(),
        "categories": tuple(sorted(known_categories())),
    }
    return ShortAgreement.model_validate(
        {
            "title": _SYNTHETIC,
            "id": "synthetic",
            "version": "1",
            "state": "IN_FORCE",
            "owner": parties[0]["organisation"],
            "parties": parties,
            "marking_ceiling": "OFFICIAL_SENSITIVE",
            "starts": "2000-01-01",
            "review": _ENDLESS,
            "expiry": _ENDLESS,
            "clauses": [clause],
        }
    )


def synthetic_header(
    route: Route, desk: str, sources: Mapping[str, str], changes: Collection[Setting] = ()
) -> header_pb2.Header:
    """A header that states everything.

    Args:
        route: its ends and purpose.
        desk: of the recipient.
        sources: the system that each part of the document comes from, by path prefix.
        changes: made at the end.
    """
    header = header_pb2.Header(
        purpose=header_pb2.Purpose.Value("PURPOSE_" + route.purpose),
        # One basis is enough: in this world each permits everything, and no condition is needed.
        lawful_bases=header_pb2.LawfulBasis.values()[1:2],
        urgency=header_pb2.URGENCY_IMMEDIATE,
        marking=organisation_pb2.MARKING_OFFICIAL_SENSITIVE,
        necessity=_SYNTHETIC,
    )
    header.sender.organisation, header.sender.desk = organisation_of(route.sender), DESK
    recipient = header.recipients.add()
    recipient.organisation, recipient.desk = organisation_of(route.recipient), desk
    for prefix, system in sources.items():
        header.provenance.add(prefix=prefix, owner=header.sender.organisation, source_system=system)
    for each in changes:
        each.apply(header)
    return header


def synthetic_case(
    header: header_pb2.Header, document: Message, leaves: Mapping[str, JsonValue], unknown: Collection[str]
) -> Case:
    """A case with every fact YES but those named, which nobody knows.

    Args:
        header: from `synthetic_header`.
        document: any.
        leaves: the document's.
        unknown: names of facts.
    """
    name = type(document).__name__
    sealed: dict[str, JsonValue] = {TYPE_PATH: name, **flatten(header, prefix="header", entropy=bytes)}
    facts = tuple(_facts(header, frozenset(fact_names()).difference(unknown)))
    return Case("proof", name, header, document, sealed | dict(leaves), facts, AT)


def _facts(header: header_pb2.Header, names: Collection[str]) -> Iterator[KnownFact]:
    sender, recipient = header.sender.organisation, header.recipients[0].organisation
    for name in sorted(names):
        scope = fact_scope(name)
        if scope is FactScope.ITEM:
            yield KnownFact(name, "document", Answer.YES, sender)
        else:
            asserter = organisation_of(kind_name(min(assertable_by(name))))
            yield KnownFact(name, recipient if scope is FactScope.RECIPIENT else None, Answer.YES, asserter)


def _directory(desks: Collection[str]) -> DirectoryIndex:
    return DirectoryIndex({organisation_of(kind): _organisation(kind, desks) for kind in all_kinds()})


def _organisation(kind: str, desks: Collection[str]) -> directory_service_pb2.Organisation:
    cleared = max(organisation_pb2.Marking.values())
    some = [directory_service_pb2.Desk(desk=name, clearance=cleared) for name in (DESK, *desks)]
    return directory_service_pb2.Organisation(
        organisation=organisation_of(kind),
        kind=organisation_pb2.OrganisationKind.Value(KIND_PREFIX + kind),
        area="anywhere",
        desks=some,
    )


def _basis(name: str, purposes: tuple[str, ...]) -> Basis:
    return Basis(basis=name, paragraph=_SYNTHETIC, purposes=purposes)


def _insensitive(each: Sensitive) -> Sensitive:
    return each.model_copy(update={"special": False, "criminal": False})


def _release(name: str) -> Release:
    categories = tuple(sorted(known_categories()))
    return Release.model_validate(
        {"release_kind": name, "paragraph": _SYNTHETIC, "third_parties": True, "permits": categories}
    )
