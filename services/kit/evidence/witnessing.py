"""What a witness makes of a checkpoint: cosign it, ask for a proof, or raise an alarm (C2SP tlog-witness).

A witness cosigns nothing but what continues all that it cosigned before. So a log that shows two agencies
different histories gets the cosignature of each for its own history alone, and the first cosignature that
crosses over gives it away. Every alarm holds the notes that prove it, signed by the log itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.kit.evidence.checkpoint import StatedCheckpoint
from services.kit.evidence.errors import ProofRefusedError
from services.kit.evidence.merkle import verify_consistency
from services.kit.evidence.note import Note

CLOCK_SKEW: Final = timedelta(minutes=5)


class LogAlarm(StrEnum):
    """What is wrong with a log: stable codes."""

    FORK = "LOG_FORK"  # two histories, each signed by the log
    ROLLBACK = "LOG_ROLLBACK"  # a shorter history, signed later
    STALLED = "LOG_STALLED"  # nothing new has been heard for too long
    FUTURE = "LOG_FUTURE"  # signed with a time that has not come yet
    NO_MAJORITY = "LOG_NO_MAJORITY"  # too few witnesses have cosigned in time
    UNRECONCILED = "LOG_UNRECONCILED"  # two checkpoints, and no proof that they are of one history


@dataclass(frozen=True, slots=True)
class Consistency:
    """A consistency path as it was given, unverified.

    Attributes:
        first: size of the smaller tree.
        second: size of the larger tree.
        path: from RFC 9162 2.1.4.1.
    """

    first: int
    second: int
    path: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Cosign:
    """The checkpoint continues what was seen: cosign it, and remember it as the last seen."""

    shown: StatedCheckpoint


@dataclass(frozen=True, slots=True)
class Known:
    """The checkpoint is one of the history seen, and not longer: nothing to cosign."""


@dataclass(frozen=True, slots=True)
class Ask:
    """No verdict without a consistency path between these sizes: ask the log for it, then judge again."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """The log is at fault: do not cosign, tell people.

    Attributes:
        code: what is wrong.
        evidence: notes signed by the log, that seen before first; anybody can check them.
    """

    code: LogAlarm
    evidence: tuple[Note, ...]


Verdict = Cosign | Known | Ask | Alarm


def judge(
    seen: StatedCheckpoint | None,
    shown: StatedCheckpoint,
    proof: Consistency | None,
    *,
    now: datetime,
    asked: bool = False,
) -> Verdict:
    """Judges a checkpoint by the last one seen; both were verified as signed by the log when they came.

    Serves for the log's own heartbeats, and for notes that other witnesses cosigned.

    Args:
        seen: the longest checkpoint cosigned so far; None on the very first, which is trusted.
        shown: the one to judge.
        proof: a path between the two, as it came with the checkpoint or as the log gave it when asked.
        now: aware.
        asked: whether the path is the log's answer to `Ask`. A path that merely came along may be one from
            another size; the answer to the question asked must verify.
    """
    if shown.at > now + CLOCK_SKEW:
        return Alarm(LogAlarm.FUTURE, (shown.note,))
    if seen is None:
        return Cosign(shown)
    sizes = seen.checkpoint.size, shown.checkpoint.size
    if sizes[0] == sizes[1]:
        return Known() if seen.checkpoint == shown.checkpoint else _alarm(LogAlarm.FORK, seen, shown)
    if sizes[1] < sizes[0] and shown.at > seen.at:
        return _alarm(LogAlarm.ROLLBACK, seen, shown)
    return _judge_by_proof(seen, shown, proof, asked=asked)


def judge_silence(newest: StatedCheckpoint, now: datetime, limit: timedelta) -> Alarm | None:
    """An alarm if the newest checkpoint seen was signed longer ago than the limit.

    A log without new records signs its checkpoint anew for each heartbeat, so silence is never mere quiet.
    """
    return Alarm(LogAlarm.STALLED, (newest.note,)) if now - newest.at > limit else None


def _judge_by_proof(
    seen: StatedCheckpoint, shown: StatedCheckpoint, proof: Consistency | None, *, asked: bool
) -> Verdict:
    # A checkpoint that is shorter and not younger was overtaken on its way: to be of one history is enough.
    smaller, larger = sorted((seen, shown), key=lambda each: each.checkpoint.size)
    sizes = smaller.checkpoint.size, larger.checkpoint.size
    if sizes[0] == 0:
        proof = Consistency(*sizes, ())  # every log continues the one without records
    if proof is None or (proof.first, proof.second) != sizes:
        return Ask(*sizes)
    try:
        verify_consistency(sizes[0], smaller.checkpoint.root, sizes[1], larger.checkpoint.root, proof.path)
    except ProofRefusedError:
        return _alarm(LogAlarm.FORK, seen, shown) if asked else Ask(*sizes)
    return Cosign(shown) if larger is shown else Known()


def _alarm(code: LogAlarm, seen: StatedCheckpoint, shown: StatedCheckpoint) -> Alarm:
    return Alarm(code, (seen.note, shown.note))
