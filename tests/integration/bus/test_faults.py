"""What the bus does when the broker is away, blocked, restarted or refuses us."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from deploy.certificates import CertificateAuthority, Usage
from services.kit.bus import (
    Bus,
    BusSettings,
    BusSettingsError,
    BusUnavailableError,
    CredentialsRefusedError,
    Message,
    Publication,
    PublishResult,
    TlsRefusedError,
)
from tests.support.broker import TestBroker

KENT = "kent-police"


def submission(number: int) -> Publication:
    return Publication("submissions", f"from.{KENT}", Message(b"%d" % number, f"m-{number}", "submission"))


async def publish_until_confirmed(bus: Bus, publications: list[Publication]) -> None:
    """What a relay does: again and again what may not have arrived."""
    while publications:
        results = await bus.publish_many(publications, timeout_s=5)
        assert all(result is PublishResult.CONFIRMED or result.retry for result in results)
        publications = [p for p, result in zip(publications, results, strict=True) if result.retry]


async def collect(bus: Bus, queue: str, wanted: int) -> list[bytes]:
    """Read distinct bodies until there are enough; settle each."""
    seen: dict[bytes, None] = {}
    async with asyncio.timeout(60), bus.subscribe([queue]) as subscription:
        async for batch in subscription.batches(50):
            seen |= dict.fromkeys(received.message.body for received in batch.messages)
            subscription.ack(batch.messages)
            if len(seen) >= wanted:
                break
    return list(seen)


@asynccontextmanager
async def stopped_node(broker: TestBroker) -> AsyncIterator[None]:
    """The broker is away for the length of the block."""
    await asyncio.to_thread(broker.node.stop)
    try:
        yield
    finally:
        # In this thread: the node ends with the thread that starts it.
        if not broker.node.running:
            broker.node.start()


@pytest.fixture(autouse=True)
def unconfigured_logs() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()


async def test_a_restart_of_the_broker_loses_nothing(broker: TestBroker) -> None:
    total = 600
    async with Bus(broker.settings(KENT)) as sender, Bus(broker.settings("gateway")) as gateway:
        await sender.wait_connected(10)
        before = [submission(number) for number in range(total // 2)]
        await publish_until_confirmed(sender, before)
        reading = asyncio.create_task(collect(gateway, f"from.{KENT}", total))
        async with stopped_node(broker):
            during = asyncio.create_task(
                publish_until_confirmed(sender, [submission(number) for number in range(total // 2, total)])
            )
            await asyncio.sleep(0.5)
            assert not sender.health.connected
        await during
        assert sorted(await reading, key=int) == [b"%d" % number for number in range(total)]
        assert sender.health.connected


async def test_a_killed_broker_keeps_what_it_confirmed(broker: TestBroker) -> None:
    async with Bus(broker.settings(KENT)) as sender:
        results = await sender.publish_many([submission(number) for number in range(200)])
        broker.node.kill()
        broker.node.start()
    assert results == [PublishResult.CONFIRMED] * 200
    async with Bus(broker.settings("gateway")) as gateway:
        assert len(await collect(gateway, f"from.{KENT}", 200)) == 200


async def test_tags_of_a_lost_connection_are_ignored_and_the_messages_come_again(broker: TestBroker) -> None:
    async with Bus(broker.settings(KENT)) as sender, Bus(broker.settings("gateway")) as gateway:
        await sender.publish_many([submission(number) for number in range(3)])
        async with gateway.subscribe([f"from.{KENT}"]) as subscription:
            stale = await subscription.take(3, max_wait_s=5)
            broker.node.control("close_all_connections", "--vhost", "ppg", "test")
            fresh = await subscription.take(3, max_wait_s=5)
            subscription.ack(stale.messages)
            assert all(received.redelivered for received in fresh.messages)
            assert {received.message.body for received in fresh.messages} == {b"0", b"1", b"2"}
            subscription.ack(fresh.messages)
        assert broker.depth(f"from.{KENT}") == 0


async def test_a_broker_that_is_down_at_start_is_waited_for_with_one_line(broker: TestBroker) -> None:
    with capture_logs() as lines:
        async with stopped_node(broker), Bus(broker.settings(KENT)) as bus:
            assert await bus.publish_many([submission(1)], timeout_s=1) == [PublishResult.UNCONFIRMED]
            with pytest.raises(BusUnavailableError):
                await bus.wait_connected(timeout_s=0.1)
            assert not bus.health.connected
            warnings = [line for line in lines if line["log_level"] == "warning"]
            broker.node.start()
            await bus.wait_connected(timeout_s=30)
            assert await bus.publish_many([submission(1)]) == [PublishResult.CONFIRMED]
    assert sorted(line["event"] for line in warnings) == ["bus_consuming_waiting", "bus_publishing_waiting"]
    assert all(line["reason"] == "ConnectionRefusedError" for line in warnings)
    assert [line["event"] for line in lines].count("bus_publishing_connected") == 1


async def test_publishers_pause_while_the_broker_is_short_of_memory(broker: TestBroker) -> None:
    async with Bus(broker.settings(KENT)) as sender, Bus(broker.settings("gateway")) as gateway:
        await sender.wait_connected(10)
        broker.node.block_publishers()
        try:
            first = await sender.publish_many([submission(1)], timeout_s=1)
            second = await sender.publish_many([submission(2)], timeout_s=1)
            assert sender.health.blocked
            assert sender.health.connected
        finally:
            broker.node.unblock_publishers()
        assert [*first, *second] == [PublishResult.UNCONFIRMED] * 2
        await publish_until_confirmed(sender, [submission(1), submission(2)])
        assert sorted(await collect(gateway, f"from.{KENT}", 2)) == [b"1", b"2"]


async def test_a_wrong_password_is_a_typed_error_for_everybody_who_waits(
    broker: TestBroker, tmp_path: Path
) -> None:
    wrong = tmp_path / "password"
    wrong.write_text("not the password")
    wrong.chmod(0o600)
    with capture_logs() as lines:
        async with Bus(broker.settings(KENT, password_file=wrong)) as bus:
            with pytest.raises(CredentialsRefusedError):
                await bus.wait_connected(timeout_s=10)
            with pytest.raises(CredentialsRefusedError):
                await bus.publish_many([submission(1)])
            async with bus.subscribe([f"to.{KENT}"]) as subscription:
                with pytest.raises(CredentialsRefusedError):
                    await subscription.take(1)
    refused = [line for line in lines if line["log_level"] == "error"]
    assert {line["event"] for line in refused} == {"bus_publishing_refused", "bus_consuming_refused"}
    assert "password" not in str(lines)


async def test_a_wrong_virtual_host_is_a_typed_error(broker: TestBroker) -> None:
    async with Bus(broker.settings(KENT, virtual_host="elsewhere")) as bus:
        with pytest.raises(CredentialsRefusedError):
            await bus.wait_connected(timeout_s=10)


def other_authority(directory: Path) -> dict[str, Path]:
    files = CertificateAuthority.create().issue_files(directory, KENT, KENT, usage=Usage(server=False))
    return {"ca": files.authority, "certificate": files.certificate, "key": files.key}


async def test_a_broker_of_another_authority_is_refused(broker: TestBroker, tmp_path: Path) -> None:
    settings = broker.settings(KENT, ca_file=other_authority(tmp_path)["ca"])
    async with Bus(settings) as bus:
        with pytest.raises(TlsRefusedError):
            await bus.wait_connected(timeout_s=10)


async def test_the_broker_refuses_a_client_of_another_authority(broker: TestBroker, tmp_path: Path) -> None:
    files = other_authority(tmp_path)
    settings = broker.settings(KENT, certificate_file=files["certificate"], key_file=files["key"])
    async with Bus(settings) as bus:
        with pytest.raises(TlsRefusedError):
            await bus.wait_connected(timeout_s=10)


async def test_the_broker_refuses_a_client_without_certificate(broker: TestBroker) -> None:
    async with Bus(broker.settings(KENT, certificate_file=None, key_file=None)) as bus:
        with pytest.raises(TlsRefusedError):
            await bus.wait_connected(timeout_s=10)


async def test_a_broker_that_accepts_and_never_answers_does_not_hold_up_a_stop(
    broker: TestBroker, tmp_path: Path
) -> None:
    del tmp_path
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = broker.settings(KENT, port=silent.getsockname()[1], connect_timeout_s=0.3)
        async with asyncio.timeout(10), Bus(settings) as bus:
            assert await bus.publish_many([submission(1)], timeout_s=1) == [PublishResult.UNCONFIRMED]


@pytest.mark.parametrize("name", ["password_file", "ca_file", "certificate_file", "key_file"])
async def test_a_missing_file_stops_the_start(broker: TestBroker, tmp_path: Path, name: str) -> None:
    settings: BusSettings = broker.settings(KENT, **{name: tmp_path / "absent"})
    with pytest.raises(BusSettingsError):
        await Bus(settings).start()
