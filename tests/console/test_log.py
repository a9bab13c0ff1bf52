"""Journeys of data protection officers through the disclosure log: search, proof, readers, export."""

from selenium.webdriver import Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from tests.console.conftest import SignIn, Visit
from tests.console.officers import (
    AGENCY_OFFICER,
    OFFICER,
    REASON,
    fill,
    follow,
    main_of,
    press,
    read_log_for_a_complaint,
)
from tests.support.pages import PageChecker, expect, tab_to

PNC = "2009/0190441M"


def test_from_what_for_to_a_record_proven_in_front_of_you(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(OFFICER)
    visit("/log/")
    check_page("log-purpose")
    read_log_for_a_complaint(driver, visit)
    assert REASON in main_of(driver)
    fill(driver, kind="Information released")
    press(driver, "Show records")
    expect(driver, "Information released")
    check_page("log-list")
    follow(driver, "Information released")
    expect(driver, "Witnesses of the log")
    shown = main_of(driver)
    assert "Verified on this page" in shown or "Verified as far as it can be yet" in shown
    assert "This record is not proven" not in shown
    follow(driver, "Show names and reasons of this record")
    expect(driver, "the very ones that the record commits to")
    check_page("log-record")


def test_a_person_is_found_by_an_identifier_that_stands_in_no_address(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(OFFICER)
    read_log_for_a_complaint(driver, visit)
    follow_details(driver)
    fill(driver, system="PNC", value=PNC)
    press(driver, "Find records about this person")
    expect(driver, "Records about one person.")
    assert "0190441" not in driver.current_url
    assert "Exchange taken" in main_of(driver)
    check_page("log-person")


def follow_details(driver: WebDriver) -> None:
    driver.find_element(By.XPATH, "//summary[contains(., 'Search by an identifier')]").click()


def test_the_log_is_read_by_keyboard_alone(signed_in: SignIn, visit: Visit) -> None:
    driver = signed_in(OFFICER)
    visit("/log/")
    tab_to(driver, lambda at: at.get_attribute("name") == "purpose").send_keys(Keys.SPACE)
    tab_to(driver, lambda at: at.get_attribute("name") == "reason").send_keys(REASON)
    tab_to(driver, lambda at: at.text == "Continue").send_keys(Keys.ENTER)
    expect(driver, "Records, newest first")
    tab_to(driver, lambda at: "/log/records/" in (at.get_attribute("href") or "")).send_keys(Keys.ENTER)
    expect(driver, "Witnesses of the log")
    tab_to(driver, lambda at: at.text == "Entry, hashes and checkpoints").send_keys(Keys.ENTER)
    expect(driver, "Inclusion path, from the record to the root")


def test_an_agency_officer_sees_excerpts_and_their_proof(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(AGENCY_OFFICER)
    read_log_for_a_complaint(driver, visit)
    assert "as the decisions told it" in main_of(driver)
    driver.find_element(By.CSS_SELECTOR, "main a[href*='/log/records/']").click()
    expect(driver, "You see an excerpt")
    assert "This record is not proven" not in main_of(driver)
    check_page("log-excerpt")


def test_who_read_what(signed_in: SignIn, visit: Visit, check_page: PageChecker) -> None:
    driver = signed_in(OFFICER)
    read_log_for_a_complaint(driver, visit)
    visit("/readers/")
    expect(driver, "Readings of the log, newest first")
    check_page("readers-log")
    follow(driver, "Who read deliveries")
    expect(driver, "It was recorded before it was shown")
    check_page("readers-deliveries")
    follow(driver, "Who was not let in")
    expect(driver, "Calls to the service of")
    check_page("readers-refused")


def test_an_export_is_asked_for_and_how_to_verify_it_is_said(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(OFFICER)
    read_log_for_a_complaint(driver, visit)
    visit("/export/")
    expect(driver, "ppg log verify")
    follow(driver, "A period")
    expect(driver, "proves that none is missing")
    press(driver, "Download the export")
    expect(driver, "Enter the first day")
    check_page("log-export")


def test_who_may_be_the_same_person(signed_in: SignIn, visit: Visit, check_page: PageChecker) -> None:
    driver = signed_in(OFFICER)
    visit("/candidates/")
    fill(driver, purpose="Manage risk", reason="Weekly look at what waits")
    press(driver, "Continue")
    expect(driver, "Nobody is linked before somebody has looked")
    check_page("candidates")
