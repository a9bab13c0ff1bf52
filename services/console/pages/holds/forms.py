"""Forms that answer a hold: what is asked is what the hold's requirement asks."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, cast

from flask_wtf import FlaskForm
from publicprotection.exchange.v1.answering_pb2 import AnswerRequirement, Evidence, EvidenceKind

from services.console.form_fields import DayField, not_in_future, request_field, text_area, text_line
from services.console.pages.holds.words import EVIDENCE, EvidenceWords

_REASON_HINT: Final = "Do not name anybody who is not part of this exchange. It is kept with your name."


class AnswerForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What every answer states."""

    reason = text_area("Why", "Say why", _REASON_HINT)
    request_id = request_field()

    @property
    def why(self) -> str:
        """The reason given."""
        return (self.reason.data or "").strip()

    @property
    def request_id_given(self) -> str:
        """Chosen when the form was shown."""
        return self.request_id.data or ""

    def evidence(self) -> list[Evidence]:
        """The pieces of evidence stated; none in an answer that declines."""
        return []

    def groups(self) -> list[tuple[EvidenceWords, list[Any]]]:
        """What is asked about each kind of evidence, with its fields."""
        return []


class GrantForm(AnswerForm):
    """A grant, with one piece of each kind of evidence; made by `make_grant_form`."""

    kinds: tuple[EvidenceKind.ValueType, ...] = ()

    def evidence(self) -> list[Evidence]:
        """The pieces of evidence stated, in the order of the requirement."""
        return [self._piece(kind) for kind in self.kinds]

    def groups(self) -> list[tuple[EvidenceWords, list[Any]]]:
        """What is asked about each kind of evidence, with its fields."""
        return [(EVIDENCE[kind], self._fields_of(kind)) for kind in self.kinds]

    def _fields_of(self, kind: EvidenceKind.ValueType) -> list[Any]:
        names = (_named("reference", kind), _named("consulted", kind), _named("on", kind))
        return [self[name] for name in names if name in self]

    def _piece(self, kind: EvidenceKind.ValueType) -> Evidence:
        piece = Evidence(kind=kind, reference=self._said("reference", kind))
        if consulted := self._said("consulted", kind):
            piece.consulted = consulted
        day = self[_named("on", kind)].data
        if day is not None:
            piece.on.year, piece.on.month, piece.on.day = day.year, day.month, day.day
        return piece

    def _said(self, what: str, kind: int) -> str:
        name = _named(what, kind)
        return (self[name].data or "").strip() if name in self else ""


def make_grant_form(requirement: AnswerRequirement) -> GrantForm:
    """The form of a grant that needs this."""
    kinds = tuple(kind for kind in dict.fromkeys(requirement.evidence) if kind in EVIDENCE)
    made = type("GrantForm", (GrantForm,), {"kinds": kinds, **dict(_fields(kinds))})
    return cast("GrantForm", made())


def _fields(kinds: Iterable[EvidenceKind.ValueType]) -> Iterator[tuple[str, Any]]:
    for kind in kinds:
        words = EVIDENCE[kind]
        missing = f"{words.title}: give the reference"
        yield _named("reference", kind), text_line("Reference", missing, words.hint)
        if words.is_consultation:
            asked = f"{words.title}: say who was consulted"
            yield (
                _named("consulted", kind),
                text_line("Who was consulted", asked, "Their role and organisation"),
            )
        day = f"{words.title}: give the day" if words.is_dated else ""
        label = "Day" if words.is_dated else "Day (optional)"
        yield _named("on", kind), DayField(label, day, "For example, 27 3 2026", more_checks=[not_in_future])


def _named(what: str, kind: int) -> str:
    return f"{what}_{kind}"
