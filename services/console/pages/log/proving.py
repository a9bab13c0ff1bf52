"""Verifying, in front of whoever asks, that a record is in the log and that others vouch for it.

Nothing is believed but the scheme's key, whose fingerprint stands in the console's settings: not what the
gateway says of its own proof, nor what was found a moment ago. Each step is done when the page is asked for.
The forms are those of docs/log-form.md.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from publicprotection.oversight.v1.disclosure_log_service_pb2 import GetRecordResponse
from publicprotection.transport.v1.packet_pb2 import InclusionProof

from services.console.pages.log.entries import read_time
from services.kit.directory import Directory, DirectoryError
from services.kit.evidence.bundle_faults import explain
from services.kit.evidence.checkpoint import Checkpoint, read_checkpoint
from services.kit.evidence.errors import BundleRefusedError, EvidenceError
from services.kit.evidence.merkle import leaf_hash, verify_inclusion
from services.kit.evidence.note import read_note
from services.kit.evidence.quorum import AtLeast, Standing
from services.kit.evidence.vouching import Trust, Vouched, check_continues, vouch
from services.kit.log_trust import trust_in


class Verdict(StrEnum):
    """What became of a step."""

    PROVEN = "PROVEN"
    FAILED = "FAILED"
    PENDING = "PENDING"
    """Not yet, and there is time."""
    UNSHOWN = "UNSHOWN"
    """It cannot be done with what this organisation is shown; nothing is wrong by that."""
    UNREACHED = "UNREACHED"
    """It rests on a step that failed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was verified.

    Attributes:
        title: what.
        verdict: how it went.
        found: what was found, in words; of a step that failed, what is wrong.
        means: why it matters.
    """

    title: str
    verdict: Verdict
    found: str
    means: str


@dataclass(frozen=True, slots=True)
class Vote:
    """A witness of the log, and when it signed; None: it has not signed what is shown."""

    organisation: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Panel:
    """All steps, in order, and who cosigned.

    Attributes:
        verdict: FAILED if any step failed; PENDING if one has time; PROVEN otherwise.
        steps: what was done.
        votes: of all witnesses, on the checkpoint that counts.
        size: records in the log at the newest checkpoint; 0 if that cannot be read.
    """

    verdict: Verdict
    steps: tuple[Step, ...]
    votes: tuple[Vote, ...]
    size: int


class _StepFailedError(Exception):
    """The message says what is wrong."""


@dataclass
class _Proof:
    """What is verified, and what was found so far."""

    answer: GetRecordResponse
    open_directory: Callable[[], Directory]
    now: datetime
    trust: Trust | None = None
    newest: Vouched | None = None
    witnessed: Vouched | None = None


_Finding = tuple[Verdict, str]
_UNREACHED: Final = (Verdict.UNREACHED, "Not verified, since a step that it rests on failed.")


def prove(answer: GetRecordResponse, open_directory: Callable[[], Directory], now: datetime) -> Panel:
    """Verifies everything that came with a record.

    Args:
        answer: as the gateway gave it.
        open_directory: reads the signed directory and verifies the scheme's signature; DirectoryError.
        now: aware.
    """
    proof = _Proof(answer, open_directory, now)
    steps = tuple(_take(title, means, step, proof) for title, means, step in _STEPS)
    return Panel(_judge(steps), steps, tuple(_votes(proof)), _size(answer.proof))


def _take(title: str, means: str, step: Callable[[_Proof], _Finding], proof: _Proof) -> Step:
    try:
        verdict, found = step(proof)
    except _StepFailedError as error:
        verdict, found = Verdict.FAILED, str(error)
    except DirectoryError as error:
        verdict, found = Verdict.FAILED, f"The directory of keys does not verify: {error}."
    except BundleRefusedError as error:
        verdict, found = Verdict.FAILED, f"This does not verify: {explain(error)}."
    except EvidenceError as error:
        verdict, found = Verdict.FAILED, f"This does not verify [{error.reason}]."
    return Step(title, verdict, found, means)


def _judge(steps: tuple[Step, ...]) -> Verdict:
    found = {step.verdict for step in steps}
    if found & {Verdict.FAILED, Verdict.UNREACHED}:
        return Verdict.FAILED
    return Verdict.PENDING if Verdict.PENDING in found else Verdict.PROVEN


def _check_directory(proof: _Proof) -> _Finding:
    directory = proof.open_directory()
    proof.trust = trust_in(directory)
    return Verdict.PROVEN, (
        f"Directory {directory.serial} is signed with the scheme's key. It names the log's keys and "
        f"{len(proof.trust.witnesses)} organisations that witness the log."
    )


def _check_entry(proof: _Proof) -> _Finding:
    record = proof.answer.record
    if not record.entry and record.excerpt:
        return Verdict.UNSHOWN, (
            "You see an excerpt, and the hash is over the whole entry. It is the hash that your statement or "
            "outcome of this exchange quotes. The MAPPA co-ordination unit can show the entry that it is of."
        )
    if not record.entry:
        return Verdict.UNSHOWN, "The entry was deleted at the end of its time. Its hash stays in the log."
    if leaf_hash(record.entry.encode()).hex() != record.record_hash:
        raise _StepFailedError("The record shown is not the one that the hash belongs to: it was altered.")
    return (
        Verdict.PROVEN,
        "The hash of the record, made anew from every character of it, is the one in the log.",
    )


def _check_inclusion(proof: _Proof) -> _Finding:
    checkpoint = _include(proof.answer, proof.answer.proof)
    return Verdict.PROVEN, (
        f"{len(proof.answer.proof.hashes)} hashes lead from record {proof.answer.record.index:,} to the one "
        f"root that stands for all {checkpoint.size:,} records."
    )


def _check_log(proof: _Proof) -> _Finding:
    if proof.trust is None:
        return _UNREACHED
    proof.newest = vouch(proof.answer.proof.checkpoint, None, proof.trust, now=proof.now)
    return (
        Verdict.PROVEN,
        "The root is signed with a key of the log that the directory lists and nobody revoked.",
    )


def _check_witnessed(proof: _Proof) -> _Finding:
    answer = proof.answer
    if not answer.HasField("witnessed"):
        return _wait(proof)
    _include(answer, answer.witnessed)
    if proof.trust is None:
        return _UNREACHED
    proof.witnessed = vouch(answer.witnessed.checkpoint, None, proof.trust, now=proof.now)
    if proof.witnessed.standing is not Standing.MET:
        raise _StepFailedError(f"Too few cosigned the checkpoint: {_count(proof.witnessed)}.")
    return (
        Verdict.PROVEN,
        f"The record is under a checkpoint that a majority saw: {_count(proof.witnessed)}.",
    )


def _wait(proof: _Proof) -> _Finding:
    """Of a record that no majority vouches for yet: a day from the time that the record itself states."""
    if proof.newest is None:
        return _UNREACHED
    standing = proof.newest.standing_of(read_time(proof.answer.record))
    said = f"{_count(proof.newest)}."
    if standing is Standing.FAILED:
        raise _StepFailedError(f"A day has passed and too few have cosigned: {said} Tell the operator.")
    if standing is Standing.MET:
        return Verdict.PROVEN, said
    return Verdict.PENDING, f"The record is newer than the last checkpoint that a majority saw: {said}"


def _check_continues(proof: _Proof) -> _Finding:
    if not proof.answer.HasField("witnessed"):
        return Verdict.PENDING, "There is no checkpoint with a majority over this record yet."
    if proof.newest is None or proof.witnessed is None:
        return _UNREACHED
    check_continues(proof.witnessed.signed, proof.newest.signed, proof.answer.consistency)
    sizes = proof.witnessed.signed.checkpoint.size, proof.newest.signed.checkpoint.size
    return Verdict.PROVEN, f"The log of {sizes[1]:,} records continues the witnessed one of {sizes[0]:,}."


def _check_texts(proof: _Proof) -> _Finding:
    texts, entry = proof.answer.texts, proof.answer.record.entry
    if not texts:
        return Verdict.UNSHOWN, "No names or reasons are shown on this page."
    for each in texts:
        made = hashlib.sha256(each.salt + each.text.encode()).hexdigest()
        if f'"{each.member}":"{made}"' not in entry:
            raise _StepFailedError(
                "A name or reason that is shown is not the one that the record commits to."
            )
    return Verdict.PROVEN, f"{len(texts)} texts are the very ones that the record commits to."


def _count(vouched: Vouched) -> str:
    """How many cosigned, of how many, and how many had to."""
    policy, votes = vouched.policy, vouched.votes
    if not isinstance(policy, AtLeast):
        return policy.describe(votes)
    return f"{len(policy.voters(votes))} of {len(policy.of)} witnesses cosigned in time; {policy.count} must"


def _include(answer: GetRecordResponse, proof: InclusionProof) -> Checkpoint:
    """The checkpoint under which the record's hash is proven to stand."""
    checkpoint = read_checkpoint(read_note(proof.checkpoint))
    if proof.index != answer.record.index:
        raise _StepFailedError("The proof is of another place in the log than the record's.")
    leaf = bytes.fromhex(answer.record.record_hash)
    verify_inclusion(leaf, proof.index, checkpoint.size, tuple(proof.hashes), checkpoint.root)
    return checkpoint


