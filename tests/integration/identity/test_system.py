"""Systems at the provider: made known by certificate, tokens by client credentials, keys that change."""

import ssl
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet
from pydantic import HttpUrl

from deploy.certificates import CertificateAuthority
from services.identity.keys import make_key
from services.kit.access.binding import is_bound
from services.kit.access.client import ClientCredentials, TokenUnavailableError, open_trust
from services.kit.access.settings import ClientSettings
from services.kit.access.sign_in import SignIn
from services.kit.clock import SystemClock
from tests.integration.identity.conftest import trust
from tests.support.provider import (
    AUDIENCE,
    BACK,
    CLIENT,
    PERSON,
    VERIFIER,
    Provider,
    serving,
    sign_in,
    write_provider,
)


def ask(client: httpx.Client, **changes: str) -> httpx.Response:
    return client.post("/token", data={"grant_type": "client_credentials", "client_id": CLIENT, **changes})


def keys_of(client: httpx.Client) -> KeySet:
    return KeySet.import_key_set(client.get("/jwks").json())


def test_a_system_gets_a_token_that_is_bound_to_its_certificate(
    provider: Provider, client: httpx.Client
) -> None:
    given = ask(client).json()
    token = jwt.decode(given["access_token"], keys_of(client), algorithms=["ES256"])

    assert token.header["typ"] == "at+jwt"
    assert (token.claims["sub"], token.claims["client_id"]) == (CLIENT, CLIENT)
    assert (token.claims["organisation"], token.claims["aud"]) == ("kent-police", list(AUDIENCE))
    assert token.claims["iss"] == provider.issuer
    assert is_bound(token.claims, provider.files.certificate.read_bytes())
    assert not is_bound(token.claims, provider.stranger.certificate.read_bytes())
    assert token.claims["exp"] - token.claims["iat"] == 300
    assert not token.claims.keys() & {"name", "job", "desk", "roles"}
    assert "id_token" not in given


def test_two_tokens_have_two_ids(client: httpx.Client) -> None:
    ids = {jwt.decode(ask(client).json()["access_token"], keys_of(client), algorithms=["ES256"]).claims["jti"]
           for _ in range(3)}  # fmt: skip

    assert len(ids) == 3


