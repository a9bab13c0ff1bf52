import io
from collections.abc import Iterable, Iterator
from datetime import date

import pytest

from deploy.demo.__main__ import print_verdict
from deploy.demo.terminal import Style, Terminal
from deploy.local.toml import render
from deploy.story.documents import build_document
from deploy.story.model import read_story
from deploy.story.played import PlayedStep, PlayedStory
from services.kit.document_words import Line, describe, outline
from services.kit.words import categories_words, category_words, date_words, law_words

TODAY = date(2028, 2, 20)


def lines_of(step: str) -> dict[str, str]:
    send = next(item.send for item in read_story().steps if item.id == step)
    assert send is not None
    return dict(describe(build_document(send, TODAY)))


def test_a_document_reads_as_a_person_would_write_it() -> None:
    lines = lines_of("release-notice")

    assert lines["Release date"] == "12 March 2028"
    assert lines["Subject"].startswith("Marlon Quillfeather, also known as Quill, born 14 March 1987, PNC ")
    assert lines["Release address"] == "4 Quincunx Row, Merrowhythe CT97 4ZZ, Kent"
    assert lines["Staff at risk"] == "No"
    assert "Juniper Wrenfield, born 30 September 2019; Daughter" in lines["Children"]


def test_every_value_of_every_document_is_shown() -> None:
    """A value that the view forgets would look withheld."""
    for step in read_story().steps:
        if step.send is not None:
            text = " ".join(text for _, text in describe(build_document(step.send, TODAY)))
            missing = [value for value in strings(step.send.document) if value not in text]
            assert missing == []


def test_an_outline_shows_every_value_too() -> None:
    for step in read_story().steps:
        if step.send is not None:
            texts = list(texts_in(outline(build_document(step.send, TODAY))))
            text = " ".join(texts)
            assert [value for value in strings(step.send.document) if value not in text] == []
            assert all(texts)


def texts_in(lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        yield from line.texts
        for part in line.parts:
            yield from texts_in(part)


def strings(value: object) -> list[str]:
    """The texts that people wrote: not dates, and not names of enumerations."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    is_text = (
        isinstance(value, str) and not value.startswith("today") and not value.replace("_", "").isupper()
    )
    return [str(value).strip().rstrip(".")] if is_text else []


@pytest.mark.parametrize(
    ("category", "words"),
    [
        ("SUBJECT_OFFENCE", "the person's offences"),
        ("ADULT_AT_RISK_HEALTH", "the adult's health"),
        ("STAFF_RISK_FLAG", "staff's risk flag"),
        ("SOMETHING_NEW", "something new"),
    ],
)
def test_categories_read_as_words(category: str, words: str) -> None:
    assert category_words(category) == words


def test_categories_of_one_owner_stand_together() -> None:
    words = categories_words(["VICTIM_RISK", "VICTIM_IDENTITY", "SUBJECT_RISK", "VICTIM_LOCATION"])

    assert words == "the person's assessed risk; the victim's identity, whereabouts and assessed risk"


def test_dates_and_acts_read_as_people_write_them() -> None:
    assert date_words(2026, 3, 1) == "1 March 2026"
    assert date_words(2026, 3) == "March 2026"
    assert date_words(2026) == "2026"
    assert law_words("CJA_2003_S325") == "CJA 2003 s.325"
    assert law_words("CARE_ACT_2014_S6_S7") == "Care Act 2014 s.6 s.7"
    assert law_words("DVCVA_2004_PART3") == "DVCVA 2004 Part 3"
    assert law_words("COMMON_LAW_POLICING") == "Common law policing"


def test_nothing_is_wider_than_the_terminal_or_coloured_in_a_file() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream)
    terminal.entry("Need", "word " * 60, Style.GOOD, indent=4, column=17)
    terminal.ends("left " * 30, "right", left_style=Style.BOLD, right_style=Style.BAD, indent=2)

    lines = stream.getvalue().splitlines()

    assert max(map(len, lines)) <= terminal.width == 100
    assert lines[1].startswith(" " * 17 + "word")
    assert lines[-1].endswith("right")
    assert "\x1b" not in stream.getvalue()


def test_what_is_not_as_stated_is_said_and_fails() -> None:
    step = read_story().steps[0]
    stream = io.StringIO()
    failed = PlayedStory([PlayedStep(step, mismatches=("kent-police: held: expected none; found RISK",))])

    print_verdict(Terminal(stream), failed, 1.0)

    assert not failed.as_stated
    assert not PlayedStory().as_stated
    assert PlayedStory([PlayedStep(step)]).as_stated
    assert f"- {step.id}: kent-police: held: expected none; found RISK" in stream.getvalue()


def test_settings_are_toml() -> None:
    assert render({"organisation": "a", "listen": {"port": 1, "names": ["x"], "on": True}}) == (
        'organisation = "a"\n\n[listen]\nport = 1\nnames = ["x"]\non = true\n'
    )
