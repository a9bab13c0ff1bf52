"""What a witness makes of a checkpoint, and what a quorum is."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from services.kit.evidence.checkpoint import Cosignature, SignedCheckpoint, verify_checkpoint
from services.kit.evidence.keys import KeyRecord, KeySet
from services.kit.evidence.quorum import AllOf, AnyOf, AtLeast, Policy, Standing, Votes, count_votes, majority
from services.kit.evidence.witnessing import (
    Alarm,
    Ask,
    Consistency,
    Cosign,
    Known,
    LogAlarm,
    judge,
    judge_silence,
)
from tests.support.exporting import KEYS, LOG, NOW, SIGNED, START, WITNESSES, Log

ONE = Log.of(90)
TWO = Log.of(0)
TWO.add(TWO.entry(number, type="RECEIPT" if number == 50 else "DISCLOSURE") for number in range(90))
SECOND = timedelta(seconds=1)


def _signed(log: Log, size: int, late: int = 0) -> SignedCheckpoint:
    return verify_checkpoint(log.note(size, by=(), at=SIGNED + late * SECOND), [LOG.public])


def _proof(log: Log, first: int, second: int) -> Consistency:
    return Consistency(first, second, log.tree.consistency(first, second))


def test_the_first_is_trusted() -> None:
    shown = _signed(ONE, 40)
    assert judge(None, shown, None, now=NOW) == Cosign(shown)


def test_a_continuation_is_cosigned() -> None:
    shown = _signed(ONE, 60, 1)
    assert judge(_signed(ONE, 40), shown, _proof(ONE, 40, 60), now=NOW) == Cosign(shown)


def test_every_log_continues_the_one_without_records() -> None:
    shown = _signed(ONE, 40, 1)
    assert judge(_signed(ONE, 0), shown, None, now=NOW) == Cosign(shown)


def test_the_same_again_is_known() -> None:
    assert judge(_signed(ONE, 40), _signed(ONE, 40, 60), None, now=NOW) == Known()


@pytest.mark.parametrize("proof", [None, _proof(ONE, 30, 60)])
def test_without_a_path_from_what_was_seen_it_asks(proof: Consistency | None) -> None:
    assert judge(_signed(ONE, 40), _signed(ONE, 60, 1), proof, now=NOW) == Ask(40, 60)


def test_a_path_that_came_along_and_fails_is_asked_for_again() -> None:
    seen, shown, proof = _signed(ONE, 60), _signed(TWO, 80, 1), _proof(TWO, 60, 80)
    assert judge(seen, shown, proof, now=NOW) == Ask(60, 80)
    assert judge(seen, shown, proof, now=NOW, asked=True) == Alarm(LogAlarm.FORK, (seen.note, shown.note))


def test_two_roots_of_one_size_are_a_fork() -> None:
    seen, shown = _signed(ONE, 60), _signed(TWO, 60)
    assert judge(seen, shown, None, now=NOW) == Alarm(LogAlarm.FORK, (seen.note, shown.note))


def test_histories_that_part_later_are_still_one() -> None:
    # The logs differ from record 50 on: up to there nobody can tell them apart, and nobody was deceived.
    shown = _signed(TWO, 50, 1)
    assert judge(_signed(ONE, 40), shown, _proof(TWO, 40, 50), now=NOW) == Cosign(shown)


def test_a_shorter_log_signed_later_is_a_rollback() -> None:
    seen, shown = _signed(ONE, 60), _signed(ONE, 40, 1)
    verdict = judge(seen, shown, _proof(ONE, 40, 60), now=NOW)
    assert verdict == Alarm(LogAlarm.ROLLBACK, (seen.note, shown.note))


def test_a_checkpoint_that_was_overtaken_is_reconciled() -> None:
    seen, shown = _signed(ONE, 60), _signed(ONE, 40)
    assert judge(seen, shown, None, now=NOW) == Ask(40, 60)
    assert judge(seen, shown, _proof(ONE, 40, 60), now=NOW, asked=True) == Known()
    other = _signed(TWO, 55)
    assert judge(seen, other, _proof(ONE, 55, 60), now=NOW, asked=True) == Alarm(
        LogAlarm.FORK, (seen.note, other.note)
    )


def test_a_checkpoint_of_tomorrow() -> None:
    shown = _signed(ONE, 40)
    assert judge(None, shown, None, now=SIGNED - timedelta(minutes=6)) == Alarm(
        LogAlarm.FUTURE, (shown.note,)
    )


def test_silence() -> None:
    newest, limit = _signed(ONE, 40), timedelta(minutes=10)
    assert judge_silence(newest, SIGNED + limit, limit) is None
    assert judge_silence(newest, SIGNED + limit + SECOND, limit) == Alarm(LogAlarm.STALLED, (newest.note,))


# Quorums.


def _votes(number: int, *, at: timedelta = timedelta(minutes=1), now: timedelta = timedelta()) -> Votes:
    keys = [KEYS[name].public for name in WITNESSES[:number]]
    line = _signed(ONE, 40).note.lines[0]
    return Votes(
        [Cosignature(key.owner, SIGNED + at, key, line) for key in keys], SIGNED, SIGNED, SIGNED + now
    )


DAY = timedelta(hours=24)


@pytest.mark.parametrize(
    ("number", "now", "standing"),
    [
        (3, timedelta(), Standing.MET),
        (5, DAY, Standing.MET),
        (2, timedelta(), Standing.PENDING),
        (2, DAY - SECOND, Standing.PENDING),
        (2, DAY, Standing.FAILED),
        (0, DAY, Standing.FAILED),
    ],
)
def test_a_majority(number: int, now: timedelta, standing: Standing) -> None:
    assert majority(WITNESSES).judge(_votes(number, now=now)) is standing


@pytest.mark.parametrize(("of", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)])
def test_a_majority_is_more_than_half(of: int, needed: int) -> None:
    assert majority(WITNESSES[:of]).count == needed


def test_late_votes_and_votes_of_others_do_not_count() -> None:
    assert majority(WITNESSES).judge(_votes(5, at=DAY + SECOND, now=2 * DAY)) is Standing.FAILED
    assert majority(["dwp-kent"]).judge(_votes(5, now=DAY)) is Standing.FAILED


def test_a_witness_votes_once() -> None:
    once = _votes(1)
    twice = Votes([*once.cosignatures, *once.cosignatures], SIGNED, SIGNED, SIGNED + DAY)
    assert AtLeast(2, frozenset(WITNESSES)).judge(twice) is Standing.FAILED


@pytest.mark.parametrize("policy", [majority(()), AllOf([]), AnyOf([]), AtLeast(0, frozenset(WITNESSES))])
def test_what_is_empty_is_never_met(policy: Policy) -> None:
    assert policy.judge(_votes(5)) is Standing.FAILED
    assert policy.describe(_votes(0))


POLICE, PRISON = AtLeast(1, frozenset(WITNESSES[:1])), AtLeast(1, frozenset(WITNESSES[2:3]))


@pytest.mark.parametrize(
    ("policies", "number", "all_of", "any_of"),
    [
        ([POLICE, PRISON], 1, Standing.PENDING, Standing.MET),
        ([POLICE, PRISON], 3, Standing.MET, Standing.MET),
        ([POLICE, majority(())], 1, Standing.FAILED, Standing.MET),
        ([PRISON, majority(())], 1, Standing.FAILED, Standing.PENDING),
    ],
)
def test_policies_compose(
    policies: Sequence[Policy], number: int, all_of: Standing, any_of: Standing
) -> None:
    votes = _votes(number)
    assert AllOf(policies).judge(votes) is all_of
    assert AnyOf(policies).judge(votes) is any_of
    assert " and " in AllOf(policies).describe(votes)
    assert " or " in AnyOf(policies).describe(votes)


def test_which_cosignatures_count() -> None:
    log = Log.of(9)
    signed = verify_checkpoint(log.note(), [LOG.public])
    year = timedelta(days=365)

    def counted(now: timedelta = timedelta(), **changes: object) -> int:
        members = {"not_before": START - year, "not_after": START + year, **changes}
        records = [KeyRecord(KEYS[name].public, **members) for name in WITNESSES]  # type: ignore[arg-type]
        return len(count_votes(signed, KeySet(records), WITNESSES[:4], now=NOW + now))

    assert counted() == 4
    assert counted(now=2 * year) == 4  # expired since: valid when it cosigned
    assert counted(not_after=SIGNED) == 0
    assert counted(not_before=SIGNED + timedelta(minutes=2)) == 0
    # Whoever stole the key can state any time: revoked by now counts at no time.
    assert counted(revoked_at=NOW) == 0
    assert counted(revoked_at=NOW + SECOND) == 4
