"""A redacted seal verifies with other people's SD-JWT libraries, and yields exactly the released leaves."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jwcrypto.jwk import JWK  # type: ignore[import-untyped]
from jwcrypto.jws import InvalidJWSSignature  # type: ignore[import-untyped]
from sd_jwt.verifier import SDJWTVerifier

from services.kit.evidence.errors import SealRefusedError
from services.kit.evidence.opening import open_seal
from services.kit.evidence.seal import SEAL_TYPE, encode, select
from tests.support.sealing import LEAVES, NOW, SENDER, STRANGER, lookup, sealed

NODE = Path(__file__).parent / "node"
ALWAYS = {"iss": "kent-prison", "iat": int(NOW.timestamp()), "jti": "exchange-1"}
KEPT = (
    "header.purpose",
    "document.note",
    'document.labels{"a.b~c"}',
    "document.empty",
    "document.sentence.days",
)

Verifier = Callable[[str, dict[str, str]], dict[str, Any] | None]
"""From seal and public JWK to the claims; None if refused."""


def _by_python(compact: str, jwk: dict[str, str]) -> dict[str, Any] | None:
    try:
        claims = SDJWTVerifier(compact, lambda _issuer, _header: JWK(**jwk)).get_verified_payload()
    except InvalidJWSSignature:
        return None
    return dict(claims)


def _by_node(compact: str, jwk: dict[str, str]) -> dict[str, Any] | None:
    answer = subprocess.run(
        ["node", "verify.mjs"],
        input=json.dumps({"seal": compact, "jwk": jwk, "at": ALWAYS["iat"]}),
        cwd=NODE,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    said = json.loads(answer.stdout)
    if "refused" in said:
        assert "Signature" in said["refused"]  # and not, say, the time
        return None
    assert said["header"] == {"alg": "Ed25519", "kid": SENDER.kid, "typ": SEAL_TYPE}
    return dict(said["claims"])


@pytest.fixture(scope="module", params=["python", "node"])
def verify(request: pytest.FixtureRequest) -> Verifier:
    if request.param == "python":
        return _by_python
    if shutil.which("node") is None or not (NODE / "node_modules").is_dir():
        pytest.fail("node or its packages are missing: run `npm ci` in tests/interop/node")
    return _by_node


def test_a_whole_seal_verifies(verify: Verifier) -> None:
    assert verify(sealed().compact, SENDER.public.to_jwk()) == {**ALWAYS, **LEAVES}


def test_a_redacted_seal_yields_exactly_the_released_leaves(verify: Verifier) -> None:
    claims = verify(select(sealed(), KEPT), SENDER.public.to_jwk())

    assert claims == {**ALWAYS, **{path: LEAVES[path] for path in KEPT}}


def test_a_seal_with_nothing_released_still_verifies(verify: Verifier) -> None:
    assert verify(select(sealed(), []), SENDER.public.to_jwk()) == ALWAYS


def test_another_key_is_refused(verify: Verifier) -> None:
    assert verify(select(sealed(), KEPT), STRANGER.public.to_jwk()) is None


def test_a_changed_payload_is_refused(verify: Verifier) -> None:
    whole = sealed()
    header, _, signature = whole.jwt.split(".")
    forged = encode(json.dumps({**ALWAYS, "jti": "exchange-2", "_sd": [], "_sd_alg": "sha-256"}).encode())
    changed = select(whole, KEPT).replace(whole.jwt, f"{header}.{forged}.{signature}")

    assert verify(changed, SENDER.public.to_jwk()) is None


def test_a_changed_signature_is_refused(verify: Verifier) -> None:
    whole = sealed()
    changed = whole.jwt[:-10] + ("A" if whole.jwt[-10] != "A" else "B") + whole.jwt[-9:]

    assert verify(select(whole, KEPT).replace(whole.jwt, changed), SENDER.public.to_jwk()) is None


def test_a_forged_disclosure_never_becomes_a_leaf(verify: Verifier) -> None:
    """RFC 9901 7.1 wants it rejected; both libraries drop it silently, and this project's reader refuses."""
    forged = encode(json.dumps(["s" * 22, "document.subject.name.family", "Finch"]).encode())
    compact = select(sealed(), KEPT) + forged + "~"

    claims = verify(compact, SENDER.public.to_jwk())

    assert claims is None or "document.subject.name.family" not in claims
    with pytest.raises(SealRefusedError):
        open_seal(compact, lookup())


def test_an_altered_disclosure_never_becomes_a_leaf(verify: Verifier) -> None:
    whole = sealed()
    honest = whole.disclosures["document.note"]
    altered = encode(json.dumps(["s" * 22, "document.note", "Will not stay."]).encode())
    compact = select(whole, KEPT).replace(honest, altered)

    claims = verify(compact, SENDER.public.to_jwk())

    assert claims is None or "document.note" not in claims
    with pytest.raises(SealRefusedError):
        open_seal(compact, lookup())
