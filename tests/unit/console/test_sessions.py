"""Sessions end in time, are few, and strangers end nobody's."""

import pytest
from flask import Flask, session

from services.console.sessions import Lifetimes, Session, Sessions, SignedIn
from services.kit.access.actor import Role
from tests.support.identity import as_person

LIFETIMES = Lifetimes(idle_s=100, absolute_s=300, waiting_s=50, most=3, most_waiting=2)


class Seconds:
    """Time that stands still until moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def sessions(seconds: Seconds) -> Sessions:
    return Sessions("own-body", LIFETIMES, seconds)


def sign_in(sessions: Sessions, name: str = "Sam Reed") -> Session:
    opened = Session("", sessions.now())
    person = as_person("own-body", Role.MAPPA_COORDINATOR, name=name)
    sessions.begin(opened, SignedIn(person, "token", 0.0, "id-token"))
    return opened


def test_a_session_ends_when_nobody_asks_for_a_page(sessions: Sessions, seconds: Seconds) -> None:
    name = sign_in(sessions).id
    seconds.now += 99
    assert sessions.find(name) is not None
    seconds.now += 99
    assert sessions.find(name) is not None
    seconds.now += 100
    assert sessions.find(name) is None
    assert sessions.count() == (0, 0), "and nothing of it is kept"


def test_a_session_ends_however_busy_it_is(sessions: Sessions, seconds: Seconds) -> None:
    name = sign_in(sessions).id
    for _ in range(5):
        seconds.now += 50
        assert sessions.find(name) is not None
    seconds.now += 50
    assert sessions.find(name) is None


def test_of_too_many_the_longest_idle_goes(sessions: Sessions) -> None:
    names = [sign_in(sessions, f"Sam {number}").id for number in range(3)]
    sessions.find(names[0])

    sign_in(sessions, "Sam Late")

    assert [sessions.find(name) is not None for name in names] == [True, False, True]


def test_strangers_end_nobodys_session_and_each_others_soon(sessions: Sessions, seconds: Seconds) -> None:
    app = Flask(__name__)
    app.session_interface = sessions
    app.add_url_rule("/", view_func=lambda: str(session.setdefault("x", 1)))
    working = sign_in(sessions)

    for _ in range(20):
        app.test_client().get("/", base_url="https://localhost")

    assert sessions.find(working.id) is working
    assert sessions.count() == (1, 2)
    seconds.now += 50
    app.test_client().get("/", base_url="https://localhost")
    assert sessions.count()[1] <= 2


def test_what_was_there_before_signing_in_is_gone_with_its_id(sessions: Sessions) -> None:
    opened = sign_in(sessions)
    opened["csrf_token"], opened.kept["a"], first = "planted", "x", opened.id

    assert opened.signed_in is not None
    sessions.begin(opened, opened.signed_in)

    assert opened.id != first
    assert (dict(opened), opened.kept) == ({}, {})
    assert sessions.find(first) is None


def test_a_token_that_arrives_after_signing_out_brings_nobody_back(sessions: Sessions) -> None:
    opened = sign_in(sessions)
    name, had = opened.id, opened.signed_in
    assert had is not None
    sessions.end(opened)

    sessions.renew(opened, had)

    assert opened.signed_in is None
    assert sessions.find(name) is None
    assert sessions.count() == (0, 0)


def test_neither_token_shows_where_a_session_is_printed(sessions: Sessions) -> None:
    opened = sign_in(sessions)

    assert "token" not in repr(opened.signed_in).replace("id_token", "").replace("ends_at", "")
