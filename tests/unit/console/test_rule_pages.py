"""The rulebook and tries as pages: found, linked, explained; and what never stands in an address."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from services.console.pages.tryit.trying import field_words
from tests.support.agreement_acts import take_over
from tests.support.gateway import Parties, open_gateway
from tests.support.rules_served import open_rules, serve_rules
from tests.support.served import Served

PRACTITIONER, SERGEANT, HOUSING = "Rufus Oakenshaw", "Hester Quenby", "Maud Silverthorne"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with open_gateway(Parties(), tmp_path) as gateway:
        await take_over(gateway)
        async with serve_rules(gateway) as running:
            yield running


def rules_in(text: str) -> list[str]:
    return re.findall(r'href="/rulebook/([^"?]+)', text)


async def test_the_list_begins_with_rules_and_goes_on_page_by_page(served: Served) -> None:
    async with open_rules(served, PRACTITIONER) as browser:
        first = await browser.get("/rulebook/")
        following = re.search(r'rel="next"[^>]*|href="([^"]*after=[^"]*)"', first.text)
        assert following is not None
        second = await browser.get(re.findall(r'href="([^"]*after=[^"]*)"', first.text)[0])
    assert "Rules: 1 to 20 of" in first.text
    assert "Rules: 21 to 40 of" in second.text
    assert not set(rules_in(first.text)) & set(rules_in(second.text))


async def test_a_paragraph_is_searched_in_the_address_and_words_are_not(served: Served) -> None:
    async with open_rules(served, PRACTITIONER) as browser:
        await browser.get("/rulebook/")
        by_paragraph = await browser.post("/rulebook/search", {"paragraph": "mappa 21.28", "text": ""})
        listed = await browser.get(by_paragraph.location)
        by_words = await browser.post(
            "/rulebook/search", {"paragraph": "", "text": "work pensions restrictions"}
        )
        found = await browser.get(by_words.location)
    assert "paragraph=mappa+21.28" in by_paragraph.location
    assert "MAPPA-21.28" in rules_in(listed.text)
    assert "pensions" not in by_words.location
    assert "MAPPA-21.28" in rules_in(found.text)
    assert 'value="work pensions restrictions"' in found.text


@pytest.mark.parametrize("typed", ["Marlon Quillfeather", "Quillfeather 21", "21.28 Quillfeather"])
async def test_what_is_no_paragraph_stands_in_no_address(served: Served, typed: str) -> None:
    async with open_rules(served, PRACTITIONER) as browser:
        await browser.get("/rulebook/")
        sent = await browser.post("/rulebook/search", {"paragraph": typed, "text": ""})
        page = await browser.get(sent.location)
    assert "uillfeather" not in sent.location
    assert "Nothing found" in page.text


async def test_an_entry_tells_what_it_does_to_what_and_what_goes_with_it(served: Served) -> None:
    async with open_rules(served, SERGEANT) as browser:
        rule = await browser.get("/rulebook/MAPPA-21.28")
        prerequisite = await browser.get("/rulebook/OWNER_AGREES?kind=prerequisites")
        limit = await browser.get("/rulebook/?kind=time-limits")
        missing = await browser.get("/rulebook/MAPPA-99.9")
    assert "Department for Work and Pensions may learn" in rule.text
    assert "MAPPA 21.27, 21.28" in rule.text
    assert "/agreements/kent-dwp/1#clause-D1" in rule.text
    assert "Who may lift it" in prerequisite.text
    assert "MAPPA-22.20" in rules_in(prerequisite.text)
    assert "Time limits: 1 to" in limit.text
    assert missing.status_code == 404


async def test_an_id_of_a_clause_leads_to_its_agreement(served: Served) -> None:
    async with open_rules(served, SERGEANT) as browser:
        answer = await browser.get("/rulebook/kent-dwp/D1")
    assert answer.status_code == 302
    assert answer.location.endswith("/agreements/kent-dwp#clause-D1")


@pytest.mark.parametrize("typed", ["MAPPA 21.28", "mappa 21.28", "21.28", "MAPPA-21.28"])
async def test_the_search_of_every_page_finds_rules(served: Served, typed: str) -> None:
    async with open_rules(served, PRACTITIONER) as browser:
        await browser.get("/search/")
        kept = await browser.post("/search/", {"wanted": typed})
        sent = await browser.get(kept.location)
        found = await browser.get(sent.location)
    assert sent.status_code == 303
    assert "MAPPA-21.28" in rules_in(found.text)


async def test_the_search_of_every_page_finds_a_clause_in_its_agreement(served: Served) -> None:
    async with open_rules(served, SERGEANT) as browser:
        await browser.get("/search/")
        kept = await browser.post("/search/", {"wanted": "kent-dwp/D1"})
        found = await browser.get(kept.location, follow_redirects=True)
    assert found.request.path == "/agreements/kent-dwp"
    assert found.status_code == 200


async def test_whoever_cannot_open_an_agreement_is_not_led_there(served: Served) -> None:
    async with open_rules(served, PRACTITIONER) as browser:
        page = await browser.get("/rulebook/MAPPA-21.28")
    assert "kent-dwp 1, clause D1" in page.text
    assert 'href="/agreements/' not in page.text


def asked(**more: str) -> str:
    codes = {
        "from": "kent-probation/sentence-management",
        "to": "dwp-kent/mappa-spoc",
        "document": "RestrictionNotice",
        "purpose": "MANAGE_RISK",
        **{name.replace("__", "."): value for name, value in more.items()},
    }
    return f"/try-it/?{urlencode(codes)}"


async def test_a_try_tells_what_would_go_wait_and_stay_with_rule_and_paragraph(served: Served) -> None:
    async with open_rules(served, PRACTITIONER) as browser:
        blank = await browser.get("/try-it/")
        page = await browser.get(asked(fact__mappa_managed="YES"))
        informed = {"fact__mappa_managed": "YES", "fact__offender_informed": "YES"}
        goes = await browser.get(asked(**informed))
    assert blank.status_code == 200
    assert "Nothing tried yet" in blank.text
    assert "Nothing would go yet" in page.text
    assert {"MAPPA-21.29", "MAPPA-21.28", "DWP_CONTACT_CONSULTED"} <= set(rules_in(page.text))
    assert "MAPPA 21.27, 21.28" in page.text
    assert "nothing is sent, kept or recorded" in page.text
    assert "Something would go" in goes.text
    assert "/rulebook/kent-dwp/D1" in goes.text


async def test_what_is_said_of_a_try_stays_said(served: Served) -> None:
    async with open_rules(served, PRACTITIONER) as browser:
        page = await browser.get(
            asked(fact__mappa_managed="YES", agreements="NONE", without="document.subject")
        )
    assert re.search(r'name="fact.mappa_managed".*?<option value="YES" selected', page.text, re.DOTALL)
    assert '<option value="NONE" selected>' in page.text
    assert re.search(r'value="document.subject"[^>]*checked', page.text)


async def test_what_was_said_of_another_flow_is_let_go(served: Served) -> None:
    async with open_rules(served, PRACTITIONER) as browser:
        page = await browser.get(asked(**{"so__MAPPA-99": "YES", "without": "document.wings"}))
    assert page.status_code == 200
    assert 'id="outcome"' in page.text


@pytest.mark.parametrize("lacking", ["to", "document"])
async def test_a_try_without_a_recipient_or_a_document_says_so(served: Served, lacking: str) -> None:
    async with open_rules(served, PRACTITIONER) as browser:
        page = await browser.get(asked(**{lacking: ""}))
    assert page.status_code == 422
    assert "There is a problem" in page.text
    assert "Choose who would receive it" in page.text


async def test_a_document_that_there_is_not_is_said(served: Served) -> None:
    async with open_rules(served, PRACTITIONER) as browser:
        page = await browser.get(asked(document="Nothing"))
    assert page.status_code == 422
    assert "no such document" in page.text


async def test_desks_that_are_kept_to_a_few_are_offered_to_nobody_else(served: Served) -> None:
    async with open_rules(served, PRACTITIONER) as browser:
        own = await browser.get("/try-it/")
    async with open_rules(served, HOUSING) as browser:
        other = await browser.get("/try-it/")
    assert "terrorism-liaison" in own.text
    assert "terrorism-liaison" not in other.text


def test_fields_stand_in_words() -> None:
    assert field_words("document.victims.name.family") == "Victims: name: family"
    assert field_words("document.level") == "Level"
