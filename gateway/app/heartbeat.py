"""The heartbeat: at intervals every witness is shown the newest checkpoint, and what the others cosigned.

It is signed anew each time, with the time, so that silence is told apart from a quiet day. Nothing of it
waits in the database: a heartbeat that does not arrive is made good by the next one.
"""

import asyncio
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import structlog
from publicprotection.transport.v1 import packet_pb2

from gateway.app.heads import released_head, sign_head
from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.log_rows import CheckpointRow, Cosigned
from gateway.app.ports import Store, StoreUnavailableError, Unit
from gateway.app.proofs import Path, prove_consistency
from gateway.app.publish import EXCHANGE, MESSAGE_TYPE
from gateway.app.tools import Tools
from gateway.core.log.errors import TileMissingError
from services.kit.bus import BusPort, Message, Publication, PublishResult
from services.kit.directory import GATEWAY, Directory
from services.kit.evidence.checkpoint import verify_checkpoint
from services.kit.evidence.errors import CheckpointRefusedError, KeyRefusedError
from services.kit.evidence.hop import encrypt_hop
from services.kit.evidence.note import read_line, read_note
from services.kit.evidence.quorum import majority
from services.kit.keyring import NoSigningKeyError

MOST_COSIGNED: Final = 32
_LOOK_BACK: Final = timedelta(hours=1)  # what was told before a start, or to who is away, is told again

_ABSENT_AFTER: Final = timedelta(hours=1)
_ABSENT_EVERY: Final = timedelta(hours=1)
"""A witness that stays away is shown the log so seldom that its queue does not fill: the newest is enough."""

_KEPT: Final = timedelta(days=30)  # a witness that was away for longer signs the newest

_log = structlog.get_logger(__name__)


class _Beat(NamedTuple):
    """What is shown: the checkpoint, the size shown before, the path between both, what others cosigned.

    And who has been behind in cosigning since when.
    """

    checkpoint: CheckpointRow
    previous: int
    path: Path
    cosigned: list[Cosigned]
    behind: Mapping[str, datetime]


