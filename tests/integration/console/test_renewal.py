"""A person's token ends while they work: nobody notices, and nothing that they wrote is lost."""

import html
import re
import time
from collections.abc import Iterator

import httpx
import pytest
from flask import request

from services.console.sessions import Session, Sessions, SignedIn
from tests.support.console import NoProvider
from tests.support.console_process import RunningConsole, follow, run_console
from tests.support.provider import PERSON

COOKIE = "__Host-console-kent-police"
WORDS = 'Asked by the panel; <b>& "quoted"</b> £5'
taken: list[list[str]] = []


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningConsole]:
    other = {**PERSON, "subject": "p-other", "user": "other@kent-police.example.org", "name": "Otto Other"}
    with run_console(tmp_path_factory.mktemp("renewing"), people=[PERSON, other]) as running:

        @running.app.post("/taking")
        def take() -> str:
            taken.append(request.form.getlist("reason"))
            return "taken"

        yield running


@pytest.fixture
def browser(console: RunningConsole) -> Iterator[httpx.Client]:
    taken.clear()
    with console.browser() as opened:
        yield opened


def session_of(console: RunningConsole, browser: httpx.Client) -> Session:
    sessions: Sessions = console.app.extensions["sessions"]
    found = sessions.find(browser.cookies[COOKIE])
    assert found is not None
    return found


def end_token(session: Session, in_s: float = 0) -> str:
    """The token now ends in so many seconds; it."""
    had = session.signed_in
    assert had is not None
    session.signed_in = SignedIn(had.person, had.token, time.time() + in_s, had.id_token)
    return had.token


def token_of(session: Session) -> str:
    assert session.signed_in is not None
    return session.signed_in.token


def csrf_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


def test_a_page_comes_with_a_new_token_and_nobody_is_asked_anything(
    console: RunningConsole, browser: httpx.Client
) -> None:
    console.sign_in(browser)
    session = session_of(console, browser)
    old = end_token(session, in_s=20)

    answer = browser.get("/help/?part=two")
    assert "prompt=none" in answer.headers["Location"]
    page = follow(browser, answer)

    assert (page.url.path, page.url.query, page.status_code) == ("/help/", b"part=two", 200)
    assert token_of(session) != old
    assert session_of(console, browser) is session, "the same session, which goes on"


def test_renewing_does_not_make_a_session_last_longer(console: RunningConsole, browser: httpx.Client) -> None:
    console.sign_in(browser)
    session = session_of(console, browser)
    session.began -= 3600
    began = session.began
    end_token(session)

    follow(browser, browser.get("/"))

    assert session.began == began


def test_a_form_is_not_lost_when_the_token_has_ended(console: RunningConsole, browser: httpx.Client) -> None:
    page = console.sign_in(browser)
    session = session_of(console, browser)
    end_token(session)

    asked = follow(
        browser, browser.post("/taking", data={"csrf_token": csrf_of(page), "reason": [WORDS, "two"]})
    )

    assert taken == [], "not before the person says so"
    assert "Continue where you were" in asked.text
    assert WORDS not in str(asked.url)
    fields = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', asked.text)
    form: dict[str, list[str]] = {}
    for name, value in fields[1:]:  # the first is that of signing out
        form.setdefault(name, []).append(html.unescape(value))
    assert browser.post("/taking", data=form).text == "taken"
    assert taken == [[WORDS, "two"]]


def test_what_is_kept_is_sent_by_nobody_else(console: RunningConsole, browser: httpx.Client) -> None:
    page = console.sign_in(browser)
    end_token(session_of(console, browser))
    asked = follow(browser, browser.post("/taking", data={"csrf_token": csrf_of(page), "reason": WORDS}))

    with console.browser() as other:
        console.sign_in(other)
        assert other.get(asked.url.path).status_code == 404
    assert browser.post("/taking", data={"reason": WORDS}).status_code == 400, "not without its own token"
    assert taken == []


def test_a_form_of_another_site_is_refused_before_it_is_kept(
    console: RunningConsole, browser: httpx.Client
) -> None:
    console.sign_in(browser)
    session = session_of(console, browser)
    end_token(session)

    assert browser.post("/taking", data={"reason": WORDS}).status_code == 400
    assert not session.forms


def test_forms_that_are_kept_are_few(console: RunningConsole, browser: httpx.Client) -> None:
    page = console.sign_in(browser)
    session = session_of(console, browser)
    end_token(session)
    for number in range(8):
        browser.post("/taking", data={"csrf_token": csrf_of(page), "reason": str(number)})

    assert [form.fields["reason"] for form in session.forms.values()] == [["3"], ["4"], ["5"], ["6"], ["7"]]
    assert len(session.pending) <= 8


def test_who_is_no_longer_signed_in_at_the_provider_is_asked_and_comes_back(
    console: RunningConsole, browser: httpx.Client
) -> None:
    page = console.sign_in(browser)
    end_token(session_of(console, browser))
    browser.cookies.delete("__Host-session")  # the provider's

    sent = browser.post("/taking", data={"csrf_token": csrf_of(page), "reason": WORDS})
    back = console.sign_in(browser, sent.headers["Location"])

    assert "Continue where you were" in back.text
    assert "Asked by the panel" in back.text


def test_another_person_who_signs_in_instead_finds_nothing_of_the_first(
    console: RunningConsole, browser: httpx.Client
) -> None:
    page = console.sign_in(browser)
    first = session_of(console, browser)
    first.kept["a-key"] = "searched for"
    end_token(first)
    browser.cookies.delete("__Host-session")
    sent = browser.post("/taking", data={"csrf_token": csrf_of(page), "reason": WORDS})
    old = browser.cookies[COOKIE]

    back = console.sign_in(browser, sent.headers["Location"], user="other@kent-police.example.org")

    assert back.status_code == 404
    assert "Otto Other" in back.text
    assert "panel" not in back.text
    assert browser.cookies[COOKIE] != old
    assert not session_of(console, browser).kept


def test_a_token_that_still_lasts_does_while_the_provider_is_away(
    console: RunningConsole, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    console.sign_in(browser)
    session = session_of(console, browser)
    monkeypatch.setitem(console.app.extensions, "provider", NoProvider())

    end_token(session, in_s=20)
    assert browser.get("/help/").status_code == 200
    end_token(session)
    assert browser.get("/help/").status_code == 503
