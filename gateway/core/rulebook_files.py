"""The files of a rulebook, each in its form; the rules themselves are in files of their own."""

from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import StringConstraints, model_validator

from gateway.core.breaches.law import BreachLaw
from gateway.core.deadlines.form import ClocksFile
from gateway.core.freetext_model import FreeText
from gateway.core.gate_model import Gates
from gateway.core.prerequisite_model import Prerequisite
from gateway.core.release_model import ReleasesFile
from gateway.core.retention_model import Retention
from gateway.core.rulebook_model import (
    Basis,
    Entry,
    HeaderLeaves,
    Kind,
    Minimum,
    Need,
    Protective,
    Sensitive,
)
from gateway.core.rulebook_model import Condition as SensitiveCondition


class Version(Entry):
    """version.yaml: the number under which the rulebook was published."""

    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}\.[0-9]{1,3}$")]


class KindsFile(Entry):
    """kinds.yaml."""

    kinds: tuple[Kind, ...]


class BasesFile(Entry):
    """bases.yaml."""

    bases: tuple[Basis, ...]


class ConditionsFile(Entry):
    """conditions.yaml."""

    sensitive: tuple[Sensitive, ...]
    conditions: tuple[SensitiveCondition, ...]


class NeedsFile(Entry):
    """needs.yaml."""

    needs: tuple[Need, ...]


class ProtectiveFile(Entry):
    """protective.yaml."""

    protective: tuple[Protective, ...]


class MinimumFile(Entry):
    """minimum.yaml."""

    minimum: tuple[Minimum, ...]


class PrerequisitesFile(Entry):
    """prerequisites.yaml."""

    prerequisites: tuple[Prerequisite, ...]

    @model_validator(mode="after")
    def _check_apart(self) -> Self:
        """Two keys know of each other: whichever is turned first, the second is held against it."""
        apart = {each.id: each.apart_from for each in self.prerequisites}
        for name, others in apart.items():
            if any(name not in apart.get(other, ()) for other in others):
                raise ValueError(f"apart_from: each of the entries that {name} names must name it too")
        return self


FORMS: Final[Mapping[str, type[Entry]]] = {
    "version.yaml": Version,
    "kinds.yaml": KindsFile,
    "bases.yaml": BasesFile,
    "conditions.yaml": ConditionsFile,
    "needs.yaml": NeedsFile,
    "header.yaml": HeaderLeaves,
    "protective.yaml": ProtectiveFile,
    "minimum.yaml": MinimumFile,
    "prerequisites.yaml": PrerequisitesFile,
    "releases.yaml": ReleasesFile,
    "gates.yaml": Gates,
    "freetext.yaml": FreeText,
    "retention.yaml": Retention,
    "clocks.yaml": ClocksFile,
    "breaches.yaml": BreachLaw,
}
"""The files that a rulebook must have, besides at least one `rules-<guidance>.yaml`."""
