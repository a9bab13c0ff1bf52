"""Whether enough witnesses vouch for the log, and since when not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.directory import Directory
from services.kit.evidence.checkpoint import StatedCheckpoint
from services.kit.evidence.note import read_line
from services.kit.evidence.quorum import AtLeast, Policy, Standing, Votes, count_votes, majority
from services.kit.exchange.sightings import stated
from services.kit.store.checkpoints import Checkpoints, SeenCheckpoint
from services.kit.witness.settings import WitnessSettings


@dataclass(frozen=True, slots=True)
class LogStanding:
    """Where the log stands with its witnesses.

    Attributes:
        standing: of what is due; PENDING where nothing was cosigned yet.
        newest: the newest checkpoint cosigned here, with every known cosignature; None before the first.
        cosigned_by: the witnesses whose cosignatures of it count.
        witnessed: the newest with a majority; None if none has one.
        overdue: the oldest checkpoint whose time for a majority has passed; None if there is none.
    """

    standing: Standing
    newest: StatedCheckpoint | None = None
    cosigned_by: frozenset[str] = frozenset()
    witnessed: StatedCheckpoint | None = None
    overdue: StatedCheckpoint | None = None


@dataclass(frozen=True, slots=True)
class _Counted:
    seen: SeenCheckpoint
    shown: StatedCheckpoint
    votes: Votes

    def judge(self, policy: Policy) -> Standing:
        return policy.judge(self.votes)


async def read_standing(
    connection: AsyncConnection,
    checkpoints: Checkpoints,
    directory: Directory,
    settings: WitnessSettings,
    now: datetime,
) -> LogStanding:
    """Counts the votes on every checkpoint cosigned here that a majority does not vouch for yet."""
    policy = majority(directory.witnesses, settings.majority_within)
    counted = [
        _count(seen, await checkpoints.lines(connection, seen.size, seen.root), directory, now)
        for seen in await checkpoints.cosigned(connection)
    ]
    return _assess(counted, policy)


def _count(seen: SeenCheckpoint, lines: Mapping[str, str], directory: Directory, now: datetime) -> _Counted:
    at_first = stated(seen)
    shown = replace(at_first, note=at_first.note.with_lines(map(read_line, lines.values())))
    cosignatures = count_votes(shown, directory.keys, directory.witnesses, now=now)
    # From when it was first seen: a quiet log signs the same checkpoint again and again.
    return _Counted(seen, shown, Votes(cosignatures, shown.at, seen.seen_at, now))


def _assess(counted: Sequence[_Counted], policy: AtLeast) -> LogStanding:
    """From the largest to the smallest: the first with a majority vouches for all that are smaller."""
    if not counted:
        return LogStanding(Standing.PENDING)
    met = next((each for each in counted if each.judge(policy) is Standing.MET), None)
    due = [each for each in counted if met is None or each.seen.size > met.seen.size]
    overdue = next((each for each in reversed(due) if each.judge(policy) is Standing.FAILED), None)
    standing = Standing.FAILED if overdue else (Standing.PENDING if due else Standing.MET)
    return LogStanding(
        standing,
        newest=counted[0].shown,
        cosigned_by=policy.voters(counted[0].votes),
        witnessed=met.shown if met else None,
        overdue=overdue.shown if overdue else None,
    )
