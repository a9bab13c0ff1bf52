"""Where a case stands: which duties are settled, by which steps, and whether it is closed."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.core.breaches.law import BreachLaw, Duty


@dataclass(frozen=True, slots=True)
class DutyState:
    """A duty, and the step that settled it; None while it is open."""

    duty: Duty
    settled_by: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands."""

    duties: tuple[DutyState, ...]

    @property
    def is_closed(self) -> bool:
        """Whether every duty is settled."""
        return all(each.settled_by is not None for each in self.duties)

    def is_settled(self, duty: str) -> bool:
        """Whether one duty is."""
        return any(each.duty.id == duty and each.settled_by is not None for each in self.duties)


def stand(law: BreachLaw, steps: Iterable[str]) -> Standing:
    """Where a case stands after these steps; the first that settles a duty counts.

    Steps that an earlier edition of the law had, and this one has not, settle nothing.
    """
    settled: dict[str, str] = {}
    for name in steps:
        step = law.find(name)
        if step is not None and step.settles is not None:
            settled.setdefault(step.settles, name)
    return Standing(tuple(DutyState(each, settled.get(each.id)) for each in law.duties))
