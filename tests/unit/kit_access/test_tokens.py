"""Tokens, one fault at a time: each is refused, and for the reason that it has."""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from time import time
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from services.kit.access.jwks import IssuerKeys
from services.kit.access.tokens import MAX_TOKEN_OCTETS, TokenVerifier, audience_of, open_verifier
from services.kit.clock import FixedClock, SystemClock
from services.kit.rpc.errors import (
    AccessRefusedError,
    IdentityUnavailableError,
    TokenExpiredError,
    TokenInvalidError,
    UnknownIssuerError,
    WrongAudienceError,
)
from tests.support.identity import Issuer, identity_for, issuer

OWN = "own-body"


def encode(value: Any) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time())
    made = {"iss": issuer().name, "sub": "s", "aud": [audience_of(OWN)], "iat": now, "exp": now + 600}
    return {name: value for name, value in (made | changes).items() if value is not None}


TOMORROW = int(time()) + 86_400
"""Far enough ahead, however long the tests before this one take."""


def verifier(*, settings: Any = None, at: SystemClock | FixedClock | None = None) -> TokenVerifier:
    return open_verifier(settings or identity_for(OWN), OWN, at or SystemClock())


async def refused(text: str, expected: type[AccessRefusedError]) -> None:
    with pytest.raises(expected) as found:
        await verifier().verify(text)
    assert type(found.value) is expected


async def test_a_good_token_says_what_its_issuer_signed() -> None:
    token = await verifier().verify(issuer().sign(claims(job="X")))
    assert (token.claims["job"], token.issuer.issuer) == ("X", issuer().name)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"iss": "https://elsewhere.example.org"}, UnknownIssuerError),
        ({"iss": None}, UnknownIssuerError),
        ({"iss": ["https://identity.example.org"]}, UnknownIssuerError),
        ({"aud": [audience_of("other-body")]}, WrongAudienceError),
        ({"aud": audience_of("other-body")}, WrongAudienceError),
        ({"aud": f"{audience_of(OWN)}-2"}, WrongAudienceError),
        ({"aud": None}, WrongAudienceError),
        ({"exp": int(time()) - 60}, TokenExpiredError),
        ({"exp": None}, TokenInvalidError),
        ({"exp": "9999999999"}, TokenInvalidError),
        ({"exp": True}, TokenInvalidError),
        ({"exp": 1e300}, TokenInvalidError),
        ({"exp": int(time()) + 10 * 365 * 86_400}, TokenInvalidError),
        ({"iat": None}, TokenInvalidError),
        ({"iat": TOMORROW, "exp": TOMORROW + 300}, TokenExpiredError),
        ({"nbf": TOMORROW}, TokenExpiredError),
        ({"nbf": "now"}, TokenInvalidError),
    ],
)
async def test_a_claim_that_is_wrong_is_refused(
    changes: dict[str, Any], expected: type[AccessRefusedError]
) -> None:
    await refused(issuer().sign(claims(**changes)), expected)


async def test_a_single_audience_may_be_written_without_a_list() -> None:
    await verifier().verify(issuer().sign(claims(aud=audience_of(OWN))))


@pytest.mark.parametrize(
    "header", [{"typ": "JWT"}, {"typ": None}, {"kid": None}, {"kid": 7}, {"kid": "no-such"}]
)
async def test_a_header_that_is_wrong_is_refused(header: dict[str, Any]) -> None:
    full = {"alg": "Ed25519", "kid": issuer().key.kid, "typ": "at+jwt", **header}
    protected = {name: value for name, value in full.items() if value is not None}
    parts = [encode(protected), encode(claims())]
    signature = issuer().key.private_key.sign(".".join(parts).encode())  # type: ignore[union-attr]
    text = ".".join([*parts, urlsafe_b64encode(signature).rstrip(b"=").decode()])
    await refused(text, TokenInvalidError)


async def test_a_type_may_be_written_as_a_media_type() -> None:
    await verifier().verify(issuer().sign(claims(), typ="application/at+JWT"))


@pytest.mark.parametrize("name", ["none", "None", "NONE", ""])
async def test_no_signature_is_no_token(name: str) -> None:
    for signature in ("", "AA"):
        header = {"alg": name, "kid": issuer().key.kid, "typ": "at+jwt"}
        await refused(f"{encode(header)}.{encode(claims())}.{signature}", TokenInvalidError)


async def test_a_public_key_is_no_shared_secret() -> None:
    """Key confusion: HMAC keyed with what everybody knows of the issuer's key."""
    public = issuer().key.as_dict(private=False)
    for secret in (
        json.dumps(public).encode(),
        issuer().key.as_pem(private=False),
        str(public["x"]).encode(),
    ):
        header = {"alg": "HS256", "kid": issuer().key.kid, "typ": "at+jwt"}
        signed = f"{encode(header)}.{encode(claims())}"
        proof = urlsafe_b64encode(hmac.digest(secret, signed.encode(), "sha256")).rstrip(b"=").decode()
        await refused(f"{signed}.{proof}", TokenInvalidError)


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("ES256", ECKey.generate_key("P-256", {"kid": "theirs"})),
        ("RS256", RSAKey.generate_key(2048, {"kid": "theirs"})),
        ("Ed25519", OKPKey.generate_key("Ed25519", {"kid": "theirs"})),
    ],
)
async def test_a_key_that_the_token_brings_along_counts_for_nothing(algorithm: str, key: Any) -> None:
    header = {"alg": algorithm, "kid": issuer().key.kid, "typ": "at+jwt", "jwk": key.as_dict(private=False)}
    text = jwt.encode(header, claims(), key, algorithms=[algorithm])
    await refused(text, TokenInvalidError)


