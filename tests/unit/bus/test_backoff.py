import random

from services.kit.bus.backoff import Backoff


def test_delays_double_to_the_limit_with_jitter_of_up_to_a_half() -> None:
    backoff = Backoff(first_s=0.2, limit_s=5, _random=random.Random(1))  # noqa: S311 - a test
    delays = [backoff.next() for _ in range(40)]
    for attempt, delay in enumerate(delays):
        full = min(5, 0.2 * 2**attempt)
        assert full / 2 <= delay <= full
    assert len(set(delays)) == len(delays)


def test_many_failures_do_not_overflow() -> None:
    backoff = Backoff(first_s=0.2, limit_s=5, attempt=10_000)
    assert backoff.next() <= 5


def test_a_success_starts_over() -> None:
    backoff = Backoff(first_s=0.2, limit_s=5)
    for _ in range(10):
        backoff.next()
    backoff.reset()
    assert backoff.next() <= 0.2
