"""A witness cosigns what continues the log, and nothing else; each fault is alarmed with evidence, once."""

import asyncio

import pytest
from publicprotection.exchange.v1.outbox_service_pb2 import ALARM_KIND_LOG_FAULT
from publicprotection.transport.v1.packet_pb2 import Heartbeat

from services.kit.evidence.checkpoint import verify_checkpoint
from services.kit.evidence.keys import SigningKey
from services.kit.evidence.quorum import Standing
from services.kit.exchange.sightings import note_sightings, see
from services.kit.store.checkpoints import Source
from tests.support.broker import ORGANISATIONS
from tests.support.exchanging import RECIPIENT
from tests.support.simulated_log import SimulatedLog
from tests.unit.kit_witness.conftest import Watching

OTHERS = [name for name in ORGANISATIONS if name != RECIPIENT]


def _signed_by_others(watching: Watching, note: str, count: int) -> tuple[str, ...]:
    keys = [watching.world.signing[name] for name in OTHERS[:count]]
    return tuple(watching.log.cosigned(key, note) for key in keys)


async def _see_delivery(watching: Watching, log: SimulatedLog, size: int | None = None) -> None:
    """A checkpoint came beside a delivery."""
    at = watching.world.clock.now()
    sighting = see(log.note(size), watching.world.directory, at, source=Source.DELIVERY)
    records = watching.member.records
    await records.store.write(lambda each: note_sightings(each, records.checkpoints, [sighting]))
    await watching.witness.look()


async def test_the_first_checkpoint_and_those_that_continue_it_are_cosigned(watching: Watching) -> None:
    await watching.show(watching.log.grow("a"))
    await watching.show(watching.log.grow("b", "c"))
    assert await watching.cosignatures() == 2
    assert await watching.codes() == []
    assert watching.log.asked == []  # the path came along


async def test_a_checkpoint_shown_twice_is_cosigned_once(watching: Watching) -> None:
    await watching.show(watching.log.grow("a"))
    watching.later(seconds=60)
    await watching.show()  # nothing new in the log, signed anew
    assert await watching.cosignatures() == 1
    assert await watching.codes() == []


async def test_a_witness_that_missed_a_heartbeat_asks_for_the_path(watching: Watching) -> None:
    await watching.show(watching.log.grow("a"))
    watching.log.grow("b").heartbeat()  # lost on its way
    await watching.show(watching.log.grow("c"))
    assert watching.log.asked == [(1, 3)]
    assert await watching.cosignatures() == 2


async def test_a_log_without_answers_gets_no_cosignature_and_an_alarm(
    watching: Watching,
) -> None:
    await watching.show(watching.log.grow("a"))
    watching.log.grow("b").heartbeat()
    watching.log.answers = False
    await watching.show(watching.log.grow("c"))
    assert (await watching.cosignatures(), await watching.codes()) == (1, [])
    watching.later(minutes=11)
    await watching.witness.look()
    assert "LOG_UNRECONCILED" in await watching.codes()
    assert not await watching.witness.is_sound()
    watching.log.answers = True
    await watching.witness.look()
    assert await watching.cosignatures() == 2


async def test_another_history_of_one_length_is_a_fork_and_is_proved(
    watching: Watching,
) -> None:
    other = watching.log.grow("a").fork().grow("x")
    await watching.show(watching.log.grow("b"))
    await watching.show(other)
    (alarm,) = await watching.alarms()
    assert (alarm.code, alarm.kind) == ("LOG_FORK", ALARM_KIND_LOG_FAULT)
    assert await watching.cosignatures() == 1
    keys = [watching.log.key.public]
    roots = {verify_checkpoint(note, keys).checkpoint.root for note in alarm.evidence}
    assert len(roots) == 2, "the evidence convicts the log by itself"
    assert not await watching.witness.is_sound()


async def test_another_history_that_is_longer_is_a_fork_too(watching: Watching) -> None:
    other = watching.log.grow("a").fork().grow("x", "y", "z")
    await watching.show(watching.log.grow("b"))
    watching.log = other
    await watching.show()
    assert await watching.codes() == ["LOG_FORK"]


async def test_a_shorter_history_that_is_signed_later_is_a_rollback(watching: Watching) -> None:
    backup = watching.log.grow("a").fork()
    await watching.show(watching.log.grow("b", "c"))
    watching.later(minutes=1)
    await watching.show(backup)
    assert await watching.codes() == ["LOG_ROLLBACK"]
    assert await watching.cosignatures() == 1


