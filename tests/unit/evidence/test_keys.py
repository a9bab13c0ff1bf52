from datetime import timedelta
from typing import Any

import pytest

from services.kit.evidence.errors import KeyRefusedError
from services.kit.evidence.keys import (
    DecryptionKey,
    EncryptionKey,
    KeyRecord,
    KeySet,
    SigningKey,
    VerifyingKey,
    decryption_lookup,
)
from tests.support.sealing import NOW, SENDER, STRANGER
from tests.support.specimen import Dice

DAY = timedelta(days=1)
OPENER = DecryptionKey.generate(owner="kent-prison", entropy=Dice(1))
NEWER = DecryptionKey.generate(owner="kent-prison", entropy=Dice(2))


def _record(key: Any, **changes: Any) -> KeyRecord:
    return KeyRecord(**{"key": key, "not_before": NOW - DAY, "not_after": NOW + DAY, **changes})


def _reason(keys: KeySet, kid: str, moment: Any = NOW) -> str:
    with pytest.raises(KeyRefusedError) as caught:
        keys.verifying(kid, moment)
    return caught.value.reason


def test_the_key_id_is_the_thumbprint_of_rfc_8037() -> None:
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}

    key = VerifyingKey.from_jwk(jwk, owner="x")

    assert key.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"  # RFC 8037 A.3


@pytest.mark.parametrize("key", [SENDER, OPENER])
def test_keys_come_back_from_their_jwk(key: Any) -> None:
    again = type(key).from_jwk(key.to_jwk(), owner=key.owner)

    assert again == key
    assert again.public == key.public
    assert again.to_jwk() == key.to_jwk()
    assert "d" not in key.public.to_jwk()


def test_a_printed_key_shows_no_secret() -> None:
    assert SENDER.to_jwk()["d"] not in repr(SENDER)


def test_generated_keys_differ() -> None:
    assert SigningKey.generate(owner="a").kid != SigningKey.generate(owner="a").kid


@pytest.mark.parametrize(
    ("kind", "jwk"),
    [
        (VerifyingKey, SENDER.to_jwk()),
        (VerifyingKey, OPENER.public.to_jwk()),
        (EncryptionKey, SENDER.public.to_jwk()),
        (SigningKey, SENDER.public.to_jwk()),
        (SigningKey, {**SENDER.to_jwk(), "x": STRANGER.to_jwk()["x"], "kid": STRANGER.kid}),
        (VerifyingKey, {**SENDER.public.to_jwk(), "kid": STRANGER.kid}),
        (VerifyingKey, {"kty": "OKP", "crv": "Ed25519"}),
        (VerifyingKey, {"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
        (VerifyingKey, {"kty": "OKP", "crv": "Ed25519", "x": 5}),
        (VerifyingKey, {"kty": "oct", "k": "AA"}),
        (VerifyingKey, {}),
    ],
)
def test_a_jwk_that_is_no_such_key_is_refused(kind: Any, jwk: dict[str, Any]) -> None:
    with pytest.raises(KeyRefusedError):
        kind.from_jwk(jwk, owner="x")


def test_a_key_counts_from_its_first_moment_until_its_last() -> None:
    keys = KeySet([_record(SENDER.public)])

    assert keys.verifying(SENDER.kid, NOW - DAY) == SENDER.public
    assert _reason(keys, SENDER.kid, NOW - DAY - DAY) == "key_not_yet_valid"
    assert _reason(keys, SENDER.kid, NOW + DAY) == "key_expired"
    assert _reason(keys, STRANGER.kid) == "key_unknown"


def test_a_revoked_key_counts_until_its_revocation() -> None:
    keys = KeySet([_record(SENDER.public, revoked_at=NOW)])

    assert keys.verifying(SENDER.kid, NOW - timedelta(seconds=1)) == SENDER.public
    assert _reason(keys, SENDER.kid) == "key_revoked"


def test_a_key_to_encrypt_with_verifies_nothing() -> None:
    assert _reason(KeySet([_record(OPENER.public)]), OPENER.kid) == "key_of_other_use"


def test_a_key_stands_once_in_a_set() -> None:
    with pytest.raises(KeyRefusedError):
        KeySet([_record(SENDER.public), _record(SENDER.public)])


def test_the_newest_usable_key_is_encrypted_to() -> None:
    keys = KeySet([_record(NEWER.public, not_before=NOW), _record(OPENER.public), _record(SENDER.public)])

    assert keys.encryption_key("kent-prison", NOW) == NEWER.public
    assert keys.encryption_key("kent-prison", NOW - DAY / 2) == OPENER.public
    with pytest.raises(KeyRefusedError):
        keys.encryption_key("kent-police", NOW)


def test_own_keys_are_found_by_id() -> None:
    assert decryption_lookup([OPENER, NEWER])(NEWER.kid) is NEWER
    with pytest.raises(KeyRefusedError):
        decryption_lookup([OPENER])(NEWER.kid)
