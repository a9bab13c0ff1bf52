"""Opening what a record commits to: the texts kept beside it, each checked against its commitment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.app.records import commitment, read_text, salt_name
from gateway.app.rows import TextRow
from gateway.app.tools import Work

_NAMES: Final = ("author", "necessity", "grounds", "reason", "paths")
_PLACES: Final = ("scope", "exchange", "answered_in", "asserted_in")


@dataclass(frozen=True, slots=True)
class OpenText:
    """A text, and what shows that it is the one committed to."""

    member: str
    text: bytes = field(repr=False)
    salt: bytes = field(repr=False)


async def open_texts(work: Work, entry: Mapping[str, Any]) -> list[OpenText]:
    """The texts that an entry commits to, as far as they were not erased, by member.

    Raises:
        UnreadableError: what was kept was altered or moved.
    """
    wanted = {value: name for name, value in entry.items() if name.endswith("_commitment")}
    found: dict[str, OpenText] = {}
    for scope in dict.fromkeys(_scopes(entry)):
        for name in _NAMES:
            row = await work.unit.texts.find(scope, name)
            opened = await _open(work, row) if row is not None else None
            if opened is not None and (made := commitment(opened.salt, opened.text)) in wanted:
                member = wanted[made]
                found[member] = OpenText(member, opened.text, opened.salt)
    return [found[member] for member in sorted(found)]


def _scopes(entry: Mapping[str, Any]) -> Iterator[str]:
    yield from (entry[place] for place in _PLACES if place in entry)
    if "acknowledgement" in entry:
        yield f"{entry['delivery']}.{entry['acknowledgement'].lower()}"


async def _open(work: Work, row: TextRow) -> OpenText | None:
    keys = await work.secrets.find_keys([row.key_scope])
    salt = await work.tools.key_store.salt(row.key_scope, salt_name(row.scope, row.name))
    if row.key_scope not in keys or salt is None:
        return None
    return OpenText("", read_text(row, keys[row.key_scope]), salt)
