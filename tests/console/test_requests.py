"""Requests for minutes and decisions to disclose in a browser: from what came in to what went out."""

from collections.abc import Callable
from datetime import date, timedelta

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.console.conftest import SignIn, Visit
from tests.support.pages import PATIENCE_S, PageChecker, expect, tab_to

COORDINATOR, CHAIR = "Ola Brandt", "Bram Hollowell"
YESTERDAY = date.today() - timedelta(days=1)  # noqa: DTZ011  # as whoever types it
WORDS = "Please send the minutes of the meeting in October."


def find(driver: WebDriver, by: str, what: str) -> WebElement:
    """What is wanted of the page, once the page is there that has it."""
    wait = WebDriverWait(driver, PATIENCE_S, ignored_exceptions=[StaleElementReferenceException])
    return wait.until(lambda at: at.find_element(by, what))


def enter(driver: WebDriver, **fields: str) -> None:
    """Fills in fields by name; a choice by what it says."""
    for name, value in fields.items():
        field = find(driver, By.NAME, name)
        if field.tag_name == "select":
            Select(field).select_by_visible_text(value)
        elif field.get_attribute("type") in {"radio", "checkbox"}:
            xpath = f"//input[@name='{name}'][following-sibling::label[normalize-space()=\"{value}\"]]"
            find(driver, By.XPATH, xpath).click()
        else:
            field.send_keys(value)


def enter_day(driver: WebDriver, name: str, day: date) -> None:
    boxes = driver.find_elements(By.NAME, name)
    for box, part in zip(boxes, (day.day, day.month, day.year), strict=True):
        box.send_keys(str(part))


def press(driver: WebDriver, text: str) -> None:
    find(driver, By.XPATH, f"//main//button[normalize-space()='{text}']").click()


def named(name: str) -> Callable[[WebElement], bool]:
    return lambda at: at.get_attribute("name") == name


def follow(driver: WebDriver, text: str) -> None:
    find(driver, By.XPATH, f"//main//a[contains(normalize-space(), '{text}')]").click()


def test_a_question_is_asked_by_keyboard_alone(signed_in: SignIn, visit: Visit) -> None:
    driver = signed_in(COORDINATOR)
    visit("/requests/")
    tab_to(driver, lambda at: at.text == "Register a request").send_keys(Keys.ENTER)
    expect(driver, "Who asks for minutes?")
    tab_to(driver, lambda at: at.get_attribute("name") == "kind").send_keys(Keys.SPACE, Keys.ARROW_DOWN * 3)
    tab_to(driver, lambda at: at.tag_name == "button" and at.text == "Continue").send_keys(Keys.ENTER)
    expect(driver, "A court, the family court included")
    typed = {
        "requester_name": "The registry",
        "reply_to": "1 Quay Walk",
        "channel": Keys.SPACE,
        "wanted": Keys.SPACE,
        "words": WORDS,
        "family": "Quillfeather",
        "given": "Marlon",
    }
    for name, keys in typed.items():
        tab_to(driver, named(name)).send_keys(keys)
    for part in (YESTERDAY.day, YESTERDAY.month, YESTERDAY.year):
        tab_to(driver, named("received_on")).send_keys(str(part))
    tab_to(driver, lambda at: at.text == "Register the request").send_keys(Keys.ENTER)
    expect(driver, "Steps")
    tab_to(driver, lambda at: at.text == "Ask what is wanted").send_keys(Keys.ENTER)
    tab_to(driver, lambda at: at.get_attribute("name") == "question").send_keys("Which meeting?")
    tab_to(driver, lambda at: at.text == "Note the question").send_keys(Keys.ENTER)
    expect(driver, "Asked what is wanted")


def test_a_decision_not_to_tell_anybody(signed_in: SignIn, visit: Visit, check_page: PageChecker) -> None:
    driver = signed_in(CHAIR)
    visit("/decisions/")
    follow(driver, "Record a decision")
    enter(driver, outcome="It was not considered")
    press(driver, "Continue")
    press(driver, "Record the decision")
    expect(driver, "There is a problem")
    check_page("decisions-incomplete")
    enter(driver, subject_reference="C-2026-14", family="Quillfeather", given="Marlon")
    enter(driver, reasons="The plan holds without.", mappa_level="Level 2", decided_by="Meeting")
    enter(driver, meeting_reference="L2-2026-031")
    enter_day(driver, "decided_on", YESTERDAY)
    enter_day(driver, "review_by", YESTERDAY + timedelta(days=60))
    press(driver, "Record the decision")
    expect(driver, "What was decided")
    check_page("decisions-one")
    follow(driver, "Amend")
    check_page("decisions-amend")


def test_a_journalist_is_told_neither_that_there_was_a_meeting_nor_that_there_was_none(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(COORDINATOR)
    visit("/requests/")
    follow(driver, "Register a request")
    enter(driver, kind="A journalist")
    press(driver, "Continue")
    expect(driver, "Under freedom of information")
    assert not driver.find_elements(By.NAME, "incident_on"), "asked of a MARAC alone"
    press(driver, "Register the request")
    expect(driver, "There is a problem")
    check_page("requests-journalist-incomplete")
    enter(driver, requester_name="Perpetua Larkspur", reply_to="The Gazette, 2 Quay Walk", words=WORDS)
    for name, value in (("channel", "4"), ("wanted", "4")):
        # By key: the page scrolls smoothly to what is clicked, and the click may come before it is there.
        driver.find_element(By.CSS_SELECTOR, f"[name='{name}'][value='{value}']").send_keys(Keys.SPACE)
    enter(driver, family="Quillfeather", given="Marlon")
    enter_day(driver, "received_on", YESTERDAY)
    press(driver, "Register the request")
    expect(driver, "Steps")
    expect(driver, "Do not look anything up for it.")
    steps = driver.find_element(By.CSS_SELECTOR, ".govuk-task-list").text
    assert "Compose the executive summary" not in steps, "nothing is looked up for it (MAPPA 13b.36)"
    check_page("requests-journalist")
    follow(driver, "Prepare the reply")
    expect(driver, "Neither confirm nor deny that there was a meeting")
    assert [each.text for each in driver.find_elements(By.CSS_SELECTOR, ".govuk-radios__label")] == [
        "Neither confirm nor deny that there was a meeting"
    ]
    enter(driver, answer="Neither confirm nor deny that there was a meeting")
    press(driver, "Prepare the reply")
    follow(driver, "Send the reply")
    press(driver, "Send the reply")
    expect(driver, "Get the letter (PDF)")
    check_page("requests-journalist-answered")
    visit("/requests/?answered=1")
    expect(driver, "A journalist")
    assert "Perpetua Larkspur" not in driver.page_source, "the register names nobody"
