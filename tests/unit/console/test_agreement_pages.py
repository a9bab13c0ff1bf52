"""Agreements as pages: read, compared, proposed with faults by line, signed, refused, stopped, ended."""

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from publicprotection.oversight.v1 import agreement_service_pb2 as pb2

from services.console.pages.agreements.proposing import make_draft
from services.console.pages.agreements.words import CHANGES, HAPPENINGS, STANDINGS, without_codes
from tests.support.agreement_acts import DWP, desk_of, draft, signatory, take_over
from tests.support.console import Browser
from tests.support.gateway import Parties, open_gateway
from tests.support.rules_served import open_rules, serve_rules
from tests.support.served import Served

SERGEANT, CHIEF, OFFICER = "Hester Quenby", "Cuthbert Lanthorn", "Idris Fallowfield"
SUPERVISOR, COORDINATOR, PRACTITIONER = "Griselda Oakhanger", "Beatrix Holloway-Ash", "Rufus Oakenshaw"
UNIT = "kent-mappa-unit"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with open_gateway(Parties(), tmp_path) as gateway:
        await take_over(gateway)
        async with serve_rules(gateway) as running:
            yield running


async def propose(served: Served, text: str = "") -> None:
    await desk_of(served.gateway).propose(signatory(UNIT), text or draft("2"), "Two years on")


def buttons(text: str) -> set[str]:
    return set(re.findall(r'href="/agreements/[^"]*/(sign|refuse|suspend|resume|end|propose|impact)"', text))


async def test_the_register_shows_state_dates_and_whom_it_binds(served: Served) -> None:
    await propose(served)
    async with open_rules(served, SERGEANT) as browser:
        page = await browser.get("/agreements/")
        drafts = await browser.get("/agreements/?standing=DRAFT")
        due = await browser.get("/agreements/?review=due")
    assert page.text.index("/agreements/kent-dwp/2") < page.text.index("/agreements/kent-dwp/1")
    assert "0 of 8 signatures" in page.text
    assert "31 March 2029" in page.text
    assert "/agreements/kent-dwp/1" not in drafts.text
    assert "No agreements" in due.text


async def test_the_home_page_counts_what_somebody_has_to_sign(served: Served) -> None:
    await propose(served)
    async with open_rules(served, SERGEANT) as browser:
        signatory_home = await browser.get("/")
    async with open_rules(served, OFFICER) as browser:
        officer_home = await browser.get("/")
    assert "agreement to sign" in signatory_home.text
    assert "to sign" not in officer_home.text


async def test_a_version_reads_clause_by_clause_with_its_history(served: Served) -> None:
    await propose(served, draft("2").replace("      - STAFF_RISK_FLAG\n", ""))
    async with open_rules(served, SERGEANT) as browser:
        page = await browser.get("/agreements/kent-dwp/2")
        text = await browser.get("/agreements/kent-dwp/2/text")
        latest = await browser.get("/agreements/kent-dwp")
    assert 'id="clause-D1"' in page.text
    for words in (
        "person&#39;s ",
        "restrictions",
        "Manage risk",
        "CJA 2003 s.325",
        "Retention",
        "Two years on",
    ):
        assert words in page.text, words
    assert "Ada Merrow" in page.text
    assert "0 of 2" in page.text
    assert "state: DRAFT" in text.text
    assert "version 1" in latest.text


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        (SERGEANT, {"suspend", "propose", "impact"}),
        (OFFICER, {"suspend", "propose", "impact"}),
        (COORDINATOR, {"impact"}),
        (SUPERVISOR, set()),
    ],
)
async def test_what_somebody_cannot_do_is_not_offered(served: Served, name: str, offered: set[str]) -> None:
    async with open_rules(served, name) as browser:
        page = await browser.get("/agreements/kent-dwp/1")
    assert page.status_code == 200
    assert buttons(page.text) == offered


async def test_whoever_has_no_use_for_them_is_told_so(served: Served) -> None:
    async with open_rules(served, PRACTITIONER) as browser:
        page = await browser.get("/agreements/")
        missing = await browser.get("/agreements/no-such-thing")
    assert page.status_code == 403
    assert missing.status_code == 403


