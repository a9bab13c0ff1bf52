"""People sign in to the console at the provider, and out again: over TLS, as browsers do it."""

import re
import time
from base64 import urlsafe_b64decode
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from services.console.sessions import Sessions
from tests.support.console_process import RunningConsole, follow
from tests.support.provider import USER

COOKIE = "__Host-console-kent-police"


def csrf_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


def sessions_of(console: RunningConsole) -> Sessions:
    sessions: Sessions = console.app.extensions["sessions"]
    return sessions


def test_a_person_signs_in_and_comes_back_to_the_page_asked_for(
    console: RunningConsole, browser: httpx.Client
) -> None:
    page = console.sign_in(browser, "/help/?part=one")

    assert page.status_code == 200
    assert page.url.path == "/help/"
    assert page.url.query == b"part=one"
    assert "Ada Quill, Police offender manager" in page.text


def test_the_provider_is_asked_by_code_with_a_challenge(
    console: RunningConsole, browser: httpx.Client
) -> None:
    asked = {
        name: values[0]
        for name, values in parse_qs(urlsplit(browser.get("/").headers["Location"]).query).items()
    }

    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert len(asked["code_challenge"]) == 43
    assert asked["state"] != asked["nonce"]
    assert asked["redirect_uri"] == f"{console.address}/signed-in"


def test_the_cookie_is_an_id_that_scripts_other_sites_and_plain_http_cannot_have(
    browser: httpx.Client,
) -> None:
    cookie = browser.get("/").headers["Set-Cookie"]

    name, value = cookie.split(";")[0].split("=")
    assert name == COOKIE
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", value)
    assert {part.strip() for part in cookie.split(";")[1:]} == {
        "Secure",
        "HttpOnly",
        "Path=/",
        "SameSite=Lax",
    }


def test_signing_in_gives_a_new_id_and_the_old_one_is_worth_nothing(
    console: RunningConsole, browser: httpx.Client
) -> None:
    browser.get("/")
    planted = browser.cookies[COOKIE]

    console.sign_in(browser)

    assert browser.cookies[COOKIE] != planted
    with console.browser() as attacker:
        attacker.cookies.set(COOKIE, planted, domain="localhost.local")
        assert attacker.get("/").has_redirect_location
        assert sessions_of(console).find(planted) is None


def test_an_id_that_somebody_made_up_is_taken_over_by_nobody(
    console: RunningConsole, browser: httpx.Client
) -> None:
    browser.cookies.set(COOKIE, "a" * 43, domain="localhost.local")

    page = console.sign_in(browser)

    assert page.status_code == 200
    assert sessions_of(console).find("a" * 43) is None


def test_what_comes_back_without_having_been_asked_for_signs_nobody_in(browser: httpx.Client) -> None:
    page = browser.get("/signed-in", params={"code": "x", "state": "y", "iss": "https://localhost"})

    assert page.status_code == 400
    assert "You could not be signed in" in page.text


def test_the_answer_to_one_browser_signs_in_no_other(console: RunningConsole, browser: httpx.Client) -> None:
    """Somebody who has another open the end of his own sign-in would have them work in his name."""
    answer = browser.get("/")
    with console.browser() as other:
        shown = browser.get(answer.headers["Location"])
        form = {"csrf_token": csrf_of(shown), "user": USER, "password": "correct horse battery"}
        back = browser.post(shown.url, data=form, headers={"Referer": str(shown.url)}).headers["Location"]

        assert other.get(back).status_code == 400
        assert other.get("/").has_redirect_location


def test_signing_out_ends_the_session_wherever_the_cookie_went(
    console: RunningConsole, browser: httpx.Client
) -> None:
    page = console.sign_in(browser)
    stolen = browser.cookies[COOKIE]

    answer = browser.post("/sign-out", data={"csrf_token": csrf_of(page)})

    assert sessions_of(console).find(stolen) is None, "at once, whatever the provider says"
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    left = follow(browser, answer)
    assert left.url == f"{console.address}/signed-out"
    assert "You are signed out" in left.text
    with console.browser() as thief:
        thief.cookies.set(COOKIE, stolen, domain="localhost.local")
        assert thief.get("/").has_redirect_location


def test_signing_out_ends_the_session_at_the_provider_as_well(
    console: RunningConsole, browser: httpx.Client
) -> None:
    page = console.sign_in(browser)
    follow(browser, browser.post("/sign-out", data={"csrf_token": csrf_of(page)}))

    assert "password" in follow(browser, browser.get("/")).text, "asked again"


def test_the_address_of_signing_out_tells_no_name(console: RunningConsole, browser: httpx.Client) -> None:
    page = console.sign_in(browser)
    sent = browser.post("/sign-out", data={"csrf_token": csrf_of(page)}).headers["Location"]

    payload = parse_qs(urlsplit(sent).query)["id_token_hint"][0].split(".")[1]
    claims = urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    assert "Quill" not in claims + sent


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example.org/",
        "/\\evil.example.org/",
        "/%2F/evil.example.org",
        "/help/?next=//evil.example.org",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(
    console: RunningConsole, browser: httpx.Client, path: str
) -> None:
    answer = browser.get(f"{console.address}{path}")
    hosts = []
    for _ in range(8):
        if not answer.has_redirect_location:
            break
        answer = browser.get(answer.url.join(answer.headers["Location"]))
        if answer.status_code == 200 and "password" in answer.text:
            form = {"csrf_token": csrf_of(answer), "user": USER, "password": "correct horse battery"}
            answer = browser.post(answer.url, data=form, headers={"Referer": str(answer.url)})
        hosts.append(answer.url.host)
    assert set(hosts) <= {"localhost"}


def test_whoever_comes_with_a_session_that_has_ended_is_asked_for_the_password(
    console: RunningConsole, browser: httpx.Client
) -> None:
    console.sign_in(browser)
    sessions = sessions_of(console)
    found = sessions.find(browser.cookies[COOKIE])
    assert found is not None
    found.seen -= sessions.lifetimes.idle_s + 1

    answer = browser.get("/")
    shown = browser.get(answer.headers["Location"])

    assert "prompt=login" in answer.headers["Location"]
    assert "password" in shown.text, "although the provider knows the browser"


def test_taking_the_question_out_of_the_address_does_not_help(
    console: RunningConsole, browser: httpx.Client
) -> None:
    """Whoever sits down at a browser that was left can change addresses, but not when somebody signed in."""
    console.sign_in(browser)
    sessions = sessions_of(console)
    found = sessions.find(browser.cookies[COOKIE])
    assert found is not None
    found.seen -= sessions.lifetimes.idle_s + 1
    time.sleep(6)  # beyond what clocks may differ by

    asked = browser.get("/").headers["Location"].replace("prompt=login", "x=y")
    back = browser.get(asked).headers["Location"]

    assert browser.get(back).status_code == 400