@pytest.mark.parametrize("shown", ["nothing", "another's"])
def test_who_shows_another_certificate_or_none_gets_nothing(provider: Provider, shown: str) -> None:
    context = trust(provider, own=False)
    if shown == "another's":
        context.load_cert_chain(provider.stranger.certificate, provider.stranger.key)
    # Headers by which a proxy would state a certificate change nothing: nobody stands before this server.
    pem = " ".join(provider.files.certificate.read_text().split())
    stated = {"SSL-Client-Cert": pem, "SSL-Client-Verify": "SUCCESS", "X-SSL-Client-Cert": pem}
    with httpx.Client(base_url=provider.issuer, verify=context, headers=stated) as client:
        answer = ask(client)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_a_certificate_of_another_authority_does_not_connect(provider: Provider) -> None:
    elsewhere = CertificateAuthority.create().issue_files(provider.folder / "forged", "client", "kent-police")
    context = trust(provider, own=False)
    context.load_cert_chain(elsewhere.certificate, elsewhere.key)

    with httpx.Client(base_url=provider.issuer, verify=context) as client, pytest.raises(httpx.HTTPError):
        ask(client)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_secret": "something", "client_id": "kent-probation"}, "invalid_client"),
        ({"grant_type": "password", "username": "a", "password": "b"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "a"}, "unsupported_grant_type"),
        ({"resource": "urn:publicprotection:service:kent-probation"}, "invalid_target"),
        ({"resource": ""}, "invalid_target"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
def test_what_a_system_may_not_have(client: httpx.Client, changes: dict[str, str], error: str) -> None:
    answer = ask(client, **changes)

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_token_for_one_service_is_for_no_other(client: httpx.Client) -> None:
    given = ask(client, resource=AUDIENCE[1]).json()

    claims = jwt.decode(given["access_token"], keys_of(client), algorithms=["ES256"]).claims
    assert claims["aud"] == [AUDIENCE[1]]


def test_nothing_is_asked_for_in_the_address(client: httpx.Client) -> None:
    answer = client.post("/token", params={"grant_type": "client_credentials", "client_id": CLIENT})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert client.get("/token").status_code == 405


def test_what_is_too_large_is_refused(client: httpx.Client) -> None:
    assert ask(client, filler="x" * 70_000).status_code == 413


def test_it_says_of_itself_what_clients_need(provider: Provider, person: httpx.Client) -> None:
    openid = person.get("/.well-known/openid-configuration").json()
    oauth = person.get("/.well-known/oauth-authorization-server").json()

    assert openid == oauth
    assert openid["issuer"] == provider.issuer
    # The standard wants RS256 offered too; here nothing takes it.
    OpenIDProviderMetadata(openid | {"id_token_signing_alg_values_supported": ["RS256"]}).validate()
    AuthorizationServerMetadata(oauth).validate()


def test_only_public_halves_are_published(person: httpx.Client) -> None:
    (key,) = person.get("/jwks").json()["keys"]

    assert key.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_a_key_is_published_before_it_signs_and_retired_after(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    written = write_provider(tmp_path_factory.mktemp("rotation"))
    folder = written.folder / "keys"
    (old,) = folder.glob("*.jwk")
    with serving(written), httpx.Client(base_url=written.issuer, verify=trust(written, own=True)) as client:
        first = ask(client).json()["access_token"]
        cached = keys_of(client)
        coming = make_key(folder, datetime.now(UTC) + timedelta(hours=1))
        ahead, still = keys_of(client), ask(client).json()["access_token"]
        coming.rename(folder / f"{datetime.now(UTC) - timedelta(seconds=1):%Y-%m-%dT%H%M%SZ}.jwk")
        second = ask(client).json()["access_token"]
        both = keys_of(client)
        old.unlink()
        after = keys_of(client)

    assert len(cached.keys) == 1
    assert len(ahead.keys) == len(both.keys) == 2
    for token in (first, still):
        assert jwt.decode(token, cached, algorithms=["ES256"]).claims
    assert jwt.decode(second, ahead, algorithms=["ES256"]).claims, "known before its first use"
    assert jwt.decode(first, both, algorithms=["ES256"]).claims
    with pytest.raises(InvalidKeyIdError):
        jwt.decode(first, after, algorithms=["ES256"])


def test_a_bad_key_file_changes_nothing_while_it_runs(tmp_path_factory: pytest.TempPathFactory) -> None:
    written = write_provider(tmp_path_factory.mktemp("bad-key"))
    with serving(written), httpx.Client(base_url=written.issuer, verify=trust(written, own=True)) as client:
        before = client.get("/jwks").json()
        (written.folder / "keys" / "2026-01-01T000000Z.jwk").write_text("{}")

        assert client.get("/jwks").json() == before
        assert ask(client).status_code == 200


async def test_our_own_client_gets_and_renews_tokens(provider: Provider) -> None:
    settings = ClientSettings(
        client_id=CLIENT, token_url=HttpUrl(f"{provider.issuer}/token"), ca_file=provider.files.authority
    )
    shown = open_trust(settings, provider.files.certificate, provider.files.key)
    source = ClientCredentials(settings, shown, AUDIENCE[1], SystemClock())

    assert await source.fetch() == await source.fetch()


def test_our_own_sign_in_checks_what_comes_back(provider: Provider, person: httpx.Client) -> None:
    asked = SignIn(provider.issuer, CLIENT, BACK, trust(provider, own=True))
    page = person.get(asked.start())
    arrived = str(sign_in(person, dict(page.url.params)).headers["Location"])

    for forged in (arrived.replace("state=", "state=x"), arrived.replace("iss=", "iss=x"), BACK):
        with pytest.raises(TokenUnavailableError):
            asked.finish(forged)
    token = asked.finish(arrived)

    claims = jwt.decode(token.token, keys_of(person), algorithms=["ES256"]).claims
    assert claims["sub"] == PERSON["subject"]
    with pytest.raises(TokenUnavailableError):
        asked.finish(arrived)
    asked.close()


def test_authlibs_client_signs_in(provider: Provider, person: httpx.Client) -> None:
    """A client that we did not write, as an agency's web application would use it."""
    files = provider.files
    session = OAuth2Session(
        CLIENT,
        scope="openid",
        redirect_uri=BACK,
        code_challenge_method="S256",
        token_endpoint_auth_method="none",
    )
    session.trust_env = False
    session.cert, session.verify = (str(files.certificate), str(files.key)), str(files.authority)
    url, state = session.create_authorization_url(
        f"{provider.issuer}/authorize", code_verifier=VERIFIER, nonce="n"
    )

    arrived = sign_in(person, dict(httpx.URL(url).params)).headers["Location"]
    token = session.fetch_token(
        f"{provider.issuer}/token", authorization_response=arrived, state=state, code_verifier=VERIFIER
    )

    claims = jwt.decode(token["id_token"], keys_of(person), algorithms=["ES256"]).claims
    assert (claims["nonce"], claims["sub"]) == ("n", PERSON["subject"])
    assert is_bound(
        jwt.decode(token["access_token"], keys_of(person), algorithms=["ES256"]).claims,
        files.certificate.read_bytes(),
    )


def test_it_speaks_only_tls_that_is_safe(provider: Provider) -> None:
    old = ssl.create_default_context(cafile=provider.files.authority)
    with pytest.warns(DeprecationWarning, match="deprecated"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"{provider.issuer}/jwks", verify=old)
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"{provider.issuer}/jwks".replace("https", "http"))
