"""Decisions whether to disclose to a third party: on record either way, and nothing personal in the entry."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from publicprotection.exchange.v1 import disclosure_pb2, outcome_pb2

from gateway.app.digests import blind_subject
from gateway.app.log_rows import LogFilter
from gateway.app.log_texts import open_texts
from gateway.app.subject_acts import open_work
from tests.support.clocks import rule_all
from tests.support.databases import NewDatabase
from tests.support.gateway import Gateway, Parties, open_gateway
from tests.support.third_party import considered, subject, told

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def gateway(parties: Parties, tmp_path: Path, databases: NewDatabase) -> AsyncIterator[Gateway]:
    async with open_gateway(parties, tmp_path, databases=databases, decide_by=rule_all()) as opened:
        yield opened


async def say(
    gateway: Gateway, document: Message, kind: str = "PROBATION"
) -> tuple[str, outcome_pb2.Outcome]:
    """Says something to the gateway; its exchange id, and what came back."""
    organisation = gateway.parties.of_kind(kind)
    sealed = gateway.to_gateway(organisation, document)
    assert await gateway.take(sealed.arrival) == [None]
    outcomes, _ = await gateway.received(organisation)
    return sealed.exchange_id, outcomes[-1]


def decision(version: int = 1, amends: str = "", **changes: Any) -> disclosure_pb2.DisclosureDecision:
    document = disclosure_pb2.DisclosureDecision(
        decision_id="decision-1", version=version, subject=subject(), consideration=considered(**changes)
    )
    if amends:
        document.amends, document.amended_because = amends, "The partner has moved."
    return document


def telling(decided_in: str, **changes: Any) -> disclosure_pb2.DisclosureTold:
    at = changes.pop("told_at", "2026-01-01T09:00:00Z")
    return disclosure_pb2.DisclosureTold(decided_in=decided_in, telling=told(told_at=at, **changes))


async def entries(gateway: Gateway, kind: str) -> list[dict[str, Any]]:
    return [json.loads(row.entry or "{}") for row in await gateway.records(kind)]


@pytest.mark.parametrize("outcome", ["DISCLOSE", "DO_NOT_DISCLOSE", "NOT_CONSIDERED"])
async def test_a_decision_is_on_record_whatever_was_decided(gateway: Gateway, outcome: str) -> None:
    _, came = await say(gateway, decision(outcome=f"DISCLOSURE_OUTCOME_{outcome}"))
    assert came.kind == outcome_pb2.OUTCOME_KIND_DISCLOSURE_RECORDED
    (entry,) = await entries(gateway, "DISCLOSURE_DECIDED")
    assert (entry["change"], entry["item"], entry["version"]) == (outcome, "decision-1", "1")
    assert entry["retention"] == "DISCLOSURE_DECISION"


async def test_nothing_personal_stands_in_an_entry(gateway: Gateway) -> None:
    exchange_id, _ = await say(gateway, decision())
    await say(gateway, telling(exchange_id))
    rows = [*await gateway.records("DISCLOSURE_DECIDED"), *await gateway.records("DISCLOSURE_TOLD")]
    assert len(rows) == 2
    for row in rows:
        for personal in ("Quillfeather", "Ashgrove", "2001/0123456X", "children", "Sam Reed", "Park"):
            assert personal not in (row.entry or "")


async def test_what_was_considered_is_kept_as_committed_to(gateway: Gateway) -> None:
    await say(gateway, decision())
    (entry,) = await entries(gateway, "DISCLOSURE_DECIDED")
    async with open_work(gateway.store, gateway.tools) as work:
        opened = {each.member: json.loads(each.text) for each in await open_texts(work, entry)}
    kept = opened["grounds_commitment"]
    assert kept["alternatives_considered"] == "Moving out was offered and declined."
    assert kept["recipient"]["name"]["family"] == "Ashgrove"


async def test_an_amendment_names_the_version_before(gateway: Gateway) -> None:
    first, _ = await say(gateway, decision())
    _, came = await say(gateway, decision(2, first, outcome="DISCLOSURE_OUTCOME_DO_NOT_DISCLOSE"))
    assert came.kind == outcome_pb2.OUTCOME_KIND_DISCLOSURE_RECORDED
    one, two = await entries(gateway, "DISCLOSURE_DECIDED")
    assert "in_reply_to" not in one
    assert (two["in_reply_to"], two["version"], two["change"]) == (first, "2", "DO_NOT_DISCLOSE")
    assert "reason_commitment" in two


async def test_an_amendment_of_nothing_is_rejected(gateway: Gateway) -> None:
    for document in (decision(2), decision(1, "x" * 26), decision(2, "x" * 26)):
        _, came = await say(gateway, document)
        assert came.kind == outcome_pb2.OUTCOME_KIND_REJECTED
    assert await entries(gateway, "DISCLOSURE_DECIDED") == []


async def test_another_organisation_neither_amends_nor_tells(gateway: Gateway) -> None:
    first, _ = await say(gateway, decision())
    for document in (decision(2, first), telling(first)):
        _, came = await say(gateway, document, "POLICE")
        assert came.kind == outcome_pb2.OUTCOME_KIND_REJECTED
    assert len(await entries(gateway, "DISCLOSURE_DECIDED")) == 1
    assert await entries(gateway, "DISCLOSURE_TOLD") == []


async def test_who_was_told_is_on_record_under_the_same_person(gateway: Gateway) -> None:
    first, _ = await say(gateway, decision())
    await say(gateway, telling(first))
    (entry,) = await entries(gateway, "DISCLOSURE_TOLD")
    assert entry["in_reply_to"] == first
    assert entry["told_at"].startswith("2026-01-01T09:00:00")
    async with open_work(gateway.store, gateway.tools) as work:
        mentions = await work.unit.subjects.mentioned(first)
        (person,) = {row.subject_id for row in mentions if row.is_case}
        listed = (blind_subject(gateway.tools.key_store, person),)
        rows = await work.unit.log.select(LogFilter(listed=(listed,)), 10)
    assert {row.type for row in rows} == {"DISCLOSURE_DECIDED", "DISCLOSURE_TOLD"}


async def test_a_telling_that_lies_ahead_is_rejected(gateway: Gateway) -> None:
    first, _ = await say(gateway, decision())
    _, came = await say(gateway, telling(first, told_at="2999-01-01T09:00:00Z"))
    assert came.kind == outcome_pb2.OUTCOME_KIND_REJECTED


async def test_what_could_not_wait_is_flagged(gateway: Gateway) -> None:
    """E-21: imminent risk to a new partner's children, and the person was not asked."""
    changes: dict[str, Any] = {
        "representations": "REPRESENTATIONS_NOT_SOUGHT",
        "urgent_reason": "Harm is imminent.",
    }
    await say(gateway, decision(not_heard_reason="NOT_HEARD_REASON_IMMINENT_NO_TIME", **changes))
    (entry,) = await entries(gateway, "DISCLOSURE_DECIDED")
    assert entry["flags"] == ["URGENT", "PERSON_NOT_HEARD"]
