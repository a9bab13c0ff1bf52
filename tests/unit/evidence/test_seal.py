import json
from collections.abc import Callable
from typing import Any

import pytest

from services.kit.evidence.canonical import canonical
from services.kit.evidence.errors import (
    EvidenceError,
    KeyRefusedError,
    SealRefusedError,
    SignatureRefusedError,
)
from services.kit.evidence.jws import sign_bytes
from services.kit.evidence.opening import open_seal
from services.kit.evidence.seal import SEAL_TYPE, Seal, digest_of, encode, seal, select
from tests.support.sealing import LEAVES, NOW, SENDER, STRANGER, claims, lookup, sealed
from tests.support.specimen import Dice

KEYS = lookup()


def _refused(compact: str, **options: Any) -> EvidenceError:
    with pytest.raises(EvidenceError) as caught:
        open_seal(compact, KEYS, **options)
    assert "Marsh" not in str(caught.value)
    return caught.value


def _disclosure(*parts: Any) -> str:
    return encode(json.dumps(parts).encode())


def _forged(*disclosures: str, digests: list[Any] | None = None, **changes: Any) -> str:
    """A seal with a sound signature over whatever a dishonest or careless sender may write."""
    listed = sorted({digest_of(text) for text in disclosures})
    listed = sorted([*listed, *(digest_of(f"decoy{n}") for n in range(64 - len(listed)))])
    payload = {
        "iss": "kent-prison",
        "iat": int(NOW.timestamp()),
        "jti": "exchange-1",
        "_sd_alg": "sha-256",
        "_sd": listed if digests is None else digests,
        **changes,
    }
    payload = {name: value for name, value in payload.items() if value is not ...}
    jwt = sign_bytes(canonical(payload), typ=SEAL_TYPE, key=SENDER)
    return "~".join((jwt, *disclosures, ""))


def test_a_seal_opens_to_its_leaves() -> None:
    whole = sealed()

    opened = open_seal(whole.compact, KEYS)

    assert opened.leaves == LEAVES
    assert (opened.issuer, opened.exchange_id, opened.issued_at) == ("kent-prison", "exchange-1", NOW)
    assert opened.seal_hash == whole.seal_hash
    assert opened.seal == whole
    assert opened.signer == SENDER.public


def test_a_redacted_seal_opens_to_what_is_left() -> None:
    whole = sealed()
    kept = {"header.purpose", "document.note"}

    opened = open_seal(select(whole, kept), KEYS)

    assert opened.leaves == {path: LEAVES[path] for path in kept}
    assert opened.seal_hash == whole.seal_hash


def test_only_issuer_time_and_exchange_are_visible() -> None:
    visible = claims(sealed().compact)

    assert visible.keys() == {"iss", "iat", "jti", "_sd_alg", "_sd"}
    assert (visible["iss"], visible["iat"], visible["jti"]) == (
        "kent-prison",
        int(NOW.timestamp()),
        "exchange-1",
    )
    assert select(sealed(), []) == sealed().jwt + "~"


def test_what_is_not_there_cannot_be_selected() -> None:
    with pytest.raises(SealRefusedError) as caught:
        select(sealed(), ["document.other"])

    assert caught.value.reason == "no_such_leaf"


@pytest.mark.parametrize("count", [0, 1, 62, 63, 64, 65, 127, 128, 129, 400])
def test_digests_are_a_multiple_of_64_whatever_the_count(count: int) -> None:
    leaves: dict[str, Any] = {f"document.f{number}": number for number in range(count)}

    for seed in range(20):
        digests = claims(sealed(leaves, seed=seed).compact)["_sd"]
        assert len(digests) % 64 == 0
        assert len(digests) > count
        assert digests == sorted(set(digests))


def test_an_exact_multiple_does_not_show() -> None:
    """64 leaves never fill 64 digests, and what 128 digests hide may as well be 1 leaf as 127."""
    seen = {
        count: {
            len(claims(sealed({f"document.f{n}": n for n in range(count)}, seed=seed).compact)["_sd"])
            for seed in range(60)
        }
        for count in (20, 40, 64, 80)
    }

    assert seen == {20: {64, 128}, 40: {64, 128}, 64: {128}, 80: {128, 192}}


