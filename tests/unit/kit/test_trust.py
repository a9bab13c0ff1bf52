"""Directory and keys come and go while a process runs: whole, forwards only, never half of a version."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.kit.clock import FixedClock
from services.kit.directory import Directory
from services.kit.evidence.errors import KeyRefusedError
from services.kit.evidence.keys import SigningKey
from services.kit.keyring import NoSigningKeyError
from services.kit.trust import DirectoryRefusedError, trust_checks
from tests.support.renewing import NOW, OWN, YEAR, Published, Scheme, decryption, signing

DAY = timedelta(days=1)


@pytest.fixture
def scheme(tmp_path: Path) -> Scheme:
    return Scheme(tmp_path)


def start(scheme: Scheme) -> SigningKey:
    """A process with one key of each use, both good for a year."""
    first, opens = signing(), decryption()
    scheme.put(first)
    scheme.put(opens)
    scheme.publish(Published(first), Published(opens))
    return first


def test_a_newer_directory_takes_the_place_of_the_old_in_one_step(scheme: Scheme) -> None:
    first = start(scheme)
    trust = scheme.trust()
    told: list[int] = []
    trust.watch(lambda: told.append(trust.directory.serial))
    assert not trust.look()
    scheme.publish(Published(first))
    assert trust.look()
    assert (trust.directory.serial, told, trust.is_latest) == (2, [2], True)
    assert not trust.look()


@pytest.mark.parametrize("fault", ["older", "forged", "torn", "gone", "stale", "same serial", "same moment"])
def test_what_cannot_be_used_keeps_the_last_good_one_and_health_says_so(scheme: Scheme, fault: str) -> None:
    first = start(scheme)
    scheme.publish(Published(first))
    clock = FixedClock(NOW)
    trust = scheme.trust(clock)
    before = trust.directory
    spoil(scheme, first, fault, clock)
    with capture_logs() as logs:
        assert not trust.look()
    assert trust.directory is before
    assert not trust.is_latest
    assert [entry["event"] for entry in logs] == ["directory_refused"]
    clock.moment = NOW
    scheme.publish(Published(first), serial=9)
    assert trust.look()
    assert trust.is_latest


def spoil(scheme: Scheme, key: SigningKey, fault: str, clock: FixedClock) -> None:
    file = scheme.folder / "directory.jws"
    if fault == "older":
        scheme.publish(Published(key), serial=1)
    elif fault == "same serial":
        scheme.publish(Published(key), serial=2)
    elif fault == "same moment":
        scheme.issued -= 1  # two were signed in one second
        scheme.publish(Published(key), Published(signing()), serial=2)
    elif fault == "forged":
        scheme.publish(Published(key), by=SigningKey.generate(owner="scheme"))
    elif fault == "torn":
        file.write_bytes(file.read_bytes()[:-20])
    elif fault == "gone":
        file.unlink()
    else:
        scheme.publish(Published(key))
        clock.moment = NOW + 2 * YEAR


def test_a_directory_that_contradicts_what_rests_on_it_is_not_used(scheme: Scheme) -> None:
    first = start(scheme)

    def refuse(_: Directory) -> None:
        raise DirectoryRefusedError("an agreement names whom it does not list")

    trust = scheme.trust(adopt=refuse)
    scheme.publish(Published(first))
    assert not trust.look()
    assert (trust.directory.serial, trust.is_latest) == (1, False)


def test_the_newest_key_that_others_accept_signs_as_soon_as_it_may(scheme: Scheme) -> None:
    first, clock = start(scheme), FixedClock(NOW)
    trust = scheme.trust(clock)
    second = signing()
    scheme.put(second)
    assert trust.look()
    assert trust.signing == first  # nobody knows the second
    scheme.publish(Published(first, until=3 * DAY), Published(second, since=DAY))
    assert trust.look()
    assert trust.signing == first
    clock.advance(DAY)
    assert trust.signing == second
    clock.advance(5 * DAY)
    assert trust.signing == second


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"until": -DAY}, "key_expired"),
        ({"since": DAY}, "key_not_yet_valid"),
        ({"revoked": -DAY}, "key_revoked"),
    ],
)
def test_a_key_that_others_would_refuse_does_not_sign(
    scheme: Scheme, said: dict[str, timedelta], reason: str
) -> None:
    first = start(scheme)
    trust = scheme.trust()
    scheme.publish(Published(first, **said))
    trust.look()
    with pytest.raises(NoSigningKeyError, match="have the scheme publish it") as refused:
        _ = trust.signing
    assert refused.value.reason == reason


def test_a_key_that_the_directory_does_not_list_is_nobodys(scheme: Scheme) -> None:
    first = start(scheme)
    trust = scheme.trust()
    stranger = signing()
    scheme.put(stranger)
    trust.look()
    reasons = {state.kid: state.reason for state in trust.ring.states(trust.directory, NOW)}
    assert reasons[stranger.kid] == "key_unknown"
    assert reasons[first.kid] is None


def test_what_was_received_before_a_revocation_stands(scheme: Scheme) -> None:
    first = start(scheme)
    trust = scheme.trust()
    scheme.publish(Published(first, revoked=-DAY))
    trust.look()
    assert trust.directory.keys.verifying(first.kid, NOW - 2 * DAY).owner == OWN
    with pytest.raises(KeyRefusedError, match="key_revoked"):
        trust.directory.keys.verifying(first.kid, NOW)


def test_keys_that_arrive_open_and_keys_that_go_do_not(scheme: Scheme) -> None:
    start(scheme)
    trust = scheme.trust()
    late = decryption()
    with pytest.raises(KeyRefusedError):
        trust.decryption(late.kid)
    path = scheme.put(late)
    assert trust.look()
    assert trust.decryption(late.kid) == late
    path.unlink()
    assert trust.look()
    with pytest.raises(KeyRefusedError):
        trust.decryption(late.kid)


def test_a_key_file_with_a_fault_keeps_the_last_good_keys(scheme: Scheme) -> None:
    first = start(scheme)
    trust = scheme.trust()
    path = scheme.put(signing(), "torn")
    path.write_bytes(b"{")
    assert not trust.look()
    assert trust.signing == first
    assert not trust.has_latest_keys
    path.unlink()
    trust.look()
    assert trust.has_latest_keys


def test_what_could_not_be_used_is_tried_again(scheme: Scheme) -> None:
    first, clock = start(scheme), FixedClock(NOW)
    trust = scheme.trust(clock)
    clock.moment = NOW - 3 * DAY  # behind: the directory seems to come from the future
    scheme.publish(Published(first))
    assert not trust.look()
    clock.moment = NOW
    assert trust.look()
    assert (trust.directory.serial, trust.is_latest) == (2, True)


async def test_health_warns_before_the_last_key_of_a_use_ends(scheme: Scheme) -> None:
    first = start(scheme)
    clock = FixedClock(NOW)
    trust = scheme.trust(clock)
    checks = trust_checks(trust)
    assert {name: await check() for name, check in checks.items()} == dict.fromkeys(checks, True)
    clock.advance(YEAR - 29 * DAY)
    with capture_logs() as logs:
        trust.warn()
        trust.warn()
    assert sorted((entry["kind"], entry["days"]) for entry in logs) == [("encryption", 29), ("signing", 29)]
    assert first.kid in {entry["key_id"] for entry in logs}
    assert not await checks["keys-are-lasting"]()
    assert await checks["signing-key"]()


async def test_a_directory_that_is_about_to_end_is_said_once_a_day(scheme: Scheme) -> None:
    start(scheme)
    clock = FixedClock(NOW)
    trust = scheme.trust(clock)
    checks = trust_checks(trust)
    assert await checks["directory-is-lasting"]()
    clock.moment = trust.directory.valid_until - 6 * DAY
    with capture_logs() as logs:
        trust.warn()
        trust.warn()
    ends = [entry["days"] for entry in logs if entry["event"] == "directory_ends"]
    assert ends == [6]
    assert not await checks["directory-is-lasting"]()


@pytest.mark.parametrize("asked", [True, False])
async def test_it_looks_when_asked_and_otherwise_by_itself(scheme: Scheme, *, asked: bool) -> None:
    first = start(scheme)
    scheme.poll_s = 600 if asked else 0.02
    trust = scheme.trust()
    changed, wanted = asyncio.Event(), asyncio.Event()
    trust.watch(changed.set)
    task = asyncio.create_task(trust.run(wanted))
    await asyncio.sleep(0)
    scheme.publish(Published(first))
    if asked:
        wanted.set()
    await asyncio.wait_for(changed.wait(), 5)
    assert trust.directory.serial == 2
    task.cancel()
