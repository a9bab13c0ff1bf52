"""The gateway refuses nobody for its own directory or key being late."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from gateway.app import intake as intake_module
from gateway.app.envelopes import Arrival
from gateway.app.intake import Intake, NewerDirectoryError, OwnKeyMissingError
from gateway.app.tools import Tools
from services.kit.bus import Message, Publication
from services.kit.directory import GATEWAY, Directory
from services.kit.evidence.keys import DecryptionKey, KeyRecord, KeySet, SigningKey
from services.kit.keyring import NoSigningKeyError
from tests.support.gateway import NOW, Gateway, Sealed

DAY = timedelta(days=1)


def with_key(directory: Directory, key: SigningKey | DecryptionKey, **changes: object) -> Directory:
    """The next directory, with one key more."""
    record = KeyRecord(key.public, NOW - DAY, NOW + 90 * DAY)
    records = [*directory.keys.records(), replace(record, **changes)]  # type: ignore[arg-type]
    return replace(directory, serial=directory.serial + 1, keys=KeySet(records))


def sealed_by(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> tuple[Sealed, SigningKey]:
    """An exchange under a new key of its sender."""
    sender = gateway.parties.of_kind("PRISON")
    key = SigningKey.generate(owner=sender)
    with monkeypatch.context() as patched:
        patched.setitem(gateway.parties.signing, sender, key)
        return gateway.step("release-notice"), key


def looking(gateway: Gateway, look: Callable[[], bool]) -> Intake:
    return Intake(gateway.store, replace(gateway.tools, look=look))


async def test_a_key_that_a_newer_directory_knows_is_found_there(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed, key = sealed_by(gateway, monkeypatch)
    looks: list[bool] = []

    def look() -> bool:
        looks.append(not looks)
        monkeypatch.setattr(gateway.parties, "directory", with_key(gateway.parties.directory, key))
        return looks[-1]

    intake = looking(gateway, look)
    with pytest.raises(NewerDirectoryError):
        await intake.take([sealed.arrival])
    assert await gateway.records("SUBMISSION_REFUSED") == []
    assert await intake._insist([sealed.arrival]) == [None]
    assert len(await gateway.records("DISCLOSURE")) >= 1


async def test_a_key_that_no_directory_knows_is_refused_with_a_record(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed, _ = sealed_by(gateway, monkeypatch)
    (unusable,) = await looking(gateway, lambda: False).take([sealed.arrival])
    assert unusable is not None
    assert unusable.reason == "SEAL_KEY_UNKNOWN"
    assert len(await gateway.records("SUBMISSION_REFUSED")) == 1


async def test_what_a_revoked_key_of_an_organisation_signed_is_refused_with_a_record(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed, key = sealed_by(gateway, monkeypatch)
    revoked = with_key(gateway.parties.directory, key, revoked_at=NOW - timedelta(seconds=1))
    monkeypatch.setattr(gateway.parties, "directory", revoked)
    (unusable,) = await gateway.take(sealed.arrival)
    assert unusable is not None
    assert unusable.reason == "SEAL_KEY_REVOKED"
    (record,) = await gateway.records("SUBMISSION_REFUSED")
    assert "SEAL_KEY_REVOKED" in (record.entry or "")


async def test_it_waits_for_a_key_of_its_own_that_others_write_to(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = DecryptionKey.generate(owner=GATEWAY)
    newer = with_key(gateway.parties.directory, late, not_before=NOW - timedelta(hours=1))
    monkeypatch.setattr(gateway.parties, "directory", newer)
    sealed = gateway.step("release-notice")
    with pytest.raises(OwnKeyMissingError):
        await gateway.take(sealed.arrival)
    monkeypatch.setattr(intake_module, "_BACKOFF_FIRST_S", 0.01)
    intake = Intake(gateway.store, gateway.tools)
    with capture_logs() as logs:
        waiting = asyncio.create_task(intake._insist([sealed.arrival]))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        monkeypatch.setitem(gateway.parties.decryption, GATEWAY, late)
        assert await asyncio.wait_for(waiting, 5) == [None]
    assert {entry["component"] for entry in logs if entry["event"] == "intake_waits"} == {
        "OwnKeyMissingError"
    }
    assert await gateway.records("SUBMISSION_REFUSED") == []


async def test_a_message_to_a_key_that_is_over_is_set_aside_and_nobody_waits(gateway: Gateway) -> None:
    sender = gateway.parties.of_kind("PRISON")
    arrival = Arrival(sender, sender, b"not a packet")
    (unusable,) = await gateway.take(arrival)
    assert unusable is not None


async def test_without_a_key_that_may_sign_nothing_is_decided(gateway: Gateway) -> None:
    sealed = gateway.step("release-notice")

    def refuse() -> SigningKey:
        raise NoSigningKeyError(GATEWAY, "key_expired")

    expired: Tools = replace(gateway.tools, current=lambda: replace(gateway.tools.current(), sign_by=refuse))
    intake = Intake(gateway.store, expired)
    with pytest.raises(NoSigningKeyError, match="have the scheme publish it"):
        await intake.take([sealed.arrival])
    with capture_logs() as logs, pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await intake._insist([sealed.arrival])
    assert {entry["component"] for entry in logs} == {"NoSigningKeyError"}
    assert await gateway.records() == []


@asynccontextmanager
async def listening(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator["asyncio.Task[None]"]:
    """With the intake at work."""
    monkeypatch.setattr(intake_module, "_LOOK_S", 0.02)
    monkeypatch.setattr(intake_module, "_AGAIN_S", 0.1)
    task = asyncio.create_task(gateway.intake.run(gateway.bus))
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until_empty(gateway: Gateway, queue: str) -> None:
    async with asyncio.timeout(5):
        while gateway.broker.depth(queue):
            await asyncio.sleep(0.01)


def without(directory: Directory, name: str) -> Directory:
    kept = {key: each for key, each in directory.organisations.items() if key != name}
    return replace(directory, organisations=kept)


def put(gateway: Gateway, organisation: str) -> str:
    message = Message(b"not a packet", "m-1", "packet")
    gateway.broker.publish(organisation, Publication("submissions", f"from.{organisation}", message))
    return f"from.{organisation}"


async def test_a_new_organisation_is_listened_to_and_one_that_left_is_not(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, prison = gateway.parties.directory, gateway.parties.of_kind("PRISON")
    police = gateway.parties.of_kind("POLICE")
    monkeypatch.setattr(gateway.parties, "directory", without(whole, prison))
    async with listening(gateway, monkeypatch) as task:
        queue = put(gateway, prison)
        await until_empty(gateway, put(gateway, police))
        assert gateway.broker.depth(queue) == 1
        monkeypatch.setattr(gateway.parties, "directory", whole)
        await until_empty(gateway, queue)
        assert not task.done()


async def test_one_whom_the_broker_does_not_know_yet_keeps_nobody_else_waiting(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, police = gateway.parties.directory, gateway.parties.of_kind("POLICE")
    stranger = {**whole.organisations, "new-body": whole.organisations[police]}
    async with listening(gateway, monkeypatch) as task:
        await until_empty(gateway, put(gateway, police))
        monkeypatch.setattr(gateway.parties, "directory", replace(whole, organisations=stranger))
        await asyncio.sleep(0.3)
        await until_empty(gateway, put(gateway, police))
        assert not task.done()
