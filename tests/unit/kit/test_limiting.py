"""What one caller may ask for, and that it takes nothing from another."""

from contextlib import ExitStack

import pytest

from services.kit.rpc.errors import OverloadedError, TooManyCallsError, describe
from services.kit.rpc.limiting import PIECE_OCTETS, CallLimits, Shares, name_caller, name_organisation

METHOD, OTHER = "/a.B/C", "/a.B/D"


def peer(organisation: str, system: str = "case-system") -> dict[str, list[bytes]]:
    uri = f"urn:publicprotection:organisation:{organisation}".encode()
    return {"peer_uri": [uri], "x509_pem_cert": [system.encode()], "x509_common_name": [system.encode()]}


POLICE, PRISON, NOBODY = peer("kent-police"), peer("kent-prison"), {"peer_uri": [b"spiffe://elsewhere"]}


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def limits(time: Time) -> CallLimits:
    return CallLimits(Shares(6, calls=2, streams=1, rates={OTHER: 2}), name_organisation, time)


def passes(limits: CallLimits, caller: dict[str, list[bytes]], method: str = METHOD, octets: int = 0) -> bool:
    try:
        with limits.enter(method, caller, octets=octets):
            return True
    except TooManyCallsError:
        return False


def test_a_caller_has_so_many_calls_a_minute_and_gets_them_back_evenly(
    limits: CallLimits, time: Time
) -> None:
    assert [passes(limits, POLICE) for _ in range(7)] == [True] * 6 + [False]
    time.now = 9.9
    assert not passes(limits, POLICE)
    time.now = 10.1
    assert passes(limits, POLICE)


def use_up(limits: CallLimits, caller: dict[str, list[bytes]]) -> None:
    while passes(limits, caller):
        pass


def test_what_one_organisation_used_up_another_has_still(limits: CallLimits) -> None:
    use_up(limits, POLICE)
    assert [passes(limits, PRISON) for _ in range(6)] == [True] * 6


def test_some_methods_may_be_called_less_often(limits: CallLimits) -> None:
    assert [passes(limits, POLICE, OTHER) for _ in range(3)] == [True, True, False]
    # What was refused was not paid for.
    assert [passes(limits, POLICE) for _ in range(5)] == [True] * 4 + [False]


def test_a_long_request_counts_for_several(limits: CallLimits) -> None:
    assert passes(limits, POLICE, octets=4 * PIECE_OCTETS)
    assert [passes(limits, POLICE) for _ in range(2)] == [True, False]


def test_a_request_that_counts_for_more_than_a_minute_passes_after_a_pause(
    limits: CallLimits, time: Time
) -> None:
    assert passes(limits, POLICE, octets=100 * PIECE_OCTETS)
    assert not passes(limits, POLICE)
    time.now = 60.0
    assert passes(limits, POLICE, octets=100 * PIECE_OCTETS)


def test_so_many_at_once_and_no_more(limits: CallLimits) -> None:
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(limits.enter(METHOD, POLICE))
        with pytest.raises(OverloadedError):
            stack.enter_context(limits.enter(METHOD, POLICE))
        stack.enter_context(limits.enter(METHOD, POLICE, stream=True))
        with pytest.raises(OverloadedError):
            stack.enter_context(limits.enter(METHOD, POLICE, stream=True))
        assert passes(limits, PRISON)
    assert passes(limits, POLICE)


def test_a_call_that_fails_gives_its_place_back(limits: CallLimits) -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), limits.enter(METHOD, POLICE):
            raise ZeroDivisionError


def test_whoever_names_no_organisation_shares_with_all_of_those(limits: CallLimits) -> None:
    use_up(limits, NOBODY)
    assert not passes(limits, {})
    assert passes(limits, POLICE)


def test_at_an_agency_each_system_has_its_own() -> None:
    assert name_caller(peer("kent-police", "a")) != name_caller(peer("kent-police", "b"))
    assert name_organisation(peer("kent-police", "a")) == name_organisation(peer("kent-police", "b"))


def test_full_buckets_are_forgotten(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.kit.rpc.limiting._MANY", 10)
    limits = CallLimits(Shares(60, calls=1, streams=1), clock=time)
    for number in range(100):
        time.now += 2
        assert passes(limits, peer("kent-police", f"system-{number}"))
    assert len(limits._buckets) <= 12


def test_the_refusal_says_when_to_come_again(limits: CallLimits) -> None:
    use_up(limits, POLICE)
    with pytest.raises(TooManyCallsError) as refusal, limits.enter(METHOD, POLICE):
        pass
    described = describe(refusal.value)
    assert refusal.value.retry_after_s == pytest.approx(10)
    assert [each.type_url.rpartition(".")[2] for each in described.details] == ["ErrorInfo", "RetryInfo"]
