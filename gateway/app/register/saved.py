"""Filters that people keep, each their own. The name is the person's own text, and so kept encrypted.

A filter holds codes, times and made-up ids, and that somebody keeps one says nothing about whether there is
what it asks for: it is not looked up when it is saved.
"""

from typing import Final

from google.protobuf.json_format import MessageToJson, Parse
from publicprotection.oversight.v1 import register_service_pb2 as pb2

from gateway.app.digests import digest_person
from gateway.app.ports import Store
from gateway.app.register.rows import SavedFilterRow
from gateway.app.register.showing import stamp
from gateway.app.resting import UnreadableError, close_at_rest, open_at_rest
from gateway.app.scopes import filter_scope
from gateway.app.subject_acts import open_work
from gateway.app.tools import Tools
from gateway.core.freetext.contacts import find_contacts
from gateway.core.freetext.identifiers import find_numbers
from gateway.core.freetext.scanning import Scan
from services.kit.access.actor import Actor

MOST: Final = 20
"""How many filters one person keeps."""

_UNREADABLE: Final = "(name cannot be read)"


class NameTellsError(Exception):
    """The name of a filter holds what looks like an identifier, a number, an address or a control sign."""


class TooManyFiltersError(Exception):
    """Somebody keeps as many filters as one may."""


class UnknownFilterError(Exception):
    """Somebody keeps no such filter."""


class FilterDesk:
    """Keeps people's filters.

    Args:
        store: where.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def save(self, actor: Actor, request: pb2.SaveFilterRequest) -> pb2.SavedFilter:
        """Keeps a filter.

        Raises:
            NameTellsError: see there.
            TooManyFiltersError: see there.
        """
        name = " ".join(request.name.split())
        _check_name(name)
        person = self._person(actor)
        async with open_work(self._store, self._tools) as work:
            if len(await work.unit.saved_filters.of_person(actor.organisation, person)) >= MOST:
                raise TooManyFiltersError
            filter_id = work.tools.new_id()
            key = await work.secrets.data_key(filter_scope(actor.organisation))
            row = SavedFilterRow(
                filter_id=filter_id,
                organisation=actor.organisation,
                person=person,
                name=close_at_rest(name.encode(), key, ["filter", filter_id], work.tools.entropy),
                body=MessageToJson(request.filter, preserving_proto_field_name=True, indent=None),
                saved_at=work.at,
            )
            await work.unit.saved_filters.add(row)
        return _show(row, key)

    async def list(self, actor: Actor) -> list[pb2.SavedFilter]:
        """Those that somebody keeps, oldest first."""
        scope = filter_scope(actor.organisation)
        async with self._store.reading() as unit:
            rows = await unit.saved_filters.of_person(actor.organisation, self._person(actor))
        keys = await self._tools.key_store.find_keys([scope])
        return [_show(row, keys.get(scope)) for row in rows]

    async def remove(self, actor: Actor, filter_id: str) -> None:
        """Removes one that somebody keeps.

        Raises:
            UnknownFilterError: see there; another person's is none.
        """
        async with self._store.writing() as unit:
            if not await unit.saved_filters.remove(actor.organisation, self._person(actor), filter_id):
                raise UnknownFilterError

    def _person(self, actor: Actor) -> bytes:
        return digest_person(self._tools.key_store, actor.require_person().subject)


def _check_name(name: str) -> None:
    """Refuses what formats and check digits give away; that it names nobody, the person must see to."""
    scan = Scan(name)
    tells = any(True for finder in (find_numbers, find_contacts) for _ in finder(scan))
    if tells or not name or not name.isprintable():
        raise NameTellsError


def _show(row: SavedFilterRow, key: bytes | None) -> pb2.SavedFilter:
    asked = Parse(row.body, pb2.RegisterFilter())
    return pb2.SavedFilter(
        filter_id=row.filter_id, name=_name(row, key), filter=asked, saved_at=stamp(row.saved_at)
    )


def _name(row: SavedFilterRow, key: bytes | None) -> str:
    try:
        opened = b"" if key is None else open_at_rest(row.name, key, ["filter", row.filter_id])
    except UnreadableError:
        opened = b""
    return opened.decode() or _UNREADABLE
