"""Facts: who may assert them, when they hold, and which of several counts."""

from datetime import UTC, datetime, timedelta

import pytest
from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import facts_pb2, header_pb2

from gateway.core.facts import FactBook, FactScope, fact_scope, open_book, read_facts
from gateway.core.model import Answer, KnownFact

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KINDS = {
    "police": organisation_pb2.ORGANISATION_KIND_POLICE,
    "unit": organisation_pb2.ORGANISATION_KIND_MAPPA_COORDINATION_UNIT,
    "dwp": organisation_pb2.ORGANISATION_KIND_DWP,
}


def book(*facts: KnownFact) -> FactBook:
    return open_book(
        facts,
        NOW,
        lambda each: KINDS.get(each, 0),
        lambda who, path: (who, path) == ("idva", "document.victims"),
    )


def managed(
    answer: Answer, who: str = "police", from_: datetime | None = None, until: datetime | None = None
) -> KnownFact:
    return KnownFact("mappa_managed", None, answer, who, from_, until)


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("mappa_managed", FactScope.CASE),
        ("owner_agrees", FactScope.ITEM),
        ("agreement_override", FactScope.RECIPIENT),
    ],
)
def test_the_scope_of_a_fact_is_read_from_its_field(name: str, scope: FactScope) -> None:
    assert fact_scope(name) is scope


def test_what_nobody_said_is_unknown() -> None:
    assert book().answer("mappa_managed", "dwp") is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("who", "answer"), [("police", Answer.YES), ("dwp", Answer.UNKNOWN), ("x", Answer.UNKNOWN)]
)
def test_only_those_who_may_assert_count(who: str, answer: Answer) -> None:
    known = book(managed(Answer.YES, who))
    assert known.answer("mappa_managed", "dwp") is answer
    assert bool(known.ignored) == (answer is Answer.UNKNOWN)


@pytest.mark.parametrize(
    ("start", "end", "answer"),
    [
        (NOW, NOW + HOUR, Answer.YES),
        (NOW + HOUR, NOW + 2 * HOUR, Answer.UNKNOWN),
        (NOW - HOUR, NOW, Answer.UNKNOWN),
    ],
)
def test_a_fact_holds_from_its_start_until_before_its_end(
    start: datetime, end: datetime, answer: Answer
) -> None:
    assert book(managed(Answer.YES, from_=start, until=end)).answer("mappa_managed", "dwp") is answer


def test_the_latest_assertion_counts_and_of_two_at_once_no() -> None:
    old, new = managed(Answer.NO), managed(Answer.YES, from_=NOW - HOUR)
    assert book(old, new).about_case("mappa_managed") is Answer.YES
    assert book(managed(Answer.YES), managed(Answer.NO)).about_case("mappa_managed") is Answer.NO
    assert book(new, managed(Answer.UNKNOWN, from_=NOW)).about_case("mappa_managed") is Answer.YES


def test_only_the_owner_speaks_for_an_item() -> None:
    agreed = KnownFact("owner_agrees", "document.victims", Answer.YES, "idva", recipient="prison")
    assert book(agreed).about_item("owner_agrees", "document.victims[x].risk", "prison") is Answer.YES
    assert book(agreed).about_item("owner_agrees", "document.victims[x].risk", "police") is Answer.UNKNOWN
    assert book(agreed).about_item("owner_agrees", "document.victimsx", "prison") is Answer.UNKNOWN
    other = KnownFact("owner_agrees", "document.victims", Answer.YES, "police")
    assert book(other).ignored == (other,)


def test_a_fact_about_a_recipient_is_about_that_one_alone() -> None:
    override = KnownFact("agreement_override", "dwp", Answer.YES, "unit")
    assert book(override).answer("agreement_override", "dwp") is Answer.YES
    assert book(override).answer("agreement_override", "police") is Answer.UNKNOWN
    nobody = KnownFact("agreement_override", None, Answer.YES, "unit")
    assert book(nobody).ignored == (nobody,)


def test_a_header_speaks_for_its_sender_whatever_it_says() -> None:
    fact = facts_pb2.Fact(answer=facts_pb2.ANSWER_YES, organisation="kent-mappa-unit")
    header = header_pb2.Header(facts=facts_pb2.Facts(mappa_managed=fact))
    assert [each.organisation for each in read_facts(header, "dwp")] == ["dwp"]
