"""The evidence that a recipient hands on verifies with the file and the scheme's key alone."""

from datetime import timedelta

import pytest
from publicprotection.exchange.v1 import reading_service_pb2, witness_service_pb2

from services.kit.bus import MemoryBus
from services.kit.directory import sign_directory, verify_directory
from services.kit.evidence.delivery_evidence import DeliveryReport, read_evidence, verify_evidence
from services.kit.evidence.errors import BundleRefusedError
from services.kit.evidence.keys import SigningKey
from services.kit.evidence.quorum import Standing
from services.kit.exchange.errors import DeliveryExpiredError
from services.kit.log_trust import trust_opener
from services.kit.rpc.errors import NotFoundError
from services.kit.witness.proving import Prover
from services.kit.witness.service import WitnessServicer
from services.kit.witness.settings import WitnessSettings
from services.kit.witness.witness import Witness
from tests.support.broker import ORGANISATIONS
from tests.support.exchanging import (
    CONTEXT,
    RECIPIENT,
    SENDER,
    GatewayStandIn,
    Member,
    World,
    write_header,
    write_notice,
)

SCHEME = SigningKey.generate(owner="scheme")
OTHERS = [name for name in ORGANISATIONS if name != RECIPIENT]


@pytest.fixture
def world(keys: World) -> World:
    world = World(signing=keys.signing, decryption=keys.decryption)
    signed = sign_directory(world._message(), SCHEME)
    world.directory = verify_directory(signed, SCHEME.public, fingerprint=SCHEME.kid)
    return world


@pytest.fixture
def witness(recipient: Member, gateway: GatewayStandIn) -> Witness:
    settings = WitnessSettings(interval_s=0.05)
    return Witness(recipient.participant, recipient.records, gateway.log.ask, settings)


@pytest.fixture
def servicer(recipient: Member, gateway: GatewayStandIn, witness: Witness) -> WitnessServicer:
    prover = Prover(recipient.participant, recipient.records, witness, gateway.log.ask)
    return recipient.served(WitnessServicer(recipient.participant, recipient.records, witness, prover))


@pytest.fixture
async def delivery_id(
    sender: Member, recipient: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus
) -> str:
    await sender.outbox.submit(write_header(), write_notice())
    await sender.relay.publish_waiting()
    opened = gateway.open_seal(await gateway.take(gateway_bus, SENDER))
    gateway.log.grow("a", "b", "c")
    until = gateway.world.clock.now() + timedelta(days=3)
    delivery = gateway.release(opened, change=lambda said: said.model_copy(update={"not_after": until}))
    assert await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
    return delivery.delivery_id


@pytest.fixture
async def witnessed_id(delivery_id: str, recipient: Member, gateway: GatewayStandIn, witness: Witness) -> str:
    """After two heartbeats: the second carries the others' cosignatures of the first's checkpoint."""
    heartbeat = gateway.log.grow("d", "e").heartbeat()
    assert await recipient.intake.receive(gateway.received(RECIPIENT, heartbeat=heartbeat))
    await witness.look()
    cosigned = [gateway.log.cosigned(gateway.world.signing[name], heartbeat.checkpoint) for name in OTHERS]
    again = gateway.log.heartbeat(cosigned)
    assert await recipient.intake.receive(gateway.received(RECIPIENT, heartbeat=again))
    await witness.look()
    return delivery_id


async def _prove(servicer: WitnessServicer, delivery_id: str) -> str:
    request = witness_service_pb2.ProveDeliveryRequest(delivery_id=delivery_id, reason="A complaint.")
    answer: witness_service_pb2.ProveDeliveryResponse = await servicer.ProveDelivery(request, CONTEXT)
    return answer.evidence


def _verify(evidence: str, world: World, later: timedelta = timedelta()) -> DeliveryReport:
    trust = trust_opener(SCHEME.public, SCHEME.kid)
    return verify_evidence(read_evidence(evidence.encode()), trust, now=world.clock.now() + later)


async def test_a_witnessed_delivery_proves_itself_for_good(
    servicer: WitnessServicer, witnessed_id: str, world: World
) -> None:
    report = _verify(await _prove(servicer, witnessed_id), world, later=timedelta(days=400))
    assert report.release.statement.delivery_id == witnessed_id
    assert (report.index, report.size, report.standing) == (3, 4, Standing.MET)


async def test_before_witnesses_spoke_it_is_not_yet_due(
    servicer: WitnessServicer, delivery_id: str, world: World
) -> None:
    evidence = await _prove(servicer, delivery_id)
    assert _verify(evidence, world).standing is Standing.PENDING
    with pytest.raises(BundleRefusedError) as caught:
        _verify(evidence, world, later=timedelta(days=2))
    assert caught.value.reason == "no_majority"


async def test_a_gateway_without_an_answer_leaves_the_path_out(
    servicer: WitnessServicer, witnessed_id: str, gateway: GatewayStandIn, world: World
) -> None:
    gateway.log.answers = False
    assert _verify(await _prove(servicer, witnessed_id), world).standing is Standing.PENDING


async def test_the_reading_is_on_record(
    servicer: WitnessServicer, delivery_id: str, recipient: Member
) -> None:
    await _prove(servicer, delivery_id)
    request = reading_service_pb2.ListReadingsRequest()
    (reading,) = (await recipient.reading_service.ListReadings(request, CONTEXT)).readings
    assert (reading.delivery_id, reading.person) == (delivery_id, "Jo Park")


async def test_what_is_unknown_or_expired_is_not_given(
    servicer: WitnessServicer, delivery_id: str, world: World
) -> None:
    with pytest.raises(NotFoundError):
        await _prove(servicer, "nothing")
    world.clock.advance(timedelta(days=3))
    with pytest.raises(DeliveryExpiredError):
        await _prove(servicer, delivery_id)
