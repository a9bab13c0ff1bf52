"""Others in texts: what the gateway proposes to mask, and what somebody here masks or shows besides."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from flask import request
from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_result_pb2 as result_pb2
from publicprotection.exchange.v1 import subject_access_review_pb2 as review
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2

from services.console.errors import NotFoundError
from services.console.pages.subject_access import fields, words
from services.console.pages.subject_access.base import BLUEPRINT, Page, ask, attempt, go, show, step
from services.console.paging import cursor, page_on
from services.console.words import count_of
from services.kit.evidence.derive import MARK

_PAGE: Final = 25
_AROUND: Final = 40
"""Characters beside a span that show where it stands."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A span that is masked or was proposed to be.

    Attributes:
        name: its value in the form.
        before: what stands before it.
        inside: what it covers.
        after: what stands after it.
        masked: whether it is masked now.
        proposed: whether the gateway proposed it.
    """

    name: str
    before: str
    inside: str
    after: str
    masked: bool
    proposed: bool


class Masking(fields.Sheet):
    """What is to be masked in a text besides."""

    phrases = fields.area(
        "What else is to be masked?",
        hint="One phrase a line, as the text has it. Each is masked wherever it stands.",
    )
    reason = fields.area(
        "Why do you show what the gateway proposed to mask?", hint="Only if you took any mark away."
    )


@BLUEPRINT.get("/<case_id>/masks")
def show_masks(case_id: str) -> Page:
    """The texts that are given."""
    wanted = pb2.ListCaseItemsRequest(case_id=case_id, texts=True, page_size=_PAGE, page_token=cursor())
    listed = ask().ListCaseItems(wanted)
    return show("masks", case_id=case_id, listed=listed, links=page_on(listed.next_page_token))


@BLUEPRINT.post("/<case_id>/masks")
def mask_texts(case_id: str) -> Page:
    """Asks the gateway to propose what is masked in the texts that have no masking yet."""
    sent: list[int] = []

    def call() -> None:
        sent.append(ask().MaskTexts(pb2.MaskTextsRequest(case_id=case_id)).texts)

    return step(case_id, call, lambda: _say_sent(sent[0]), "show_masks")


@BLUEPRINT.route("/<case_id>/masks/<item_id>", methods=["GET", "POST"])
def amend_mask(case_id: str, item_id: str) -> Page:
    """Changes what is masked in a text."""
    listed = ask().ListCaseItems(pb2.ListCaseItemsRequest(case_id=case_id, item_ids=[item_id]))
    item = next(iter(listed.items), None)
    if item is None or not item.HasField("mask"):
        raise NotFoundError
    form, text = Masking(), words.text_of(item)
    if form.validate_on_submit() and (spans := _read(form, text, item)) is not None:
        wanted = review.AmendMaskRequest(
            case_id=case_id, item_id=item_id, spans=spans, reason=form.reason.data or ""
        )
        if attempt(form, lambda: ask().AmendMask(wanted)):
            return go("show_masks", "The masking is changed.", case_id=case_id)
    return show("mask", form, case_id=case_id, item=item, places=list(find_places(text, item.mask)))


def find_places(text: str, mask: review.AccessMask) -> Iterator[Place]:
    """Every span that is masked or was proposed to be, in order."""
    masked = {(each.start, each.end) for each in mask.spans}
    proposed = {(each.start, each.end) for each in mask.proposed}
    for start, end in sorted(masked | proposed):
        yield Place(
            name=f"{start}-{end}",
            before=_cut(text[:start], at_end=True),
            inside=text[start:end],
            after=_cut(text[end:], at_end=False),
            masked=(start, end) in masked,
            proposed=(start, end) in proposed,
        )


def pieces(text: str, spans: Iterable[result_pb2.TextSpan]) -> Iterator[tuple[str, bool]]:
    """A text in pieces, each with whether it is masked."""
    position = 0
    for span in sorted(spans, key=lambda each: each.start):
        first, last = max(span.start, position), span.end
        if first < last:
            yield text[position:first], False
            yield text[first:last], True
            position = last
    yield text[position:], False


def masked_pieces(text: str) -> Iterator[tuple[str, bool]]:
    """A masked text in pieces, each with whether it is a mark."""
    first, *others = text.split(MARK)
    yield first, False
    for each in others:
        yield MARK, True
        yield each, False


def _read(form: Masking, text: str, item: case_pb2.AccessItem) -> list[result_pb2.TextSpan] | None:
    """The spans as the form has them; None if a phrase stands nowhere in the text."""
    known = {place.name for place in find_places(text, item.mask)}
    names = [name for name in request.form.getlist("span") if name in known]
    spans: list[Span] = [(int(start), int(end)) for start, _, end in (name.partition("-") for name in names)]
    for phrase in (line.strip() for line in (form.phrases.data or "").splitlines()):
        found = list(_find(text, phrase))
        if phrase and not found:
            form.phrases.errors = ["A phrase stands nowhere in the text. Copy it as the text has it."]
            return None
        spans += found
    return [result_pb2.TextSpan(start=start, end=end) for start, end in sorted(set(spans))]


def _find(text: str, phrase: str) -> Iterator[Span]:
    start = text.find(phrase) if phrase else -1
    while start >= 0:
        yield start, start + len(phrase)
        start = text.find(phrase, start + len(phrase))


def _cut(text: str, *, at_end: bool) -> str:
    if len(text) <= _AROUND:
        return text
    return f"…{text[-_AROUND:]}" if at_end else f"{text[:_AROUND]}…"


def _say_sent(texts: int) -> str:
    if not texts:
        return "Every text that is given is masked already, or waits for the gateway."
    return f"{count_of(texts, 'text')} sent to the gateway. It answers within a minute: load this page again."


BLUEPRINT.add_app_template_filter(pieces, "mask_pieces")
BLUEPRINT.add_app_template_filter(masked_pieces, "masked_pieces")
