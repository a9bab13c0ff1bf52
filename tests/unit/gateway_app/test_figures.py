"""What is counted as exchanges are decided, held, delivered and recalled, and who sees how much of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TypedDict, Unpack

import pytest
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.exchange.v1 import recall_pb2
from publicprotection.exchange.v1.gateway_documents_pb2 import HOLD_VERDICT_GRANT
from publicprotection.exchange.v1.inbox_service_pb2 import ACKNOWLEDGEMENT_KIND_RECEIVED
from publicprotection.oversight.v1 import figures_service_pb2 as pb2

from gateway.app.clocks.firing import Timekeeper
from gateway.app.figures.rebuilding import rebuild
from gateway.app.figures.view import FiguresView
from gateway.core.tallies import BY_DEFAULT, Figure, KeptFrom, Tally
from services.kit.access.actor import Actor, Clearance, Scope
from tests.support.acting import officer
from tests.support.databases import NewDatabase
from tests.support.gateway import TODAY, Gateway

pytestmark = pytest.mark.both_databases
Counts = dict[str, int]
TALLY = Tally(TODAY, Figure.EXCHANGE, "kent-probation")
TALLIES = "SELECT * FROM tally ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"


class Only(TypedDict, total=False):
    organisation: str
    document_type: str


def named(counts: Iterable[pb2.FigureCount]) -> Counts:
    return {pb2.Figure.Name(each.figure).removeprefix("FIGURE_"): each.count for each in counts}


def _day(written: Date) -> date:
    return date(written.year, written.month, written.day)


async def figures(
    gateway: Gateway, actor: Actor | None = None, *, last: date = TODAY, only: Only | None = None
) -> pb2.GetFiguresResponse:
    request = pb2.GetFiguresRequest(step=pb2.FIGURE_STEP_DAY, **(only or {}))
    view = FiguresView(gateway.store, gateway.tools)
    return await view.get(actor or officer(), request, TODAY - timedelta(days=2), last)


async def totals(gateway: Gateway, actor: Actor | None = None, **only: Unpack[Only]) -> Counts:
    return named((await figures(gateway, actor, only=only)).totals)


async def contribute(gateway: Gateway) -> tuple[str, str]:
    """A contribution, part of which waits for the police: the exchange and the hold."""
    sealed = gateway.step("contribution")
    assert await gateway.take(sealed.arrival) == [None]
    [asked], _ = await gateway.received(gateway.parties.of_kind("POLICE"))
    return sealed.exchange_id, asked.decisions[0].held[0].hold_id


async def test_an_exchange_counts_once_and_each_decision_too(gateway: Gateway) -> None:
    await gateway.take(gateway.step("release-notice").arrival)
    found = await figures(gateway)
    counted = named(found.totals)
    outcomes = ("RELEASED_IN_FULL", "RELEASED_IN_PART", "HELD", "REFUSED")
    assert counted["EXCHANGE"] == 1
    assert sum(counted.get(each, 0) for each in outcomes) == 3
    assert [each.document_type for each in found.documents] == ["ReleaseNotice"]
    assert len(found.series) == 3
    assert named(found.series[-1].counts)["EXCHANGE"] == 1
    assert found.counted_since == Date(year=2026, month=11, day=23)
    assert {each.rule for each in found.rules if "WITHHELD_BY_RULE" in named(each.counts)}


async def test_a_hold_counts_as_it_opens_and_as_it_ends(gateway: Gateway) -> None:
    _, hold_id = await contribute(gateway)
    before = await figures(gateway)
    assert (before.holds_open, named(before.totals)["HOLD_OPENED"]) == (1, 1)
    police = gateway.parties.of_kind("POLICE")
    await gateway.take(gateway.answer(police, hold_id, HOLD_VERDICT_GRANT).arrival)
    after = await figures(gateway)
    counted = named(after.totals)
    assert (after.holds_open, counted["HOLD_GRANTED"], counted["RELEASED_LATER"]) == (0, 1, 1)
    [asked] = [each for each in after.agencies if each.organisation == police]
    assert named(asked.owed) == {"HOLD_OPENED": 1, "HOLD_GRANTED": 1}
    [waited] = [each for each in after.rules if each.rule == "OWNER_AGREES"]
    assert named(waited.counts) == {"HOLD_OPENED": 1, "HOLD_GRANTED": 1}


async def test_an_acknowledgement_counts_on_the_day_of_the_release_and_once(gateway: Gateway) -> None:
    await contribute(gateway)
    unit = gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    _, [(delivery, _)] = await gateway.received(unit)
    await gateway.take(gateway.receipt(unit, delivery))
    gateway.parties.clock.advance(timedelta(days=1))
    await gateway.take(gateway.acknowledgement(unit, delivery, ACKNOWLEDGEMENT_KIND_RECEIVED))
    await gateway.take(gateway.acknowledgement(unit, delivery, ACKNOWLEDGEMENT_KIND_RECEIVED))
    counted = await totals(gateway)
    assert (counted["DELIVERED"], counted["ACKNOWLEDGED"]) == (1, 1)


async def test_what_is_recalled_before_it_left_is_not_taken(gateway: Gateway) -> None:
    exchange_id, _ = await contribute_unpublished(gateway)
    document = recall_pb2.ExchangeRecall(
        recalled_exchange_id=exchange_id, kind=recall_pb2.RECALL_KIND_SENT_IN_ERROR, reason="Wrong person."
    )
    probation = gateway.parties.of_kind("PROBATION")
    assert await gateway.take(gateway.to_gateway(probation, document).arrival) == [None]
    counted = await totals(gateway)
    assert [counted.get(each) for each in ("RECALLED", "NOT_TAKEN", "HOLD_LIFTED")] == [1, 1, 1]


async def contribute_unpublished(gateway: Gateway) -> tuple[str, str]:
    sealed = gateway.step("contribution")
    assert await gateway.take(sealed.arrival) == [None]
    return sealed.exchange_id, sealed.organisation


async def test_what_is_undone_is_not_counted(gateway: Gateway) -> None:
    async with gateway.store.writing() as unit:
        unit.tallies.add([TALLY])
        with pytest.raises(ZeroDivisionError):  # noqa: PT012  # what is undone is the whole block
            async with unit.savepoint():
                unit.tallies.add([TALLY, replace(TALLY, sender="kent-prison")])
                raise ZeroDivisionError
        unit.tallies.add([TALLY])
    with pytest.raises(ZeroDivisionError):  # noqa: PT012  # as above
        async with gateway.store.writing() as unit:
            unit.tallies.add([TALLY])
            raise ZeroDivisionError
    assert await totals(gateway) == {"EXCHANGE": 2}


async def test_what_comes_twice_counts_once(gateway: Gateway) -> None:
    sealed = gateway.step("contribution")
    await gateway.take(sealed.arrival, sealed.arrival)
    await gateway.take(sealed.arrival)
    assert (await totals(gateway))["EXCHANGE"] == 1


async def test_a_restricted_desk_is_counted_for_those_alone_who_are_cleared(gateway: Gateway) -> None:
    hidden = replace(TALLY, recipient="kent-police", kept_from=KeptFrom.UNCLEARED)
    async with gateway.store.writing() as unit:
        unit.tallies.add([hidden])
    assert await totals(gateway) == {}
    person = replace(officer().require_person(), clearances=frozenset({Clearance.RESTRICTED}))
    assert await totals(gateway, replace(officer(), person=person)) == {"EXCHANGE": 1}


async def test_a_limit_that_passes_counts_on_the_day_on_which_it_does(gateway: Gateway) -> None:
    await contribute(gateway)
    gateway.parties.clock.advance(timedelta(days=20))
    keeper = Timekeeper(gateway.store, gateway.tools, interval_s=1)
    while await keeper.fire_due():
        pass
    found = await figures(gateway, last=TODAY + timedelta(days=20))
    assert named(found.totals)["CLOCK_OVERDUE"] == found.clocks_overdue > 0
    days = [_day(each.starts_on) for each in found.series if "CLOCK_OVERDUE" in named(each.counts)]
    assert days
    assert max(days) < TODAY + timedelta(days=20)


async def test_an_officer_sees_what_the_own_organisation_sent_got_and_owes(gateway: Gateway) -> None:
    await contribute(gateway)
    parties = gateway.parties
    sender = await totals(gateway, officer(parties.of_kind("PROBATION")))
    assert {"EXCHANGE", "RELEASED_IN_PART", "HOLD_OPENED", "DELIVERED"} <= set(sender)
    assert await totals(gateway, officer(parties.of_kind("POLICE"))) == {"HOLD_OPENED": 1}
    unit = officer(scope=Scope.ORGANISATION)
    assert await totals(gateway, unit) == {"DELIVERED": 1}
    assert await totals(gateway, officer(parties.of_kind("DWP"))) == {}


@pytest.mark.parametrize("scope", [Scope.NONE, Scope.DESK])
async def test_another_scope_or_area_shows_nothing(gateway: Gateway, scope: Scope) -> None:
    await contribute(gateway)
    assert await totals(gateway, replace(officer(), scope=scope)) == {}
    other = await figures(gateway, officer(area="essex"))
    assert (named(other.totals), other.holds_open, list(other.agencies)) == ({}, 0, [])


async def test_figures_are_narrowed_to_an_organisation_and_a_document(gateway: Gateway) -> None:
    await contribute(gateway)
    await gateway.take(gateway.step("release-notice").arrival)
    assert (await totals(gateway))["EXCHANGE"] == 2
    prison = gateway.parties.of_kind("PRISON")
    assert (await totals(gateway, organisation=prison))["EXCHANGE"] == 1
    counted = await totals(gateway, document_type="AgencyContribution")
    assert (counted["EXCHANGE"], counted["DELIVERED"]) == (1, 1)


async def test_counting_again_comes_to_the_same(
    gateway: Gateway, tmp_path: Path, databases: NewDatabase
) -> None:
    database = databases(tmp_path / "gateway.db")
    _, hold_id = await contribute(gateway)
    await gateway.take(gateway.step("release-notice").arrival, gateway.step("restrictions").arrival)
    answer = gateway.answer(gateway.parties.of_kind("POLICE"), hold_id, HOLD_VERDICT_GRANT)
    await gateway.take(answer.arrival)
    counted = database.ask(TALLIES)
    assert await rebuild(gateway.store, gateway.parties.directory, page=2) == 3
    assert database.ask(TALLIES) == counted


def test_checks_that_count_as_by_default_are_those_of_the_rulebook(gateway: Gateway) -> None:
    gates = gateway.parties.world.rulebook.gates
    named_gates = (gates.not_agreed, gates.no_agreement, gates.other_basis, gates.associate_risk)
    assert {*(each.id for each in named_gates), gates.unclassified.id} == BY_DEFAULT
