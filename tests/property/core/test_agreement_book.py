"""Whatever happens to agreements: nothing unsigned is in force, and nobody who is stopped gets anything."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.agreed import Ground, Route, find_agreed
from gateway.core.agreement_acts import controllers_of, read_book, take
from gateway.core.agreement_book import SIGNATURES, Book, Standing, is_agreed
from gateway.core.agreement_diff import Change, compare_agreements
from gateway.core.agreement_events import AgreementEvent, EventKind, Objection
from gateway.core.agreement_state import AgreementState, may_change
from gateway.core.agreements import Agreement, terms_digest_of
from tests.support.agreeing import CLAUSE, PARTIES, pair

FIRST = date(2026, 12, 25)
DRAFTS = {version: pair(version) for version in ("1", "2", "3")}
ACTS = [kind for kind in EventKind if kind not in (EventKind.IMPORTED, EventKind.PROPOSED)]
_GROUND = frozenset({Ground("CJA_2003_S325", frozenset({"LAW_ENFORCEMENT"}))})
CATEGORIES = ("SUBJECT_IDENTITY", "SUBJECT_RESTRICTION", "SUBJECT_OFFENCE", "SUBJECT_RISK")

acts = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(ACTS),
        "version": st.sampled_from(["1", "2", "3"]),
        "organisation": st.sampled_from([*PARTIES, "omega"]),
        "person": st.sampled_from(["ann", "bob"]),
        "party": st.sampled_from(["", "beta", "gamma"]),
        "text": st.sampled_from(["own", "own", "own", "other"]),
        "days": st.integers(0, 40),
    }
)


def signing(version: str) -> list[dict[str, Any]]:
    base = {"kind": EventKind.SIGNED, "version": version, "party": "", "text": "own", "days": 0}
    controllers = sorted(controllers_of(DRAFTS[version]))
    return [base | {"organisation": name, "person": one} for name in controllers for one in ("ann", "bob")]


@st.composite
def lives(draw: st.DrawFn) -> list[AgreementEvent]:
    """Proposals, then acts in any order and by anybody, with most of the signatures that are needed."""
    rows: list[dict[str, Any]] = []
    for version in ("1", "2", "3"):
        rows += draw(st.permutations(signing(version)))
        rows += draw(st.lists(acts, max_size=4))
    if draw(st.booleans()):
        rows = draw(st.permutations(rows))
    day = FIRST
    events = [
        AgreementEvent(EventKind.PROPOSED, "pair", day, version, "beta", terms=terms)
        for version, terms in DRAFTS.items()
    ]
    for row in rows:
        day += timedelta(days=row["days"])
        digest = terms_digest_of(DRAFTS[row["version"]]) if row["text"] == "own" else "00" * 32
        stops = row["kind"] in (EventKind.SUSPENDED, EventKind.RESUMED)
        who = {name: row[name] for name in ("organisation", "person", "party")}
        version = "" if stops else row["version"]
        events.append(AgreementEvent(row["kind"], "pair", day, version, digest=digest, job="CHIEF", **who))
    return events


def route(recipient: str, day: date) -> Route:
    ends = ("alpha", "POLICE", "front"), (recipient, "PROBATION", "front")
    return Route(*ends, "RestrictionNotice", "MANAGE_RISK", 0, _GROUND, day)


@given(lives())
def test_nothing_unsigned_comes_into_force_and_nothing_ended_comes_back(events: list[AgreementEvent]) -> None:
    book, kept = Book(), list[AgreementEvent]()
    before: dict[str, AgreementState] = {}
    for event in events:
        taken = take(book, event)
        if isinstance(taken, Objection):
            continue
        book = taken
        kept.append(event)
        check_signed(book, kept)
        for each in book.effective(event.day):
            old = before.get(each.version, AgreementState.IN_FORCE)
            assert each.state == old or may_change(old, each.state)
            before[each.version] = each.state
        check_one_in_force(book, event.day)
        check_stopped(book, event.day)
    assert read_book(kept) == book


def check_signed(book: Book, kept: list[AgreementEvent]) -> None:
    for version in filter(is_agreed, book.versions):
        said = version.terms.version
        people = {
            (each.organisation, each.person)
            for each in kept
            if each.kind is EventKind.SIGNED and each.version == said and each.digest == version.digest
        }
        for name in controllers_of(version.terms):
            assert sum(organisation == name for organisation, _ in people) == SIGNATURES


def check_one_in_force(book: Book, day: date) -> None:
    standings = [book.standing(each, day) for each in book.versions]
    assert standings.count(Standing.IN_FORCE) <= 1


def check_stopped(book: Book, day: date) -> None:
    effective = book.effective(day)
    for party in ("beta", "gamma"):
        found = find_agreed(effective, route(party, day))
        stopped = book.is_suspended("pair", party) and bool(effective)
        assert found.suspended is stopped


clauses = st.fixed_dictionaries(
    {
        "categories": st.lists(st.sampled_from(CATEGORIES), min_size=1, unique=True).map(sorted),
        "documents": st.lists(
            st.sampled_from(["RestrictionNotice", "ReleaseNotice"]), min_size=1, unique=True
        ).map(sorted),
        "purposes": st.lists(st.sampled_from(["MANAGE_RISK", "PLAN_RELEASE"]), min_size=1, unique=True).map(
            sorted
        ),
        "bases": st.lists(st.sampled_from(["CJA_2003_S325", "OMA_2007_S14"]), unique=True).map(sorted),
        "from": st.sampled_from([{}, {"organisations": ["alpha"]}, {"kinds": ["POLICE"]}]),
        "to": st.sampled_from(
            [{}, {"organisations": ["beta"]}, {"organisations": ["beta"], "desks": ["front"]}]
        ),
    }
)


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    made = draw(st.lists(clauses, min_size=1, max_size=3))
    written = [CLAUSE | each | {"id": f"A{number}"} for number, each in enumerate(made, 1)]
    ceiling = draw(st.sampled_from(["OFFICIAL", "OFFICIAL_SENSITIVE"]))
    return pair("1", clauses=written, marking_ceiling=ceiling)


@given(agreements(), agreements())
def test_what_is_only_narrowed_lets_nothing_more_through(old: Agreement, new: Agreement) -> None:
    """What the difference calls narrower never widens what goes, on any route; nor the other way round."""
    changes = {each.change for each in compare_agreements(old, new)}
    narrower = changes.isdisjoint({Change.ADDED, Change.WIDENED})
    wider = changes.isdisjoint({Change.REMOVED, Change.NARROWED})
    for recipient in ("beta", "gamma"):
        asked = route(recipient, old.starts)
        before, after = (
            set(find_agreed([each.model_copy(update={"state": AgreementState.IN_FORCE})], asked).permitted)
            for each in (old, new)
        )
        assert not narrower or after <= before
        assert not wider or before <= after
    assert bool(changes) is (old != new)


@given(agreements())
def test_a_version_does_not_differ_from_itself(agreement: Agreement) -> None:
    assert compare_agreements(agreement, agreement) == ()
