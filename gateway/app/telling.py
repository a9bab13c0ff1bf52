"""Who has been told of whom: the sender, who says it, and each desk that got all of a part.

A text keeps nothing from a desk that it was given; and who got a part of what names somebody was not told the
name. What was granted later is told then.
"""

from collections.abc import Collection, Iterable, Iterator

from gateway.app.arrivals import Exchange
from gateway.app.describing import Text
from gateway.app.subject_rows import ToldRow
from gateway.core.model import Desk, Ruling
from gateway.core.subjects.telling import parts_of, told_of


def find_told(exchange: Exchange, texts: Iterable[Text], rulings: Iterable[Ruling]) -> tuple[ToldRow, ...]:
    """Who knows what a document says of people.

    Args:
        exchange: decided.
        texts: what it says of people.
        rulings: for its recipients.
    """
    sender = Desk(exchange.sender, exchange.header.sender.desk)
    to = [(ruling.recipient, ruling.released - {each.path for each in ruling.derived}) for ruling in rulings]
    found = (row for text in texts for row in _told(exchange, text, [(sender, set(exchange.leaves)), *to]))
    return tuple(dict.fromkeys(found))


def _told(exchange: Exchange, text: Text, whole: Iterable[tuple[Desk, Collection[str]]]) -> Iterator[ToldRow]:
    parts = parts_of(text.person, exchange.leaves, exchange.category)
    for desk, paths in whole:
        for kind in told_of(parts, paths):
            yield ToldRow(text.id, desk.organisation, desk.desk, kind)