async def test_a_history_put_back_to_what_was_cosigned_is_a_rollback(watching: Watching) -> None:
    await watching.show(watching.log.grow("a"))
    backup = watching.log.fork()
    await watching.show(watching.log.grow("b", "c"))
    watching.later(minutes=1)
    for _ in range(2):
        await watching.show(backup)
    assert await watching.codes() == ["LOG_ROLLBACK"]
    assert not await watching.witness.is_sound()
    watching.later(minutes=1)
    await watching.show()  # the newest, put back in time
    assert await watching.witness.is_sound()


async def test_a_fork_shown_to_another_agency_is_found_by_its_cosignature(watching: Watching) -> None:
    """Two agencies are shown different logs: each cosigns its own, and heartbeats carry cosignatures."""
    other = watching.log.grow("a").fork().grow("x")
    await watching.show(watching.log.grow("b"))
    theirs = other.cosigned(watching.world.signing[OTHERS[0]])
    watching.later(minutes=1)
    await watching.show(watching.log.grow("c"), cosigned=(theirs,))
    assert await watching.codes() == ["LOG_FORK"]


async def test_another_root_of_a_size_seen_before_convicts_a_log_that_answers_nothing(
    watching: Watching,
) -> None:
    other = watching.log.grow("a").fork().grow("x")
    await watching.show(watching.log.grow("b"))
    theirs = other.cosigned(watching.world.signing[OTHERS[0]])
    await watching.show(watching.log.grow("c"))
    watching.log.answers = False
    await watching.show(watching.log.grow("d"), cosigned=(theirs,))
    (alarm,) = await watching.alarms()
    keys = [watching.log.key.public]
    shown = {verify_checkpoint(note, keys).checkpoint for note in alarm.evidence}
    assert (alarm.code, {each.size for each in shown}, len(shown)) == ("LOG_FORK", {2}, 2)


async def test_a_fork_beside_a_delivery_is_found_at_the_next_heartbeat(watching: Watching) -> None:
    await watching.show(watching.log.grow("a"))
    await _see_delivery(watching, watching.log.fork().grow("x"))
    assert await watching.codes() == []  # a heartbeat may yet catch up
    await watching.show(watching.log.grow("b"))
    assert await watching.codes() == ["LOG_FORK"]


async def test_checkpoints_beside_deliveries_are_compared_and_then_forgotten(watching: Watching) -> None:
    await watching.show(watching.log.grow("a", "b", "c"))
    await _see_delivery(watching, watching.log, 2)
    await _see_delivery(watching, watching.log.grow("d"))
    watching.later(seconds=5)
    await watching.show(watching.log.grow("e"))
    async with watching.member.records.store.read() as connection:
        assert await watching.member.records.checkpoints.waiting(connection) == []
    assert await watching.codes() == []
    assert await watching.cosignatures() == 2, "only what every witness is shown"


async def test_what_came_beside_a_delivery_is_cosigned_once_shown_to_all(
    watching: Watching,
) -> None:
    await _see_delivery(watching, watching.log.grow("a"))
    await watching.show()
    assert await watching.cosignatures() == 1


async def test_a_silent_log_is_alarmed_once(watching: Watching) -> None:
    await watching.show(watching.log.grow("a"))
    watching.later(minutes=9)
    await watching.witness.look()
    assert await watching.codes() == []
    assert await watching.witness.is_sound()
    watching.later(minutes=2)
    for _ in range(2):
        await watching.witness.look()
    assert await watching.codes() == ["LOG_STALLED"]
    assert not await watching.witness.is_sound()


async def test_each_silence_of_a_quiet_log_is_alarmed(watching: Watching) -> None:
    """Two silences, and the log is no longer in the second than it was in the first."""
    watching.log.grow("a")
    for _ in range(2):
        await watching.show()
        watching.later(minutes=11)
        await watching.witness.look()
    assert await watching.codes() == ["LOG_STALLED", "LOG_STALLED"]
    late = watching.log.heartbeat()  # one of a backlog: it tells of the past, and the silence goes on
    watching.later(minutes=11)
    assert await watching.receive(heartbeat=late)
    await watching.witness.look()
    assert len(await watching.codes()) == 2


async def test_a_witness_that_was_away_itself_blames_nobody_for_the_silence(watching: Watching) -> None:
    await watching.show(watching.log.grow("a"))
    assert await watching.receive(heartbeat=watching.log.grow("b").heartbeat())
    watching.later(hours=1)
    watching.log.answers = False  # for a moment, at a start of both
    restarted = Watching(watching.member, watching.log, watching.world, watching.gateway)
    await restarted.witness.look()
    assert (await watching.codes(), await restarted.witness.is_sound()) == ([], True)
    watching.later(minutes=11)
    await restarted.witness.look()
    assert "LOG_STALLED" in await watching.codes()


