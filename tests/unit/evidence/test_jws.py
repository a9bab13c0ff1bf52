import hashlib
from typing import Any

import pytest

from services.kit.evidence.canonical import canonical, parse_strictly
from services.kit.evidence.errors import CanonicalFormError, EvidenceError
from services.kit.evidence.jws import sign_bytes, sign_json, verify_json
from services.kit.evidence.keys import VerifyingKey
from services.kit.evidence.merkle import record_hash
from tests.support.sealing import SENDER, STRANGER, lookup

RECEIPT = {"delivery": "d-1", "at": "2026-11-23T09:30:00Z", "count": 3, "note": "é"}


def _refused(token: str, **options: Any) -> str:
    with pytest.raises(EvidenceError) as caught:
        verify_json(token, **{"typ": "receipt+jws", "keys": lookup(), **options})
    return caught.value.reason


def test_a_signed_object_comes_back_with_its_signer() -> None:
    signed = verify_json(sign_json(RECEIPT, typ="receipt+jws", key=SENDER), typ="receipt+jws", keys=lookup())

    assert signed.payload == RECEIPT
    assert signed.signer == SENDER.public


def test_the_type_is_part_of_the_meaning() -> None:
    assert _refused(sign_json(RECEIPT, typ="acknowledgement+jws", key=SENDER)) == "type_refused"


def test_limits_and_keys() -> None:
    token = sign_json(RECEIPT, typ="receipt+jws", key=SENDER)

    assert _refused(token, max_bytes=50) == "too_large"
    assert _refused(token, keys=lookup(STRANGER)) == "key_unknown"
    assert _refused(token[:-4] + "AAAA") == "signature_refused"


def test_a_lookup_that_gives_another_key_is_refused() -> None:
    def careless(_kid: str) -> VerifyingKey:
        return STRANGER.public

    assert _refused(sign_json(RECEIPT, typ="receipt+jws", key=SENDER), keys=careless) == "key_unknown"


@pytest.mark.parametrize(
    "payload", [b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1,"a":1}', b"[]", b'"x"', b"\xff", b'{"a":NaN}']
)
def test_a_payload_not_canonical_is_refused(payload: bytes) -> None:
    assert _refused(sign_bytes(payload, typ="receipt+jws", key=SENDER)) == "payload_not_canonical"


@pytest.mark.parametrize(
    "token", ["", "a.b", "a.b.c", "é.b.c", "e30.e30.e30", "....", "bnVsbA.e30.e30", "WyJhbGciXQ.e30.e30"]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    assert _refused(token) in ("malformed", "header_not_in_profile")


def test_canonical_json_sorts_by_utf_16_and_writes_numbers_shortest() -> None:
    assert canonical({"\ufb33": 1, "\U0001f600": 2.0, "a": [1e21, True, None]}) == (
        '{"a":[1e+21,true,null],"\U0001f600":2,"\ufb33":1}'.encode()
    )


@pytest.mark.parametrize("value", [float("nan"), 2**53, "\ud800", {"a": float("inf")}])
def test_some_values_have_no_canonical_form(value: object) -> None:
    with pytest.raises(CanonicalFormError):
        canonical(value)


@pytest.mark.parametrize(
    "text",
    ['{"a":1,"a":2}', "[NaN]", "[1e", "[" * 100_000, "9" * 5_000, '["\\ud800"]', '{"\\udc00":1}', "\ufeff1"],
)
def test_some_json_is_not_read(text: str) -> None:
    with pytest.raises(CanonicalFormError):
        parse_strictly(text)


def test_a_record_is_hashed_as_a_leaf() -> None:
    # RFC 9162 2.1.1: the hash of an empty entry is that of one zero byte.
    assert record_hash(b"") == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert record_hash(b"x") == hashlib.sha256(b"\0x").hexdigest()
