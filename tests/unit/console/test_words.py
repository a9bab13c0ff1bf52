"""Codes, times and ids as people read them."""

from datetime import UTC, date, datetime

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.organisation_pb2 import MARKING_OFFICIAL_SENSITIVE
from publicprotection.exchange.v1.header_pb2 import PURPOSE_MANAGE_RISK, Purpose

from services.console import words
from services.kit.access.actor import Role

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def stamp_of(moment: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(moment)
    return made


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 11, 22, 15, 17, tzinfo=UTC), "22 November 2026, 3:17pm"),
        (datetime(2026, 6, 1, 11, 5, tzinfo=UTC), "1 June 2026, 12:05pm"),  # summer time
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "1 July 2026, 12:30am"),  # the next day in London
        (datetime(2026, 1, 2, 12, 0, tzinfo=UTC), "2 January 2026, midday"),
        (datetime(2026, 1, 2, 0, 0, tzinfo=UTC), "2 January 2026, midnight"),
    ],
)
def test_a_time_is_that_of_london(moment: datetime, said: str) -> None:
    assert words.moment(moment) == said
    assert words.moment(stamp_of(moment)) == said


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 12, 3, 0, 0, tzinfo=UTC), "End of 2 December 2026"),
        (datetime(2026, 6, 2, 23, 0, tzinfo=UTC), "End of 2 June 2026"),  # in London it is summer
        (datetime(2026, 12, 2, 17, 0, tzinfo=UTC), "2 December 2026, 5:00pm"),
    ],
)
def test_no_time_limit_ends_at_a_midnight_of_two_days(moment: datetime, said: str) -> None:
    assert words.deadline(moment) == words.deadline(stamp_of(moment)) == said


def test_what_is_not_there_is_said_to_be_not_stated() -> None:
    assert words.moment(None) == words.moment(Timestamp()) == words.day(Date()) == "Not stated"
    assert words.purpose(0) == words.enum_words(9999, Purpose) == words.marking(0) == "Not stated"
    assert words.document("") == words.code("") == "Not stated"
    assert words.stamp(None) == ""


def test_a_date_says_as_much_as_is_known() -> None:
    assert words.day(Date(year=2026, month=3, day=4)) == "4 March 2026"
    assert words.day(Date(year=2026, month=3)) == "March 2026"
    assert words.day(date(2026, 3, 4)) == "4 March 2026"
    assert words.day(stamp_of(datetime(2026, 6, 30, 23, 30, tzinfo=UTC))) == "1 July 2026"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (30, "just now"),
        (-30, "just now"),
        (60, "1 minute ago"),
        (-3600 * 3, "in 3 hours"),
        (86400 * 2, "2 days ago"),
    ],
)
def test_how_long_ago(seconds: int, said: str) -> None:
    assert words.ago(datetime.fromtimestamp(NOW.timestamp() - seconds, UTC), NOW) == said


def test_codes_are_plain_words_with_abbreviations_as_they_are() -> None:
    assert words.purpose(PURPOSE_MANAGE_RISK) == "Manage risk"
    assert words.code("MAPPA_LEVEL_2") == "MAPPA level 2"
    assert words.job("MAPPA_COORDINATOR") == "MAPPA co-ordinator"
    assert words.marking(MARKING_OFFICIAL_SENSITIVE) == "OFFICIAL-SENSITIVE"
    assert words.document("publicprotection.documents.v1.MappaReferral") == "MAPPA referral"
    assert words.document("DomesticAbuseReferral") == "Domestic abuse referral"
    assert words.category("VICTIM_LOCATION") == "the victim's whereabouts"


def test_every_role_has_a_name() -> None:
    assert {words.role(role) for role in Role if role is not Role.AGENCY_SYSTEM} == set(words.ROLES.values())


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "no exchanges"), (1, "1 exchange"), (2, "2 exchanges"), (12345, "12,345 exchanges")],
)
def test_how_many(number: int, said: str) -> None:
    assert words.count_of(number, "exchange") == said
