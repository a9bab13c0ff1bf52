"""Signing in: code with PKCE over the provider's own pages."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from services.kit.access.binding import thumbprint
from tests.integration.identity.conftest import trust
from tests.support.provider import (
    BACK,
    CLIENT,
    PERSON,
    SIGNED_OUT,
    USER,
    Provider,
    fetch,
    fill_in,
    question,
    read_answer,
    serving,
    sign_in,
    write_provider,
)


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """One that lets few attempts through."""
    folder = tmp_path_factory.mktemp("strict")
    with serving(write_provider(folder, attempts={"per_user": 2})) as running:
        yield running


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Provider]:
    """One whose codes end at once."""
    with serving(write_provider(tmp_path, lifetimes={"code_s": 1})) as running:
        yield running


def claims_of(client: httpx.Client, token: str) -> dict[str, object]:
    keys = KeySet.import_key_set(client.get("/jwks").json())
    return jwt.decode(token, keys, algorithms=["ES256"]).claims


def test_a_person_signs_in_and_the_client_gets_a_bound_token(
    provider: Provider, person: httpx.Client, client: httpx.Client
) -> None:
    answer = read_answer(sign_in(person))
    given = fetch(client, answer["code"]).json()
    claims, id_claims = claims_of(client, given["access_token"]), claims_of(client, given["id_token"])

    assert (answer["state"], answer["iss"]) == ("a-state", provider.issuer)
    assert given["token_type"] == "Bearer"
    assert {name: claims[name] for name in ("name", "job", "roles", "organisation", "desk")} == {
        name: PERSON[name] for name in ("name", "job", "roles", "organisation", "desk")
    }
    assert claims["sub"] == PERSON["subject"]
    assert claims["cnf"] == {"x5t#S256": thumbprint(provider.files.certificate.read_bytes())}
    assert claims["exp"] - claims["iat"] == given["expires_in"] == 300  # type: ignore[operator]
    assert (id_claims["nonce"], id_claims["aud"]) == ("a-nonce", CLIENT)
    assert abs(time.time() - id_claims["auth_time"]) < 60  # type: ignore[operator]
    assert "area" not in claims
    assert not id_claims.keys() & {"cnf", "name"}, "it goes into an address when somebody signs out"


def test_an_id_token_is_no_access_token(person: httpx.Client, client: httpx.Client) -> None:
    given = fetch(client, read_answer(sign_in(person))["code"]).json()

    headers = [jwt.decode(given[name], _keys(client), algorithms=["ES256"]).header for name in
               ("access_token", "id_token")]  # fmt: skip

    assert [header.get("typ") for header in headers] == ["at+jwt", "JWT"]


def _keys(client: httpx.Client) -> KeySet:
    return KeySet.import_key_set(client.get("/jwks").json())


@pytest.mark.parametrize(
    ("user", "password"), [(USER, "wrong horse battery"), ("nobody@example.org", "wrong")]
)
def test_wrong_and_unknown_look_the_same(person: httpx.Client, user: str, password: str) -> None:
    answer = sign_in(person, user=user, password=password)

    assert answer.status_code == 400
    assert "The user name or password is not right." in answer.text
    assert "Location" not in answer.headers


def test_too_many_attempts_stop_even_the_right_password(strict: Provider) -> None:
    with httpx.Client(base_url=strict.issuer, verify=trust(strict, own=False)) as browser:
        answers = [sign_in(browser, password="wrong").status_code for _ in range(2)]
        stopped = [sign_in(browser).status_code, sign_in(browser, user=USER.upper()).status_code]
        others = [sign_in(browser, user="nobody@example.org").status_code for _ in range(3)]

    assert answers == [400, 400]
    assert stopped == [429, 429]
    assert others == [400, 400, 429], "who does not exist is stopped as soon"


def test_a_form_without_its_token_is_refused(person: httpx.Client) -> None:
    page = person.get("/authorize", params=question())
    person.cookies.clear()

    answer = fill_in(person, page, USER, "correct horse battery")

    assert answer.status_code == 400
    assert "open for too long" in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_a_question_that_will_not_do_goes_back_to_the_client(
    person: httpx.Client, changes: dict[str, str | None], error: str
) -> None:
    answer = person.get("/authorize", params=question(**changes))

    assert answer.headers["Location"].startswith(BACK)
    assert read_answer(answer)["error"] == error
    assert read_answer(answer)["state"] == "a-state"


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://elsewhere.example.org/signed-in"},
        {"redirect_uri": "http://127.0.0.1:4711/signed-in/more"},
        {"redirect_uri": "http://127.0.0.1:4711/signed-in?more"},
        {"redirect_uri": "http://127.0.0.1.example.org/signed-in"},
        {"redirect_uri": "http://somebody@127.0.0.1:4711/signed-in"},
        {"redirect_uri": "http://localhost:4711/signed-in"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": None},
        {"client_id": "nobody"},
        {"client_id": None},
    ],
)
def test_nobody_is_sent_where_the_client_is_not_known_to_be(
    person: httpx.Client, changes: dict[str, str | None]
) -> None:
    answer = person.get("/authorize", params=question(**changes))

    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "There is a problem" in answer.text


def test_a_code_is_good_once(person: httpx.Client, client: httpx.Client) -> None:
    code = read_answer(sign_in(person))["code"]

    answers = [fetch(client, code) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 400]
    assert answers[1].json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "another-verifier-of-the-length-that-is-asked-for-01234"}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:4712/signed-in"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"code": "another"}, "invalid_grant"),
    ],
)
def test_a_code_alone_is_worth_nothing(
    person: httpx.Client, client: httpx.Client, changes: dict[str, str | None], error: str
) -> None:
    code = read_answer(sign_in(person))["code"]

    answer = fetch(client, **{"code": code, **changes})  # type: ignore[arg-type]

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    if changes.keys() != {"code"}:
        assert fetch(client, code).json()["error"] == "invalid_grant", "a code that failed is used up"


def test_a_code_ends_soon(hasty: Provider) -> None:
    with (
        httpx.Client(base_url=hasty.issuer, verify=trust(hasty, own=True)) as client,
        httpx.Client(base_url=hasty.issuer, verify=trust(hasty, own=False)) as browser,
    ):
        code = read_answer(sign_in(browser))["code"]
        time.sleep(1.2)

        assert fetch(client, code).json()["error"] == "invalid_grant"


def test_the_page_asks_again_only_when_it_must(person: httpx.Client) -> None:
    sign_in(person)

    assert person.get("/authorize", params=question()).status_code == 303
    assert person.get("/authorize", params=question(prompt="none")).status_code == 303
    assert person.get("/authorize", params=question(prompt="login")).status_code == 200
    assert person.get("/authorize", params=question(max_age="10000")).status_code == 303
    time.sleep(1.1)
    assert person.get("/authorize", params=question(max_age="0")).status_code == 200


def test_signing_out_ends_the_session_wherever_the_cookie_went(
    person: httpx.Client, client: httpx.Client, provider: Provider
) -> None:
    given = fetch(client, read_answer(sign_in(person))["code"]).json()
    cookies = dict(person.cookies)
    asked = {"id_token_hint": given["id_token"], "post_logout_redirect_uri": SIGNED_OUT, "state": "s"}

    answer = person.get("/sign-out", params=asked)

    assert answer.headers["Location"] == f"{SIGNED_OUT}?state=s"
    with httpx.Client(base_url=provider.issuer, verify=trust(provider, own=False), cookies=cookies) as thief:
        assert thief.get("/authorize", params=question()).status_code == 200, "asked to sign in"


def test_nobody_is_signed_out_by_a_link(person: httpx.Client) -> None:
    sign_in(person)

    page = person.get("/sign-out")

    assert "Do you want to sign out?" in page.text
    assert person.get("/authorize", params=question()).status_code == 303
    assert "You have signed out" in fill_in(person, page, "", "").text
    assert person.get("/authorize", params=question()).status_code == 200


def test_after_signing_out_nobody_is_sent_elsewhere(person: httpx.Client, client: httpx.Client) -> None:
    given = fetch(client, read_answer(sign_in(person))["code"]).json()

    asked = {"id_token_hint": given["id_token"], "post_logout_redirect_uri": "https://elsewhere.example.org"}

    assert "Location" not in person.get("/sign-out", params=asked).headers


def test_pages_are_for_people_and_carry_what_protects_them(person: httpx.Client) -> None:
    page = person.get("/authorize", params=question())

    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert policy.endswith("form-action 'self' http://127.0.0.1:4711")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Cache-Control"] == "no-store"
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}


def test_what_a_person_typed_comes_back_as_text(person: httpx.Client) -> None:
    answer = sign_in(person, user='"><script>alert(1)</script>', password="x")

    assert "<script>" not in answer.text


def test_people_of_another_organisation_do_not_get_in(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("two")
    other = PERSON | {
        "subject": "p-b",
        "user": "bo@kent-probation.example.org",
        "organisation": "kent-probation",
    }
    written = write_provider(folder, people=[PERSON, other], more_clients=["kent-probation"])
    with serving(written), httpx.Client(base_url=written.issuer, verify=trust(written, own=False)) as browser:
        answer = sign_in(browser, user="bo@kent-probation.example.org")

        assert answer.status_code == 403
        assert browser.get("/authorize", params=question()).status_code == 200, "and nobody is signed in"
