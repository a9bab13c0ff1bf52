"""Agreements in the database: signed by two of each party, and carried through at once."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from publicprotection.exchange.v1 import decision_pb2, outcome_pb2
from publicprotection.exchange.v1.gateway_documents_pb2 import HOLD_VERDICT_GRANT

from gateway.app.agreement_calendar import AgreementCalendar
from gateway.app.agreement_desk import ActRefusedError
from gateway.core.agreement_acts import BookError
from gateway.core.agreements import digest_of, terms_digest_of
from gateway.core.errors import AgreementError
from services.kit.clock import FixedClock
from tests.support.agreement_acts import (
    CONTROLLERS,
    DWP_KENT,
    POLICE,
    PROBATION,
    UNIT,
    desk_of,
    draft,
    sign_all,
    signatory,
    take_over,
)
from tests.support.databases import NewDatabase, ServerDatabase
from tests.support.gateway import NOW, Gateway, Parties, Sealed, leaf_paths, open_gateway

pytestmark = pytest.mark.both_databases
DAY = timedelta(days=1)


@pytest.fixture
async def gateway(parties: Parties, tmp_path: Path, databases: NewDatabase) -> AsyncIterator[Gateway]:
    """One that took over the agreements of the demonstration."""
    async with open_gateway(parties, tmp_path, databases=databases) as opened:
        await take_over(opened)
        yield opened


async def acts(gateway: Gateway) -> list[dict[str, Any]]:
    return [json.loads(row.entry or "{}") for row in await gateway.records("AGREEMENT_CHANGED")]


async def restrict(gateway: Gateway) -> Sealed:
    """Restrictions to police and DWP."""
    sealed = gateway.step("restrictions")
    assert await gateway.take(sealed.arrival) == [None]
    return sealed


def outcomes_for(told: list[outcome_pb2.Outcome], organisation: str) -> list[int]:
    return [
        each.outcome
        for outcome in told
        if outcome.kind == outcome_pb2.OUTCOME_KIND_DECIDED
        for each in outcome.decisions
        if each.recipient.organisation == organisation
    ]


async def test_the_folder_is_taken_over_once_and_says_the_same(gateway: Gateway) -> None:
    said = await acts(gateway)
    assert {each["change"] for each in said} == {"IMPORTED", "CAME_INTO_FORCE"}
    assert await take_over(gateway) == 0
    assert len(await acts(gateway)) == len(said)
    async with gateway.store.reading() as unit:
        known = await gateway.tools.agreements.effective(unit.agreements, NOW.date())
    files = gateway.parties.world.agreements
    assert [digest_of(each) for each in known] == [digest_of(each) for each in files]


async def test_a_text_that_the_law_does_not_carry_is_refused_with_its_line(gateway: Gateway) -> None:
    for text, advice in (
        (draft("2").replace("dwp-kent", "atlantis-dwp"), "atlantis-dwp"),
        (draft("2").replace("SUBJECT_RESTRICTION", "SUBJECT_RESTRICTIONS"), "did you mean"),
    ):
        with pytest.raises(AgreementError, match=advice) as refused:
            await desk_of(gateway).propose(signatory(UNIT), text)
        assert refused.value.line > 0


async def test_two_of_each_party_sign_and_the_last_signature_brings_it_into_force(gateway: Gateway) -> None:
    desk = desk_of(gateway)
    terms, _ = await desk.propose(signatory(UNIT), draft("2"), "Two years on")
    digest = terms_digest_of(terms)
    await desk.sign(signatory(UNIT), "kent-dwp", "2", digest)
    for actor, text, why in (
        (signatory(UNIT), digest, "SAME_PERSON"),
        (signatory(POLICE), "00" * 32, "OTHER_TEXT"),
        (signatory("kent-adults"), digest, "NO_SIGNATURE_NEEDED"),
    ):
        with pytest.raises(ActRefusedError) as refused:
            await desk.sign(actor, "kent-dwp", "2", text)
        assert refused.value.objection.name == why
    await desk.sign(signatory(UNIT, "Bo Tindall"), "kent-dwp", "2", digest)
    for name in CONTROLLERS[1:]:
        assert (await acts(gateway))[-1]["change"] == "SIGNED"
        for person in ("Ada Merrow", "Bo Tindall"):
            await desk.sign(signatory(name, person), "kent-dwp", "2", digest)
    ended = [(each["item"], each["version"], each["change"]) for each in (await acts(gateway))[-2:]]
    assert sorted(ended) == [("kent-dwp", "1", "SUPERSEDED"), ("kent-dwp", "2", "CAME_INTO_FORCE")]
    await restrict(gateway)
    _, [(_, release)] = await gateway.received(DWP_KENT)
    assert release.statement.agreement is not None
    assert (release.statement.agreement.id, release.statement.agreement.version) == ("kent-dwp", "2")


async def test_names_stand_outside_the_log_and_persons_as_digests(gateway: Gateway) -> None:
    terms, _ = await desk_of(gateway).propose(signatory(UNIT), draft("2"), "Two years on")
    await desk_of(gateway).sign(signatory(UNIT), terms.id, "2", terms_digest_of(terms))
    async with gateway.store.reading() as unit:
        rows = await unit.agreements.all()
    signed = rows[-1]
    assert len(signed.person) == 64
    assert "Ada Merrow" not in repr(rows)
    assert not any("Merrow" in (row.entry or "") for row in await gateway.records())


async def test_a_restart_in_the_middle_of_a_sign_off_changes_nothing(
    parties: Parties, tmp_path: Path, databases: NewDatabase
) -> None:
    signatures = [(name, person) for name in CONTROLLERS for person in ("Ada Merrow", "Bo Tindall")]
    async with open_gateway(parties, tmp_path, databases=databases) as gateway:
        await take_over(gateway)
        terms, _ = await desk_of(gateway).propose(signatory(UNIT), draft("2"))
    digest = terms_digest_of(terms)
    for name, person in signatures:
        async with open_gateway(parties, tmp_path, databases=databases) as gateway:
            await take_over(gateway)
            assert (await acts(gateway))[-1]["change"] in ("PROPOSED", "SIGNED")
            await desk_of(gateway).sign(signatory(name, person), terms.id, "2", digest)
            with pytest.raises(ActRefusedError):
                await desk_of(gateway).sign(signatory(name, person), terms.id, "2", digest)
    async with open_gateway(parties, tmp_path, databases=databases) as gateway:
        assert {each["change"] for each in (await acts(gateway))[-2:]} == {"SUPERSEDED", "CAME_INTO_FORCE"}


async def test_a_party_that_is_stopped_gets_nothing_and_is_resumed(gateway: Gateway) -> None:
    await desk_of(gateway).suspend(signatory(POLICE), "kent-dwp", DWP_KENT, "Lost a laptop")
    sealed = await restrict(gateway)
    assert (await gateway.received(DWP_KENT)) == ([], [])
    assert (await gateway.received(POLICE))[1]
    [told], _ = await gateway.received(sealed.organisation)
    assert outcomes_for([told], DWP_KENT) == [decision_pb2.DECISION_OUTCOME_REFUSED]
    with pytest.raises(ActRefusedError):
        await desk_of(gateway).resume(signatory(DWP_KENT), "kent-dwp", DWP_KENT, "We say so")
    await desk_of(gateway).resume(signatory(UNIT), "kent-dwp", DWP_KENT, "Put right")
    await restrict(gateway)
    assert (await gateway.received(DWP_KENT))[1]


async def test_what_is_decided_and_not_published_is_stopped_at_once(gateway: Gateway) -> None:
    sealed = await restrict(gateway)
    done = await desk_of(gateway).suspend(signatory(UNIT), "kent-dwp", DWP_KENT, "Lost a laptop")
    assert done.decided_again == 1
    assert await gateway.received(DWP_KENT) == ([], [])
    assert len((await gateway.received(POLICE))[1]) == 1  # it is no party that was stopped
    told, _ = await gateway.received(sealed.organisation)
    outcomes = outcomes_for(told, DWP_KENT)
    assert outcomes[-1] == decision_pb2.DECISION_OUTCOME_REFUSED
    [stopped] = [json.loads(row.entry or "") for row in await gateway.records("DELIVERY_WITHDRAWN")]
    assert (stopped["exchange"], stopped["reason"]) == (sealed.exchange_id, "AGREEMENT_CHANGED")
    assert stopped["recipient"].startswith(DWP_KENT)
    kinds = [row.type for row in await gateway.records()]
    assert kinds.index("AGREEMENT_CHANGED", len(kinds) - 4) < kinds.index("DELIVERY_WITHDRAWN")


async def test_an_act_is_carried_through_though_its_caller_gives_up(gateway: Gateway) -> None:
    await restrict(gateway)
    act = asyncio.create_task(
        desk_of(gateway).suspend(signatory(UNIT), "kent-dwp", DWP_KENT, "Lost a laptop")
    )
    await asyncio.sleep(0.005)
    act.cancel()
    with pytest.raises(asyncio.CancelledError):
        await act
    for _ in range(500):
        if await gateway.records("DELIVERY_WITHDRAWN"):
            break
        await asyncio.sleep(0.01)
    assert (await acts(gateway))[-1]["change"] == "SUSPENDED"
    assert (await gateway.received(DWP_KENT))[1] == []


async def test_what_is_published_is_not_stopped_twice(gateway: Gateway) -> None:
    await restrict(gateway)
    assert len((await gateway.received(DWP_KENT))[1]) == 1
    done = await desk_of(gateway).suspend(signatory(UNIT), "kent-dwp", DWP_KENT, "Lost a laptop")
    assert done.decided_again == 0
    assert await gateway.records("DELIVERY_WITHDRAWN") == []


async def test_what_waits_for_an_agreement_goes_once_it_is_signed(gateway: Gateway) -> None:
    desk = desk_of(gateway)
    await desk.end(signatory(UNIT), "kent-dwp", "1", "Never used")
    sealed = await restrict(gateway)
    assert (await gateway.received(DWP_KENT))[1] == []
    told, _ = await gateway.received(sealed.organisation)
    assert outcomes_for(told, DWP_KENT) == [decision_pb2.DECISION_OUTCOME_HELD]
    terms, _ = await desk.propose(signatory(UNIT), draft("2"))
    done = await sign_all(desk, terms)
    assert done.decided_again == 1
    _, [(_, release)] = await gateway.received(DWP_KENT)
    assert leaf_paths([(_, release)])
    told, _ = await gateway.received(sealed.organisation)
    assert outcomes_for(told, DWP_KENT)[-1] == decision_pb2.DECISION_OUTCOME_RELEASED


async def test_what_was_stopped_goes_whole_once_the_agreement_is_resumed(gateway: Gateway) -> None:
    await restrict(gateway)
    desk = desk_of(gateway)
    await desk.suspend(signatory(UNIT), "kent-dwp", "", "Under review")
    assert (await gateway.received(DWP_KENT))[1] == []
    await desk.resume(signatory(UNIT), "kent-dwp", "", "Reviewed")
    _, [(_, release)] = await gateway.received(DWP_KENT)
    assert release.statement.supplementary_to is None
    assert leaf_paths([(_, release)])


async def test_a_grant_is_overtaken_by_the_end_of_the_agreement(gateway: Gateway) -> None:
    """What is granted is decided again under what is in force then."""
    sealed = gateway.step("contribution")
    await gateway.take(sealed.arrival)
    [asked], _ = await gateway.received(POLICE)
    unit = gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    assert len((await gateway.received(unit))[1]) == 1
    for each in gateway.parties.world.agreements:
        if each.binds(unit, PROBATION):
            await desk_of(gateway).end(signatory(each.owner), each.id, each.version, "Over")
    hold = asked.decisions[0].held[0].hold_id
    await gateway.take(gateway.answer(POLICE, hold, HOLD_VERDICT_GRANT).arrival)
    assert (await gateway.received(unit))[1] == []


async def test_the_last_day_is_noted_once_and_stops_what_has_not_left(gateway: Gateway) -> None:
    desk = desk_of(gateway)
    terms, _ = await desk.propose(
        signatory(UNIT), draft("2", review='"2026-11-24"', expiry='"2026-11-24"'), "For a week"
    )
    await sign_all(desk, terms)
    await restrict(gateway)
    clock = gateway.parties.clock
    clock.advance(datetime(2026, 11, 24, 23, 59, tzinfo=UTC) - clock.now())
    assert await desk.note() == 0
    clock.advance(timedelta(minutes=1))
    assert await desk.note() == 1
    assert await desk.note() == 0
    assert (await acts(gateway))[-1]["change"] == "EXPIRED"
    assert len(await gateway.records("DELIVERY_WITHDRAWN")) == 1
    assert (await gateway.received(DWP_KENT))[1] == []


async def test_a_release_is_not_used_after_the_last_day_of_what_it_rests_on(gateway: Gateway) -> None:
    desk = desk_of(gateway)
    terms, _ = await desk.propose(signatory(UNIT), draft("2", review='"2026-11-25"', expiry='"2026-11-25"'))
    await sign_all(desk, terms)
    await restrict(gateway)
    _, [(_, release)] = await gateway.received(DWP_KENT)
    assert release.statement.not_after == datetime(2026, 11, 26, tzinfo=UTC)


async def test_a_later_version_waits_for_its_first_day(gateway: Gateway) -> None:
    desk = desk_of(gateway)
    terms, _ = await desk.propose(signatory(UNIT), draft("2", starts='"2026-11-30"'))
    assert (await sign_all(desk, terms)).decided_again == 0
    async with gateway.store.reading() as unit:
        book = await gateway.tools.agreements.book(unit.agreements)
    states = {
        each.version: each.state.value for each in book.effective(date(2026, 11, 29)) if each.id == terms.id
    }
    assert states == {"1": "IN_FORCE", "2": "IN_FORCE"}
    gateway.parties.clock.advance(7 * DAY)
    assert await desk.note() == 2
    assert {each["change"] for each in (await acts(gateway))[-2:]} == {"CAME_INTO_FORCE", "SUPERSEDED"}


async def test_nothing_is_decided_or_set_aside_while_the_table_is_not_what_it_was(gateway: Gateway) -> None:
    async with gateway.store.writing() as unit:
        known = next(row for row in await unit.agreements.all() if row.kind == "IMPORTED")
        await unit.agreements.add(replace(known, record_hash="ab" * 32))
    sealed = gateway.step("restrictions")
    with pytest.raises(BookError):
        await gateway.take(sealed.arrival)
    async with gateway.store.reading() as unit:
        assert await unit.submissions.find(sealed.exchange_id) is None
    assert await gateway.records("SUBMISSION_REFUSED") == []


async def test_the_calendar_looks_by_itself(gateway: Gateway) -> None:
    calendar = AgreementCalendar(desk_of(gateway), interval_s=0.01)
    task = asyncio.create_task(calendar.run())
    gateway.parties.clock.advance(3000 * DAY)
    for _ in range(500):
        await asyncio.sleep(0.01)
        if any(each["change"] == "EXPIRED" for each in await acts(gateway)):
            break
    else:
        raise AssertionError("nothing was noted")
    task.cancel()


async def test_another_gateway_on_the_same_database_goes_by_it_at_once(
    everybody: Parties, tmp_path: Path, server_database: ServerDatabase
) -> None:
    everybody.clock = FixedClock(NOW)
    (tmp_path / "other").mkdir()
    async with (
        open_gateway(everybody, tmp_path, databases=lambda _: server_database) as first,
        open_gateway(everybody, tmp_path / "other", databases=lambda _: server_database) as second,
    ):
        await take_over(first)
        assert await take_over(second) == 0
        await restrict(second)
        await desk_of(first).suspend(signatory(UNIT), "kent-dwp", DWP_KENT, "Lost a laptop")
        await restrict(second)
        rows = [json.loads(row.entry or "{}") for row in await second.records("REFUSAL")]
        assert [row["recipient"].partition("/")[0] for row in rows][-1] == DWP_KENT


async def test_each_version_in_force_has_one_review_that_is_due_on_its_day(gateway: Gateway) -> None:
    desk = desk_of(gateway)
    terms, _ = await desk.propose(signatory(UNIT), draft("2", review='"2027-06-30"'))
    await sign_all(desk, terms)
    async with gateway.store.reading() as unit:
        clocks = await unit.clocks.of_matters(["kent-dwp"])
    running = [each for each in clocks if each.ended_at is None]
    assert [(each.limit_id, each.organisation) for each in running] == [("AGREEMENT_REVIEW", UNIT)]
    assert running[0].due_at == datetime(2027, 6, 30, 23, tzinfo=UTC)  # midnight in summer time
    await desk.end(signatory(UNIT), "kent-dwp", "2", "Over")
    async with gateway.store.reading() as unit:
        clocks = await unit.clocks.of_matters(["kent-dwp"])
    assert all(each.ended_at for each in clocks)
