"""Journeys of those who answer for agreements: read, proposed, signed by two, stopped and let go on."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from selenium.webdriver import Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from tests.console.conftest import SignIn, Visit
from tests.support.pages import PageChecker, expect, tab_to

SERGEANT, CHIEF, OFFICER = "Hester Quenby", "Cuthbert Lanthorn", "Idris Fallowfield"
AGREEMENT = Path(__file__).resolve().parents[2] / "deploy" / "agreements" / "kent-dwp.yaml"
REASON = "Nothing above OFFICIAL is sent to the department."


def follow(driver: WebDriver, text: str) -> None:
    driver.find_element(By.PARTIAL_LINK_TEXT, text).click()


def press(driver: WebDriver, text: str) -> None:
    driver.find_element(By.XPATH, f"//main//button[normalize-space()='{text}']").click()


def later_version(folder: Path) -> tuple[str, Path]:
    """The agreement with the DWP as a draft of a later version that narrows it; its version."""
    text = AGREEMENT.read_text(encoding="utf-8")
    head, _, tail = text.partition("signatures:\n")
    text = head + "clauses:\n" + tail.partition("clauses:\n")[2]
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    changes = {"version": "'7'", "state": "DRAFT", "starts": f"'{tomorrow}'", "marking_ceiling": "OFFICIAL"}
    for name, value in changes.items():
        text = re.sub(rf"^{name}: .*$", f"{name}: {value}", text, flags=re.MULTILINE)
    path = folder / "kent-dwp.yaml"
    path.write_text(text, encoding="utf-8")
    return "7", path


def sign(driver: WebDriver, visit: Visit, version: str) -> None:
    visit(f"/agreements/kent-dwp/{version}/sign")
    driver.find_element(By.CSS_SELECTOR, "main input[type=checkbox]").click()
    press(driver, "Sign")
    expect(driver, "You signed.")


def test_a_version_is_proposed_compared_and_signed_by_two(
    signed_in: SignIn, visit: Visit, check_page: PageChecker, tmp_path: Path
) -> None:
    driver = signed_in(SERGEANT)
    visit("/agreements/")
    check_page("agreements")
    follow(driver, "Propose an agreement")
    check_page("agreements-propose")
    press(driver, "Check and propose")
    expect(driver, "Upload a file, or write the agreement.")
    version, path = later_version(tmp_path)
    driver.find_element(By.CSS_SELECTOR, "main input[type=file]").send_keys(str(path))
    driver.find_element(By.NAME, "reason").send_keys(REASON)
    press(driver, "Check and propose")
    expect(driver, "0 of 2")
    expect(driver, "Narrowed: less may go")
    check_page("agreements-draft")
    visit(f"/agreements/kent-dwp/compare?to={version}")
    expect(driver, "What is marked up to OFFICIAL may go")
    check_page("agreements-compare")
    visit(f"/agreements/kent-dwp/{version}/impact")
    expect(driver, "exchanges tried")
    check_page("agreements-impact")
    visit(f"/agreements/kent-dwp/{version}/sign")
    check_page("agreements-sign")
    sign(driver, visit, version)
    driver = signed_in(CHIEF)
    sign(driver, visit, version)
    expect(driver, "2 of 2")
    expect(driver, SERGEANT)
    expect(driver, REASON)


def test_a_party_is_stopped_at_once_and_let_go_on(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(OFFICER)
    visit("/agreements/kent-dwp/1")
    check_page("agreements-version")
    press_link(driver, "Suspend")
    check_page("agreements-suspend")
    stop(driver, "dwp-kent", "Suspend now")
    expect(driver, "Suspended")
    driver = signed_in(SERGEANT)
    visit("/agreements/kent-dwp/1")
    press_link(driver, "Resume")
    check_page("agreements-resume")
    stop(driver, "dwp-kent", "Resume now")
    expect(driver, "Resumed")


def press_link(driver: WebDriver, text: str) -> None:
    driver.find_element(By.XPATH, f"//main//a[@role='button'][normalize-space()='{text}']").click()


def stop(driver: WebDriver, party: str, button: str) -> None:
    driver.find_element(By.CSS_SELECTOR, f"main input[name=what][value='{party}']").click()
    driver.find_element(By.NAME, "reason").send_keys("A breach is looked into.")
    press(driver, button)


def test_an_agreement_is_found_and_read_by_keyboard_alone(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(OFFICER)
    visit("/agreements/")
    tab_to(driver, lambda at: "safeguarding children" in at.text).send_keys(Keys.ENTER)
    expect(driver, "Clauses")
    tab_to(driver, lambda at: at.text == "Text as YAML").send_keys(Keys.ENTER)
    expect(driver, "clauses:")
    check_page("agreements-text")
    visit("/agreements/")
    tab_to(driver, lambda at: at.text == "Flows without an agreement").send_keys(Keys.ENTER)
    expect(driver, "Tried, and not covered")
    check_page("agreements-gaps")
