"""What journeys of data protection officers have in common: forms, and saying what the log is read for."""

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import Select

from tests.console.conftest import Visit
from tests.support.pages import expect

OFFICER = "Ola Brandt"
"""Of the co-ordination unit."""
AGENCY_OFFICER = "Idris Fallowfield"
REASON = "Complaint 2026/117"


def main_of(driver: WebDriver) -> str:
    return driver.find_element(By.TAG_NAME, "main").text


def fill(driver: WebDriver, **fields: str) -> None:
    """By name: texts, and what a select shows."""
    for name, value in fields.items():
        field = driver.find_element(By.CSS_SELECTOR, f"main [name={name}]:not([type=hidden])")
        if field.tag_name == "select":
            Select(field).select_by_visible_text(value)
        else:
            field.clear()
            field.send_keys(value)


def choose(driver: WebDriver, text: str) -> None:
    """A radio or a checkbox, by its label."""
    driver.find_element(By.XPATH, f"//main//label[normalize-space()='{text}']").click()


def press(driver: WebDriver, text: str) -> None:
    driver.find_element(
        By.XPATH, f"//main//*[self::button or @role='button'][normalize-space()='{text}']"
    ).click()


def follow(driver: WebDriver, text: str) -> None:
    driver.find_element(By.XPATH, f"//main//a[contains(normalize-space(), '{text}')]").click()


def read_log_for_a_complaint(driver: WebDriver, visit: Visit) -> None:
    """Says what the log is read for."""
    visit("/log/")
    expect(driver, "Before you read the disclosure log")
    choose(driver, "To check that processing was lawful")
    fill(driver, reason=REASON)
    press(driver, "Continue")
    expect(driver, "Records, newest first")
