"""The oversight services over mutual TLS: who gets in, and what for."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import grpc.aio
import pytest
from publicprotection.oversight.v1.disclosure_log_service_pb2 import (
    LOG_PURPOSE_SELF_MONITORING,
    ExportRecordsRequest,
    GetRecordRequest,
    ListRecordsRequest,
    WholeLog,
)
from publicprotection.oversight.v1.disclosure_log_service_pb2_grpc import DisclosureLogServiceStub
from publicprotection.oversight.v1.register_service_pb2 import GetExchangeRequest, ListExchangesRequest
from publicprotection.oversight.v1.register_service_pb2_grpc import RegisterServiceStub
from publicprotection.oversight.v1.subject_service_pb2 import Acting
from publicprotection.transport.v1.gateway_service_pb2 import (
    PreviewSubmissionRequest,
    ProveConsistencyRequest,
)
from publicprotection.transport.v1.gateway_service_pb2_grpc import GatewayServiceStub

from deploy.certificates import CertificateAuthority, write_private
from gateway.app.log_rows import CheckpointRow
from gateway.app.preview import Previewer
from gateway.app.proofs import LogProver
from gateway.app.subject_changes import SubjectDesk
from gateway.app.subject_view import SubjectView
from gateway.cli.commands import main
from gateway.rpc.disclosure_log import serve_disclosure_log
from gateway.rpc.oversight import serve_register
from gateway.rpc.preview import PREVIEW, serve_gateway
from gateway.rpc.retention import serve_retention
from gateway.rpc.subjects import serve_subjects
from services.kit.access.actor import Role
from services.kit.credentials import TlsIdentity
from services.kit.directory import GATEWAY
from services.kit.evidence.bundle import verify_bundle
from services.kit.evidence.merkle import verify_consistency
from services.kit.log_trust import trust_in
from services.kit.rpc.client import open_channel, read_refusal
from services.kit.rpc.health import Health
from services.kit.rpc.limiting import name_organisation
from services.kit.rpc.server import RpcServer, ServerOptions
from services.kit.settings import Limits, Listen
from tests.support.gateway import Gateway, Parties, open_gateway
from tests.support.identity import NotedRefusals, as_person, gateway_gate, issuer, tokens_for

AREA = "kent-and-medway"
OFFICER = (Role.MAPPA_COORDINATOR, Role.DATA_PROTECTION_OFFICER)
IDENTITY = """
tokens_file = "tokens"
[tls]
certificate_file = "certificate"
key_file = "key"
authority_file = "authority"
"""
ACTING = Acting(reason="Monthly check")


@dataclass
class Served:
    gateway: Gateway
    authority: CertificateAuthority
    port: int
    refusals: NotedRefusals

    @asynccontextmanager
    async def channel(
        self, organisation: str, *roles: Role, area: str = AREA
    ) -> AsyncIterator[grpc.aio.Channel]:
        """For a co-ordinator and data protection officer of the organisation, unless roles are given."""
        certificate, key = self.authority.issue("caller", organisation)
        tls = TlsIdentity(certificate, key, self.authority.certificate_pem)
        person = as_person(organisation, *(roles or OFFICER), name="Ines Vale", area=area)
        tokens = tokens_for(tls, organisation, person)
        async with open_channel(f"localhost:{self.port}", tls, tokens=tokens) as channel:
            yield channel


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    authority = CertificateAuthority.create()
    certificate, key = authority.issue("gateway", GATEWAY)
    tls = TlsIdentity(certificate, key, authority.certificate_pem)
    async with open_gateway(Parties(), tmp_path) as gateway:
        previews = serve_gateway(Previewer(gateway.store, gateway.tools), LogProver(gateway.store))
        subjects = serve_subjects(
            SubjectView(gateway.store, gateway.tools), SubjectDesk(gateway.store, gateway.tools)
        )
        register = serve_register(gateway.store, gateway.tools)
        retention = serve_retention(gateway.store, gateway.tools)
        log = serve_disclosure_log(gateway.store, gateway.tools)
        services = [register, subjects, retention, log, previews]
        gate = gateway_gate(lambda: gateway.parties.directory, services)
        options = ServerOptions(
            Listen(),
            tls,
            Limits(),
            gate.gatekeeper,
            rates={PREVIEW: 1},
            name_caller=name_organisation,
        )
        server = RpcServer(options, services, Health([service.name for service in services], needed={}))
        port = await server.start()
        try:
            yield Served(gateway, authority, port, gate.refusals)
        finally:
            await server.stop()


async def test_coordinator_reads_register_and_log(served: Served) -> None:
    sealed = served.gateway.step("contribution")
    await served.gateway.take(sealed.arrival)
    unit = served.gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    async with served.channel(unit) as channel:
        listed = await RegisterServiceStub(channel).ListExchanges(ListExchangesRequest(), timeout=10)
        assert [each.exchange_id for each in listed.exchanges] == [sealed.exchange_id]
        while await served.gateway.sequencer.sequence_batch():
            pass
        request = ListRecordsRequest(purpose=LOG_PURPOSE_SELF_MONITORING, acting=ACTING)
        found = await DisclosureLogServiceStub(channel).ListRecords(request, timeout=10)
        assert [row.index for row in found.records] == [0, 1, 2]
        assert f'"exchange":"{sealed.exchange_id}"' in found.records[1].entry


async def test_log_is_not_read_without_a_purpose(served: Served) -> None:
    async with served.channel(served.gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await DisclosureLogServiceStub(channel).ListRecords(ListRecordsRequest(), timeout=10)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert await served.gateway.records() == []


@pytest.mark.parametrize("acting", [None, Acting()])
async def test_log_is_not_read_by_nobody_in_particular(served: Served, acting: Acting | None) -> None:
    request = ListRecordsRequest(purpose=LOG_PURPOSE_SELF_MONITORING, acting=acting)
    async with served.channel(served.gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await DisclosureLogServiceStub(channel).ListRecords(request, timeout=10)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert await served.gateway.records() == []


async def test_an_agency_exports_nothing_and_is_shown_excerpts(served: Served) -> None:
    sealed = served.gateway.step("contribution")
    await served.gateway.take(sealed.arrival)
    while await served.gateway.sequencer.sequence_batch():
        pass
    async with served.channel(sealed.organisation) as channel:
        stub = DisclosureLogServiceStub(channel)
        request = ListRecordsRequest(purpose=LOG_PURPOSE_SELF_MONITORING, acting=ACTING)
        seen = (await stub.ListRecords(request, timeout=10)).records
        assert seen
        assert not any(row.entry for row in seen)
        asked = GetRecordRequest(purpose=LOG_PURPOSE_SELF_MONITORING, acting=ACTING, index=seen[0].index)
        assert (await stub.GetRecord(asked, timeout=10)).record == seen[0]
        asked.index = 4711
        with pytest.raises(grpc.aio.AioRpcError) as unknown:
            await stub.GetRecord(asked, timeout=10)
        assert unknown.value.code() is grpc.StatusCode.NOT_FOUND
        whole = ExportRecordsRequest(
            purpose=LOG_PURPOSE_SELF_MONITORING, acting=ACTING, everything=WholeLog()
        )
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await anext(aiter(stub.ExportRecords(whole, timeout=10)))
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


def export_command(served: Served, organisation: str, folder: Path) -> list[str]:
    """`ppg log export` of everything, for a data protection officer whose tokens stand in a file."""
    certificate, key = served.authority.issue("unit", organisation)
    person = as_person(organisation, *OFFICER, name="Ines Vale", area=AREA)
    tokens = {
        "system": issuer().system_token(certificate, organisation),
        "person": issuer().person_token(certificate, person),
    }
    files = {
        "certificate": certificate,
        "key": key,
        "authority": served.authority.certificate_pem,
        "tokens": json.dumps(tokens).encode(),
        "identity.toml": IDENTITY.encode(),
    }
    for name, octets in files.items():
        write_private(folder / name, octets)
    said = ["--purpose", "SELF_MONITORING", "--reason", "Yearly"]
    identity = ["--identity", str(folder / "identity.toml")]
    out = ["--all", "--out", str(folder / "export.jsonl")]
    return ["log", "export", "--gateway", f"localhost:{served.port}", *identity, *said, *out]


def exported(folder: Path) -> list[Path]:
    return list(folder.glob("export*"))


async def test_the_command_writes_a_file_that_proves_itself(served: Served, tmp_path: Path) -> None:
    await served.gateway.take(served.gateway.step("contribution").arrival)
    while await served.gateway.sequencer.sequence_batch():
        pass
    unit = served.gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    command = export_command(served, unit, tmp_path)
    assert await asyncio.to_thread(main, command) == 0
    trust = trust_in(served.gateway.parties.directory)
    lines = (tmp_path / "export.jsonl").read_bytes().splitlines()
    now = served.gateway.parties.clock.now()
    assert verify_bundle(lines, lambda _: trust, now=now).records == 3
    assert await asyncio.to_thread(main, command) == 2, "a file that is there is not written over"


async def test_the_command_leaves_nothing_behind_when_it_is_refused(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = export_command(served, served.gateway.parties.of_kind("POLICE"), tmp_path)
    assert await asyncio.to_thread(main, command) == 1
    assert exported(tmp_path) == []
    assert "refused" in capsys.readouterr().err


async def test_unknown_exchange_is_not_found(served: Served) -> None:
    async with served.channel(served.gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await RegisterServiceStub(channel).GetExchange(GetExchangeRequest(exchange_id="e"), timeout=10)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("kind", ["POLICE", "DWP"])
async def test_others_are_refused(served: Served, kind: str) -> None:
    async with served.channel(served.gateway.parties.of_kind(kind), Role.MAPPA_COORDINATOR) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await RegisterServiceStub(channel).ListExchanges(ListExchangesRequest(), timeout=10)
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_whoever_asks_too_often_is_told_to_wait(served: Served) -> None:
    prison = served.gateway.parties.of_kind("PRISON")
    async with served.channel(prison) as channel:
        stub = GatewayServiceStub(channel)
        request = PreviewSubmissionRequest(packet="no packet")
        refusals = []
        for _ in range(2):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await stub.PreviewSubmission(request, timeout=10)
            refusals.append(read_refusal(refused.value))
    assert [each.reason for each in refusals] == ["INVALID_REQUEST", "TOO_MANY_CALLS"]
    assert 50 < (refusals[1].retry_after_s or 0) <= 60


async def test_any_organisation_is_shown_that_the_log_continues(served: Served) -> None:
    gateway = served.gateway
    await gateway.take(gateway.step("contribution").arrival)
    await gateway.sequencer.sequence_batch()
    one = await head_of(gateway)
    await gateway.take(gateway.step("release-notice").arrival)
    await gateway.sequencer.sequence_batch()
    two = await head_of(gateway)
    async with served.channel("kent-police") as channel:
        stub = GatewayServiceStub(channel)
        sizes = ProveConsistencyRequest(first_size=one.size, second_size=two.size)
        answer = await stub.ProveConsistency(sizes)
        verify_consistency(one.size, one.root, two.size, two.root, list(answer.hashes))
        for first, second in ((1, two.size + 1), (two.size, one.size)):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await stub.ProveConsistency(ProveConsistencyRequest(first_size=first, second_size=second))
            assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def head_of(gateway: Gateway) -> CheckpointRow:
    async with gateway.store.reading() as unit:
        head = await unit.tree.head()
    assert head is not None
    return head
