"""Two keys: turned by two people, in two agencies where the text wants that; and who is told."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from publicprotection.exchange.v1 import facts_pb2, outcome_pb2
from publicprotection.exchange.v1.gateway_documents_pb2 import (
    HOLD_VERDICT_DECLINE,
    HOLD_VERDICT_GRANT,
    FactAssertion,
)
from publicprotection.exchange.v1.hold_service_pb2 import HOLD_STATE_DECLINED, HOLD_STATE_OPEN
from publicprotection.oversight.v1.hold_queue_service_pb2 import HeldExchange, ListHeldRequest

from gateway.app.hold_expiry import HoldExpiry
from gateway.app.hold_queue import HoldQueue
from gateway.app.rows import HoldRow, HoldState
from gateway.core.agreements import Agreement
from gateway.core.model import Case, Ruling, Tell
from services.kit.access.actor import Actor, Person, Role, Scope, System
from tests.support.answering import answerer
from tests.support.databases import NewDatabase
from tests.support.gateway import Gateway, Parties, open_gateway
from tests.support.holding import HeldCase, answer, found, holds_of, take_what_is_incomplete

COORDINATOR = answerer(
    "kent-mappa-unit", subject="c-1", name="Beatrix Holloway-Ash", roles=["MAPPA_COORDINATOR"]
)
CHAIR = answerer("kent-mappa-unit", subject="c-2", name="Orson Thackerly", roles=["MEETING_CHAIR"])
YOUTH = answerer("kent-yot", subject="y-1", name="Ivo Marchbank", job="YOT_OPERATIONS_MANAGER", roles=[])
CHILDREN = answerer(
    "kent-childrens", subject="s-1", name="Della Quince", job="DIRECTOR_OF_CHILDRENS_SERVICES", roles=[]
)
pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def _vectors_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    take_what_is_incomplete(monkeypatch)


async def test_a_restart_between_two_keys_changes_nothing(
    everybody: Parties, tmp_path: Path, databases: NewDatabase
) -> None:
    case = HeldCase("REDACTION_APPROVED", everybody)
    async with open_gateway(case.parties, tmp_path, decide_by=case.decide, databases=databases) as gateway:
        hold = await case.send(gateway)
        assert await answer(gateway, hold, HOLD_VERDICT_GRANT, COORDINATOR) == ""
        assert (await found(gateway, hold.hold_id)).state is HoldState.OPEN
    async with open_gateway(case.parties, tmp_path, decide_by=case.decide, databases=databases) as gateway:
        assert (await found(gateway, hold.hold_id)) == hold
        both = answerer("kent-mappa-unit", subject="c-1", name="B. Holloway-Ash", roles=["MEETING_CHAIR"])
        renamed = answerer(
            "kent-mappa-unit", subject="other", name="beatrix  holloway-ash", roles=["MEETING_CHAIR"]
        )
        for same in (COORDINATOR, both, renamed):
            assert await answer(gateway, hold, HOLD_VERDICT_GRANT, same) == "HOLD_SAME_PERSON"
        assert (await found(gateway, hold.hold_id)).state is HoldState.OPEN
        assert await answer(gateway, hold, HOLD_VERDICT_GRANT, CHAIR) == ""
        assert (await found(gateway, hold.hold_id)).state is HoldState.GRANTED
        kinds = [row.type for row in await gateway.records() if row.type.startswith("HOLD_")]
        assert kinds == ["HOLD_KEY_TURNED", "HOLD_GRANTED"]


async def test_whoever_turned_the_first_key_is_told_what_is_missing(
    everybody: Parties, tmp_path: Path, databases: NewDatabase
) -> None:
    case = HeldCase("REDACTION_APPROVED", everybody)
    async with open_gateway(case.parties, tmp_path, decide_by=case.decide, databases=databases) as gateway:
        hold = await case.send(gateway)
        await gateway.received(hold.organisation)
        sealed = gateway.answer(hold.organisation, hold.hold_id, HOLD_VERDICT_GRANT, answerer=CHAIR)
        await gateway.take(sealed.arrival)
        [told], _ = await gateway.received(hold.organisation)
        assert told.kind == outcome_pb2.OUTCOME_KIND_HOLD_KEY_TURNED
        [held] = told.decisions[0].held
        assert [(each.key, each.job) for each in held.turned] == [(1, CHAIR.job)]
        [shown] = [each for each in await queue(gateway, case) if each.hold_id == hold.hold_id]
        assert (list(shown.missing), shown.owner) == ([0], "kent-mappa-unit")
        assert await answer(gateway, hold, HOLD_VERDICT_DECLINE, COORDINATOR) == ""
        assert (await found(gateway, hold.hold_id)).state is HoldState.DECLINED


def coordinator(case: HeldCase, area: str = "") -> Actor:
    own = case.parties.directory.organisations["kent-mappa-unit"].area
    roles = frozenset({Role.MAPPA_COORDINATOR})
    person = Person(
        "c-1", "Beatrix Holloway-Ash", "MAPPA_COORDINATOR", roles, "kent-mappa-unit", "coordination"
    )
    seen = replace(person, area=area or own)
    system = System("kent-mappa-unit", "case-system")
    return Actor(system, Role.MAPPA_COORDINATOR, seen, Scope.AREA)


async def queue(gateway: Gateway, case: HeldCase, area: str = "") -> list[HeldExchange]:
    who = coordinator(case, area)
    return list((await HoldQueue(gateway.store, gateway.tools).page(who, ListHeldRequest())).held)


async def test_a_co_ordinator_sees_what_waits_in_her_area_and_nothing_else(
    everybody: Parties, tmp_path: Path, databases: NewDatabase
) -> None:
    case = HeldCase("DWP_CONTACT_CONSULTED", everybody)
    async with open_gateway(case.parties, tmp_path, decide_by=case.decide, databases=databases) as gateway:
        hold = await case.send(gateway)
        [shown] = [each for each in await queue(gateway, case) if each.hold_id == hold.hold_id]
        assert (shown.prerequisite, shown.owner) == ("DWP_CONTACT_CONSULTED", "kent-probation")
        assert shown.age.ToTimedelta().total_seconds() == 0
        assert shown.escalates_at.ToSeconds() == int(hold.escalates_at.timestamp())
        assert [each.roles for each in shown.requirement.keys]
        assert await queue(gateway, case, area="norfolk") == []


async def test_one_hold_is_shown_open_and_ended_to_its_area_alone(
    everybody: Parties, tmp_path: Path, databases: NewDatabase
) -> None:
    case = HeldCase("REDACTION_APPROVED", everybody)
    async with open_gateway(case.parties, tmp_path, decide_by=case.decide, databases=databases) as gateway:
        hold, view = await case.send(gateway), HoldQueue(gateway.store, gateway.tools)
        shown = await view.find(coordinator(case), hold.hold_id)
        assert shown is not None
        assert (shown.state, list(shown.missing)) == (HOLD_STATE_OPEN, [0, 1])
        [counted] = await view.count(coordinator(case))
        assert (counted.owner, counted.open, counted.title) == (hold.organisation, 1, shown.title)
        assert await answer(gateway, hold, HOLD_VERDICT_DECLINE, COORDINATOR) == ""
        ended = await view.find(coordinator(case), hold.hold_id)
        assert ended is not None
        assert (ended.state, list(ended.missing)) == (HOLD_STATE_DECLINED, [])
        assert ended.HasField("closed_at")
        for stranger in (coordinator(case, "norfolk"), replace(coordinator(case), scope=Scope.METADATA)):
            assert await view.find(stranger, hold.hold_id) is None
            assert await view.count(stranger) == []
        assert await view.find(coordinator(case), "nothing") is None
        assert await view.count(coordinator(case)) == []


@pytest.fixture
def two_keys(everybody: Parties) -> HeldCase:
    """A meeting decided about a child, and neither key is on record."""
    case = HeldCase("CHILDRENS_SERVICES_KEY", everybody)
    kept = [each for each in case.read.case.facts if each.name != "youth_offending_key"]
    case.read = replace(case.read, case=replace(case.read.case, facts=tuple(kept)))
    return case


async def keys(gateway: Gateway, case: HeldCase) -> tuple[HoldRow, HoldRow]:
    hold = await case.send(gateway)
    rows = {row.prerequisite: row for row in await holds_of(gateway, hold.exchange_id)}
    return rows["YOUTH_OFFENDING_KEY"], rows["CHILDRENS_SERVICES_KEY"]


async def test_each_agency_turns_its_own_key(
    two_keys: HeldCase, tmp_path: Path, databases: NewDatabase
) -> None:
    async with open_gateway(
        two_keys.parties, tmp_path, decide_by=two_keys.decide, databases=databases
    ) as gateway:
        first, second = await keys(gateway, two_keys)
        assert (first.organisation, second.organisation) == ("kent-yot", "kent-childrens")
        assert await answer(gateway, first, HOLD_VERDICT_GRANT, YOUTH) == ""
        assert (await found(gateway, second.hold_id)).state is HoldState.OPEN
        junior = answerer("kent-childrens", subject="s-2", name="Ned Fallow", job="SOCIAL_WORKER", roles=[])
        assert await answer(gateway, second, HOLD_VERDICT_GRANT, junior) == "HOLD_WRONG_PERSON"
        lent = answerer(
            "kent-childrens", subject="s-3", name=YOUTH.name, job="DIRECTOR_OF_CHILDRENS_SERVICES", roles=[]
        )
        assert await answer(gateway, second, HOLD_VERDICT_GRANT, lent) == "HOLD_SAME_PERSON"
        assert await answer(gateway, second, HOLD_VERDICT_GRANT, CHILDREN) == ""


async def test_a_key_is_not_asserted_beside_its_hold(
    two_keys: HeldCase, tmp_path: Path, databases: NewDatabase
) -> None:
    async with open_gateway(
        two_keys.parties, tmp_path, decide_by=two_keys.decide, databases=databases
    ) as gateway:
        first, _ = await keys(gateway, two_keys)
        facts = facts_pb2.Facts(youth_offending_key=facts_pb2.Fact(answer=facts_pb2.ANSWER_YES))
        said = FactAssertion(
            exchange_id=first.exchange_id, facts=facts, answerer=answerer(first.organisation)
        )
        await gateway.take(gateway.to_gateway(first.organisation, said).arrival)
        assert (await found(gateway, first.hold_id)).state is HoldState.OPEN
        [record] = await gateway.records("FACTS_RECORDED")
        assert json.loads(record.entry or "")["facts_ignored"] == ["youth_offending_key"]


async def test_one_agency_turns_one_key_only(
    two_keys: HeldCase, tmp_path: Path, databases: NewDatabase
) -> None:
    """Where neither agency takes part the unit is asked for both, and may turn one."""
    absent = {"kent-yot", "kent-childrens"}
    entries = tuple(each for each in two_keys.parties.entries if each.organisation not in absent)
    two_keys.parties = replace(two_keys.parties, entries=entries)
    index = two_keys.parties.world.directory
    two_keys.read = replace(two_keys.read, world=replace(two_keys.read.world, directory=index))
    async with open_gateway(
        two_keys.parties, tmp_path, decide_by=two_keys.decide, databases=databases
    ) as gateway:
        first, second = await keys(gateway, two_keys)
        assert {first.organisation, second.organisation} == {"kent-mappa-unit"}
        assert await answer(gateway, first, HOLD_VERDICT_GRANT, CHAIR) == ""
        other = answerer("kent-mappa-unit", subject="c-9", name="Perpetua Lodestar", roles=["MEETING_CHAIR"])
        assert await answer(gateway, second, HOLD_VERDICT_GRANT, other) == "HOLD_SAME_AGENCY"


async def test_a_sender_that_may_not_know_of_a_hold_hears_nothing_of_it(
    everybody: Parties, tmp_path: Path, databases: NewDatabase
) -> None:
    case = HeldCase("OWNER_AGREES", everybody)

    def untold(asked: Case, known: tuple[Agreement, ...]) -> tuple[Ruling, ...]:
        return tuple(
            replace(ruling, held=tuple(replace(item, tell_sender=Tell.NOTHING) for item in ruling.held))
            for ruling in case.decide(asked, known)
        )

    async with open_gateway(case.parties, tmp_path, decide_by=untold, databases=databases) as gateway:
        sender = case.read.case.header.sender.organisation
        for verdict, kinds in (
            (HOLD_VERDICT_DECLINE, []),
            (HOLD_VERDICT_GRANT, [outcome_pb2.OUTCOME_KIND_DECIDED]),
        ):
            hold = await case.send(gateway)
            decided, _ = await gateway.received(sender)
            assert not any(item.held for told in decided for item in told.decisions)
            who = answerer(hold.organisation)
            assert await answer(gateway, hold, verdict, who) == ""
            outcomes, _ = await gateway.received(sender)
            assert [told.kind for told in outcomes] == kinds
            assert hold.hold_id not in "".join(map(str, outcomes))


async def test_whoever_was_asked_is_told_that_the_hold_ended(
    everybody: Parties, tmp_path: Path, databases: NewDatabase
) -> None:
    case = HeldCase("CHILDRENS_SERVICES_KEY", everybody)
    async with open_gateway(case.parties, tmp_path, decide_by=case.decide, databases=databases) as gateway:
        hold = await case.send(gateway)
        others = [row for row in await holds_of(gateway, hold.exchange_id) if row.hold_id != hold.hold_id]
        assert others
        await gateway.received(hold.organisation)
        for row in others:
            await gateway.received(row.organisation)
        assert await answer(gateway, hold, HOLD_VERDICT_DECLINE, CHILDREN) == ""
        for row in others:
            assert (await found(gateway, row.hold_id)).state is HoldState.LIFTED
            outcomes, _ = await gateway.received(row.organisation)
            ended = [told for told in outcomes if told.kind == outcome_pb2.OUTCOME_KIND_HOLD_LIFTED]
            assert row.hold_id in {held.hold_id for told in ended for held in told.decisions[0].held}
        records = [json.loads(row.entry or "") for row in await gateway.records("HOLD_ENDED")]
        assert {(each["hold"], each["reason"]) for each in records} == {
            (row.hold_id, "LIFTED") for row in others
        }


async def test_what_nobody_answers_ends_once_and_all_concerned_are_told(
    everybody: Parties, tmp_path: Path, databases: NewDatabase
) -> None:
    case = HeldCase("DWP_CONTACT_CONSULTED", everybody)
    async with open_gateway(case.parties, tmp_path, decide_by=case.decide, databases=databases) as gateway:
        hold = await case.send(gateway)
        await gateway.received(hold.organisation)
        first, second = (HoldExpiry(gateway.store, gateway.tools, interval_s=1) for _ in range(2))
        assert await first.end_due() == 0
        assert hold.expires_at is not None
        case.parties.clock.moment = hold.expires_at
        assert (await first.end_due(), await second.end_due()) == (1, 0)
        outcomes, _ = await gateway.received(hold.organisation)
        kinds = [told.kind for told in outcomes]
        # Sender and the one that was asked are the same organisation here: it is told as both.
        assert kinds.count(outcome_pb2.OUTCOME_KIND_EXPIRED) == 2
        assert (await found(gateway, hold.hold_id)).state is HoldState.EXPIRED