async def test_what_two_versions_differ_in_is_told_in_words(served: Served) -> None:
    narrowed = draft("2", marking_ceiling="OFFICIAL").replace("PLAN_RELEASE", "PROTECT_VICTIM")
    await propose(served, narrowed)
    async with open_rules(served, SERGEANT) as browser:
        page = await browser.get("/agreements/kent-dwp/compare?from=1&to=2")
        same = await browser.get("/agreements/kent-dwp/compare?from=1&to=1")
        missing = await browser.get("/agreements/kent-dwp/compare?from=1&to=9")
    assert "Narrowed: less may go" in page.text
    assert "Widened: more may go" in page.text
    assert "Protect victim now" in page.text
    assert "PROTECT_VICTIM" not in page.text
    assert "No differences" in same.text
    assert missing.status_code == 404


async def test_a_fault_in_a_proposal_is_shown_by_its_line(served: Served) -> None:
    faulty = draft("2").replace("SUBJECT_RESTRICTION", "SUBJECT_RESTRICTIONS", 1)
    line = next(n for n, each in enumerate(faulty.splitlines(), 1) if "SUBJECT_RESTRICTIONS" in each)
    async with open_rules(served, SERGEANT) as browser:
        await browser.get("/agreements/propose")
        page = await browser.post("/agreements/propose", {"text": faulty, "reason": "New"})
        nothing = await browser.post("/agreements/propose", {"text": "", "reason": "New"})
    assert page.status_code == 422
    assert f"Line {line}" in page.text
    assert f'class="app-lines__fault" value="{line}"' in page.text
    assert "SUBJECT_RESTRICTIONS" in page.text  # nothing of what was written is lost
    assert nothing.status_code == 422
    assert "Upload a file, or write the agreement." in nothing.text


async def test_a_file_is_proposed_and_becomes_a_draft(served: Served) -> None:
    async with open_rules(served, SERGEANT) as browser:
        await browser.get("/agreements/propose")
        upload = (io.BytesIO(draft("2").encode()), "kent-dwp.yaml")
        sent = await browser.post(
            "/agreements/propose", {"file": upload, "text": "", "reason": "Two years on"}
        )
        page = await browser.get(sent.location)
        await browser.get("/agreements/propose")
        other = (io.BytesIO(b"\xff\xfe\x00"), "kent-dwp.yaml")
        unreadable = await browser.post("/agreements/propose", {"file": other, "text": ""})
        again = await browser.post("/agreements/propose", {"text": draft("2"), "reason": ""})
    assert sent.status_code == 303
    assert "Draft" in page.text
    assert "not text in UTF-8" in unreadable.text
    assert again.status_code == 409


async def test_a_later_version_begins_with_the_text_of_one(served: Served) -> None:
    async with open_rules(served, SERGEANT) as browser:
        page = await browser.get("/agreements/kent-dwp/1/propose")
        written = re.search(r"<textarea[^>]*id=\"text\"[^>]*>(.*?)</textarea>", page.text, re.DOTALL)
        assert written is not None
        text = written[1].replace("&#39;", "'").replace("&#34;", '"').strip()
        text = re.sub(r"^starts: .*$", "starts: '2026-11-24'", text, flags=re.MULTILINE)
        sent = await browser.post("/agreements/kent-dwp/1/propose", {"text": text, "reason": "Later"})
    assert sent.status_code == 303
    assert sent.location.endswith("/agreements/kent-dwp/2")


def test_a_draft_holds_nothing_that_follows_from_signing() -> None:
    made = make_draft(DWP, ["1", "2.1"])
    assert "version: '3'\nstate: DRAFT" in made
    assert made.count("state:") == 1
    assert "signatures:" not in made
    assert "clauses:" in made


async def sign(browser: Browser, version: str = "2", button: str = "Sign") -> tuple[int, str]:
    page = await browser.get(f"/agreements/kent-dwp/{version}/sign")
    digest = re.search(r'name="digest"[^>]*value="([0-9a-f]{64})"', page.text)
    assert digest is not None
    given = {"digest": digest[1], "read": "y", "send": button}
    answer = await browser.post(f"/agreements/kent-dwp/{version}/sign", given)
    return answer.status_code, answer.text