def test_a_recipient_cannot_tell_how_many_leaves_were_withheld() -> None:
    given = {"header.purpose": "MANAGE_RISK", "document.note": "n"}
    little = sealed({**given, "document.a": "x"})
    much = sealed({**given, **{f"document.f{n}": "x" for n in range(25)}})

    ours, theirs = (select(one, given) for one in (little, much))

    assert len(ours) == len(theirs)
    assert ours.count("~") == theirs.count("~")
    assert len(claims(ours)["_sd"]) == len(claims(theirs)["_sd"])


def test_the_order_of_disclosures_is_that_of_their_digests() -> None:
    disclosures = sealed().compact.split("~")[1:-1]

    assert [digest_of(text) for text in disclosures] == sorted(map(digest_of, disclosures))
    opened = open_seal("~".join((sealed().jwt, *sorted(disclosures), "")), KEYS)
    assert select(opened.seal, LEAVES) == sealed().compact


def test_salts_make_equal_leaves_differ() -> None:
    assert not set(sealed(seed=1).disclosures.values()) & set(sealed(seed=2).disclosures.values())


@pytest.mark.parametrize(
    "leaves",
    [
        {"subject.name": "x"},
        {"type.name": "x"},
        {"iss": "x"},
        {"_sd": "x"},
        {"document.a b": "x"},
        {"document.a": None},
        {"document.a": ["x"]},
        {"document.a": {"b": 1}},
        {"document.a": float("nan")},
        {"document.a": "\ud800"},
        {f"document.f{n}": 1 for n in range(8_193)},
    ],
    ids=["root", "type", "claim", "digests", "path", "null", "list", "object", "nan", "surrogate", "many"],
)
def test_what_is_no_leaf_is_not_sealed(leaves: dict[str, Any]) -> None:
    with pytest.raises(SealRefusedError):
        sealed(leaves)


@pytest.mark.parametrize("name", ["", "a b", "a~b", "x" * 129, "-a"])
def test_an_ill_formed_exchange_id_is_not_sealed(name: str) -> None:
    with pytest.raises(SealRefusedError):
        seal(LEAVES, exchange_id=name, issued_at=NOW, key=SENDER, entropy=Dice())


def _swap(text: str, position: int) -> str:
    other = "A" if text[position] != "A" else "B"
    return text[:position] + other + text[position + 1 :]


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        (lambda it: it.compact.replace("~", "", 1), "signature_refused"),
        (lambda it: it.compact[:-1], "malformed"),
        (lambda it: it.jwt, "malformed"),
        (lambda it: it.compact + "e30.e30.e30", "malformed"),
        (lambda _: "", "malformed"),
        (lambda _: "~", "malformed"),
        (lambda _: "é.é.é~", "malformed"),
        (lambda it: _swap(it.compact, len(it.jwt) - 20), "signature_refused"),
        (lambda it: _swap(it.compact, it.jwt.index(".") + 30), "signature_refused"),
        (lambda it: _swap(it.compact, len(it.jwt) + 30), "disclosure_not_signed"),
        (lambda it: it.compact + "x~", "disclosure_not_signed"),
        (lambda it: it.compact + "~", "disclosure_malformed"),
        (lambda it: it.compact + next(iter(it.disclosures.values())) + "~", "disclosure_not_signed"),
        (
            lambda it: it.compact + _disclosure("s" * 22, "document.new", "Marsh") + "~",
            "disclosure_not_signed",
        ),
    ],
)
def test_tampering_is_refused(tamper: Callable[[Seal], str], reason: str) -> None:
    assert _refused(tamper(sealed())).reason == reason


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "EdDSA"},
        {"typ": "release-statement+jws"},
        {"typ": None},
        {"crit": ["b64"], "b64": False},
        {"jwk": SENDER.public.to_jwk()},
        {"kid": 7},
    ],
    ids="-".join,
)
def test_a_header_out_of_the_profile_is_refused(header: dict[str, Any]) -> None:
    members = {"alg": "Ed25519", "typ": SEAL_TYPE, "kid": SENDER.kid, **header}
    _, payload, signature = sealed().jwt.split(".")

    error = _refused(f"{encode(json.dumps(members).encode())}.{payload}.{signature}~")

    assert isinstance(error, SignatureRefusedError)
    assert error.reason != "signature_refused"


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(KeyRefusedError):
        open_seal(sealed().compact, lookup(STRANGER))


