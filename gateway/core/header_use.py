"""To whom each leaf of the header goes, by its shape: header.yaml. All others stay with the gateway."""

from collections.abc import Callable
from enum import Enum
from functools import lru_cache

from gateway.core.rulebook_model import HeaderLeaves
from services.kit.evidence.paths import covers


class Use(Enum):
    """To whom a leaf of the header goes."""

    EVERYBODY = "everybody"
    OWN_ENTRY = "own entry"
    RELEASED_PART = "released part"
    NOBODY = "nobody"


def uses(form: HeaderLeaves) -> Callable[[str], Use]:
    """The use of a leaf by its shape, found once for each shape."""
    shapes = {
        Use.EVERYBODY: form.released,
        Use.OWN_ENTRY: form.own_entry,
        Use.RELEASED_PART: form.with_released_part,
    }

    @lru_cache(maxsize=4_096)
    def find(shape: str) -> Use:
        found = (use for use, some in shapes.items() if any(covers(each, shape) for each in some))
        return next(found, Use.NOBODY)

    return find
