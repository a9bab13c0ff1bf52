"""What the gateway goes by is on record: once for each change, also for those made while nothing ran."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from gateway.adapters.in_force import describe_in_force
from gateway.adapters.world import Grounds
from gateway.app.changes import Changes
from gateway.core.in_force import InForce
from services.kit.directory import GATEWAY, Directory
from services.kit.evidence.keys import DecryptionKey, KeyRecord, KeySet, SigningKey
from services.kit.keyring import KeyRing
from tests.support.gateway import NOW, Gateway

DAY = timedelta(days=1)


class Watched:
    """What is in force at a gateway, to be changed by a test."""

    def __init__(self, gateway: Gateway) -> None:
        parties = gateway.parties
        self.clock = parties.clock
        self.grounds = Grounds(parties.directory, parties.world)
        self.ring = KeyRing(GATEWAY, (parties.signing[GATEWAY],), (parties.decryption[GATEWAY],))
        self.changes = Changes(gateway.store, gateway.tools, self.look)

    def look(self) -> InForce:
        return describe_in_force(self.grounds, self.ring, self.clock.now())

    def put_directory(self, *records: KeyRecord, without: str = "") -> None:
        """The next directory: with further keys, or without one."""
        known = self.grounds.directory
        kept = [each for each in known.keys.records() if each.key.kid not in (without, *_kids(records))]
        made = Directory(
            known.serial + 1,
            known.issued_at,
            known.valid_until,
            known.organisations,
            KeySet([*kept, *records]),
            f"{known.serial + 1:064x}",
        )
        self.grounds = replace(self.grounds, directory=made)


def _kids(records: tuple[KeyRecord, ...]) -> list[str]:
    return [each.key.kid for each in records]


async def entries(gateway: Gateway, kind: str) -> list[dict[str, Any]]:
    return [json.loads(row.entry or "{}") for row in await gateway.records(kind)]


async def test_the_first_start_records_everything_and_a_second_nothing(gateway: Gateway) -> None:
    watched = Watched(gateway)
    count = await watched.changes.note()
    directory = watched.grounds.directory
    assert count == 1 + len(directory.keys.records()) + 2 + 1
    assert await watched.changes.note() == 0
    assert await Changes(gateway.store, gateway.tools, watched.look).note() == 0  # another process
    (said,) = await entries(gateway, "DIRECTORY_CHANGED")
    assert (said["version"], said["digest"]) == (str(directory.serial), directory.digest)
    (book,) = await entries(gateway, "RULEBOOK_CHANGED")
    assert f"{book['version']}+{book['digest']}" == watched.grounds.world.rulebook.version


async def test_keys_that_come_are_revoked_end_or_go_are_recorded_by_their_id(gateway: Gateway) -> None:
    watched = Watched(gateway)
    await watched.changes.note()
    signing = SigningKey.generate(owner="kent-police")
    record = KeyRecord(signing.public, NOW - DAY, NOW + 3 * DAY)
    steps: tuple[tuple[Callable[[], None], str], ...] = (
        (lambda: watched.put_directory(record), "ADDED"),
        (lambda: watched.put_directory(replace(record, revoked_at=NOW)), "REVOKED"),
        (lambda: watched.put_directory(record), "CHANGED"),
        (lambda: watched.clock.advance(4 * DAY), "EXPIRED"),
        (lambda: watched.put_directory(without=signing.kid), "REMOVED"),
    )
    for step, change in steps:
        step()
        await watched.changes.note()
        last = (await entries(gateway, "KEY_CHANGED"))[-1]
        assert (last["item"], last["change"], last["organisation"]) == (signing.kid, change, "kent-police")
    serials = [entry["version"] for entry in await entries(gateway, "DIRECTORY_CHANGED")]
    assert serials == ["1", "2", "3", "4", "5"]
    assert (await entries(gateway, "DIRECTORY_CHANGED"))[-1]["items"] == [signing.kid]


async def test_a_private_key_is_on_record_from_its_arrival_to_its_destruction(gateway: Gateway) -> None:
    watched = Watched(gateway)
    await watched.changes.note()
    before = watched.ring
    late = DecryptionKey.generate(owner=GATEWAY)
    for ring, change in (
        (replace(before, decryption=(*before.decryption, late)), "HELD"),
        (before, "DESTROYED"),
    ):
        watched.ring = ring
        assert await watched.changes.note() == 1
        last = (await entries(gateway, "KEY_CHANGED"))[-1]
        assert (last["item"], last["change"], last["organisation"]) == (late.kid, change, GATEWAY)
    secret = late.to_jwk()["d"]
    assert not any(secret in (row.entry or "") for row in await gateway.records())


async def test_another_rulebook_is_recorded_with_the_one_before(gateway: Gateway) -> None:
    watched = Watched(gateway)
    await watched.changes.note()
    world = watched.grounds.world
    book = replace(world.rulebook, version="2031.1+0123456789ab")
    watched.grounds = replace(watched.grounds, world=replace(world, rulebook=book))
    assert await watched.changes.note() == 1
    last = (await entries(gateway, "RULEBOOK_CHANGED"))[-1]
    assert (last["version"], last["digest"]) == ("2031.1", "0123456789ab")
    assert f"{last['version_before']}+{last['digest_before']}" == world.rulebook.version
