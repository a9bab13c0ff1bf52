"""Towns and institutions: names of places that give nobody away."""

from gateway.core.freetext import vocabulary as v
from gateway.core.freetext.joining import joins
from gateway.core.freetext.reading import Reading


def is_listed_town(reading: Reading, index: int) -> bool:
    """A town of a listed address alone: half of its people live there."""
    lengths = {len(town) for town in reading.roster.towns}
    return any(
        tuple(reading.folded(index + i) for i in range(length)) in reading.roster.towns for length in lengths
    )


def is_town(reading: Reading, index: int) -> bool:
    """A place name that only says where an office sits, or a town of a listed address."""
    following = reading.folded(index + 1)
    office = following in v.AFTER_TOWN and reading.gaps[index + 1].isspace() and not reading.titled(index)
    return office and not (following == "town" and reading.words[index + 1].islower())


def is_institution(reading: Reading, index: int) -> bool:
    """The name of a prison, a hospital, a force or a court."""
    first = index
    while (
        first > 0
        and joins(reading, first)
        and reading.kind(first - 1) in ("P", "O", "S", "A", "G")
        and index - first < 4  # noqa: PLR2004 - a length, said in the docstring or plain from the line
    ):
        if reading.folded(first - 1) in ("hmp", "yoi", "hmyoi", "hmp/yoi"):
            return True
        first -= 1
    last = index + 1
    while joins(reading, last) and last - index < 4 and reading.words[last][0].isupper():  # noqa: PLR2004
        if reading.folded(last) in v.INSTITUTIONS or reading.folded(last) in v.COURTS:
            return True
        last += 1
    return False