async def test_a_log_never_heard_of_is_alarmed(watching: Watching) -> None:
    watching.later(minutes=11)
    await watching.witness.look()
    assert await watching.codes() == ["LOG_STALLED"]
    assert not await watching.witness.is_sound()


async def test_a_majority_is_counted_over_the_witnesses_of_the_directory(watching: Watching) -> None:
    await watching.show(watching.log.grow("a"))
    note = watching.log.note()
    needed = len(ORGANISATIONS) // 2 + 1
    await watching.show(cosigned=_signed_by_others(watching, note, needed - 2))
    assert (await watching.witness.standing()).standing is Standing.PENDING
    await watching.show(cosigned=_signed_by_others(watching, note, needed - 1))
    found = await watching.witness.standing()
    assert found.standing is Standing.MET
    assert found.witnessed is not None
    assert found.cosigned_by == {RECIPIENT, *OTHERS[: needed - 1]}


async def test_no_majority_within_a_day_is_alarmed(watching: Watching) -> None:
    await watching.show(watching.log.grow("a"))
    for _ in range(24):
        watching.later(hours=1)
        await watching.show(watching.log)
    assert "LOG_NO_MAJORITY" in await watching.codes()


async def test_stripped_cosignatures_are_missed_though_heartbeats_come(
    watching: Watching,
) -> None:
    """Another history is kept apart from its witnesses: they see no majority on their own branch."""
    for _ in range(25):
        await watching.show(watching.log.grow("more"))
        watching.later(hours=1)
    assert "LOG_NO_MAJORITY" in await watching.codes()
    assert not await watching.witness.is_sound()


async def test_what_is_not_signed_by_the_gateway_is_set_aside(watching: Watching) -> None:
    forged = SimulatedLog(SigningKey.generate(owner="gateway"), watching.world.clock).grow("a")
    assert await watching.receive(heartbeat=forged.heartbeat())  # kept: a newer directory may know the key
    assert not await watching.receive(heartbeat=Heartbeat(checkpoint="no note"))
    await watching.witness.look()
    assert await watching.cosignatures() == 0
    assert await watching.codes() == ["HEARTBEAT_MALFORMED_NOTE"]


async def test_a_forged_cosignature_is_set_aside_with_its_heartbeat(watching: Watching) -> None:
    stranger = SigningKey.generate(owner=OTHERS[0])
    await watching.show(watching.log.grow("a"), cosigned=(watching.log.cosigned(stranger),))
    found = await watching.witness.standing()
    assert found.cosigned_by == {RECIPIENT}, "a key that the directory does not know counts for nothing"


async def test_a_restart_between_sighting_and_judgement_loses_nothing(watching: Watching) -> None:
    assert await watching.receive(heartbeat=watching.log.grow("a").heartbeat())
    restarted = Watching(watching.member, watching.log, watching.world, watching.gateway)
    await restarted.witness.look()
    assert await watching.cosignatures() == 1


async def test_a_message_that_comes_twice_has_effect_once(watching: Watching) -> None:
    heartbeat = watching.log.grow("a").heartbeat()
    for _ in range(2):
        assert await watching.receive(heartbeat=heartbeat)
        await watching.witness.look()
    assert await watching.cosignatures() == 1


async def test_an_organisation_that_is_no_witness_judges_nothing(watching: Watching) -> None:
    watching.world.directory.organisations[RECIPIENT].witnesses_log = False
    await watching.show(watching.log.grow("a"))
    watching.later(days=2)
    await watching.witness.look()
    assert (await watching.cosignatures(), await watching.codes()) == (0, [])
    assert await watching.witness.is_sound()
    async with watching.member.records.store.read() as connection:
        assert await watching.member.records.checkpoints.waiting(connection) == []


async def test_an_organisation_that_is_no_longer_a_witness_misses_nothing(watching: Watching) -> None:
    await watching.show(watching.log.grow("a"))
    watching.world.directory.organisations[RECIPIENT].witnesses_log = False
    watching.later(days=2)
    await watching.witness.look()
    assert (await watching.codes(), await watching.witness.is_sound()) == ([], True)


async def test_a_running_witness_is_woken_by_what_arrives(watching: Watching) -> None:
    task = asyncio.create_task(watching.witness.run())
    try:
        await watching.receive(heartbeat=watching.log.grow("a").heartbeat())
        async with asyncio.timeout(5):
            while not await watching.cosignatures():
                await asyncio.sleep(0.01)
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
