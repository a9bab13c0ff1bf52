import re
from datetime import date

import protovalidate
import pytest
from publicprotection.documents.v1.custody_pb2 import RELEASE_TYPE_LICENCE, ReleaseNotice
from publicprotection.exchange.v1.header_pb2 import PURPOSE_PLAN_RELEASE

from deploy.story.clients import NoSuchVerbError, find_service, find_verb
from deploy.story.documents import build_document, build_header
from deploy.story.model import FOLDER, Send, Story, StoryError, read_story

TODAY = date(2028, 2, 20)
DRAMA = re.compile(r"01632 960\d{3}|07700 900\d{3}|020 7946 0\d{3}")
NUMBER = re.compile(r"\b0\d{3,4} ?\d{3} ?\d{3,4}\b")
POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b")
NHS = re.compile(r"NHS_NUMBER, value: \"(\d{10})\"")


@pytest.fixture(scope="module")
def story() -> Story:
    return read_story()


def sends(story: Story) -> list[Send]:
    return [step.send for step in story.steps if step.send is not None]


def test_every_document_and_header_is_valid_on_any_day(story: Story) -> None:
    for send in sends(story):
        protovalidate.validate(build_document(send, TODAY))
        protovalidate.validate(build_header(send, TODAY, request_id="request-1", in_reply_to=None))


def test_dates_count_from_today_and_enumerations_may_be_short(story: Story) -> None:
    send = next(item for item in sends(story) if item.document_type == "ReleaseNotice")
    notice = build_document(send, TODAY)
    header = build_header(send, TODAY, request_id="request-1", in_reply_to="exchange-1")

    assert isinstance(notice, ReleaseNotice)
    assert (notice.release_date.year, notice.release_date.month, notice.release_date.day) == (2028, 3, 12)
    assert notice.release_type == RELEASE_TYPE_LICENCE
    assert header.purpose == PURPOSE_PLAN_RELEASE
    assert header.in_reply_to == "exchange-1"


def test_each_sender_has_a_verb_for_what_it_sends() -> None:
    notice = ReleaseNotice.DESCRIPTOR.full_name

    assert find_verb(find_service("prison"), notice).name == "SendReleaseNotice"
    with pytest.raises(NoSuchVerbError):
        find_verb(find_service("police"), notice)


def test_everybody_in_it_is_invented() -> None:
    """Numbers from the ranges kept for drama, a postcode district not in use, NHS numbers for tests."""
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.yaml"))

    assert [number for number in NUMBER.findall(text) if not DRAMA.fullmatch(number)] == []
    assert {code.split()[0] for code in POSTCODE.findall(text)} == {"CT97"}
    assert all(number.startswith("999") and is_nhs_number(number) for number in NHS.findall(text))


def is_nhs_number(digits: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    return (11 - total % 11) % 11 == int(digits[9])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"document": {"releasedate": "2028-01-01"}}, "no field named"),
        ({"document": {"notice": "PERHAPS"}}, "Invalid enum value"),
        ({"document": {"release_date": "soon"}}, "soon"),
        ({"document_type": "ReleaseNote"}, "no document is called ReleaseNote"),
    ],
)
def test_what_no_document_can_hold_is_refused(change: dict[str, object], text: str, story: Story) -> None:
    with pytest.raises(StoryError, match=text):
        build_document(sends(story)[0].model_copy(update=change), TODAY)


def test_a_step_that_refers_forward_or_expects_too_little_is_refused(story: Story) -> None:
    steps = story.model_dump()["steps"]
    with pytest.raises(ValueError, match="refers to a step that is not before it"):
        Story.model_validate(story.model_dump() | {"steps": steps[::-1]})

    steps[0]["expect"].popitem()
    with pytest.raises(ValueError, match="for each recipient"):
        Story.model_validate(story.model_dump() | {"steps": steps})
