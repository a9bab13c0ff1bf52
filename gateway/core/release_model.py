"""The form of two files: which release kinds carry which documents, and how contradictions are settled.

Sharing rests on an agreement. A disclosure or a response is decided case by case by people whom the
guidance names (MAPPA 10.5, 10.7, 13b.25), so a row may say what it lets go without one; needs, owners,
prerequisites and prohibitions apply to it like to everything else.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from gateway.core.rulebook_model import Applies, Entry, RequirementId, Text
from gateway.core.vocabulary import Category, StandingName

ReleaseKindName = Literal["SHARING", "DISCLOSURE", "RESPONSE"]


class Release(Entry):
    """A release kind: what it carries to whom.

    `standings` limits the recipients; empty is any. `third_parties` says that it reaches those whom sharing
    does not. `permits` goes without an agreement.
    """

    release_kind: ReleaseKindName
    paragraph: Text
    applies: Applies = Applies()
    standings: tuple[StandingName, ...] = ()
    third_parties: bool = False
    permits: tuple[Category, ...] = ()


class ReleasesFile(Entry):
    """releases.yaml."""

    releases: tuple[Release, ...]


class Contradiction(Entry):
    """Two places of the guidance that cannot both be followed, the ways out, and the one taken.

    A rule that names an option under `chosen` applies only while that option is the choice.
    """

    id: RequirementId
    conflict: Text
    options: dict[str, Text] = Field(min_length=1)
    choice: str
    reason: Text

    @model_validator(mode="after")
    def _check_choice(self) -> Self:
        if self.choice not in self.options:
            raise ValueError(f"choice: write one of {', '.join(self.options)}")
        return self


class ContradictionsFile(Entry):
    """contradictions-<domain file>.yaml."""

    contradictions: tuple[Contradiction, ...]
