"""The rulebook in force, for everybody who signs in: its entries, found, and what goes with them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.oversight.v1 import rulebook_service_pb2 as pb2

from gateway.app.agreement_view import AgreementView
from gateway.app.log_rows import LogFilter
from gateway.app.ports import Store
from gateway.app.records import RecordType
from gateway.app.tools import Tools
from gateway.core.agreements import Agreement, Clause
from gateway.core.wording.agreements import NameOf, clause_in_words
from gateway.core.wording.finding import Index, Wanted
from gateway.core.wording.texts import Entry, EntryKind
from gateway.core.world import World
from services.kit.access.actor import Actor


class UnknownEntryError(Exception):
    """The rulebook has no such entry."""


class RulebookView:
    """Answers from the rulebook in force, read once.

    Args:
        store: says since when it is in force, and which agreements there are.
        tools: the means of the process.
        view: says who may see which agreement.
        world: directory and rulebook in force.
    """

    def __init__(self, store: Store, tools: Tools, view: AgreementView, world: Callable[[], World]) -> None:
        self._store = store
        self._tools = tools
        self._view = view
        self._world = world
        self._index = Index(world().rulebook)
        self._since: tuple[str, datetime] | None = None

    async def page(self, request: pb2.ListEntriesRequest) -> pb2.ListEntriesResponse:
        """The entries that are wanted."""
        index = self._read()
        wanted = Wanted(
            kinds=frozenset(map(_kind, request.kinds)),
            paragraph=request.paragraph,
            text=request.text,
            document=request.document_type,
            effect=request.effect,
        )
        found = [_shorten(each) for each in index.find(wanted)]
        return pb2.ListEntriesResponse(rulebook=await self._in_force(index), entries=found)

    async def get(self, actor: Actor, request: pb2.GetEntryRequest) -> pb2.GetEntryResponse:
        """One entry; UnknownEntryError if there is none."""
        index = self._read()
        entry = index.get(request.id, _kind(request.kind) if request.kind else None)
        if entry is None:
            raise UnknownEntryError
        return pb2.GetEntryResponse(
            rulebook=await self._in_force(index),
            entry=_shorten(entry),
            details=[pb2.EntryDetail(label=label, text=text) for label, text in entry.details],
            related=[_relate(each) for each in index.related(entry)],
            clauses=await self._clauses(actor, entry),
        )

    def _read(self) -> Index:
        book = self._world().rulebook
        if self._index.book is not book:
            self._index = Index(book)
        return self._index

    def _name_of(self, organisation: str) -> str:
        known = self._world().directory.organisation(organisation)
        return known.name if known else organisation

    async def _in_force(self, index: Index) -> pb2.RulebookInForce:
        version = index.book.version
        said = pb2.RulebookInForce(version=version, entries=len(index.entries))
        since = await self._recorded(version)
        if since is not None:
            said.since.CopyFrom(_stamp(since))
        return said

    async def _recorded(self, version: str) -> datetime | None:
        """When the disclosure log says that decisions began to go by it."""
        if self._since is None or self._since[0] != version:
            wanted = LogFilter(types=(RecordType.RULEBOOK_CHANGED.value,), newest=True)
            async with self._store.reading() as unit:
                rows = await unit.log.select(wanted, 1)
            self._since = (version, rows[0].at) if rows else None
        return None if self._since is None else self._since[1]

    async def _clauses(self, actor: Actor, entry: Entry) -> list[pb2.RelatedClause]:
        if entry.kind is not EntryKind.RULE or not entry.documents:
            return []
        today = self._tools.clock.now().date()
        async with self._store.reading() as unit:
            known = await self._tools.agreements.effective(unit.agreements, today)
        seen = (each for each in known if each.is_in_force(today) and self._view.may_see(actor, each))
        return [
            _clause(each, clause, self._name_of) for each in seen for clause in _about(each, entry.documents)
        ]


def _about(agreement: Agreement, documents: Iterable[str]) -> Iterator[Clause]:
    wanted = set(documents)
    yield from (each for each in agreement.clauses if not wanted.isdisjoint(each.documents))


def _clause(agreement: Agreement, clause: Clause, name_of: NameOf) -> pb2.RelatedClause:
    return pb2.RelatedClause(
        agreement_id=agreement.id,
        version=agreement.version,
        clause=clause.id,
        words=clause_in_words(clause, name_of),
    )


def _shorten(entry: Entry) -> pb2.EntryInShort:
    return pb2.EntryInShort(
        kind=_number(entry.kind),
        id=entry.id,
        statement=entry.statement,
        paragraph=entry.paragraph,
        effect=entry.effect,
        prohibition=entry.prohibition,
        guidance=entry.guidance,
        documents=entry.documents,
    )


def _relate(entry: Entry) -> pb2.RelatedEntry:
    return pb2.RelatedEntry(kind=_number(entry.kind), id=entry.id, statement=entry.statement)


def _kind(number: pb2.EntryKind.ValueType) -> EntryKind:
    return EntryKind(pb2.EntryKind.Name(number).removeprefix("ENTRY_KIND_"))


def _number(kind: EntryKind) -> pb2.EntryKind.ValueType:
    return pb2.EntryKind.Value(f"ENTRY_KIND_{kind.value}")


def _stamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
