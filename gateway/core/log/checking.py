"""What may be written into the log, and what of it each organisation may see."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.core.log.entries import RecordSpec
from gateway.core.log.members import FRAME, MEMBERS, Seen
from gateway.core.log.shapes import fits
from gateway.core.log.specs import SPECS


class EntryError(Exception):
    """An entry that is none: a fault of the program that would write it. Names type and member, no value."""


def check_entry(members: Mapping[str, Any]) -> None:
    """Checks an entry about to be written.

    Raises:
        EntryError: its type is unknown, its verb another's, or a member missing, unknown or out of shape.
    """
    spec = SPECS.get(members.get("type", ""))
    if spec is None:
        raise EntryError("no such type of record: declare it in gateway.core.log")
    for fault in _faults(spec, members):
        raise EntryError(f"{members['type']}: {fault}")


def parties_of(entry: Mapping[str, Any]) -> dict[str, Seen]:
    """The organisations that may see an entry, besides the co-ordination unit, and how much of it."""
    found: dict[str, Seen] = {}
    spec = SPECS.get(entry.get("type", ""))
    for name, seen in spec.parties.items() if spec is not None else ():
        if isinstance(value := entry.get(name), str):
            organisation = value.partition("/")[0]
            # The lower, the more: who is both sees what the sender may.
            found[organisation] = min(seen, found.get(organisation, seen))
    return found


def excerpt(entry: Mapping[str, Any], organisation: str) -> dict[str, Any] | None:
    """What an organisation may see of an entry; None if nothing.

    What neither side is told stands in no excerpt: so what an organisation learns of the log is no more than
    the decision told it.
    """
    seen = parties_of(entry).get(organisation)
    if seen is None:
        return None
    return {name: value for name, value in entry.items() if name in MEMBERS and MEMBERS[name].seen >= seen}


def _faults(spec: RecordSpec, members: Mapping[str, Any]) -> Iterator[str]:
    if members.get("verb") != spec.verb:
        yield f"its verb is {spec.verb}"
    for name in sorted((FRAME | spec.required) - members.keys()):
        yield f"{name} is missing"
    allowed = spec.members
    for name, value in members.items():
        if name not in allowed:
            yield f"{name} is no member of it: declare it in gateway.core.log"
        elif not fits(MEMBERS[name].shape, value):
            yield f"{name} is not of the shape `{MEMBERS[name].shape}`"
