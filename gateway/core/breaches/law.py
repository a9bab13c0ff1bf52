"""The form of breaches.yaml: duties, and the steps that settle them.

DPA 2018 s.67, s.68; UK GDPR Articles 33, 34.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.core.rulebook_model import Entry, RequirementId, Text

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{2,63}$")]


class Duty(Entry):
    """Something that must be done, or shown not to be asked for, before a case is closed."""

    id: Code
    title: Text
    paragraph: Text
    implements: tuple[RequirementId, ...] = ()


class Step(Entry):
    """Something that is done about a breach; `settles` names the duty that it meets, if it meets one."""

    id: Code
    title: Text
    paragraph: Text
    settles: Code | None = None


class BreachLaw(Entry):
    """breaches.yaml."""

    duties: tuple[Duty, ...] = Field(min_length=1)
    steps: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        duties = _check_once("duties", (each.id for each in self.duties))
        _check_once("steps", (each.id for each in self.steps))
        settled = {each.settles for each in self.steps if each.settles is not None}
        for name in sorted(settled - duties):
            raise ValueError(f"settles: there is no duty {name}: list it under `duties`")
        for name in sorted(duties - settled):
            raise ValueError(f"duties: no step settles {name}: a case could never be closed")
        return self

    def find(self, step: str) -> Step | None:
        """A step by its id; None for one that this law does not have."""
        return next((each for each in self.steps if each.id == step), None)


def _check_once(where: str, names: Iterable[str]) -> set[str]:
    counted = Counter(names)
    for name, times in counted.items():
        if times > 1:
            raise ValueError(f"{where}: {name} stands there twice: leave one")
    return set(counted)