def _votes(proof: _Proof) -> Iterator[Vote]:
    counted = proof.witnessed or proof.newest
    if proof.trust is None or counted is None:
        return
    signed = {each.witness: each.at for each in counted.votes.cosignatures}
    yield from (Vote(name, signed.get(name)) for name in sorted(proof.trust.witnesses))


def _size(proof: InclusionProof) -> int:
    try:
        return read_checkpoint(read_note(proof.checkpoint)).size
    except EvidenceError:
        return 0


_STEPS: Final = (
    (
        "Whose keys count",
        "The scheme, and not the gateway, says which keys are the log's and whose are the witnesses'.",
        _check_directory,
    ),
    ("The record is unaltered", "Changing one character would give another hash.", _check_entry),
    (
        "The record is in the log",
        "It cannot be taken out, put in later or moved without every root since being another.",
        _check_inclusion,
    ),
    ("The log signed for it", "The gateway cannot say later that this was not its log.", _check_log),
    (
        "Others saw it",
        "Organisations keep what they cosigned, so the gateway cannot show them another history.",
        _check_witnessed,
    ),
    ("Nothing was rewritten since", "What was added later left what others saw as it was.", _check_continues),
    ("Names and reasons are the true ones", "They are kept apart, so that they can be erased.", _check_texts),
)