class Heart:
    """Sends heartbeats.

    Args:
        store: where the log is.
        bus: where they go.
        tools: key, directory, time.
        interval_s: from one to the next.
    """

    def __init__(self, store: Store, bus: BusPort, tools: Tools, *, interval_s: float) -> None:
        self._store = store
        self._bus = bus
        self._tools = tools
        self._interval_s = interval_s
        self._told = tools.clock.now() - _LOOK_BACK
        self._shown: dict[str, datetime] = {}

    async def run(self) -> None:
        """Beats until cancelled.

        Raises:
            BusError: nothing can ever be published.
        """
        while True:
            try:
                await self.beat()
            except (
                StoreUnavailableError,
                KeyStoreUnavailableError,
                NoSigningKeyError,
                TileMissingError,
            ) as error:
                _log.error("heartbeat_missed", component=type(error).__name__)
            await asyncio.sleep(self._interval_s)

    async def beat(self) -> int:
        """Shows the log once to every witness that is there, and now and then to the others; how many got it.

        Raises:
            StoreUnavailableError, KeyStoreUnavailableError, NoSigningKeyError, TileMissingError: not now.
        """
        tools, now = self._tools.pinned(), self._tools.clock.now()
        witnesses = tools.directory.witnesses
        if not self._bus.health.connected:
            return 0  # the bus says so itself, and the next heartbeat makes it good
        if tools.directory.is_stale(now) or not witnesses:
            _log.error("heartbeat_missed", component="directory")
            return 0
        beat = await self._look(tools, witnesses, self._told)
        if beat is None:
            _log.error("heartbeat_missed", component="head")
            return 0
        packet = packet_pb2.Packet(heartbeat=_message(beat, tools.directory, now)).SerializeToString()
        names = [name for name in witnesses if self._is_due(name, beat, now)]
        addressed = {name: publication for name in names for publication in _publication(packet, name, tools)}
        results = await self._bus.publish_many(list(addressed.values()), self._interval_s)
        reached = [
            name for name, result in zip(addressed, results, strict=True) if result is PublishResult.CONFIRMED
        ]
        self._note(reached, set(witnesses), now)
        return len(reached)

    def _is_due(self, witness: str, beat: _Beat, now: datetime) -> bool:
        """Whether a witness is to be shown the log now; one that is absent was, within the hour."""
        since, last = beat.behind.get(witness), self._shown.get(witness)
        absent = since is not None and now - since >= _ABSENT_AFTER
        return last is None or not absent or now - last >= _ABSENT_EVERY

    def _note(self, reached: Sequence[str], witnesses: AbstractSet[str], now: datetime) -> None:
        missed = len(witnesses) - len(reached)
        if missed:
            _log.warning("heartbeat_incomplete", count=missed)
        if reached:
            # By what was told, not by the hour: after a pause of any length nothing is left out.
            self._told = max(self._told, now - _LOOK_BACK) if missed else now
        self._shown = {name: self._shown[name] for name in self._shown.keys() & witnesses}
        self._shown.update(dict.fromkeys(reached, now))

    async def _look(self, tools: Tools, witnesses: Sequence[str], since: datetime) -> _Beat | None:
        """Notes the head as shown, if the key store remembers it, and gathers what goes with it."""
        wanted = majority(witnesses).count
        async with self._store.writing() as unit:
            # Asked for in here: the log grows while this waits for its turn.
            head = await released_head(unit, tools)
            if head is None:
                return None
            last = await unit.witnesses.last_checkpoint()
            previous = 0 if last is None else last.size
            shown = sign_head(tools, head.size, head.root, head)
            await unit.tree.move_head(shown)  # what is signed next is of no earlier time than this
            await unit.witnesses.add_checkpoint(shown)
            await _forget(unit, shown, wanted)
            cosigned = await unit.witnesses.to_tell(since, wanted, MOST_COSIGNED)
            path = await prove_consistency(unit.tree, previous, head.size)
            behind = await unit.witnesses.behind_since(witnesses)
        return _Beat(shown, previous, path, cosigned, behind)


async def _forget(unit: Unit, shown: CheckpointRow, wanted: int) -> None:
    """Deletes old checkpoints: a new one comes each minute, and a majority on one vouches for all before."""
    vouching = await unit.witnesses.newest_cosigned(wanted)
    kept = {shown.size} if vouching is None else {shown.size, vouching.checkpoint.size}
    await unit.witnesses.forget(shown.at - _KEPT, kept)


def _message(beat: _Beat, directory: Directory, now: datetime) -> packet_pb2.Heartbeat:
    notes = (_cosigned_note(each) for each in beat.cosigned)
    return packet_pb2.Heartbeat(
        checkpoint=beat.checkpoint.note,
        cosignatures=[note for note in notes if _holds(note, directory, now)],
        consistency=beat.path,
        previous_size=beat.previous,
    )


def _cosigned_note(cosigned: Cosigned) -> str:
    """The whole note, with all its lines: one of another root is itself the evidence of a fork."""
    note = read_note(cosigned.checkpoint.note)
    return str(note.with_lines(read_line(line) for line in cosigned.lines.values()))


def _holds(note: str, directory: Directory, now: datetime) -> bool:
    """Whether witnesses would read it: what was signed with a key revoked since tells them nothing."""
    try:
        verify_checkpoint(note, directory.keys.verifying_keys(GATEWAY, now))
    except CheckpointRefusedError:
        return False
    return True


def _publication(packet: bytes, organisation: str, tools: Tools) -> list[Publication]:
    try:
        key = tools.directory.keys.encryption_key(organisation, tools.clock.now())
    except KeyRefusedError as error:
        _log.error("heartbeat_unsent", organisation=organisation, reason=error.reason)
        return []
    body = encrypt_hop(packet, key, max_bytes=tools.limits.packet_octets).encode("ascii")
    message = Message(body, message_id=tools.new_id(), type=MESSAGE_TYPE)
    return [Publication(EXCHANGE, f"to.{organisation}", message)]
