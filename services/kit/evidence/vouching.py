"""Who vouches for a checkpoint: the log by its signatures, and its witnesses by a quorum.

Offline there is no time of receipt, only times that signers state. So a key that is revoked by now counts for
a witness at no time, and for the log only where a majority of witnesses cosigned before it was revoked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.kit.evidence.bundle_form import Witnessed
from services.kit.evidence.checkpoint import SignedCheckpoint, verify_checkpoint
from services.kit.evidence.errors import BundleRefusedError, CheckpointRefusedError, ProofRefusedError
from services.kit.evidence.keys import KeyRecord, KeySet, VerifyingKey
from services.kit.evidence.merkle import verify_consistency
from services.kit.evidence.quorum import Policy, Standing, Votes, count_votes
from services.kit.evidence.witnessing import CLOCK_SKEW


@dataclass(frozen=True, slots=True)
class Trust:
    """What a verified directory says about the log.

    Attributes:
        keys: of all.
        log: the owner of the log's keys.
        witnesses: organisations that witness the log.
        policy: what is demanded of them.
        serial: of the directory.
        issued_at: when it was signed.
        valid_until: after this it is stale.
    """

    keys: KeySet
    log: str
    witnesses: frozenset[str]
    policy: Policy
    serial: int
    issued_at: datetime
    valid_until: datetime


OpenTrust = Callable[[str], Trust]
"""From the signed directory; raises BundleRefusedError `directory_refused`."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """A checkpoint that verifies.

    Attributes:
        signed: the checkpoint.
        standing: with the policy, if nothing under it is older than the log's signature.
        covered: records below this index stand under a checkpoint that has its quorum.
        votes: the cosignatures that count.
        policy: what is demanded.
    """

    signed: SignedCheckpoint
    standing: Standing
    covered: int
    votes: Votes
    policy: Policy

    def standing_of(self, oldest: datetime | None) -> Standing:
        """The standing of records, the oldest uncovered of which states this time; None: all are covered.

        A checkpoint signed a moment ago does not make an old record young: the quorum of that has been due.
        """
        if oldest is None or self.standing is Standing.MET:
            return Standing.MET
        return self.policy.judge(self.since(oldest))

    def since(self, oldest: datetime | None) -> Votes:
        """The votes, reckoned from the oldest record where that is older than the log's signature."""
        since = self.votes.since
        return replace(self.votes, since=since if oldest is None else min(since, oldest))

    def describe(self) -> str:
        """Who cosigned, for people."""
        return self.policy.describe(self.votes)


def vouch(
    checkpoint: str,
    witnessed: Witnessed | None,
    trust: Trust,
    *,
    now: datetime,
    later: Vouched | None = None,
) -> Vouched:
    """Verifies a checkpoint, and an earlier one that it continues.

    Args:
        checkpoint: the note.
        witnessed: an earlier one with its quorum, or None.
        trust: what the directory says.
        now: aware.
        later: one whose witnesses vouch for this one too; that it continues this one is for the caller.

    Raises:
        BundleRefusedError: the reasons of `bundle_faults` that concern directory, checkpoint and witnesses,
            but for `no_majority`, which is for the caller to judge.
    """
    if trust.issued_at > now + CLOCK_SKEW:
        raise BundleRefusedError("directory_from_the_future")
    signed, votes = _verify(checkpoint, trust, now)
    _check_key(signed, [votes] if later is None else [votes, later.votes], trust)
    standing = trust.policy.judge(votes)
    covered = signed.checkpoint.size if standing is Standing.MET else 0
    if witnessed is not None:
        earlier, earlier_votes = _verify(witnessed.checkpoint, trust, now)
        _check_key(earlier, [earlier_votes], trust)
        check_continues(earlier, signed, witnessed.consistency)
        if trust.policy.judge(earlier_votes) is Standing.MET:
            covered = max(covered, earlier.checkpoint.size)
    return Vouched(signed, standing, covered, votes, trust.policy)


def _verify(note: str, trust: Trust, now: datetime) -> tuple[SignedCheckpoint, Votes]:
    signed = _verify_log(note, trust.keys.verifying_records(trust.log))
    if signed.at > now + CLOCK_SKEW:
        raise BundleRefusedError("checkpoint_from_the_future")
    if signed.at >= trust.valid_until:
        raise BundleRefusedError("directory_too_old")
    try:
        cosignatures = count_votes(signed, trust.keys, trust.witnesses, now=now)
    except CheckpointRefusedError as error:
        raise BundleRefusedError("cosignature_refused", detail=error.reason) from None
    return signed, Votes(cosignatures, signed.at, signed.at, now)


def _verify_log(note: str, records: Sequence[KeyRecord]) -> SignedCheckpoint:
    keys = [record.key for record in records if isinstance(record.key, VerifyingKey)]
    try:
        return verify_checkpoint(note, keys)
    except CheckpointRefusedError as error:
        raise BundleRefusedError("checkpoint_refused", detail=error.reason) from None


def _check_key(signed: SignedCheckpoint, vouching: Sequence[Votes], trust: Trust) -> None:
    record = next(each for each in trust.keys.verifying_records(trust.log) if each.key.kid == signed.key.kid)
    if not record.not_before <= signed.at < record.not_after:
        raise BundleRefusedError("log_key_not_valid")
    revoked = record.revoked_at
    if revoked is None or vouching[0].now < revoked:
        return
    # Whoever has the key can state any time; the witnesses' times are their own.
    if not any(_had_quorum(votes, revoked, trust.policy) for votes in vouching):
        raise BundleRefusedError("log_key_revoked")


def _had_quorum(votes: Votes, moment: datetime, policy: Policy) -> bool:
    before = tuple(each for each in votes.cosignatures if each.at < moment)
    return policy.judge(replace(votes, cosignatures=before)) is Standing.MET


def check_continues(earlier: SignedCheckpoint, later: SignedCheckpoint, path: Sequence[bytes]) -> None:
    """BundleRefusedError `consistency_refused` unless the later is proven to continue the earlier."""
    one, two = earlier.checkpoint, later.checkpoint
    try:
        verify_consistency(one.size, one.root, two.size, two.root, path)
    except ProofRefusedError as error:
        raise BundleRefusedError("consistency_refused", detail=error.reason) from None
