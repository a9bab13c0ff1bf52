"""Step 7: victim information and another agency's intelligence wait for their owner (MAPPA 22.20, 8.9)."""

from collections.abc import Iterable, Mapping
from functools import cache, partial
from types import MappingProxyType
from typing import Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from publicprotection.documents.v1.agenda_pb2 import MinutedInformation
from publicprotection.exchange.v1 import header_pb2

from gateway.core.categories import leaf_kinds
from gateway.core.documents import descriptor_of
from gateway.core.flow import Firing, Flow, Owners
from gateway.core.model import Answer, Effect
from gateway.core.rulebook_model import Hold
from gateway.core.treatment import Treatment, treat_each
from services.kit.evidence.paths import fields_along, parts_above, shape_of
from services.kit.evidence.values import JsonValue

NOBODY: Final[Mapping[str, str]] = MappingProxyType({})
"""No owners are stated."""

OWNER: Final = ".owner"
"""Ends the path of a leaf in which an item states its owner."""


def read_owners(header: header_pb2.Header, sender: str, stated: Mapping[str, str] = NOBODY) -> Owners:
    """Owners by provenance, and by what the document itself states; all else is the sender's.

    One part said to be of two owners is refused as a whole (statements); here the first entry counts, and the
    header before the document.

    Args:
        header: of the exchange.
        sender: the organisation that sends.
        stated: by `stated_owners`.
    """
    entries = header.provenance[::-1]
    owners = {**stated, **{each.prefix: each.owner for each in entries if each.owner}}
    systems = {each.prefix: each.source_system.lower() for each in entries if each.source_system}
    return Owners(sender, owners, systems)


def stated_owners(document: Message, leaves: Mapping[str, JsonValue]) -> Mapping[str, str]:
    """The owner of each item of which the document says so itself, as minutes do (MAPPA 13b.1), by prefix."""
    shapes = _owner_shapes(descriptor_of(document))
    if not shapes:
        return NOBODY
    found = {path: value for path, value in leaves.items() if shape_of(path) in shapes}
    return {path.removesuffix(OWNER): value for path, value in found.items() if isinstance(value, str)}


def contradicted(header: header_pb2.Header, stated: Mapping[str, str]) -> bool:
    """Whether the header says of an item that it is somebody else's than the document says."""
    if not stated:
        return False
    by_header = read_owners(header, "")
    return any(by_header.of(prefix) not in ("", owner) for prefix, owner in stated.items())


@cache
def _owner_shapes(document: Descriptor) -> frozenset[str]:
    """Where a document's items state their owner."""
    owned = (shape for shape, _ in leaf_kinds(document) if shape.endswith(OWNER))
    return frozenset(shape for shape in owned if _is_of_item(fields_along(shape, document)))


def _is_of_item(fields: tuple[FieldDescriptor, ...]) -> bool:
    return fields[-1].containing_type is descriptor_of(MinutedInformation)


def owners_below(owners: Owners, paths: Iterable[str]) -> Mapping[str, set[str]]:
    """For each part of a document, everybody who owns something of it."""
    below: dict[str, set[str]] = {}
    for path in paths:
        owner = owners.of(path)
        for part in parts_above(path):
            below.setdefault(part, set()).add(owner)
    return below


def wait_for_owners(flow: Flow, treatments: Iterable[Treatment]) -> tuple[Treatment, ...]:
    """Holds each item that a rule makes wait, unless its prerequisite is met for this leaf."""
    holding = [each for each in flow.firing if each.rule.hold and _may_concern(flow, each.rule.hold)]
    return treat_each(treatments, flow.submission.categories, holding, _names, partial(_wait, flow))


def _wait(flow: Flow, treatment: Treatment, firing: Firing) -> Treatment:
    return _hold(flow, firing, treatment) if _concerns(flow, firing, treatment) else treatment


def _concerns(flow: Flow, firing: Firing, treatment: Treatment) -> bool:
    hold, owner = firing.rule.hold, treatment.leaf.owner
    if hold is None:
        return False
    if hold.system and flow.submission.owners.system_of(treatment.leaf.path) != hold.system.lower():
        return False
    if hold.text_only and not treatment.leaf.kind.free_text:
        return False
    # Sending information back to its owner tells nobody anything new.
    return hold.owner == "ANYBODY" or owner not in (flow.sender.id, flow.recipient.id)


def _may_concern(flow: Flow, hold: Hold) -> bool:
    return hold.scope == "ITEM" and not (hold.system and not flow.submission.owners.by_system)


def _names(firing: Firing, category: str) -> bool:
    hold = firing.rule.hold
    return hold is not None and (not hold.categories or category in hold.categories)


def _hold(flow: Flow, firing: Firing, treatment: Treatment) -> Treatment:
    hold = firing.rule.hold
    if hold is None:
        return treatment
    prerequisite = flow.world.rulebook.prerequisites[hold.prerequisite]
    answers = [flow.answer(fact, treatment.leaf.path) for fact in (prerequisite.fact, *firing.rule.unless)]
    if Answer.YES in answers:
        return treatment
    if answers[0] is Answer.NO and prerequisite.when_no != "HOLD":
        return treatment.lower(Effect.WITHHOLD, firing.fired, firing.rule.tell)
    return treatment.lower(Effect.HOLD, firing.fired, firing.rule.tell, prerequisite.id)
