"""The witness at work: judges what was shown, cosigns what continues the log, alarms about everything else.

It never stops a delivery: a warning must arrive, whatever the log's operator did, and what arrives proves
itself. It refuses its cosignature, keeps the evidence, and says so.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, Protocol

import structlog
from publicprotection.exchange.v1.outbox_service_pb2 import ALARM_KIND_LOG_FAULT
from publicprotection.transport.v1.packet_pb2 import Cosignature, Packet
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.evidence.checkpoint import cosign
from services.kit.evidence.note import Note, read_note
from services.kit.evidence.quorum import Standing
from services.kit.evidence.witnessing import (
    Alarm,
    Ask,
    Consistency,
    Cosign,
    Known,
    LogAlarm,
    Verdict,
    judge,
    judge_silence,
)
from services.kit.exchange.packets import close_packet
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.exchange.sightings import read_proof, stated
from services.kit.rpc.errors import UnavailableError
from services.kit.store.checkpoints import CheckpointState, SeenCheckpoint, SeenCosignature, Source
from services.kit.store.errors import StoreUnavailableError
from services.kit.store.outcomes import StoredAlarm
from services.kit.store.packets import add_packet
from services.kit.witness.settings import WitnessSettings
from services.kit.witness.standing import LogStanding, read_standing

_ROOT_SHOWN: Final = 16

_log = structlog.get_logger(__name__)


class AskLog(Protocol):
    """Asks the gateway for a consistency path."""

    async def __call__(self, first: int, second: int) -> Sequence[bytes] | None:
        """The path between the log of two sizes, as the gateway gives it; None if it gives none."""


class Witness:
    """Judges what an organisation is shown of the log.

    Args:
        participant: whose witness.
        records: where sightings and alarms are kept.
        ask: reaches the gateway.
        settings: how it works.
    """

    def __init__(
        self,
        participant: Participant,
        records: Records,
        ask: AskLog,
        settings: WitnessSettings,
    ) -> None:
        self._participant = participant
        self._records = records
        self._checkpoints = records.checkpoints
        self._ask = ask
        self._settings = settings
        self._started = participant.clock.now()
        self._is_silent = False

    async def run(self) -> None:
        """Looks whenever something was shown, and now and then; until cancelled."""
        while True:
            mark = self._records.signals.checkpoints.mark()
            try:
                await self.look()
            except (StoreUnavailableError, UnavailableError) as error:
                _log.warning("witness_waits", component=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(mark.wait(), self._settings.interval_s)

    async def look(self) -> None:
        """Judges everything that waits, then whether enough witnesses and any life are there.

        Raises:
            StoreUnavailableError: later.
            UnavailableError: nothing can be signed or sent now; nothing is lost.
        """
        if not self._is_witness():
            return
        async with self._records.store.read() as connection:
            waiting = await self._checkpoints.waiting(connection)
        for seen in sorted(waiting, key=lambda each: each.source is not Source.HEARTBEAT):
            await self._judge(seen)
        await self._look_back()
        await self._count()
        await self._listen()

    async def is_sound(self) -> bool:
        """Whether nothing is wrong with the log, as far as this witness can see.

        An organisation that is no witness, or no longer one, is shown nothing: only what it saw counts.
        """
        async with self._records.store.read() as connection:
            if await self._checkpoints.is_alarming(connection):
                return False
            return not self._is_witness() or await self._is_well(connection)

    async def _is_well(self, connection: AsyncConnection) -> bool:
        overdue = self._patient_since()
        if overdue is not None and await self._checkpoints.is_waiting_since(connection, overdue):
            return False
        if await self._checkpoints.put_back(connection):
            return False
        if self._judge_silence(await self._checkpoints.newest(connection)):
            return False
        return (await self._standing(connection)).standing is not Standing.FAILED

    async def standing(self) -> LogStanding:
        """Where the log stands with its witnesses."""
        async with self._records.store.read() as connection:
            return await self._standing(connection)

    async def _standing(self, connection: AsyncConnection) -> LogStanding:
        directory = self._participant.directory()
        return await read_standing(connection, self._checkpoints, directory, self._settings, self._now())

    async def _judge(self, shown: SeenCheckpoint) -> None:
        async with self._records.store.read() as connection:
            newest = await self._checkpoints.newest(connection)
            rival = await self._checkpoints.rival(connection, shown.size, shown.root)
        # Only what every witness is shown is cosigned; the rest is compared once a heartbeat has caught up.
        if shown.source is not Source.HEARTBEAT and (newest is None or shown.size > newest.size):
            await self._wait(shown)
            return
        # Two roots of one size convict the log by themselves, whatever it answers.
        verdict = await self._compare(rival or newest, shown)
        await (self._wait(shown) if isinstance(verdict, Ask) else self._settle(shown, verdict))

    async def _compare(self, known: SeenCheckpoint | None, shown: SeenCheckpoint) -> Verdict:
        """The verdict; still `Ask` if the gateway gave no answer."""
        seen, now = (stated(known) if known else None), self._now()
        verdict = judge(seen, stated(shown), read_proof(shown.proof), now=now)
        if not isinstance(verdict, Ask):
            return verdict
        path = await self._ask(verdict.first, verdict.second)
        if path is None:
            return verdict
        proof = Consistency(verdict.first, verdict.second, path)
        return judge(seen, stated(shown), proof, now=now, asked=True)

    async def _wait(self, shown: SeenCheckpoint) -> None:
        """Leaves it to a later look; not for ever."""
        overdue = self._patient_since()
        if overdue is not None and shown.seen_at < overdue:
            alarm = Alarm(LogAlarm.UNRECONCILED, (read_note(shown.note),))
            await self._records.store.write(lambda connection: self._raise(connection, alarm))

    async def _settle(self, shown: SeenCheckpoint, verdict: Cosign | Known | Alarm) -> None:
        async def apply(connection: AsyncConnection) -> None:
            match verdict:
                case Cosign():
                    await self._cosign(connection, shown)
                case Known() if shown.source is Source.DELIVERY:
                    await self._checkpoints.drop(connection, shown.position)  # the delivery keeps its own
                case Known():
                    await self._checkpoints.settle(connection, shown.position, CheckpointState.CONSISTENT)
                case Alarm() if await self._raise(connection, verdict):
                    await self._checkpoints.settle(connection, shown.position, CheckpointState.ALARMED)
                case Alarm():  # the first of its kind convicts the log, which may show more of it each minute
                    await self._checkpoints.discard(connection, shown)

        await self._records.store.write(apply)
        self._records.signals.packets.notify()

    async def _cosign(self, connection: AsyncConnection, shown: SeenCheckpoint) -> None:
        note, own = read_note(shown.note), self._participant.organisation
        line = cosign(note, self._participant.signing, self._now())
        packet = Packet(cosignature=Cosignature(checkpoint=str(note.with_lines([line]))))
        mine = SeenCosignature(shown.size, shown.root, own, str(line))
        await self._checkpoints.add_cosignatures(connection, [mine])
        await self._checkpoints.settle(connection, shown.position, CheckpointState.COSIGNED)
        await add_packet(connection, close_packet(packet, self._participant))

    async def _look_back(self) -> None:
        """Alarms if a log that was shown longer is shown again as it was before: a backup put back."""
        async with self._records.store.read() as connection:
            newest = await self._checkpoints.newest(connection)
            shown = await self._checkpoints.put_back(connection)
        if newest is None or shown is None:
            return
        verdict = judge(stated(newest), stated(shown), None, now=self._now())
        if isinstance(verdict, Alarm):
            alarm = verdict
            await self._records.store.write(lambda connection: self._raise(connection, alarm))

    async def _count(self) -> None:
        """Retires what a majority vouches for, and alarms about what none vouched for in time."""
        standing = await self.standing()
        before = self._now() - self._settings.kept

        async def apply(connection: AsyncConnection) -> None:
            if standing.witnessed is not None:
                await self._retire(connection, standing.witnessed.checkpoint.size)
            await self._checkpoints.forget(connection, before)
            if standing.overdue is not None:
                await self._alarm(connection, Alarm(LogAlarm.NO_MAJORITY, (standing.overdue.note,)))

        await self._records.store.write(apply)

    async def _retire(self, connection: AsyncConnection, size: int) -> None:
        await self._checkpoints.retire_below(connection, size)
        for seen in await self._checkpoints.cosigned(connection):
            if seen.size == size and seen.state is CheckpointState.COSIGNED:
                await self._checkpoints.settle(connection, seen.position, CheckpointState.WITNESSED)

    async def _listen(self) -> None:
        async with self._records.store.read() as connection:
            newest = await self._checkpoints.newest(connection)
        alarm = self._judge_silence(newest)
        if alarm is not None and not self._is_silent:
            found, since = alarm, f":{newest.signed_at:%Y%m%dT%H%M%S}" if newest else ""
            await self._records.store.write(lambda connection: self._alarm(connection, found, since))
        self._is_silent = alarm is not None

    def _judge_silence(self, newest: SeenCheckpoint | None) -> Alarm | None:
        limit, now = self._settings.stalled_after, self._now()
        if now - self._started <= limit:
            return None  # nobody listened before, and what was said then may still be on its way
        return judge_silence(stated(newest), now, limit) if newest else Alarm(LogAlarm.STALLED, ())

    def _patient_since(self) -> datetime | None:
        """What was seen before this has waited too long; None while this process has not run as long."""
        patience, now = self._settings.patience, self._now()
        return now - patience if now - self._started > patience else None

    def _is_witness(self) -> bool:
        return self._participant.organisation in self._participant.directory().witnesses

    async def _raise(self, connection: AsyncConnection, alarm: Alarm) -> bool:
        """Alarms, and whether it did: while one of that kind stands, another heartbeat raises none."""
        stored = self._stored(alarm, f"log:{alarm.code}")
        return _report(stored, is_new=await self._records.alarms.raise_anew(connection, stored))

    async def _alarm(self, connection: AsyncConnection, alarm: Alarm, since: str = "") -> None:
        """Alarms once for a size and root, and for each time since when it is so."""
        texts = [_describe(note) for note in alarm.evidence] or ["nothing"]
        stored = self._stored(alarm, f"log:{alarm.code}:{':'.join(texts)}{since}")
        _report(stored, is_new=await self._records.alarms.add(connection, stored))

    def _stored(self, alarm: Alarm, cause: str) -> StoredAlarm:
        evidence = tuple(map(str, alarm.evidence))
        return StoredAlarm(cause, ALARM_KIND_LOG_FAULT, alarm.code, self._now(), evidence=evidence)

    def _now(self) -> datetime:
        return self._participant.clock.now()


def _report(stored: StoredAlarm, *, is_new: bool) -> bool:
    if is_new:
        _log.error("alarm", code=stored.code, kind=stored.kind)
    return is_new


def _describe(note: Note) -> str:
    _, size, root = note.text.splitlines()[:3]
    return f"{size}:{root[:_ROOT_SHOWN]}"
