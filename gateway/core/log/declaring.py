"""How a type of record is declared."""

from collections.abc import Iterable, Mapping
from typing import Final

from gateway.core.log.entries import RecordSpec, Verb
from gateway.core.log.members import Seen

NOBODY: Final[Mapping[str, Seen]] = {}
SENDER: Final = {"sender": Seen.SENDER}
BOTH: Final = {"sender": Seen.SENDER, "recipient": Seen.RECIPIENT}
RECIPIENT: Final = {"recipient": Seen.SENDER}
ACTOR: Final = {"organisation": Seen.SENDER}


def declare(  # noqa: PLR0913  # the parts of one declaration
    verb: Verb,
    says: str,
    required: str,
    optional: str = "",
    *,
    paragraphs: str = "",
    satisfies: Iterable[str] = (),
    parties: Mapping[str, Seen] = NOBODY,
) -> RecordSpec:
    """A declaration; members are named with spaces between. Every type may state a retention class."""
    return RecordSpec(
        verb,
        says,
        paragraphs,
        tuple(satisfies),
        frozenset(required.split()),
        frozenset({*optional.split(), "retention"}),
        parties,
    )
