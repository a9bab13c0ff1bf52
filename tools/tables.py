"""Tables of hand-written pages that are read off the code, each below its mark `<!-- table: name -->`."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from tools.commands import CommandError

_TABLE: Final = re.compile(r"^<!-- table: (\w+) -->\n(?:\|.*\n)*", re.MULTILINE)

Tables = Mapping[str, Callable[[], Iterator[str]]]
"""For each name what makes its lines."""


def fill_tables(text: str, tables: Tables, page: str) -> str:
    """The text with its tables as they should be; CommandError for a mark that nobody makes a table for."""

    def fill(found: re.Match[str]) -> str:
        if found[1] not in tables:
            raise CommandError(f"{page} has a table {found[1]}, which nobody makes")
        return "\n".join([f"<!-- table: {found[1]} -->", *tables[found[1]](), ""])

    return _TABLE.sub(fill, text)


def rows_of(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table's lines: heads, a rule, and a line for each row."""
    names = tuple(heads)
    yield f"| {' | '.join(names)} |"
    yield "|" + "---|" * len(names)
    for row in rows:
        yield f"| {' | '.join(' '.join(cell.split()).replace('|', '/') for cell in row)} |"
