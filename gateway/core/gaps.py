"""Flows that no clause in force covers, out of all that contract and rulebook foresee.

A flow is foreseen where the sender's service has a verb for the document, a purpose needs something of it
between these kinds, sharing carries it, and the recipient takes part in sharing at all: a third party is
reached by disclosure, which no agreement is about.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product

from publicprotection.common.v1 import organisation_pb2

from gateway.core.agreements import Agreement, Clause
from gateway.core.documents import sendable_by, shareable_documents
from gateway.core.parties import THIRD_PARTY
from gateway.core.vocabulary import KIND_PREFIX, kind_name
from gateway.core.world import World


@dataclass(frozen=True, slots=True)
class Gap:
    """A flow without a clause, for these of the sending organisations of one kind."""

    document: str
    sender_kind: str
    senders: tuple[str, ...]
    recipient: str


def find_gaps(world: World, day: date) -> Iterator[Gap]:
    """Every gap, by document, kind of sender and recipient."""
    clauses = [
        (agreement, clause)
        for agreement in world.agreements
        if agreement.is_in_force(day)
        for clause in agreement.clauses
    ]
    kinds = _by_kind(world)
    for document in shareable_documents():
        covering = [pair for pair in clauses if document in pair[1].documents]
        foreseen = _foreseen(world, document, kinds)
        for ends in sorted(foreseen):
            yield from _gaps(document, ends, foreseen[ends], kinds, covering)


def _gaps(
    document: str,
    ends: tuple[str, str],
    purposes: set[str],
    kinds: Mapping[str, list[str]],
    clauses: list[tuple[Agreement, Clause]],
) -> Iterator[Gap]:
    sending, receiving = ends
    for recipient in kinds.get(receiving, ()):
        senders = tuple(
            name
            for name in kinds.get(sending, ())
            if name != recipient
            and not any(_covers(pair, purposes, (name, sending), (recipient, receiving)) for pair in clauses)
        )
        if senders:
            yield Gap(document, sending, senders, recipient)


def _foreseen(world: World, document: str, kinds: Iterable[str]) -> dict[tuple[str, str], set[str]]:
    """From both kinds to the purposes for which something of a document may be shared between them."""
    found: dict[tuple[str, str], set[str]] = {}
    senders = [kind for kind in kinds if document in sendable_by(_number(kind))]
    for need in world.rulebook.needs:
        if not need.documents or document in need.documents:
            flows = product(need.purposes, need.senders or senders, need.recipients or kinds)
            for purpose, sender, recipient in flows:
                if sender in senders and _is_shared(world, document, purpose, sender, recipient):
                    found.setdefault((sender, recipient), set()).add(purpose)
    return found


def _is_shared(world: World, document: str, purpose: str, sender: str, recipient: str) -> bool:
    book, known = world.rulebook, world.rulebook.kinds.get(recipient)
    if known is None or (known.standing == THIRD_PARTY and purpose not in known.partner_for):
        return False
    carrying = book.carrying(document, purpose, sender, recipient)
    return any(each.release_kind == "SHARING" for each in carrying)


def _number(kind: str) -> int:
    return organisation_pb2.OrganisationKind.Value(KIND_PREFIX + kind)


def _covers(
    pair: tuple[Agreement, Clause],
    purposes: set[str],
    sender: tuple[str, str],
    recipient: tuple[str, str],
) -> bool:
    agreement, clause = pair
    return (
        agreement.binds(sender[0], recipient[0])
        and not purposes.isdisjoint(clause.purposes)
        and clause.from_.reaches(*sender)
        and clause.to.reaches(*recipient)
    )


def _by_kind(world: World) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for name in sorted(world.directory.organisations):
        kinds.setdefault(kind_name(world.directory.kind_of(name)), []).append(name)
    return kinds
