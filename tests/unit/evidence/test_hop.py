import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import OctKey

from services.kit.evidence.errors import EvidenceError, HopRefusedError, KeyRefusedError
from services.kit.evidence.hop import HOP_TYPE, decrypt_hop, encrypt_hop
from services.kit.evidence.keys import DecryptionKey, decryption_lookup
from services.kit.evidence.seal import encode
from tests.support.specimen import Dice

KEY = DecryptionKey.generate(owner="gateway", entropy=Dice(1))
OTHER = DecryptionKey.generate(owner="gateway", entropy=Dice(2))
KEYS = decryption_lookup([KEY, OTHER])
HEADER = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": KEY.kid, "typ": HOP_TYPE}


def _refused(token: str, **options: Any) -> str:
    with pytest.raises(EvidenceError) as caught:
        decrypt_hop(token, KEYS, **options)
    return caught.value.reason


def _raw(plaintext: bytes, **changes: Any) -> str:
    """A token with sound encryption of whatever a careless sender may encrypt."""
    header = {name: value for name, value in {**HEADER, **changes}.items() if value is not None}
    names = [header["alg"], header["enc"], "DEF"]
    return jwe.encrypt_compact(header, plaintext, KEY.public.jwk, algorithms=names)


@pytest.mark.parametrize("size", [0, 1, 4_092, 4_093, 70_000, 300_000])
def test_what_was_encrypted_comes_back(size: int) -> None:
    plaintext = bytes(range(256)) * (size // 256 + 1)

    assert decrypt_hop(encrypt_hop(plaintext[:size], KEY.public), KEYS) == plaintext[:size]


@pytest.mark.parametrize(
    ("size", "bucket"), [(0, 4), (4_092, 4), (4_093, 8), (8_188, 8), (8_189, 16), (20_000, 32)]
)
def test_only_the_bucket_shows(size: int, bucket: int) -> None:
    _, _, _, ciphertext, _ = encrypt_hop(b"x" * size, KEY.public).split(".")

    assert len(ciphertext) == -(-bucket * 1024 * 4 // 3)


def test_each_token_is_new() -> None:
    assert encrypt_hop(b"same", KEY.public) != encrypt_hop(b"same", KEY.public)


def test_too_large_is_refused_both_ways() -> None:
    with pytest.raises(HopRefusedError):
        encrypt_hop(b"x" * 9_000, KEY.public, max_bytes=8 << 10)
    token = encrypt_hop(b"x" * 9_000, KEY.public)
    assert _refused(token, max_bytes=4 << 10) == "too_large"
    assert _refused(token, max_bytes=12 << 10) == "badly_padded"


def test_a_key_destroyed_opens_nothing() -> None:
    with pytest.raises(KeyRefusedError):
        decrypt_hop(encrypt_hop(b"x", KEY.public), decryption_lookup([OTHER]))


def test_a_key_under_the_wrong_name_opens_nothing() -> None:
    token = encrypt_hop(b"x", KEY.public)
    header, *rest = token.split(".")
    members = json.loads(urlsafe_b64decode(header + "=="))
    renamed = encode(json.dumps({**members, "kid": OTHER.kid}).encode())

    assert _refused(".".join((renamed, *rest))) == "does_not_decrypt"


@pytest.mark.parametrize("part", [2, 3, 4])
def test_a_changed_part_is_refused(part: int) -> None:
    parts = encrypt_hop(b"x", KEY.public).split(".")
    parts[part] = ("A" if parts[part][0] != "A" else "B") + parts[part][1:]

    assert _refused(".".join(parts)) == "does_not_decrypt"


@pytest.mark.parametrize(
    "changes",
    [
        {"zip": "DEF"},
        {"alg": "ECDH-ES+A128KW"},
        {"enc": "A128GCM"},
        {"typ": "other"},
        {"typ": None},
        {"kid": None},
        {"apu": "QQ"},
        {"cty": "x"},
    ],
    ids="-".join,
)
def test_a_header_out_of_the_profile_is_refused(changes: dict[str, Any]) -> None:
    assert _refused(_raw(b"\0" * 4_096, **changes)) in (
        "header_not_in_profile",
        "algorithm_refused",
        "malformed",
    )


def test_direct_encryption_with_a_shared_secret_is_refused() -> None:
    header = {"alg": "dir", "enc": "A256GCM", "kid": KEY.kid, "typ": HOP_TYPE}

    token = jwe.encrypt_compact(header, b"x", OctKey.generate_key(256), algorithms=["dir", "A256GCM"])

    assert _refused(token) == "header_not_in_profile"


def test_an_ephemeral_key_of_small_order_is_refused() -> None:
    _, *rest = encrypt_hop(b"x", KEY.public).split(".")
    epk = {"kty": "OKP", "crv": "X25519", "x": encode(bytes(32))}

    assert (
        _refused(".".join((encode(json.dumps({**HEADER, "epk": epk}).encode()), *rest))) == "does_not_decrypt"
    )


@pytest.mark.parametrize(
    "padded",
    [
        b"\0\0\0",
        b"\0" * 4_095,
        b"\0" * 8_192,
        b"\0\0\0\1xy" + b"\0" * 4_090,
        b"\xff\xff\xff\xff" + b"\0" * 4_092,
        b"\0\0\x0f\xfd" + b"\0" * 4_092,
    ],
)
def test_bad_padding_is_refused(padded: bytes) -> None:
    assert _refused(_raw(padded)) == "badly_padded"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "....",
        "a..b.c.d",
        "é..b.c.d",
        "e30..e30.e30.e30",
        "e30.e30.e30.e30.e30",
        "W10..e30.e30.e30",
        "x" * 5_000,
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    assert _refused(token) in ("malformed", "header_not_in_profile")