def test_one_organisation_cannot_seal_in_the_name_of_another() -> None:
    payload = {**claims(sealed().compact), "iss": "kent-prison"}
    forged = sign_bytes(canonical(payload), typ=SEAL_TYPE, key=STRANGER) + "~"

    assert _refused(forged).reason == "issuer_does_not_own_key"


GOOD = _disclosure("s" * 22, "document.a", 1)


@pytest.mark.parametrize(
    ("forged", "reason"),
    [
        (_forged(GOOD, sub="x"), "payload_not_in_profile"),
        (_forged(GOOD, iat=...), "payload_not_in_profile"),
        (_forged(GOOD, iat=True), "payload_not_in_profile"),
        (_forged(GOOD, iat=10**15), "payload_not_in_profile"),
        (_forged(GOOD, jti="a b"), "payload_not_in_profile"),
        (_forged(GOOD, _sd_alg="sha-512"), "payload_not_in_profile"),
        (_forged(GOOD, digests=[digest_of(GOOD)]), "digests_not_in_profile"),
        (_forged(GOOD, digests=[]), "digests_not_in_profile"),
        (_forged(GOOD, digests=[digest_of(GOOD)] * 64), "digests_not_in_profile"),
        (_forged(GOOD, digests=claims(_forged(GOOD))["_sd"][::-1]), "digests_not_in_profile"),
        (_forged(GOOD, digests=[1] * 64), "digests_not_in_profile"),
        (_forged(GOOD, _disclosure("t" * 22, "document.a", 2)), "leaf_repeated"),
        (_forged(_disclosure("short", "document.a", 1)), "salt_too_short"),
        (_forged(_disclosure("s" * 22, 1)), "disclosure_malformed"),
        (_forged(_disclosure("s" * 22, "document.a", 1, 2)), "disclosure_malformed"),
        (_forged(encode(b"[" * 100_000)), "disclosure_malformed"),
        (_forged(encode(b'["ssssssssssssssssssssss","document.a",NaN]')), "disclosure_malformed"),
        (_forged(encode(b"\xff")), "disclosure_malformed"),
        (_forged(encode('["s","document.a",1]'.encode("utf-16"))), "disclosure_malformed"),
        (_forged(encode(b'["ssssssssssssssssssssss","document.a","\\ud800"]')), "disclosure_malformed"),
        (_forged(_disclosure("s" * 22, "iss", "x")), "malformed_leaf"),
        (_forged(_disclosure("s" * 22, "document.a b", "x")), "malformed_leaf"),
        (_forged(_disclosure("s" * 22, ["document.a"], "x")), "malformed_leaf"),
        (_forged(_disclosure("s" * 22, "document.a", {"_sd": []})), "malformed_leaf"),
        (_forged(_disclosure("s" * 22, "document.a", None)), "malformed_leaf"),
    ],
)
def test_a_signed_seal_out_of_the_profile_is_refused(forged: str, reason: str) -> None:
    assert _refused(forged).reason == reason


def test_the_forger_of_these_tests_can_make_a_sound_seal() -> None:
    assert open_seal(_forged(GOOD), KEYS).leaves == {"document.a": 1}


def test_a_seal_too_large_is_refused_before_it_is_read() -> None:
    assert _refused(sealed().compact, max_bytes=1_000).reason == "too_large"
