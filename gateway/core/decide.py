"""The decision: a pure function of the case and the world, one ruling for each recipient.

The eleven steps of design section 5, in its order. Steps 1 to 5, 8 and 9 look at the whole exchange and can
stop it; steps 6, 7, 10 and 11 look at each leaf and can only lower what becomes of it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from gateway.core import effects, masking, needs, owners, prerequisites, prohibitions
from gateway.core.agreement import Cover, check_agreement, find_cover
from gateway.core.facts import open_book, read_facts
from gateway.core.flow import DOCUMENT, Flow, Leaf, Stop, Submission, desk_of, find_party, refuse
from gateway.core.lawful_basis import (
    check_basis,
    check_conditions,
    covering_bases,
    grounds_of,
    regimes_of,
)
from gateway.core.marking import check_marking
from gateway.core.model import Case, Desk, Outcome, Ruling
from gateway.core.parties import check_release_kind, check_standing
from gateway.core.rulebook_model import Basis
from gateway.core.rulings import Found, Parts, held, refused, released
from gateway.core.statements import check_statements
from gateway.core.treatment import Treatment
from gateway.core.world import World


def decide(case: Case, world: World) -> tuple[Ruling, ...]:
    """Decides one exchange for each of its recipients, in the header's order.

    The same case and world always give the same rulings. Nothing is released that is not permitted by lawful
    basis, agreement or minimum set, needs and owners, and let through by every prohibition.
    """
    submission = prepare(case, world)
    return tuple(decide_for(submission, desk_of(each)) for each in case.header.recipients)


def prepare(case: Case, world: World) -> Submission:
    """What is the same for every recipient: the sender, whose each part is, and the facts that count."""
    reference = desk_of(case.header.sender)
    stated = owners.stated_owners(case.document, case.leaves)
    owned = owners.read_owners(case.header, reference.organisation, stated)

    below: dict[str, set[str]] = {}

    def owns(organisation: str, prefix: str) -> bool:
        if not below:  # worked out only if a fact is about a part
            below.update(owners.owners_below(owned, filter(_is_of_document, case.leaves)))
        return below.get(prefix) == {organisation}

    facts = (*read_facts(case.header, reference.organisation), *case.facts)
    book = open_book(facts, case.at, world.directory.kind_of, owns)
    sender = find_party(world, reference.organisation, reference.desk, reference.organisation)
    return Submission(case, world, sender, owned, book)


def _is_of_document(path: str) -> bool:
    return path.startswith(DOCUMENT)


def decide_for(submission: Submission, desk: Desk) -> Ruling:
    """The ruling for one recipient."""
    viewer = submission.case.header.sender.organisation
    recipient = find_party(submission.world, desk.organisation, desk.desk, viewer)
    if submission.sender is None or recipient is None or recipient.desk is None:
        gate = submission.world.rulebook.gates.unknown_party
        return refused(submission, desk, refuse(gate), ())
    flow = Flow(submission, submission.sender, recipient)
    bases = covering_bases(flow)
    return replace(_decide(flow, desk, bases), regimes=tuple(sorted(regimes_of(flow, bases))))


def _decide(flow: Flow, desk: Desk, bases: Sequence[Basis]) -> Ruling:
    cover, needed = find_cover(flow, grounds_of(flow, bases)), needs.needed_by(flow)
    stops = tuple(_check_whole(flow, bases, cover, needed))
    refusals = [stop for stop in stops if stop.outcome is Outcome.REFUSED]
    if refusals:
        # Of several reasons, one that says what to do instead helps the sender most.
        return refused(flow.submission, desk, min(refusals, key=lambda stop: stop.instead is None), refusals)
    parts = _treat(flow, cover, needed)
    if not parts.going and not parts.waiting and not (stops and not cover.clauses):
        return refused(flow.submission, desk, refuse(flow.gates.nothing_left), (), parts)
    found = Found(flow, desk, cover, stops, parts)
    return held(found) if stops or not parts.going else released(found)


def _check_whole(flow: Flow, bases: Sequence[Basis], cover: Cover, needed: Collection[str]) -> Iterator[Stop]:
    yield from check_standing(flow)  # 1. parties and desks
    yield from check_release_kind(flow)  # 2. release kind and regime
    yield from check_basis(flow, bases)  # 3. lawful basis, and conditions for sensitive data
    yield from check_conditions(flow, bases, needed)
    yield from check_agreement(flow, cover)  # 4. agreement
    yield from check_marking(flow)  # 5. marking and clearance
    yield from prerequisites.check_rules(flow)  # 8. prerequisites
    yield from check_statements(flow)  # 9. statements


def _treat(flow: Flow, cover: Cover, needed: Mapping[str, str]) -> Parts:
    submission = flow.submission
    treatments = _lower(flow, cover, needed, submission.leaves)
    known = _lower(flow, cover, needed, submission.known) if submission.known else ()
    return Parts(*masking.mask_texts(flow, *effects.derive_values(flow, treatments), known))


def _lower(
    flow: Flow, cover: Cover, needed: Mapping[str, str], leaves: tuple[Leaf, ...]
) -> tuple[Treatment, ...]:
    treatments = needs.limit(flow, cover, needed, leaves)  # 6. needs
    treatments = owners.wait_for_owners(flow, treatments)  # 7. owners
    treatments = effects.apply_rules(flow, treatments)  # 10. effects
    return prohibitions.prohibit(flow, treatments)  # 11. prohibitions
