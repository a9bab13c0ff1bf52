"""Pages of what went wrong say what happened, what was not done, and what to do next."""

from collections.abc import AsyncIterator

import pytest

from services.console import errors
from services.console.errors import PageError
from services.console.faults import FAULTS
from services.kit.rpc.errors import Violation
from tests.support.console import Browser, open_console, person_of

ADVICE = "The hold was answered already."
ERRORS: dict[int, PageError] = {
    403: errors.RefusedError("WRONG_ORGANISATION", "Use a certificate that names one organisation."),
    404: errors.NotFoundError("NOT_FOUND"),
    409: errors.PreconditionError("CONFLICT", ADVICE),
    413: errors.TooLargeError("TOO_LARGE"),
    422: errors.InvalidError([Violation("reason", "too long")], "INVALID_REQUEST", "Correct the fields."),
    429: errors.BusyError("TOO_MANY_CALLS", retry_after_s=3.4),
    500: errors.FaultError("INTERNAL"),
    503: errors.UnavailableError("UNAVAILABLE", "Try again later, with the same request id."),
}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_console(person_of("Rufus Oakenshaw"), names={}) as opened:
        for status, error in ERRORS.items():

            def fail(error: PageError = error) -> str:
                raise error

            opened.app.add_url_rule(f"/fail/{status}", f"fail{status}", fail)
        yield opened


@pytest.mark.parametrize("status", sorted(ERRORS))
async def test_each_has_a_page_that_helps(browser: Browser, status: int) -> None:
    page = await browser.get(f"/fail/{status}")

    assert page.status_code == status
    assert FAULTS[status].title in page.text
    assert len(FAULTS[status].text[-1]) > 30, "what to do"
    assert "Go to the home page" in page.text
    assert "request id" not in page.text
    assert "certificate" not in page.text, "that is for programs"


async def test_what_stood_in_the_way_is_told(browser: Browser) -> None:
    assert ADVICE in (await browser.get("/fail/409")).text


async def test_when_to_try_again_is_told_to_programs_too(browser: Browser) -> None:
    assert (await browser.get("/fail/429")).headers["Retry-After"] == "3"


async def test_whose_page_it_is_and_as_whom_one_is_signed_in(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> str:
        raise errors.RefusedError(
            "ROLE_NOT_ALLOWED", "This is for another role: docs/identity.md says which."
        )

    monkeypatch.setitem(browser.app.view_functions, "breaches.show_breaches", refuse)
    page = await browser.get("/breaches/")

    assert page.status_code == 403
    assert "This page is for: Data protection officer." in page.text
    assert "You are signed in as: Practitioner." in page.text
    assert "docs/identity.md" not in page.text


async def test_what_is_no_longer_kept_says_so(browser: Browser) -> None:
    assert "Search again" in (await browser.get("/search/gone")).text
