"""Documents in words: times as people write them, and codes that stand in fields of text."""

from datetime import UTC, datetime

from google.protobuf.message import Message
from publicprotection.documents.v1.meeting_pb2 import CalendarEntry, Invitee

from services.kit.document_words import describe, outline


def texts_of(document: Message) -> dict[str, str]:
    return {line.label: ", ".join(line.texts) for line in outline(document)}


def test_a_time_is_that_of_london_and_no_number_of_seconds() -> None:
    entry = CalendarEntry()
    entry.starts.FromDatetime(datetime(2026, 7, 1, 13, 5, tzinfo=UTC))
    entry.ends.FromDatetime(datetime(2026, 11, 22, 0, 0, tzinfo=UTC))
    said = {"Starts": "1 July 2026, 2:05pm", "Ends": "22 November 2026, midnight"}

    assert texts_of(entry) == said
    assert dict(describe(entry)) == said


def test_a_job_is_in_words_and_initials_stay() -> None:
    assert texts_of(Invitee(role="COMMUNITY_OFFENDER_MANAGER"))["Role"] == "Community offender manager"
    assert texts_of(Invitee(role="COORDINATOR"))["Role"] == "Co-ordinator"
    assert texts_of(Invitee(role="DPO"))["Role"] == "DPO"
    assert texts_of(Invitee(organisation="kent-police"))["Organisation"] == "kent-police"


def test_what_somebody_wrote_stands_as_it_is() -> None:
    assert texts_of(CalendarEntry(subject_name="JUNIPER WRENFIELD"))["Subject name"] == "JUNIPER WRENFIELD"
