"""A try as its page asks it and shows it: codes of the address in, what goes, waits and stays out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from publicprotection.common.v1.organisation_pb2 import DeskReference, Marking
from publicprotection.exchange.v1 import decision_pb2, facts_pb2
from publicprotection.exchange.v1.header_pb2 import LawfulBasis, Purpose, ReleaseKind, Urgency
from publicprotection.oversight.v1 import rulebook_service_pb2 as pb2
from werkzeug.datastructures import MultiDict

from services.console import words
from services.kit.words import categories_words, plain

FACT: Final = "fact."
SO: Final = "so."
NOTHING_OF: Final = "without"
AGREEMENTS: Final = (
    ("", "As they are in force"),
    ("EVERYTHING", "As if both had agreed on everything"),
    ("NONE", "As if there were none"),
)
_ANSWERS: Final = {"YES": facts_pb2.ANSWER_YES, "NO": facts_pb2.ANSWER_NO}
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """A list to choose from: its name in the address, its label, and values with their texts."""

    name: str
    label: str
    items: tuple[tuple[str, str], ...]
    hint: str = ""
    any: str = ""
    """What choosing nothing is called; empty: it must be chosen."""


@dataclass(frozen=True, slots=True)
class Line:
    """Parts with one fate: in words, field by field, and why."""

    what: str
    fields: tuple[str, ...]
    notes: tuple[str, ...]
    rule: decision_pb2.RuleReference | None


def read_question(args: MultiDict[str, str], own: str) -> pb2.TryExchangeRequest | None:
    """The question in the address; None until sender, recipient and document are chosen.

    Args:
        args: of the address.
        own: the organisation of whoever asks, that sends if nobody else is chosen.
    """
    sender, recipient = (_desk(args.get(name, "")) for name in ("from", "to"))
    document = args.get("document", "")[:_LONGEST]
    if not (recipient.organisation and document):
        return None
    if not sender.organisation:
        sender.organisation = own
    asked = pb2.TryExchangeRequest(
        sender=sender,
        recipient=recipient,
        document_type=document,
        purpose=_number(Purpose, "PURPOSE_", args.get("purpose")),
        urgency=_number(Urgency, "URGENCY_", args.get("urgency")),
        marking=_number(Marking, "MARKING_", args.get("marking")),
        release_kind=_number(ReleaseKind, "RELEASE_KIND_", args.get("release")),
        agreements=_number(pb2.SupposedAgreements, "SUPPOSED_AGREEMENTS_", args.get("agreements")),
        without=[each[:_LONGEST] for each in args.getlist(NOTHING_OF)],
        owner=args.get("owner", "")[:64],
        source_system=args.get("system", "")[:64],
    )
    also = _desk(args.get("also", ""))
    if also.organisation:
        asked.others.append(also)
    _suppose(asked, args)
    return asked


def drop_stale(asked: pb2.TryExchangeRequest, field: str) -> bool:
    """Takes out of a question what was supposed for another flow; whether the field at fault was that."""
    if field not in {"facts", "circumstances", NOTHING_OF} or not getattr(asked, field):
        return False
    asked.ClearField(field)  # type: ignore[arg-type]  # one of the names above
    return True


def lines_of(parts: Iterable[pb2.TriedParts], *treatments: int) -> list[Line]:
    """The parts with these treatments, as the page lists them: those with one rule together."""
    groups: dict[tuple[str, tuple[str, ...]], list[pb2.TriedParts]] = {}
    for each in parts:
        if each.treatment in treatments:
            groups.setdefault((each.rule.rule, _notes(each)), []).append(each)
    return [_line(some, notes) for (_, notes), some in groups.items()]


def bearing(tried: pb2.TryExchangeResponse) -> frozenset[str]:
    """The facts that bear on what came of it: a rule that fired, a hold or a lawful basis asks for them."""
    fired = {each.rule for each in tried.decision.rules} | {each.prerequisite for each in tried.holds}
    fired |= {LawfulBasis.Name(each).removeprefix("LAWFUL_BASIS_") for each in tried.lawful_bases}
    known = (each.fact for each in tried.facts if each.answer != facts_pb2.ANSWER_UNKNOWN)
    return frozenset(each.fact for each in tried.facts if fired.intersection(each.asked_by)) | set(known)


def field_words(path: str) -> str:
    """A field of a document in words: `document.victims.name.family` becomes `Victims: name: family`."""
    first, *rest = path.split(".")[1:]
    return ": ".join([plain(first), *(plain(each).lower() for each in rest)])


def choice_of(name: str, label: str, enum: Any, prefix: str, **more: Any) -> Choice:
    """An enumeration to choose from."""
    items = ((each.removeprefix(prefix), _say(enum, each, prefix)) for each in enum.keys()[1:])
    return Choice(name, label, tuple(items), **more)


def _say(enum: Any, name: str, prefix: str) -> str:
    if enum is Marking:
        return words.marking(enum.Value(name))
    return plain(name.removeprefix(prefix))


def _line(parts: list[pb2.TriedParts], notes: tuple[str, ...]) -> Line:
    what = categories_words(each.category for each in parts)
    fields = tuple(field_words(path) for each in parts for path in each.paths)
    rule = parts[0].rule if parts[0].HasField("rule") else None
    return Line(what[:1].upper() + what[1:], fields, notes, rule)


def _notes(part: pb2.TriedParts) -> tuple[str, ...]:
    coarser = part.treatment == pb2.TRIED_TREATMENT_GENERALISED
    goes = coarser or part.treatment == pb2.TRIED_TREATMENT_RELEASED
    said = {
        "In a coarser form": coarser,
        "Names and places in free text are masked on sending": goes and part.free_text,
        "Depends on what is said below": part.depends,
    }
    return tuple(note for note, holds in said.items() if holds)


def _suppose(asked: pb2.TryExchangeRequest, args: Mapping[str, str]) -> None:
    for name, value in args.items():
        if value not in _ANSWERS:
            continue
        if name.startswith(FACT):
            asked.facts.add(fact=name.removeprefix(FACT)[:64], answer=_ANSWERS[value])
        elif name.startswith(SO):
            asked.circumstances.add(circumstance=name.removeprefix(SO)[:_LONGEST], answer=_ANSWERS[value])


def _desk(text: str) -> DeskReference:
    organisation, _, desk = text[:_LONGEST].partition("/")
    reference = DeskReference()
    if organisation:
        reference.organisation = organisation
    if desk:
        reference.desk = desk
    return reference


def _number(enum: Any, prefix: str, name: str | None) -> Any:
    known = f"{prefix}{name}"
    return enum.Value(known) if known in enum.keys() else 0  # noqa: SIM118  # no mapping
