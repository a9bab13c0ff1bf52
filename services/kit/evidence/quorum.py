"""How many witnesses must have cosigned a checkpoint, and by when: policies that compose.

A policy says MET, PENDING or FAILED. Whatever is empty (a majority of nobody, all of no policies) has FAILED:
no policy is met by leaving everything out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from services.kit.evidence.checkpoint import Cosignature, StatedCheckpoint, verify_cosignatures
from services.kit.evidence.keys import KeySet, VerifyingKey

WITNESSED_WITHIN: Final = timedelta(hours=24)
"""The scheme's policy: a majority of the witnesses within this time."""


class Standing(StrEnum):
    """Where a checkpoint stands with a policy."""

    MET = "MET"
    PENDING = "PENDING"  # not met, and not yet due
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Votes:
    """What is known about a checkpoint's witnesses.

    Attributes:
        cosignatures: verified, by keys that counted.
        signed_at: when the log signed the checkpoint.
        since: when the oldest of what nothing else witnesses came to be; signed_at, or earlier.
        now: when the question is put.
    """

    cosignatures: Sequence[Cosignature]
    signed_at: datetime
    since: datetime
    now: datetime


class Policy(Protocol):
    """A demand on witnesses."""

    def judge(self, votes: Votes) -> Standing:
        """Where a checkpoint with these votes stands."""
        ...

    def describe(self, votes: Votes) -> str:
        """What the policy demands and what there is, for people."""
        ...


@dataclass(frozen=True, slots=True)
class AtLeast:
    """So many different witnesses of a set, within a time.

    Attributes:
        count: how many; fewer than 1 is never met.
        of: organisations.
        within: from the log's signature. A later cosignature does not count: until then the log could have
            shown others another history.
    """

    count: int
    of: frozenset[str]
    within: timedelta = WITNESSED_WITHIN

    def judge(self, votes: Votes) -> Standing:
        """MET with enough votes; PENDING while there is time for more."""
        if self.count < 1 or self.count > len(self.of):
            return Standing.FAILED
        if len(self.voters(votes)) >= self.count:
            return Standing.MET
        return Standing.PENDING if votes.now < votes.since + self.within else Standing.FAILED

    def voters(self, votes: Votes) -> frozenset[str]:
        """The witnesses whose cosignatures count."""
        latest = votes.signed_at + self.within
        return frozenset(each.witness for each in votes.cosignatures if each.at <= latest) & self.of

    def describe(self, votes: Votes) -> str:
        """Who cosigned, out of how many."""
        voters = sorted(self.voters(votes))
        names = f" ({', '.join(voters)})" if voters else ""
        return f"{len(voters)} of {len(self.of)} witnesses cosigned{names}, {self.count} needed"


def majority(of: Iterable[str], within: timedelta = WITNESSED_WITHIN) -> AtLeast:
    """More than half of the witnesses: no two histories can both have it unless a witness lies."""
    witnesses = frozenset(of)
    return AtLeast(len(witnesses) // 2 + 1, witnesses, within)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every policy."""

    policies: Sequence[Policy]

    def judge(self, votes: Votes) -> Standing:
        """The worst standing of all; FAILED without policies."""
        return max((each.judge(votes) for each in self.policies), key=_badness, default=Standing.FAILED)

    def describe(self, votes: Votes) -> str:
        """All of them."""
        return " and ".join(each.describe(votes) for each in self.policies) or "no policy"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One policy or another."""

    policies: Sequence[Policy]

    def judge(self, votes: Votes) -> Standing:
        """The best standing of all; FAILED without policies."""
        return min((each.judge(votes) for each in self.policies), key=_badness, default=Standing.FAILED)

    def describe(self, votes: Votes) -> str:
        """All of them."""
        return " or ".join(each.describe(votes) for each in self.policies) or "no policy"


def count_votes(
    signed: StatedCheckpoint, keys: KeySet, witnesses: Iterable[str], *, now: datetime
) -> tuple[Cosignature, ...]:
    """The cosignatures of a checkpoint that count.

    A cosignature states its own time, and whoever stole a key can state any: so a key that is revoked by now
    counts for nothing, whatever time the cosignature states; the others count if they were valid then.

    Raises:
        CheckpointRefusedError: a line of a known key does not verify.
    """
    records = [record for witness in witnesses for record in keys.verifying_records(witness)]
    trusted = {
        record.key.kid: record for record in records if not record.revoked_at or now < record.revoked_at
    }
    public = [each.key for each in trusted.values() if isinstance(each.key, VerifyingKey)]
    found = verify_cosignatures(signed.note, public)
    return tuple(each for each in found if trusted[each.key.kid].refusal_at(each.at) is None)


def _badness(standing: Standing) -> int:
    return (Standing.MET, Standing.PENDING, Standing.FAILED).index(standing)
