"""The rulebook and tries over mutual TLS with two tokens: who reads, what is kept, what stays hidden."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import grpc.aio
import pytest
from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import decision_pb2, facts_pb2, header_pb2
from publicprotection.oversight.v1 import rulebook_service_pb2 as pb2
from publicprotection.oversight.v1.rulebook_service_pb2_grpc import RulebookServiceStub

from gateway.app.changes import Changes
from gateway.core.in_force import InForce, Versioned
from gateway.rpc.rulebook import serve_rulebook
from services.kit.access.actor import Role
from services.kit.directory import GATEWAY
from services.kit.rpc.client import read_refusal
from tests.support.agreement_acts import take_over
from tests.support.gateway import Parties, open_gateway
from tests.support.rules_served import rulebook_parts
from tests.support.served import Served, serve_gateway_parts

TIMEOUT_S = 30
POLICE, PROBATION, DWP = "kent-police", "kent-probation", "dwp-kent"
UNIT = "kent-mappa-unit"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with open_gateway(Parties(), tmp_path) as gateway:
        await take_over(gateway)
        async with serve_gateway_parts(gateway, [serve_rulebook(rulebook_parts(gateway))]) as running:
            yield running


def question(**changes: object) -> pb2.TryExchangeRequest:
    asked = pb2.TryExchangeRequest(
        sender=organisation_pb2.DeskReference(organisation=PROBATION, desk="sentence-management"),
        recipient=organisation_pb2.DeskReference(organisation=DWP, desk="mappa-spoc"),
        document_type="RestrictionNotice",
        purpose=header_pb2.PURPOSE_MANAGE_RISK,
    )
    asked.MergeFrom(pb2.TryExchangeRequest(**changes))  # type: ignore[arg-type]  # names of the message
    return asked


async def try_it(served: Served, organisation: str = POLICE, **changes: object) -> pb2.TryExchangeResponse:
    async with served.channel(organisation, Role.PRACTITIONER) as channel:
        return await RulebookServiceStub(channel).TryExchange(question(**changes), timeout=TIMEOUT_S)


PEOPLE = [each for each in Role if each not in (Role.AGENCY_SYSTEM, Role.AUDITOR, Role.OPERATOR)]


@pytest.mark.parametrize("role", PEOPLE)
async def test_everybody_who_signs_in_reads_the_rulebook(served: Served, role: Role) -> None:
    async with served.channel(POLICE, role) as channel:
        stub = RulebookServiceStub(channel)
        listed = await stub.ListEntries(pb2.ListEntriesRequest(paragraph="MAPPA 21.28"), timeout=TIMEOUT_S)
        got = await stub.GetEntry(pb2.GetEntryRequest(id="MAPPA-21.28"), timeout=TIMEOUT_S)
    assert "MAPPA-21.28" in {each.id for each in listed.entries}
    assert listed.rulebook.version == served.gateway.parties.world.rulebook.version
    assert listed.rulebook.entries > len(listed.entries)
    assert got.entry.paragraph == "MAPPA 21.27, 21.28"
    assert "subject restriction" in {each.label: each.text for each in got.details}["What it does"]


async def test_the_gateways_own_people_read_it_too(served: Served) -> None:
    for role in (Role.AUDITOR, Role.OPERATOR):
        async with served.channel(GATEWAY, role) as channel:
            await RulebookServiceStub(channel).ListEntries(pb2.ListEntriesRequest(), timeout=TIMEOUT_S)


async def test_a_rule_names_the_clauses_of_agreements_that_the_caller_is_party_to(served: Served) -> None:
    seen = {}
    for organisation in (DWP, "kent-housing"):
        async with served.channel(organisation, Role.PRACTITIONER) as channel:
            request = pb2.GetEntryRequest(id="MAPPA-21.28")
            got = await RulebookServiceStub(channel).GetEntry(request, timeout=TIMEOUT_S)
            seen[organisation] = {each.agreement_id for each in got.clauses}
    assert "kent-dwp" in seen[DWP]
    assert "kent-dwp" not in seen["kent-housing"]


async def test_since_when_it_is_in_force_stands_in_the_log(served: Served) -> None:
    version, gateway = served.gateway.parties.world.rulebook.version, served.gateway
    edition, _, digest = version.partition("+")
    in_force = InForce(Versioned("1", "d"), Versioned(edition, digest), {}, {})
    async with served.channel(POLICE, Role.PRACTITIONER) as channel:
        stub = RulebookServiceStub(channel)
        before = await stub.ListEntries(pb2.ListEntriesRequest(), timeout=TIMEOUT_S)
        await Changes(gateway.store, gateway.tools, lambda: in_force).note()
        while await gateway.sequencer.sequence_batch():
            pass
        after = await stub.ListEntries(pb2.ListEntriesRequest(), timeout=TIMEOUT_S)
    assert not before.rulebook.HasField("since")
    assert after.rulebook.since.seconds == int(gateway.tools.clock.now().timestamp())


async def test_an_entry_that_there_is_not_is_not_found(served: Served) -> None:
    async with served.channel(POLICE, Role.PRACTITIONER) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await RulebookServiceStub(channel).GetEntry(pb2.GetEntryRequest(id="MAPPA-99"), timeout=TIMEOUT_S)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_try_says_what_goes_what_stays_and_why(served: Served) -> None:
    managed = pb2.SupposedFact(fact="mappa_managed", answer=facts_pb2.ANSWER_YES)
    tried = await try_it(served, agreements=pb2.SUPPOSED_AGREEMENTS_EVERYTHING, facts=[managed])
    by_treatment: dict[int, set[str]] = {}
    for each in tried.parts:
        by_treatment.setdefault(each.treatment, set()).add(each.category)
    kept = {each.rule.rule for each in tried.parts if each.treatment == pb2.TRIED_TREATMENT_WITHHELD}
    assert "SUBJECT_OFFENCE" in by_treatment[pb2.TRIED_TREATMENT_WITHHELD]
    assert "MAPPA-21.28" in kept
    assert {"mappa_managed"} <= {each.fact for each in tried.facts}
    assert tried.lawful_bases
    assert all("[" not in path for each in tried.parts for path in each.paths)


async def test_a_try_follows_the_agreements_that_are_supposed(served: Served) -> None:
    managed = pb2.SupposedFact(fact="mappa_managed", answer=facts_pb2.ANSWER_YES)
    none = await try_it(served, agreements=pb2.SUPPOSED_AGREEMENTS_NONE, facts=[managed])
    now = await try_it(served, facts=[managed])
    assert not none.decision.HasField("agreement")
    assert none.decision.outcome != decision_pb2.DECISION_OUTCOME_RELEASED
    assert now.decision.agreement.agreement == "kent-dwp"


async def test_a_circumstance_that_is_said_is_not_tried_both_ways(served: Served) -> None:
    first = await try_it(served, agreements=pb2.SUPPOSED_AGREEMENTS_EVERYTHING)
    circumstance = first.circumstances[0].circumstance
    so = pb2.SupposedCircumstance(circumstance=circumstance, answer=facts_pb2.ANSWER_YES)
    second = await try_it(served, agreements=pb2.SUPPOSED_AGREEMENTS_EVERYTHING, circumstances=[so])
    said = {each.circumstance: each.answer for each in second.circumstances}
    assert said[circumstance] == facts_pb2.ANSWER_YES


async def test_nothing_is_kept_of_a_try(served: Served) -> None:
    async def records() -> int:
        async with served.gateway.store.reading() as unit:
            return len(await unit.log.page(0, 1_000, None))

    before = await records()
    await try_it(served)
    assert await records() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"document_type": "Nothing"}, "document_type"),
        ({"facts": [pb2.SupposedFact(fact="moon_full", answer=facts_pb2.ANSWER_YES)]}, "facts"),
        ({"without": ["document.wings"]}, "without"),
        (
            {"circumstances": [pb2.SupposedCircumstance(circumstance="X-1", answer=facts_pb2.ANSWER_YES)]},
            "circumstances",
        ),
    ],
)
async def test_what_there_is_not_cannot_be_tried(
    served: Served, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await try_it(served, POLICE, **changes)
    refusal = read_refusal(refused.value)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert [each.field for each in refusal.violations] == [field]


async def test_a_desk_that_is_kept_to_a_few_is_for_others_as_if_there_were_none(served: Served) -> None:
    hidden = organisation_pb2.DeskReference(organisation=POLICE, desk="terrorism-liaison")
    nowhere = organisation_pb2.DeskReference(organisation=POLICE, desk="no-such-desk")
    kept, absent = [await try_it(served, "kent-housing", recipient=each) for each in (hidden, nowhere)]
    for each in (kept, absent):
        each.decision.recipient.desk = ""
    assert kept == absent
    own = await try_it(served, "kent-housing", sender=hidden)
    assert own.decision.reason.rule == kept.decision.reason.rule


@pytest.mark.parametrize(("organisation", "sees"), [(POLICE, True), ("kent-housing", False)])
async def test_choices_hold_no_desk_that_is_kept_to_a_few(
    served: Served, organisation: str, sees: bool
) -> None:
    async with served.channel(organisation, Role.PRACTITIONER) as channel:
        request = pb2.ListTryChoicesRequest(sender=POLICE)
        found = await RulebookServiceStub(channel).ListTryChoices(request, timeout=TIMEOUT_S)
    desks = {desk.desk for each in found.organisations for desk in each.desks}
    assert ("terrorism-liaison" in desks) is sees
    assert any(each.purposes for each in found.documents)
    titles = [each.title for each in found.documents]
    assert titles == sorted(titles, key=str.casefold)
