"""Agreements over mutual TLS with two tokens: who sees them, who signs, what is refused and how."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import grpc.aio
import pytest
import yaml
from google.protobuf.struct_pb2 import Struct
from publicprotection.oversight.v1 import agreement_service_pb2 as pb2
from publicprotection.oversight.v1.agreement_service_pb2_grpc import AgreementServiceStub

from deploy.certificates import CertificateAuthority
from gateway.app.agreement_impact import AgreementImpact
from gateway.app.agreement_view import AgreementView
from gateway.rpc.agreements import AgreementParts, serve_agreements
from services.kit.access.actor import Role
from services.kit.credentials import TlsIdentity
from services.kit.directory import GATEWAY
from services.kit.rpc.client import open_channel, read_refusal
from services.kit.rpc.health import Health
from services.kit.rpc.server import RpcServer, ServerOptions
from services.kit.settings import Limits, Listen
from tests.support.agreement_acts import CONTROLLERS, DWP_KENT, POLICE, UNIT, desk_of, draft, take_over
from tests.support.gateway import Gateway, Parties, open_gateway
from tests.support.identity import as_person, gateway_gate, tokens_for

if TYPE_CHECKING:
    from publicprotection.oversight.v1.agreement_service_pb2_grpc import AgreementServiceAsyncStub

AREA = "kent-and-medway"
TIMEOUT_S = 30


@dataclass
class Served:
    gateway: Gateway
    authority: CertificateAuthority
    port: int

    @asynccontextmanager
    async def stub(
        self, organisation: str, role: Role = Role.AGREEMENT_SIGNATORY, name: str = "Ada Merrow"
    ) -> AsyncIterator["AgreementServiceAsyncStub"]:
        certificate, key = self.authority.issue("caller", organisation)
        tls = TlsIdentity(certificate, key, self.authority.certificate_pem)
        person = replace(as_person(organisation, role, name=name, area=AREA), subject=f"id-{name}")
        tokens = tokens_for(tls, organisation, person)
        async with open_channel(f"localhost:{self.port}", tls, tokens=tokens) as channel:
            yield AgreementServiceStub(channel)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    authority = CertificateAuthority.create()
    certificate, key = authority.issue("gateway", GATEWAY)
    tls = TlsIdentity(certificate, key, authority.certificate_pem)
    async with open_gateway(Parties(), tmp_path) as gateway:
        await take_over(gateway)
        view = AgreementView(gateway.store, gateway.tools)
        impact = AgreementImpact(gateway.store, gateway.tools, view, lambda: gateway.parties.world)
        services = [serve_agreements(AgreementParts(desk_of(gateway), view, impact))]
        gate = gateway_gate(lambda: gateway.parties.directory, services)
        options = ServerOptions(Listen(), tls, Limits(), gate.gatekeeper)
        server = RpcServer(options, services, Health([service.name for service in services], needed={}))
        port = await server.start()
        try:
            yield Served(gateway, authority, port)
        finally:
            await server.stop()


async def propose(served: Served, text: str = "") -> pb2.ProposeAgreementResponse:
    async with served.stub(UNIT) as stub:
        request = pb2.ProposeAgreementRequest(yaml=text or draft("2"), reason="Two years on")
        return await stub.ProposeAgreement(request, timeout=TIMEOUT_S)


async def test_a_version_is_proposed_read_and_signed_by_two_of_each(served: Served) -> None:
    proposed = (await propose(served)).agreement
    assert proposed.standing == pb2.AGREEMENT_STANDING_DRAFT
    named = {"agreement_id": "kent-dwp", "version": "2"}
    for organisation in CONTROLLERS:
        for name in ("Ada Merrow", "Bo Tindall"):
            async with served.stub(organisation, name=name) as stub:
                shown = await stub.GetAgreement(pb2.GetAgreementRequest(**named), timeout=TIMEOUT_S)
                request = pb2.SignAgreementRequest(**named, digest=shown.agreement.digest)
                signed = await stub.SignAgreement(request, timeout=TIMEOUT_S)
    assert signed.agreement.standing == pb2.AGREEMENT_STANDING_IN_FORCE
    assert {each.signatures_given for each in signed.agreement.parties} == {2}
    async with served.stub(POLICE) as stub:
        listed = (await stub.ListAgreements(pb2.ListAgreementsRequest(), timeout=TIMEOUT_S)).agreements
    found = {each.version: each.standing for each in listed if each.agreement_id == "kent-dwp"}
    assert found == {"1": pb2.AGREEMENT_STANDING_SUPERSEDED, "2": pb2.AGREEMENT_STANDING_IN_FORCE}


async def test_a_version_tells_what_it_says_and_what_happened_to_it(served: Served) -> None:
    digest = (await propose(served)).agreement.digest
    named = {"agreement_id": "kent-dwp", "version": "2"}
    async with served.stub(POLICE, name="Bo Tindall") as stub:
        await stub.SignAgreement(pb2.SignAgreementRequest(**named, digest=digest), timeout=TIMEOUT_S)
    async with served.stub(DWP_KENT) as stub:
        shown = await stub.GetAgreement(pb2.GetAgreementRequest(**named), timeout=TIMEOUT_S)
    told = [(each.kind, each.organisation, each.person, each.reason) for each in shown.history]
    assert told == [
        (pb2.AGREEMENT_HAPPENING_KIND_PROPOSED, UNIT, "Ada Merrow", "Two years on"),
        (pb2.AGREEMENT_HAPPENING_KIND_SIGNED, POLICE, "Bo Tindall", ""),
    ]
    assert all(each.record_hash and each.HasField("at") for each in shown.history)
    assert list(shown.versions) == ["1", "2"]
    assert {"Retention", "Disposal", "Breaches"} <= {each.heading for each in shown.headings}
    assert all(each.documents and each.purposes and each.categories for each in shown.clauses)


async def test_whoever_sees_codes_alone_is_not_told_who_signed(served: Served) -> None:
    await propose(served)
    async with served.stub(GATEWAY, Role.AUDITOR) as stub:
        request = pb2.GetAgreementRequest(agreement_id="kent-dwp", version="2")
        shown = await stub.GetAgreement(request, timeout=TIMEOUT_S)
    assert [(each.organisation, each.person, each.reason) for each in shown.history] == [(UNIT, "", "")]


async def test_the_same_person_does_not_sign_twice(served: Served) -> None:
    digest = (await propose(served)).agreement.digest
    request = pb2.SignAgreementRequest(agreement_id="kent-dwp", version="2", digest=digest)
    async with served.stub(UNIT) as stub:
        await stub.SignAgreement(request, timeout=TIMEOUT_S)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.SignAgreement(request, timeout=TIMEOUT_S)
    refusal = read_refusal(refused.value)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "AGREEMENT_ACT_REFUSED")
    assert "somebody else of your organisation" in refusal.advice


@pytest.mark.parametrize(
    "role", [Role.PRACTITIONER, Role.SUPERVISOR, Role.DATA_PROTECTION_OFFICER, Role.OPERATOR]
)
async def test_nobody_signs_who_is_no_signatory(served: Served, role: Role) -> None:
    digest = (await propose(served)).agreement.digest
    async with served.stub(UNIT, role) as stub:
        request = pb2.SignAgreementRequest(agreement_id="kent-dwp", version="2", digest=digest)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.SignAgreement(request, timeout=TIMEOUT_S)
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_proposal_as_an_object_says_the_same_as_its_yaml(served: Served) -> None:
    first = (await propose(served)).agreement
    written = Struct()
    written.update(yaml.safe_load(draft("3")))
    async with served.stub(UNIT) as stub:
        request = pb2.ProposeAgreementRequest(structured=written)
        second = (await stub.ProposeAgreement(request, timeout=TIMEOUT_S)).agreement
    assert (second.version, second.title, second.parties) == ("3", first.title, first.parties)


async def test_a_fault_in_a_proposal_names_its_line(served: Served) -> None:
    text = draft("2").replace("SUBJECT_RESTRICTION,", "SUBJECT_RESTRICTIONS,")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await propose(served, text)
    refusal = read_refusal(refused.value)
    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "SUBJECT_RESTRICTIONS" in line)
    assert [each.field for each in refusal.violations] == [f"yaml:{line}"]


async def test_what_a_version_changes_is_said_clause_by_clause(served: Served) -> None:
    text = draft("2").replace(", STAFF_RISK_FLAG", "").replace(", desks: [mappa-spoc]", "")
    found = {(each.part, each.change, each.words) for each in (await propose(served, text)).differences}
    assert ("clause D1", pb2.AGREEMENT_CHANGE_NARROWED, "STAFF_RISK_FLAG no longer may go") in found
    assert ("clause D1", pb2.AGREEMENT_CHANGE_WIDENED, "recipient's desk: any, formerly mappa-spoc") in found
    async with served.stub(DWP_KENT) as stub:
        request = pb2.CompareAgreementsRequest(agreement_id="kent-dwp", from_version="2", to_version="1")
        back = (await stub.CompareAgreements(request, timeout=TIMEOUT_S)).differences
    assert ("clause D1", pb2.AGREEMENT_CHANGE_WIDENED, "STAFF_RISK_FLAG now may go") in {
        (each.part, each.change, each.words) for each in back
    }


async def test_the_impact_of_a_draft_is_shown_on_past_exchanges(served: Served) -> None:
    sealed = served.gateway.step("restrictions")
    await served.gateway.take(sealed.arrival)
    await propose(served, draft("2").replace(", STAFF_RISK_FLAG]", "]"))
    async with served.stub(UNIT) as stub:
        request = pb2.ShowImpactRequest(agreement_id="kent-dwp", version="2")
        shown = await stub.ShowImpact(request, timeout=TIMEOUT_S)
        request.version = "1"
        same = await stub.ShowImpact(request, timeout=TIMEOUT_S)
    assert (shown.tried, shown.same) == (1, 0)
    [item] = shown.items
    assert (item.exchange_id, item.verdict) == (sealed.exchange_id, pb2.IMPACT_VERDICT_CHANGED)
    assert any("no longer released" in line for line in item.differences)
    assert (same.tried, same.same, list(same.items)) == (1, 1, [])


async def test_who_is_no_party_sees_nothing_and_learns_nothing(served: Served) -> None:
    outsider = "kent-childrens"
    async with served.stub(outsider) as stub:
        listed = (await stub.ListAgreements(pb2.ListAgreementsRequest(), timeout=TIMEOUT_S)).agreements
        assert listed
        assert all(outsider in {party.organisation for party in each.parties} for each in listed)
        for named in ("kent-dwp", "no-such-agreement"):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await stub.GetAgreement(pb2.GetAgreementRequest(agreement_id=named), timeout=TIMEOUT_S)
            assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    async with served.stub(GATEWAY, Role.AUDITOR) as stub:
        seen = (await stub.ListAgreements(pb2.ListAgreementsRequest(), timeout=TIMEOUT_S)).agreements
    assert len(seen) == len(served.gateway.parties.world.agreements)


async def test_a_party_is_stopped_and_the_export_says_so(served: Served) -> None:
    async with served.stub(UNIT, Role.DATA_PROTECTION_OFFICER) as stub:
        request = pb2.SuspendPartyRequest(agreement_id="kent-dwp", party=DWP_KENT, reason="Lost a laptop")
        done = await stub.SuspendParty(request, timeout=TIMEOUT_S)
        assert len(done.act.record_hash) == 64
    async with served.stub(UNIT) as stub:
        got = await stub.GetAgreement(pb2.GetAgreementRequest(agreement_id="kent-dwp"), timeout=TIMEOUT_S)
        assert yaml.safe_load(got.yaml)["suspended"] == [DWP_KENT]
        resume = pb2.ResumePartyRequest(agreement_id="kent-dwp", party=DWP_KENT, reason="Put right")
        await stub.ResumeParty(resume, timeout=TIMEOUT_S)
        end = pb2.EndAgreementRequest(agreement_id="kent-dwp", version="1", reason="Over")
        await stub.EndAgreement(end, timeout=TIMEOUT_S)
        got = await stub.GetAgreement(pb2.GetAgreementRequest(agreement_id="kent-dwp"), timeout=TIMEOUT_S)
    assert got.agreement.standing == pb2.AGREEMENT_STANDING_EXPIRED


async def test_neither_party_nor_whole_stops_nothing(served: Served) -> None:
    async with served.stub(UNIT) as stub:
        request = pb2.SuspendPartyRequest(agreement_id="kent-dwp", reason="Why not")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.SuspendParty(request, timeout=TIMEOUT_S)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_flows_without_a_clause_are_listed_and_so_are_those_that_were_tried(served: Served) -> None:
    async with served.stub(UNIT) as stub:
        before = await stub.ListGaps(pb2.ListGapsRequest(organisation=DWP_KENT), timeout=TIMEOUT_S)
        known = {(each.document_type, each.recipient) for each in before.possible}
        assert ("RestrictionNotice", DWP_KENT) not in {
            (each.document_type, each.recipient)
            for each in before.possible
            if "kent-probation" in each.senders
        }
        end = pb2.EndAgreementRequest(agreement_id="kent-dwp", version="1", reason="Over")
        await stub.EndAgreement(end, timeout=TIMEOUT_S)
    sealed = served.gateway.step("restrictions")
    await served.gateway.take(sealed.arrival)
    async with served.stub(UNIT, Role.MAPPA_COORDINATOR) as stub:
        after = await stub.ListGaps(pb2.ListGapsRequest(organisation=DWP_KENT), timeout=TIMEOUT_S)
        tried = await stub.ListGaps(pb2.ListGapsRequest(tried_only=True), timeout=TIMEOUT_S)
    assert {(each.document_type, each.recipient) for each in after.possible} >= known | {
        ("RestrictionNotice", DWP_KENT)
    }
    assert not tried.possible
    [flow] = tried.tried
    assert (flow.document_type, flow.sender, flow.recipient) == (
        "RestrictionNotice",
        sealed.organisation,
        DWP_KENT,
    )
    assert (flow.exchanges, flow.waiting) == (1, 1)


async def test_a_review_is_due_a_month_ahead(served: Served) -> None:
    request = pb2.ListAgreementsRequest(review_due=True)
    async with served.stub(UNIT) as stub:
        assert not (await stub.ListAgreements(request, timeout=TIMEOUT_S)).agreements
        text = draft("2", review='"2026-12-23"', expiry='"2027-11-23"')
        digest = (
            await stub.ProposeAgreement(pb2.ProposeAgreementRequest(yaml=text), timeout=TIMEOUT_S)
        ).agreement.digest
    for organisation in CONTROLLERS:
        for name in ("Ada Merrow", "Bo Tindall"):
            async with served.stub(organisation, name=name) as stub:
                sign = pb2.SignAgreementRequest(agreement_id="kent-dwp", version="2", digest=digest)
                await stub.SignAgreement(sign, timeout=TIMEOUT_S)
    async with served.stub(UNIT) as stub:
        [due] = (await stub.ListAgreements(request, timeout=TIMEOUT_S)).agreements
    assert (due.version, due.review) == ("2", "2026-12-23")
