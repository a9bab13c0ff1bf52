"""Every kind of hold, sent for real: granted, declined, unanswered, by the wrong person, overtaken."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from publicprotection.exchange.v1 import answering_pb2
from publicprotection.exchange.v1.gateway_documents_pb2 import HOLD_VERDICT_DECLINE, HOLD_VERDICT_GRANT

from gateway.app.hold_expiry import expire_hold
from gateway.app.rows import HoldRow, HoldState
from gateway.app.subject_acts import open_work
from gateway.core.prerequisites import requirement_of
from tests.support.answering import answerer
from tests.support.core_world import demo_world
from tests.support.gateway import Gateway, Parties, open_gateway
from tests.support.holding import HOLDING, HeldCase, answer, found, take_what_is_incomplete

every = pytest.mark.parametrize("prerequisite", list(HOLDING))


@pytest.fixture(autouse=True)
def _vectors_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    take_what_is_incomplete(monkeypatch)


def test_every_prerequisite_is_tried() -> None:
    assert set(HOLDING) == set(demo_world().rulebook.prerequisites)


@asynccontextmanager
async def opened(case: HeldCase, folder: Path) -> AsyncIterator[Gateway]:
    async with open_gateway(case.parties, folder, decide_by=case.decide) as gateway:
        yield gateway


def requirement(case: HeldCase, hold: HoldRow) -> answering_pb2.AnswerRequirement:
    needed = requirement_of(case.read.world.rulebook.prerequisites[case.prerequisite], hold.asked_as)
    assert needed is not None
    return needed


async def released(gateway: Gateway, hold: HoldRow) -> set[str]:
    """Marks released to the desk that waits."""
    async with gateway.store.reading() as unit:
        rows = await unit.deliveries.of_exchanges([hold.exchange_id])
    return {mark for row in rows if row.organisation == hold.recipient_organisation for mark in row.released}


@every
async def test_a_grant_by_the_right_people(prerequisite: str, everybody: Parties, tmp_path: Path) -> None:
    case = HeldCase(prerequisite, everybody)
    async with opened(case, tmp_path) as gateway:
        hold = await case.send(gateway)
        needed = requirement(case, hold)
        await _refuse_others(gateway, case, hold, needed)
        before = await released(gateway, hold)
        for place, key in enumerate(needed.keys):
            assert (await found(gateway, hold.hold_id)).state is HoldState.OPEN
            who = case.somebody(key, hold.organisation, place)
            assert await answer(gateway, hold, HOLD_VERDICT_GRANT, who) == ""
        assert (await found(gateway, hold.hold_id)).state is HoldState.GRANTED
        assert before <= await released(gateway, hold)
        # Once: whoever comes later, the same person too, finds it closed.
        again = case.somebody(needed.keys[0], hold.organisation)
        assert await answer(gateway, hold, HOLD_VERDICT_GRANT, again) == "HOLD_CLOSED"
        [record] = await gateway.records("HOLD_GRANTED")
        assert json.loads(record.entry or "")["prerequisite"] == prerequisite


async def _refuse_others(
    gateway: Gateway, case: HeldCase, hold: HoldRow, needed: answering_pb2.AnswerRequirement
) -> None:
    [key, *_] = needed.keys
    right = case.somebody(key, hold.organisation)
    elsewhere = case.somebody(key, "somewhere-else")
    assert await answer(gateway, hold, HOLD_VERDICT_GRANT, None) == "HOLD_PERSON_UNKNOWN"
    assert await answer(gateway, hold, HOLD_VERDICT_DECLINE, elsewhere) == "HOLD_PERSON_UNKNOWN"
    if any(each.jobs or each.roles for each in needed.keys):
        wrong = answerer(hold.organisation, job="RECEPTIONIST", roles=["AUDITOR"])
        for verdict in (HOLD_VERDICT_GRANT, HOLD_VERDICT_DECLINE):
            assert await answer(gateway, hold, verdict, wrong) == "HOLD_WRONG_PERSON"
    if key.author == answering_pb2.AUTHOR_RELATION_SAME:
        right.name = "Somebody Else"
        assert await answer(gateway, hold, HOLD_VERDICT_GRANT, right) == "HOLD_NOT_THE_AUTHOR"
    if key.author == answering_pb2.AUTHOR_RELATION_OTHER:
        right.name = f" {case.author.name.upper()} "
        assert await answer(gateway, hold, HOLD_VERDICT_GRANT, right) == "HOLD_AUTHOR_ANSWERS"
    if needed.evidence:
        reason = await answer(
            gateway, hold, HOLD_VERDICT_GRANT, case.somebody(key, hold.organisation), "NONE"
        )
        assert reason == "HOLD_EVIDENCE_MISSING"


@every
async def test_declined_ended_unanswered_and_overtaken(
    prerequisite: str, everybody: Parties, tmp_path: Path
) -> None:
    case = HeldCase(prerequisite, everybody)
    async with opened(case, tmp_path) as gateway:
        await _decline(gateway, case)
        await _overtake(gateway, case)
        await _wait_too_long(gateway, case)


async def _decline(gateway: Gateway, case: HeldCase) -> None:
    hold = await case.send(gateway)
    before = await released(gateway, hold)
    who = case.somebody(requirement(case, hold).keys[0], hold.organisation)
    assert await answer(gateway, hold, HOLD_VERDICT_DECLINE, who, "NONE") == ""
    assert (await found(gateway, hold.hold_id)).state is HoldState.DECLINED
    assert await released(gateway, hold) == before


async def _overtake(gateway: Gateway, case: HeldCase) -> None:
    """The agreement ends while something waits: a grant is decided under what is in force then."""
    hold = await case.send(gateway)
    before = await released(gateway, hold)
    agreed, case.agreements = case.agreements, ()
    for place, key in enumerate(requirement(case, hold).keys):
        who = case.somebody(key, hold.organisation, place)
        assert await answer(gateway, hold, HOLD_VERDICT_GRANT, who) == ""
    async with gateway.store.reading() as unit:
        decisions = await unit.register.decisions([hold.exchange_id])
        deliveries = await unit.deliveries.of_exchanges([hold.exchange_id])
    case.agreements = agreed
    latest = json.loads(decisions[-1].body)
    assert "agreement" not in latest
    late = [row for row in deliveries if row.supplementary_to or not before]
    if any(row.organisation == hold.recipient_organisation for row in late):
        # Without an agreement goes a minimum set, or what rests on none: never what a clause gave.
        assert latest["outcome"] == "DECISION_OUTCOME_RELEASED"
        assert {"DECISION_FLAG_NO_AGREEMENT"} & set(latest.get("flags", ())) or not _needs_agreement(case)


def _needs_agreement(case: HeldCase) -> bool:
    """Whether the flow rests on an agreement at all: a disclosure, and an answer to a request, does not."""
    rulings = case.decide(case.read.case, ())
    return any(ruling.agreement is not None for ruling in rulings)


async def _wait_too_long(gateway: Gateway, case: HeldCase) -> None:
    hold = await case.send(gateway)
    before = await released(gateway, hold)
    if hold.expires_at is None:
        assert case.prerequisite == "PROTECTIVE_REVIEW"
        case.parties.clock.moment += timedelta(days=200)
        assert not await _end(gateway, hold)
        return
    case.parties.clock.moment = hold.expires_at - timedelta(seconds=1)
    assert not await _end(gateway, hold)
    case.parties.clock.moment = hold.expires_at
    who = case.somebody(requirement(case, hold).keys[0], hold.organisation)
    assert await answer(gateway, hold, HOLD_VERDICT_GRANT, who) == "HOLD_EXPIRED"
    assert await _end(gateway, hold)
    assert not await _end(gateway, hold)
    assert (await found(gateway, hold.hold_id)).state is HoldState.EXPIRED
    assert await released(gateway, hold) == before
    assert await answer(gateway, hold, HOLD_VERDICT_GRANT, who) == "HOLD_EXPIRED"


async def _end(gateway: Gateway, hold: HoldRow) -> bool:
    async with open_work(gateway.store, gateway.tools) as work:
        return await expire_hold(work, hold.hold_id)
