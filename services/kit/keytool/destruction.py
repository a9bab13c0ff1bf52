"""Destroying an old key: only when nothing is left that it alone opens, never one that others still use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from services.kit.bus.inspection import look_into
from services.kit.bus.settings import BusSettings
from services.kit.directory import Directory
from services.kit.evidence.hop import kid_of
from services.kit.evidence.keys import KeyRecord
from services.kit.keyring import ENCRYPTION, KeyRing, KeyState
from services.kit.keytool.files import alone_with, destroy_file, find_file


class DestructionRefusedError(Exception):
    """The key must not be destroyed now; says why and what to do."""


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Whose keys, where, and where ciphertext to them may wait.

    Attributes:
        folder: the key folder.
        ring: the keys in it.
        directory: verified, of now.
        broker: where messages to the owner wait.
        queues: of the owner.
        dead_letters: the owner's queues of messages that were set aside.
    """

    folder: Path
    ring: KeyRing
    directory: Directory
    broker: BusSettings
    queues: Sequence[str]
    dead_letters: Sequence[str]


def destroy_key(place: KeyPlace, kid: str, at: datetime, *, drop_dead_letters: bool) -> None:
    """Destroys a key pair for good.

    Args:
        place: see there.
        kid: which.
        at: now, aware.
        drop_dead_letters: also takes out messages that were set aside and only this key opens; each was
            recorded when it was set aside.

    Raises:
        DestructionRefusedError: others may still use it, or something waits that it alone opens.
        KeyFileError: a process uses the keys, or the file is not there or cannot be destroyed.
        BusError: the broker cannot be asked, so nobody knows what waits.
    """
    state = _state(place, kid, at)
    path = find_file(place.folder, kid)
    _require_over(state)
    with alone_with(place.folder):
        if state.use == ENCRYPTION:
            _require_successor(place, kid, at)
            _require_drained(place, kid, drop_dead_letters=drop_dead_letters)
        destroy_file(path)


def _state(place: KeyPlace, kid: str, at: datetime) -> KeyState:
    for state in place.ring.states(place.directory, at):
        if state.kid == kid:
            return state
    raise DestructionRefusedError(f"there is no key {kid} here: list them with `keys list`")


def _require_over(state: KeyState) -> None:
    """Whoever still holds an older directory encrypts to a key until the end of its validity in that one."""
    record: KeyRecord | None = state.record
    if record is not None and state.reason in (None, "key_not_yet_valid"):
        raise DestructionRefusedError(
            f"others use the key until {record.not_after:%Y-%m-%d %H:%M} UTC: have the scheme end or revoke "
            "it in the directory, or wait"
        )


def _require_successor(place: KeyPlace, kid: str, at: datetime) -> None:
    states = place.ring.states(place.directory, at)
    if not any(state.use == ENCRYPTION and state.kid != kid and state.reason is None for state in states):
        raise DestructionRefusedError(
            "there is no other key that others may encrypt to: make one with `keys new` and have the scheme "
            "publish it first"
        )


def _require_drained(place: KeyPlace, kid: str, *, drop_dead_letters: bool) -> None:
    found = look_into(
        place.broker,
        [*place.queues, *place.dead_letters],
        lambda body: kid_of(body) == kid,
        drop=place.dead_letters if drop_dead_letters else (),
    )
    left = [each for each in found if each.matching > each.dropped]
    if left:
        waiting = ", ".join(f"{each.matching} in {each.queue}" for each in left)
        raise DestructionRefusedError(
            f"messages wait that only this key opens ({waiting}): start the process until they are taken; "
            "those in dead-letter queues were refused and recorded, and go with --drop-dead-letters"
        )
