"""Fields of choice: WTForms', with choices given as pairs of value and words.

WTForms 3.4 takes no pairs any more; which form it wants instead is known here alone.
"""

from collections.abc import Iterable
from typing import Any, Final

import wtforms
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types

Pairs = Iterable[tuple[str, str]]

_GIVEN: Final[Any] = vars(wtforms.SelectField)["choices"]  # a property, which its types do not say


class _OfPairs:
    """Takes pairs wherever WTForms takes choices."""

    def __init__(self, *given: Any, choices: Pairs | None = None, **more: Any) -> None:
        super().__init__(*given, choices=_choices(choices), **more)  # type: ignore[call-arg]  # of a field

    @property
    def choices(self) -> Any:
        """What there is to choose from."""
        return super().choices  # type: ignore[misc]  # of a field

    @choices.setter
    def choices(self, pairs: Pairs | None) -> None:
        _GIVEN.__set__(self, _choices(pairs))


class SelectField(_OfPairs, wtforms.SelectField):
    """One of many, in a list to open."""


class RadioField(_OfPairs, wtforms.RadioField):
    """One of several, each in sight."""


class SelectMultipleField(_OfPairs, wtforms.SelectMultipleField):
    """Several of several."""


def _choices(pairs: Pairs | None) -> list[SelectChoice] | None:
    return None if pairs is None else [SelectChoice(value, words) for value, words in pairs]
