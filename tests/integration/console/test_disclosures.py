"""Decisions to disclose in the console: recorded, decided by a second person, amended, and who was told."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from publicprotection.exchange.v1 import disclosure_pb2
from publicprotection.exchange.v1 import disclosure_service_pb2 as pb2

from services.console.pages.disclosures.forms import advice_words, questions_of
from services.console.pages.disclosures.words import EVENTS, OBSTACLES, STATES
from services.kit.clock import FixedClock
from services.kit.disclosures.decisions import Kind
from services.kit.disclosures.rules import read_rules
from tests.support.gateway import NOW, Parties
from tests.support.unit_console import CHAIR, UnitConsole, open_unit_console

ABOUT = {"subject_reference": "C-2026-14", "family": "Quillfeather", "given": "Robin"}
DECIDED: dict[str, Any] = {
    "reasons": "The children of a new partner cannot be protected without.",
    "mappa_level": "2",
    "decided_by": "1",
    "decided_on": ["2", "11", "2026"],
    "review_by": ["1", "12", "2026"],
    "meeting_reference": "L2-2026-031",
}
CONSIDERED: dict[str, Any] = DECIDED | {
    "purpose": "To protect two children.",
    "triggers": ["6", "2"],
    "alternatives_considered": "Moving out was offered and declined.",
    "necessity": "Nothing less protects them.",
    "risks_to_third_party": "Retaliation is unlikely.",
    "risks_to_subject": "Loss of accommodation.",
    "risks_to_others": "None known.",
    "risks_of_displacement": "May move in with somebody else.",
    "representations": "1",
    "representations_made": "Would rather tell it himself.",
}
DISCLOSED: dict[str, Any] = CONSIDERED | {
    "lawful_bases": ["1"],
    "recipient__family": "Ashgrove",
    "recipient__given": "Wren",
    "recipient_capacity": "new partner",
    "content": "Must not be alone with children.",
    "discloser": "kent-police",
    "discloser_person": "Sam Reed",
    "method": "1",
    "photograph": "1",
    "preparation__understands_confidentiality": "y",
    "preparation__what_to_do": "Call at once.",
    "preparation__contact": "Jo Park",
    "preparation__contact_telephone": "01632 960123",
    "recipient_must_not": "Pass it on, or confront him.",
    "conditions": "Not to be passed on.",
    "contingency_victim": "Alarm fitted.",
    "contingency_subject": "Approved premises on call.",
}
TELLING: dict[str, Any] = {
    "told_on": ["22", "11", "2026"],
    "told_at": "14:30",
    "told_by": "Sam Reed",
    "told_to": "Wren Ashgrove",
    "content": "Must not be alone with children.",
    "method": "1",
    "photograph": "1",
    "understands_confidentiality": "y",
}


@pytest.fixture(scope="module")
def parties() -> Parties:
    return Parties(clock=FixedClock(NOW))


@pytest.fixture
async def console(parties: Parties, tmp_path: Path) -> AsyncIterator[UnitConsole]:
    parties.clock = FixedClock(NOW)
    async with open_unit_console(parties, tmp_path) as opened:
        yield opened


async def fill(console: UnitConsole, path: str, form: dict[str, Any]) -> Any:
    """Opens a form and sends it; the answer."""
    page = await console.browser.get(path)
    assert page.status_code == 200, page.text[-3000:]
    found = re.search(r'name="request_id"[^>]*value="([^"]+)"', page.text)
    assert found is not None
    return await console.browser.post(path, {**form, "request_id": found[1]})


async def follow(console: UnitConsole, answer: Any) -> str:
    """The page that a form led to."""
    assert answer.status_code == 303, answer.text[:9000]
    return (await console.browser.get(answer.location)).text


async def test_a_decision_waits_is_decided_by_the_chair_and_is_told(console: UnitConsole) -> None:
    page = await follow(console, await fill(console, "/decisions/new/disclose", ABOUT | DISCLOSED))
    assert "Waits to be decided" in page
    assert "What is proposed and waits" in page
    listed = (await console.browser.get("/decisions/?state=1")).text
    decision_id = re.search(r"/decisions/([\w-]{20,})", listed)
    assert decision_id is not None
    path = f"/decisions/{decision_id[1]}"
    assert (await fill(console, f"{path}/told", TELLING)).status_code == 422
    console.turn_to(CHAIR)
    page = await follow(console, await fill(console, f"{path}/confirm", {}))
    assert "What was decided" in page
    console.turn_to("Ola Brandt")
    page = await follow(console, await fill(console, f"{path}/told", TELLING))
    assert "The third party was told" in page
    assert "1 time" in page
    assert "On the gateway&#39;s record" in page or "On the gateway's record" in page


async def test_decisions_about_one_person_are_found_and_the_reference_stands_in_no_address(
    console: UnitConsole,
) -> None:
    for reference in ("C-2026-14", "C-2026-15"):
        about = ABOUT | {"subject_reference": reference}
        await follow(console, await fill(console, "/decisions/new/disclose", about | DISCLOSED))
    await console.browser.get("/decisions/")
    answer = await console.browser.post("/decisions/find", {"reference": " C-2026-15 "})
    assert "C-2026" not in answer.location
    page = await follow(console, answer)
    assert "Decisions about <strong>C-2026-15</strong>" in page
    assert "1 decision" in page
    assert "C-2026-14" not in page
    narrowed = await console.browser.get(f"{answer.location}&state=2")
    assert "Nothing recorded about this person" in narrowed.text
    await console.browser.get("/decisions/")
    empty = await console.browser.post("/decisions/find", {"reference": ""})
    assert empty.status_code == 422
    assert "Enter your reference of the person" in empty.text
    assert "C-2026-14" in empty.text
    assert (await console.browser.get("/decisions/?about=gone")).status_code == 404


async def test_whoever_may_not_decide_is_told_who_does(console: UnitConsole) -> None:
    page = await follow(console, await fill(console, "/decisions/new/disclose", ABOUT | DISCLOSED))
    assert "Decide what is proposed" not in page
    path = re.search(r"/decisions/([\w-]{20,})/amend", page)
    assert path is not None
    answer = await fill(console, f"/decisions/{path[1]}/told", TELLING)
    assert answer.status_code == 422
    assert OBSTACLES["NOT_DECIDED"] in answer.text


async def test_what_is_missing_stands_at_its_field_without_codes(console: UnitConsole) -> None:
    incomplete = {name: value for name, value in DISCLOSED.items() if name not in {"necessity", "content"}}
    answer = await fill(console, "/decisions/new/disclose", ABOUT | incomplete)
    assert answer.status_code == 422
    assert "Say whether and why the need to protect outweighs privacy. (MAPPA 10.11)" in answer.text
    assert "NECESSITY_MISSING" not in answer.text
    assert "mappa:R" not in answer.text
    assert "Moving out was offered and declined." in answer.text


async def test_not_to_disclose_and_not_considered_ask_for_less(console: UnitConsole) -> None:
    page = await console.browser.get("/decisions/new/not-considered")
    assert "What prompts it?" not in page.text
    await follow(console, await fill(console, "/decisions/new/not-considered", ABOUT | DECIDED))
    page = await console.browser.get("/decisions/new/do-not-disclose")
    assert "What prompts it?" in page.text
    assert "Which organisation tells?" not in page.text
    console.turn_to(CHAIR)
    page_text = await follow(
        console, await fill(console, "/decisions/new/do-not-disclose", ABOUT | CONSIDERED)
    )
    assert "Decided" in page_text
    assert "Note that they were told" not in page_text


async def test_an_amendment_starts_from_what_stands_and_overwrites_nothing(console: UnitConsole) -> None:
    console.turn_to(CHAIR)
    page = await follow(console, await fill(console, "/decisions/new/do-not-disclose", ABOUT | CONSIDERED))
    found = re.search(r"/decisions/([\w-]{20,})/amend", page)
    assert found is not None
    form = (await console.browser.get(f"/decisions/{found[1]}/amend")).text
    assert "To protect two children." in form
    assert re.search(r'value="6"[^>]*checked', form)
    changed = CONSIDERED | {"reason": "The partner moved out.", "review_by": ["1", "2", "2027"]}
    page = await follow(console, await fill(console, f"/decisions/{found[1]}/amend", changed))
    assert "The partner moved out." in page
    assert "1 February 2027" in page
    assert page.count("Recorded") >= 1


async def test_decisions_are_due_for_review(console: UnitConsole, parties: Parties) -> None:
    assert (
        "Decisions whether to tell a third party appear here"
        in (await console.browser.get("/decisions/")).text
    )
    console.turn_to(CHAIR)
    await follow(console, await fill(console, "/decisions/new/do-not-disclose", ABOUT | CONSIDERED))
    assert "1 decision." in (await console.browser.get("/decisions/")).text
    parties.clock.advance(timedelta(days=20))
    assert "1 decision, 1 due for review" in (await console.browser.get("/decisions/?due=1")).text


async def test_who_knows_of_no_decision_finds_none(console: UnitConsole) -> None:
    for path in ("no-such-decision", "no-such-decision/amend", "no-such-decision/told", "new/maybe"):
        assert (await console.browser.get(f"/decisions/{path}")).status_code == 404


def test_every_field_of_a_decision_is_asked() -> None:
    asked = {
        question.field.partition(".")[0]
        for question in questions_of(disclosure_pb2.DISCLOSURE_OUTCOME_DISCLOSE)
    }
    fields = set(disclosure_pb2.DisclosureConsideration.DESCRIPTOR.fields_by_name)
    assert fields - asked == {"outcome"}


def test_everything_that_happens_and_every_advice_has_words() -> None:
    assert set(EVENTS) == {each.value for each in Kind}
    for heading in read_rules().headings:
        said = advice_words(f"{heading.code}: {heading.says} ({heading.paragraph})")
        assert said.startswith(heading.says)
        assert ":" not in said.removeprefix(heading.says)


def test_every_state_has_words() -> None:
    assert set(STATES) == {number for number in pb2.DecisionState.values() if number}
