"""The letter to a requester who is no organisation of the directory. Pure but for making the PDF.

A letter that neither confirms nor denies depends on reference, day and address alone, so that two of them are
the same byte for byte whether or not there was a meeting.
"""

from calendar import month_name
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from services.kit.evidence.derive import MARK
from services.kit.minutes.cases import Case
from services.kit.minutes.rules import AllowList, Rules, Wording
from services.kit.subject_access.showing import in_words, show_date


def build_letter(  # noqa: PLR0913  # what a letter is made of
    case: Case,
    prepared: Mapping[str, Any],
    summary: Mapping[str, Any] | None,
    on: date,
    *,
    rules: Rules,
    wording: Wording,
    allowed: AllowList,
    name_of: Callable[[str], str],
) -> dict[str, Any]:
    """A letter in the form that `document.write_document` sets.

    Args:
        case: approved, or in no need of it.
        prepared: the answer.
        summary: JSON, where one is given.
        on: day of the letter.
        rules: what is said of exemptions.
        wording: sentences.
        allowed: labels of a summary's fields.
        name_of: what an organisation is called.
    """
    answer, own = prepared["answer"], case.opened["organisation"]
    sentences = [each.format(owner=name_of(case.settled["owner"])) for each in wording.answers[answer]]
    if rules.route(case.route).confirms and answer in {"SUMMARY", "FULL_MINUTES"}:
        sentences += _terms(prepared, wording)
    right = case.route if case.route in wording.rights else "OTHERWISE"
    return {
        "title": wording.title,
        "reference": case.case_id,
        "organisation": own,
        "organisation_name": name_of(own),
        "date": on.isoformat(),
        "date_written": show_date(on.isoformat()),
        "to": list(case.opened["reply_to"]),
        "received_written": show_date(case.opened["received_on"]),
        "letter": sentences,
        "sections": wording.sections.model_dump(),
        "documents": []
        if summary is None
        else [_document(case, _named(summary, name_of), rules, wording, allowed)],
        "held": False,
        "disclosures": [],
        "disclosure_words": {"none": "", "note": "", "heading": []},
        "rights": list(wording.rights[right]),
        "about": list(wording.about),
        "signature": wording.signature.format(organisation=name_of(own)),
    }


def _terms(prepared: Mapping[str, Any], wording: Wording) -> Iterator[str]:
    if prepared["safety_concerns"]:
        yield wording.safety.format(concerns=prepared["safety_concerns"])
    yield wording.handling


def _document(
    case: Case, summary: Mapping[str, Any], rules: Rules, wording: Wording, allowed: AllowList
) -> dict[str, Any]:
    rows: list[list[Any]] = []
    for each in allowed.fields:
        said = _left(case, each.field, rules, wording)
        rows.extend([in_words(each.says), {"text": text, "withheld": True}] for text in said)
        if (shown := _show(summary.get(each.field))) and shown != MARK:
            rows.append([in_words(each.says), {"text": shown, "withheld": False}])
    day = _show(summary["meeting_date"]) if "meeting_date" in summary else ""
    return {"title": wording.sections.data, "source": wording.source.format(date=day), "rows": rows}


def _left(case: Case, field: str, rules: Rules, wording: Wording) -> Iterator[str]:
    """What is said of each item that is left out of a field."""
    for each in case.left_out:
        exemption = rules.exemption(each.exemption)
        if each.field == field and exemption is not None:
            yield wording.withheld.format(says=exemption.says)


def _show(value: Any) -> str:
    """A value of a summary in words."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Mapping):
        return _show_day(value) if "year" in value else _lines(value)
    if isinstance(value, list):
        return "\n".join(", ".join(_show(part) for part in each.values()) for each in value)
    text = "" if value is None else str(value)
    return in_words(_code(text)) if text.isupper() else text


def _lines(value: Mapping[str, Any]) -> str:
    return "\n".join(f"{in_words(name.replace('_', ' '))}: {_in_line(each)}" for name, each in value.items())


def _in_line(value: Any) -> str:
    """A part of a part, such as a name with what it consists of."""
    if isinstance(value, Mapping) and "year" not in value:
        return ", ".join(map(_show, value.values()))
    return _show(value)


def _named(summary: Mapping[str, Any], name_of: Callable[[str], str]) -> dict[str, Any]:
    """The summary with what organisations are called where their ids stand."""
    present = [
        {**each, "organisation": name_of(each["organisation"])} for each in summary.get("attendance", ())
    ]
    return {**summary, "attendance": present}


def _code(text: str) -> str:
    return text.removeprefix("ATTENDANCE_").removeprefix("ASSESSMENT_TOOL_").replace("_", " ").lower()


def _show_day(day: Mapping[str, int]) -> str:
    """A day, or as much of one as is known: never a day that nobody stated."""
    month = month_name[day["month"]] if "month" in day else ""
    return " ".join(filter(None, (str(day.get("day", "")), month, str(day["year"]))))
