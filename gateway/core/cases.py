"""Case files: one exchange, the facts on record and what is expected of the decision (design section 9).

A case needs no identifiers, seal or clock: what it leaves out is filled in the same way every time, so that
the same file always gives the same decision.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Annotated, Any, Final, Literal

from publicprotection.exchange.v1 import facts_pb2, header_pb2
from pydantic import Field, StringConstraints

from gateway.core.agreement_short import ShortAgreement
from gateway.core.agreement_terms import Day
from gateway.core.directory import DirectoryFile, DirectoryIndex, directory_of, index_directory
from gateway.core.documents import document_types, shareable_documents
from gateway.core.errors import CaseFileError
from gateway.core.facts import FactScope, assertable_by, fact_scope, read_assertion
from gateway.core.flow import Owners
from gateway.core.freetext.model import PartyNames
from gateway.core.lenient import UnreadableError, read_message
from gateway.core.loading import read_model
from gateway.core.model import TYPE_PATH, Case, Desk, Flag, KnownFact, KnownParty, Outcome
from gateway.core.owners import read_owners, stated_owners
from gateway.core.rulebook_model import Entry
from gateway.core.world import World
from gateway.core.yaml_source import Location, Source, parse_yaml
from services.kit.evidence.errors import LeafError
from services.kit.evidence.leaves import flatten
from services.kit.evidence.paths import label_path
from services.kit.evidence.values import JsonValue

_ROUTINE: Final = {"marking": "OFFICIAL_SENSITIVE", "request_id": "case-file", "necessity": ""}


class Exchange(Entry):
    """What is sent: the header's fields, the document's type and the document."""

    sender: str | dict[str, Any]
    recipients: tuple[str | dict[str, Any], ...] = Field(min_length=1)
    document_type: str
    document: dict[str, Any]
    purpose: str | None = None
    lawful_bases: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    necessity: str = ""
    author: dict[str, Any] = Field(default_factory=dict)
    urgency: str | None = None
    marking: str | None = None
    release_kind: str | None = None
    in_reply_to: str | None = None
    request_id: str | None = None
    external_reference: str | None = None
    provenance: tuple[dict[str, Any], ...] = ()


class Expected(Entry):
    """What one recipient should get; what is not given is not compared.

    `clocks` are those of holds and flags, each of them, and of time limits those that it names. `due` are all
    time limits and when each ends, as `deadlines.expecting` writes it.
    """

    outcome: Outcome | None = None
    withheld: tuple[str, ...] | None = None
    held: tuple[str, ...] | None = None
    rules: tuple[str, ...] | None = None
    not_rules: tuple[str, ...] | None = None
    instead: str | dict[str, str] | None = None
    flags: tuple[Flag, ...] | None = None
    clocks: tuple[str, ...] | None = None
    due: dict[str, str] | None = None


ToldDesk = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,62}/[a-z][a-z0-9-]{1,62}$")]
"""Organisation and desk, such as kent-police/public-protection-unit."""


class KnownName(Entry):
    """Somebody whom earlier exchanges about the subject named; the attributes of `KnownParty`."""

    about: Literal["SUBJECT", "VICTIM", "CHILD", "ADULT_AT_RISK", "STAFF", "OTHER"]
    name: str = ""
    family: str = ""
    aliases: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    towns: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    births: tuple[Day, ...] = ()
    owner: str = ""
    told: dict[Literal["IDENTITY", "LOCATION", "CONTACT"], tuple[ToldDesk, ...]] = Field(default_factory=dict)

    def known(self) -> KnownParty:
        """As the decision takes it."""
        births = tuple((each.year, each.month, each.day) for each in self.births)
        written = self.model_dump(exclude={"about", "owner", "births", "told"})
        told = frozenset((Desk(**_desk(desk)), kind) for kind, desks in self.told.items() for desk in desks)
        return KnownParty(self.about, PartyNames(**written, births=births), self.owner, told)


class CaseFile(Entry):
    """A whole case file."""

    case: str
    today: Day
    exchange: Exchange
    facts: dict[str, Any] = Field(default_factory=dict)
    known_parties: tuple[KnownName, ...] = ()
    expect: dict[str, Expected] = Field(default_factory=dict)
    agreements: tuple[ShortAgreement, ...] | None = None
    directory: DirectoryFile | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class ReadCase:
    """A case ready to decide, in the world that it names or is given, with what is expected."""

    name: str
    case: Case
    world: World
    expect: Mapping[str, Expected]


def read_case(file: str, text: str, world: World) -> ReadCase:
    """Reads a case file.

    Args:
        file: its name, for errors.
        text: YAML.
        world: applies where the case carries no agreements or directory of its own.

    Raises:
        CaseFileError: names the file, the line and what to write instead.
    """
    source = parse_yaml(file, text, CaseFileError)
    form = read_model(source, CaseFile, CaseFileError)
    if form.agreements is not None:
        world = replace(world, agreements=form.agreements)
    if form.directory is not None:
        world = replace(world, directory=index_directory(directory_of(form.directory.organisations)))
    return ReadCase(form.case, _case(source, form, world.directory), world, form.expect)


def _case(source: Source, form: CaseFile, directory: DirectoryIndex) -> Case:
    exchange = form.exchange
    kind = document_types().get(exchange.document_type)
    if kind is None or exchange.document_type not in shareable_documents():
        known = f"write one of {', '.join(shareable_documents())}"
        raise _error(source, ("exchange", "document_type"), f"no such document: {known}")
    entropy = _counting()
    with _located(source, ("exchange", "document")):
        document = read_message(kind, exchange.document, "document")
        leaves = flatten(document, prefix="document", entropy=entropy)
    with _located(source, ("exchange",)):
        header = _header(exchange, leaves)
    with _located(source, ("facts",)):
        owners = read_owners(header, header.sender.organisation, stated_owners(document, leaves))
        facts = tuple(_facts(form.facts, owners, leaves, directory))
    sealed: dict[str, JsonValue] = {TYPE_PATH: exchange.document_type}
    sealed.update(flatten(header, prefix="header", entropy=entropy))
    return Case(
        exchange_id=f"case:{form.case}",
        document_type=exchange.document_type,
        header=header,
        document=document,
        leaves=sealed | leaves,
        facts=facts,
        at=datetime.combine(form.today, time(12), UTC),
        known_parties=tuple(each.known() for each in form.known_parties),
    )


def _header(exchange: Exchange, leaves: Mapping[str, JsonValue]) -> header_pb2.Header:
    given = exchange.model_dump(exclude={"sender", "recipients", "document_type", "document"})
    value = {**_ROUTINE, **{key: part for key, part in given.items() if part not in (None, (), {})}}
    value |= {"sender": _desk(exchange.sender), "recipients": [_desk(each) for each in exchange.recipients]}
    value |= {key: list(part) for key, part in value.items() if isinstance(part, tuple)}
    header = read_message(header_pb2.Header, value, "exchange")
    for entry in header.provenance:
        entry.prefix = _labelled(entry.prefix, leaves)
    return header


def _desk(value: str | dict[str, Any]) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    organisation, _, desk = value.partition("/")
    return {"organisation": organisation, **({"desk": desk} if desk else {})}


def _facts(
    value: dict[str, Any],
    owners: Owners,
    leaves: Mapping[str, JsonValue],
    directory: DirectoryIndex,
) -> Iterator[KnownFact]:
    facts = read_message(facts_pb2.Facts, {name: _spelt(part) for name, part in value.items()}, "facts")
    stated = [fact.organisation for fact in _each_fact(facts)]
    for known, organisation in zip(read_assertion(facts, "", at=None), stated, strict=True):
        party = known.party
        if party is not None and fact_scope(known.name) is FactScope.ITEM:
            party = _labelled(party, leaves)
        asserter = organisation or _asserter(known.name, party, owners, directory)
        yield replace(known, party=party, organisation=asserter)


def _spelt(part: Any) -> Any:
    """A fact about a party may be written flat: {party: ..., answer: YES}."""
    if isinstance(part, list):
        return [
            {"party": each["party"], "fact": {key: each[key] for key in each if key != "party"}}
            if isinstance(each, dict) and "party" in each and "fact" not in each
            else each
            for each in part
        ]
    return part if isinstance(part, dict) else {"answer": part}


def _each_fact(facts: facts_pb2.Facts) -> Iterator[facts_pb2.Fact]:
    for field, value in facts.ListFields():
        yield from (each.fact for each in value) if field.is_repeated else (value,)


def _asserter(name: str, party: str | None, owners: Owners, directory: DirectoryIndex) -> str:
    """Who is taken to have said so, where the case does not: the sender if it may, else the first who may."""
    if fact_scope(name) is FactScope.ITEM:
        return owners.of(party or "")
    if directory.kind_of(owners.sender) in assertable_by(name):
        return owners.sender
    able = (one for one in directory.organisations if directory.kind_of(one) in assertable_by(name))
    return min(able, default=owners.sender)


def _labelled(prefix: str, leaves: Mapping[str, JsonValue]) -> str:
    try:
        return label_path(prefix, leaves)
    except LeafError:
        return prefix  # a prefix that fits nothing is for the decision to refuse


def _counting() -> Callable[[int], bytes]:
    """Labels that differ and never change: a case has nothing to hide, and must decide alike each time."""
    count = 0

    def octets(length: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.sha256(f"case {count}".encode()).digest()[:length]

    return octets


@contextmanager
def _located(source: Source, location: Location) -> Iterator[None]:
    try:
        yield
    except (UnreadableError, LeafError) as fault:
        raise _error(source, location, str(fault)) from None


def _error(source: Source, location: Location, advice: str) -> CaseFileError:
    return CaseFileError(source.file, source.line_of(location), "", advice)