async def test_a_key_is_used_by_the_algorithm_that_it_is_for() -> None:
    """The set says ES384 for the key; a token that says ES256 is signed by something else."""
    key = ECKey.generate_key("P-256", {"kid": "ec"})
    listed = json.dumps({"keys": [{**key.as_dict(private=False), "alg": "ES384"}]}).encode()
    settings = issuer().settings([OWN], algorithms=("ES256", "ES384"))

    async def load() -> bytes:
        return listed

    keys = IssuerKeys(settings, load, SystemClock())
    text = jwt.encode({"alg": "ES256", "kid": "ec", "typ": "at+jwt"}, claims(), key, algorithms=["ES256"])
    with pytest.raises(TokenInvalidError):
        await TokenVerifier([(settings, keys)], audience_of(OWN), SystemClock()).verify(text)


async def test_an_algorithm_that_the_issuer_may_not_use_is_refused() -> None:
    key = RSAKey.generate_key(2048, {"kid": "rsa"})
    made = Issuer(key=key)  # type: ignore[arg-type]
    listed = json.dumps({"keys": [{**key.as_dict(private=False), "use": "sig"}]}).encode()

    async def load() -> bytes:
        return listed

    text = jwt.encode({"alg": "RS256", "kid": "rsa", "typ": "at+jwt"}, claims(), key, algorithms=["RS256"])
    for algorithms, good in ((("Ed25519", "ES256"), False), (("RS256",), True)):
        settings = issuer().settings([OWN], algorithms=algorithms)
        keys = IssuerKeys(settings, load, SystemClock())
        checked = TokenVerifier([(settings, keys)], audience_of(OWN), SystemClock())
        if good:
            assert (await checked.verify(text)).claims["iss"] == made.name
        else:
            with pytest.raises(TokenInvalidError):
                await checked.verify(text)


async def test_what_was_signed_counts_and_nothing_else() -> None:
    header, payload, signature = issuer().sign(claims()).split(".")
    await refused(f"{header}.{encode(claims(job='CHIEF'))}.{signature}", TokenInvalidError)
    await refused(
        f"{header}.{payload}.{'A' + signature[1:] if signature[0] != 'A' else 'B' + signature[1:]}",
        TokenInvalidError,
    )
    await refused(f"{header}.{payload}.", TokenInvalidError)


async def test_a_name_that_stands_twice_is_refused() -> None:
    text = json.dumps(claims())[:-1] + f', "iss": "{issuer().name}"}}'
    signed = jws.serialize_compact(
        {"alg": "Ed25519", "kid": issuer().key.kid, "typ": "at+jwt"},
        text,
        issuer().key,
        algorithms=["Ed25519"],
    )
    await refused(signed, TokenInvalidError)


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "...", "a.b.c", "a.b", "a.b.c.d.e", "é.é.é", f"{encode([])}.{encode({})}.", "{}.{}.{}"],
)
async def test_what_is_no_token_is_refused(text: str) -> None:
    await refused(text, TokenInvalidError)


async def test_a_token_too_long_to_be_one_is_not_even_parsed() -> None:
    await refused(issuer().sign(claims(job="X" * MAX_TOKEN_OCTETS)), TokenInvalidError)


async def test_a_payload_nested_beyond_reason_is_refused() -> None:
    deep = urlsafe_b64encode(b"[" * 3000).rstrip(b"=").decode()
    await refused(f"{encode({'alg': 'Ed25519', 'kid': 'x', 'typ': 'at+jwt'})}.{deep}.AA", TokenInvalidError)


async def test_a_clock_may_differ_by_the_leeway_and_no_more() -> None:
    clock = FixedClock(SystemClock().now())
    now = int(clock.now().timestamp())
    text = issuer().sign(claims(iat=now, exp=now + 600))
    checked = verifier(at=clock)
    clock.advance(timedelta(seconds=603))
    await checked.verify(text)
    clock.advance(timedelta(seconds=5))
    with pytest.raises(TokenExpiredError):
        await checked.verify(text)  # remembered, and still looked at again
    clock.advance(timedelta(seconds=-608 - 4))
    await checked.verify(text)
    clock.advance(timedelta(seconds=-5))
    with pytest.raises(TokenExpiredError):
        await checked.verify(text)


async def test_without_keys_nobody_is_known() -> None:
    settings = identity_for(OWN)
    path = settings.issuers[0].jwks_file
    assert path is not None
    missing = settings.issuers[0].model_copy(update={"jwks_file": path.with_name("missing.json")})
    with pytest.raises(IdentityUnavailableError):
        await verifier(settings=settings.model_copy(update={"issuers": (missing,)})).verify(
            issuer().sign(claims())
        )