async def test_two_people_sign_what_they_read_and_nobody_twice(served: Served) -> None:
    await propose(served)
    async with open_rules(served, SERGEANT) as browser:
        page = await browser.get("/agreements/kent-dwp/2/sign")
        unread = await browser.post("/agreements/kent-dwp/2/sign", {"digest": "0" * 64})
        first, _ = await sign(browser)
        again, said = await sign(browser, button="Again")  # the very same would be a double click
    async with open_rules(served, CHIEF) as browser:
        second, _ = await sign(browser)
        after = await browser.get("/agreements/kent-dwp/2")
    assert 'id="clause-D1"' in page.text
    assert unread.status_code == 422
    assert "Read the text, then say that you sign it" in unread.text
    assert (first, again, second) == (303, 409, 303)
    assert "somebody else of your organisation" in said
    assert "2 of 2" in after.text
    assert {"Hester Quenby", "Cuthbert Lanthorn"} <= set(
        re.findall(r"Hester Quenby|Cuthbert Lanthorn", after.text)
    )
    assert "sign" not in buttons(after.text)


async def test_a_draft_is_refused_with_a_reason(served: Served) -> None:
    await propose(served)
    async with open_rules(served, SERGEANT) as browser:
        page = await browser.get("/agreements/kent-dwp/2/refuse")
        digest = re.search(r'value="([0-9a-f]{64})"', page.text)
        assert digest is not None
        silent = await browser.post("/agreements/kent-dwp/2/refuse", {"digest": digest[1], "reason": ""})
        given = {"digest": digest[1], "reason": "It widens too much."}
        done = await browser.post("/agreements/kent-dwp/2/refuse", given)
        after = await browser.get("/agreements/kent-dwp/2")
    assert silent.status_code == 422
    assert done.status_code == 303
    assert "Refused" in after.text
    assert "It widens too much." in after.text


async def test_a_party_is_suspended_and_resumed_by_another(served: Served) -> None:
    async with open_rules(served, SERGEANT) as browser:
        await browser.get("/agreements/kent-dwp/1/suspend")
        nothing = await browser.post("/agreements/kent-dwp/1/suspend", {"reason": "A breach"})
        given = {"what": "dwp-kent", "reason": "A breach"}
        stopped = await browser.post("/agreements/kent-dwp/1/suspend", given)
        page = await browser.get("/agreements/kent-dwp/1")
        tried = await browser.get(
            "/try-it/?from=kent-probation/sentence-management&to=dwp-kent/mappa-spoc"
            "&document=RestrictionNotice&purpose=MANAGE_RISK&fact.mappa_managed=YES&fact.offender_informed=YES"
        )
        await browser.get("/agreements/kent-dwp/1/resume")
        resumed = await browser.post(
            "/agreements/kent-dwp/1/resume", {"what": "dwp-kent", "reason": "Mended"}
        )
        after = await browser.get("/agreements/kent-dwp/1")
    assert nothing.status_code == 422
    assert "Choose a party, or the whole agreement" in nothing.text
    assert stopped.status_code == resumed.status_code == 303
    assert "resume" in buttons(page.text)
    assert "Nothing would go<" in tried.text
    assert "govuk-tag--red" not in after.text
    assert "Mended" in after.text


async def test_only_its_owner_ends_it(served: Served) -> None:
    async with open_rules(served, SERGEANT) as browser:
        await browser.get("/agreements/kent-dwp/1/end")
        refused = await browser.post("/agreements/kent-dwp/1/end", {"reason": "Over"})
    assert refused.status_code == 409
    assert "owner" in refused.text


async def test_impact_and_gaps_have_plain_empty_states(served: Served) -> None:
    async with open_rules(served, SERGEANT) as browser:
        impact = await browser.get("/agreements/kent-dwp/1/impact")
        gaps = await browser.get("/agreements/gaps")
        foreseen = await browser.get("/agreements/gaps?foreseen=yes")
    assert "No past exchanges" in impact.text
    assert "Exchanges that waited for an agreement" in gaps.text
    assert "Foreseen for Kent and Medway Police" in foreseen.text


def test_every_code_has_words() -> None:
    assert set(STANDINGS) == set(pb2.AgreementStanding.values()) - {0}
    assert set(CHANGES) == set(pb2.AgreementChange.values()) - {0}
    assert set(HAPPENINGS) == set(pb2.AgreementHappeningKind.values()) - {0}


def test_sentences_about_agreements_have_no_codes() -> None:
    said = without_codes("RestrictionNotice, MANAGE_RISK now may go: VICTIM_LOCATION under CJA_2003_S325")
    assert said == "Restriction notice, manage risk now may go: the victim's whereabouts under CJA 2003 s.325"
