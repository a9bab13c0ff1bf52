"""Legal holds and erasure in a browser: held, not erased, lifted, erased for good, and who must be told."""

from datetime import UTC, datetime, timedelta

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from tests.console.conftest import SignIn, Visit
from tests.console.officers import OFFICER, choose, fill, main_of, press, read_log_for_a_complaint
from tests.support.pages import PageChecker, expect

WORD = {"authority": "Crown Court at Maidstone, order 17", "reason": "The trial needs it"}


def old_exchange(driver: WebDriver, visit: Visit) -> str:
    """One of a year ago, which nobody else looks at."""
    before = datetime.now(UTC) - timedelta(days=365)
    visit(f"/log/?kind=RECEIPT&until={before.day}/{before.month}/{before.year}")
    expect(driver, "Records, newest first")
    return driver.find_element(By.CSS_SELECTOR, "main td a.app-code").text


def test_a_hold_stops_an_erasure_and_then_nothing_does(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(OFFICER)
    read_log_for_a_complaint(driver, visit)
    exchange = old_exchange(driver, visit)
    visit("/retention/")
    check_page("retention-holds")
    press(driver, "Place a legal hold")
    check_page("retention-place")
    fill(driver, exchange=exchange, **WORD)
    press(driver, "Place the legal hold")
    expect(driver, "The legal hold is in force")
    plan(driver, visit, exchange)
    expect(driver, "This cannot be erased now")
    visit("/retention/")
    # Others have holds too: the one that was placed is lifted, and nobody else's.
    driver.find_element(By.XPATH, f"//main//tr[contains(., '{exchange}')]//a[contains(., 'Lift')]").click()
    check_page("retention-lift")
    fill(driver, **WORD)
    press(driver, "Lift the legal hold")
    expect(driver, "The legal hold is lifted")
    plan(driver, visit, exchange)
    expect(driver, "This cannot be undone")
    check_page("retention-confirm")
    press(driver, "Erase for good")
    expect(driver, "Confirm that you have read what cannot be undone")
    choose(driver, "I have read what cannot be undone, and who must be told")
    press(driver, "Erase for good")
    expect(driver, "Tell them now")
    assert "keys and" in main_of(driver)
    check_page("retention-erased")


def plan(driver: WebDriver, visit: Visit, exchange: str) -> None:
    visit("/retention/erase")
    fill(driver, exchange=exchange, authority="Data protection officer", reason="Kept too long")
    press(driver, "Show what would be erased")


def test_what_is_due_is_listed(signed_in: SignIn, visit: Visit, check_page: PageChecker) -> None:
    driver = signed_in(OFFICER)
    read_log_for_a_complaint(driver, visit)
    visit("/retention/due?within=365")
    expect(driver, "Due")
    check_page("retention-due")
