"""How strong a resemblance is. It proposes; a person decides."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from gateway.core.subjects.traces import TraceKind


class Basis(StrEnum):
    """Why somebody may be meant; names of oversight.v1.MatchBasis without its prefix, the strongest first."""

    IDENTIFIER = "IDENTIFIER"
    NAME_AND_BIRTH = "NAME_AND_BIRTH"
    SOUND_AND_YEAR = "SOUND_AND_YEAR"
    SOUND_AND_DECADE = "SOUND_AND_DECADE"


SCORES: Final = {
    Basis.IDENTIFIER: 100,
    Basis.NAME_AND_BIRTH: 80,
    Basis.SOUND_AND_YEAR: 50,
    Basis.SOUND_AND_DECADE: 30,
}
"""To sort by: exact identifiers before name and date of birth before what sounds alike. Not probabilities."""

_OF_TRACE: Final = {
    TraceKind.NAME_AND_BIRTH: Basis.NAME_AND_BIRTH,
    TraceKind.SOUND_AND_YEAR: Basis.SOUND_AND_YEAR,
    TraceKind.SOUND_AND_DECADE: Basis.SOUND_AND_DECADE,
}


def basis_of(kinds: Iterable[TraceKind]) -> Basis | None:
    """The strongest basis among common traces; None where they tell nothing, as a bare birthday does."""
    found = [_OF_TRACE[kind] for kind in kinds if kind in _OF_TRACE]
    return max(found, key=SCORES.__getitem__, default=None)
