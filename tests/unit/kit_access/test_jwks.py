"""A provider's keys: kept, looked for again, rotated, and not believed for ever."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from services.kit.access.jwks import IssuerKeys, KeysUnavailableError, read_keys
from services.kit.clock import FixedClock
from tests.support.identity import issuer


class Provider:
    """Publishes keys, counts who asks, and may be away."""

    def __init__(self) -> None:
        self.keys = [OKPKey.generate_key("Ed25519", {"kid": "first"})]
        self.asked = 0
        self.away = False

    async def load(self) -> bytes:
        self.asked += 1
        if self.away:
            raise KeysUnavailableError
        return json.dumps({"keys": [key.as_dict(private=False) for key in self.keys]}).encode()


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 23, 9, tzinfo=UTC))


@pytest.fixture
def keys(provider: Provider, clock: FixedClock) -> IssuerKeys:
    settings = issuer().settings(["own-body"], refresh_s=300, min_refresh_s=10, max_stale_s=3600)
    return IssuerKeys(settings, provider.load, clock)


async def test_keys_are_asked_for_once(keys: IssuerKeys, provider: Provider) -> None:
    for _ in range(5):
        assert await keys.find("first") is not None
    assert provider.asked == 1


async def test_many_at_once_ask_once(keys: IssuerKeys, provider: Provider) -> None:
    found = await asyncio.gather(*(keys.find("first") for _ in range(20)))
    assert all(found)
    assert provider.asked == 1


async def test_a_new_key_is_found_when_it_is_first_used(
    keys: IssuerKeys, provider: Provider, clock: FixedClock
) -> None:
    await keys.find("first")
    provider.keys = [OKPKey.generate_key("Ed25519", {"kid": "second"})]
    clock.advance(timedelta(seconds=11))
    assert await keys.find("second") is not None
    assert await keys.find("first") is None


async def test_invented_keys_do_not_make_us_ask_each_time(
    keys: IssuerKeys, provider: Provider, clock: FixedClock
) -> None:
    await keys.find("first")
    for number in range(50):
        assert await keys.find(f"invented-{number}") is None
    assert provider.asked == 1
    clock.advance(timedelta(seconds=11))
    for number in range(50):
        assert await keys.find(f"invented-{number}") is None
    assert provider.asked == 2


async def test_a_key_withdrawn_is_gone_after_the_next_look(
    keys: IssuerKeys, provider: Provider, clock: FixedClock
) -> None:
    await keys.find("first")
    provider.keys = []
    clock.advance(timedelta(seconds=301))
    await keys.find("first")  # answers with what is there, and looks aside
    await _settle()
    assert await keys.find("first") is None


async def test_keys_outlive_their_provider_for_a_stated_time(
    keys: IssuerKeys, provider: Provider, clock: FixedClock
) -> None:
    await keys.find("first")
    provider.away = True
    clock.advance(timedelta(seconds=3599))
    assert await keys.find("first") is not None
    await _settle()
    clock.advance(timedelta(seconds=20))
    with pytest.raises(KeysUnavailableError):
        await keys.find("first")
    assert not await keys.is_there()
    provider.away = False
    clock.advance(timedelta(seconds=11))
    assert await keys.find("first") is not None
    assert await keys.is_there()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b"\xff",
        b'{"keys": [], "keys": []}',
        json.dumps({"keys": [{}] * 65}),
    ],
)
def test_what_is_no_set_of_keys_is_refused(content: bytes) -> None:
    with pytest.raises(KeysUnavailableError):
        read_keys(content)


def test_one_id_for_two_keys_is_refused() -> None:
    twice = [OKPKey.generate_key("Ed25519", {"kid": "same"}).as_dict(private=False) for _ in range(2)]
    with pytest.raises(KeysUnavailableError):
        read_keys(json.dumps({"keys": twice}).encode())


@pytest.mark.parametrize(
    "jwk",
    [
        OctKey.generate_key(256, {"kid": "odd"}).as_dict(private=True),
        OKPKey.generate_key("Ed25519", {"kid": "odd"}).as_dict(private=True),
        OKPKey.generate_key("Ed25519", {"kid": "odd", "use": "enc"}).as_dict(private=False),
        {**RSAKey.generate_key(2048, {"kid": "odd"}).as_dict(private=False), "n": "x" * 171},
        {"kty": "EC", "kid": "odd", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
    ],
)
def test_keys_that_cannot_be_trusted_are_left_out(jwk: dict[str, Any]) -> None:
    good = ECKey.generate_key("P-256", {"kid": "good"}).as_dict(private=False)
    assert set(read_keys(json.dumps({"keys": [jwk, good]}).encode())) == {"good"}


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)
