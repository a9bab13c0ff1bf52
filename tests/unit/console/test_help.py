"""Help pages lead somewhere, and cite paragraphs that the rulebook or the docs know."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.console.pages.help import read_topics
from tests.support.console import Browser, open_console, person_of

NUMBER = re.compile(r"MAPPA (\d+[ab]?\.\d+)")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_console(person_of("Ola Brandt"), names={}) as opened:
        yield opened


async def test_each_topic_is_a_page_that_leads_to_where_it_is_done(browser: Browser) -> None:
    listed = await browser.get("/help/")
    for topic in read_topics().values():
        assert f'href="/help/{topic.id}"' in listed.text
        page = await browser.get(f"/help/{topic.id}")
        assert page.status_code == 200
        assert topic.title in page.text
    assert 'href="/breaches/"' in (await browser.get("/help/breaches")).text


async def test_nobody_is_led_to_what_is_not_for_them() -> None:
    async with open_console(person_of("Rufus Oakenshaw"), names={}) as browser:
        page = await browser.get("/help/breaches")
    assert page.status_code == 200
    assert 'href="/breaches/"' not in page.text


async def test_a_topic_that_there_is_not_is_not_found(browser: Browser) -> None:
    assert (await browser.get("/help/none")).status_code == 404


async def test_each_page_named_is_there(browser: Browser) -> None:
    named = {section.page for topic in read_topics().values() for section in topic.sections} - {""}
    assert named <= browser.app.view_functions.keys()


def test_paragraphs_of_the_guidance_are_those_that_rules_rest_on(repository: Path) -> None:
    known = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("gateway/rulebook", "services/rulebook")
        for path in (repository / folder).glob("*.yaml")
    ) + (repository / "docs" / "requests.md").read_text(encoding="utf-8")
    cited = {
        number
        for topic in read_topics().values()
        for section in topic.sections
        for paragraph in section.cite
        for number in NUMBER.findall(paragraph)
    }
    assert len(cited) > 10
    assert {
        number for number in cited if not re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", known)
    } == set()
