"""The exchange register in a browser: narrowing it down, saving a filter, paging, files, and a story."""

import json
import ssl
import urllib.request

from selenium.webdriver import Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import Select

from deploy.local.world import World
from tests.console.conftest import SignIn, Visit, console_of
from tests.support.pages import PageChecker, expect, expect_address, tab_to

COORDINATOR, OFFICER = "Beatrix Holloway-Ash", "Idris Fallowfield"


def press(driver: WebDriver, text: str) -> None:
    driver.find_element(By.XPATH, f"//main//button[contains(., '{text}')]").click()


def documents(driver: WebDriver) -> list[str]:
    links = driver.find_elements(By.CSS_SELECTOR, "tbody a[href*='/exchanges/']")
    return [link.get_attribute("href") or "" for link in links]


def test_a_co_ordinator_narrows_the_register_down_and_keeps_the_filter(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(COORDINATOR)
    visit("/register/")
    expect(driver, "Exchanges, newest first")
    everything = documents(driver)
    assert len(everything) == 25
    check_page("register")
    driver.find_element(By.CSS_SELECTOR, "input[name='results'][value='2']").click()
    Select(driver.find_element(By.NAME, "organisation")).select_by_value("kent-police")
    press(driver, "Apply filters")
    expect(driver, "Selected filters")
    expect_address(driver, "result=2")
    expect_address(driver, "organisation=kent-police")
    assert documents(driver) != everything
    check_page("register-filtered")
    driver.find_element(By.XPATH, "//summary[contains(., 'Save this filter')]").click()
    driver.find_element(By.NAME, "name").send_keys("Partly released, police")
    press(driver, "Save filter")
    expect(driver, "Filter saved.")
    driver.find_element(By.LINK_TEXT, "Clear filters").click()
    expect(driver, "Partly released, police")
    assert documents(driver) == everything
    driver.find_element(By.LINK_TEXT, "Partly released, police").click()
    expect(driver, "Selected filters")
    press(driver, "Remove")
    expect(driver, "Filter removed.")


def test_what_is_typed_wrong_is_said_and_not_lost(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(COORDINATOR)
    visit("/register/")
    driver.find_element(By.NAME, "case").send_keys("a name")
    press(driver, "Apply filters")
    expect(driver, "There is a problem")
    assert "name" not in driver.current_url
    assert driver.find_element(By.NAME, "case").get_attribute("value") == "a name"
    check_page("register-error")


def test_pages_go_back_in_time_and_forward_again(signed_in: SignIn, visit: Visit) -> None:
    driver = signed_in(COORDINATOR)
    visit("/register/")
    first = documents(driver)
    driver.find_element(By.CSS_SELECTOR, "a[rel='next']").click()
    expect(driver, "Newer")
    second = documents(driver)
    assert second
    assert not set(first) & set(second)
    driver.find_element(By.CSS_SELECTOR, "a[rel='prev']").click()
    expect(driver, "Exchanges, newest first")
    assert documents(driver) == first


def test_the_register_as_a_file(console_world: World, signed_in: SignIn, visit: Visit) -> None:
    driver = signed_in(COORDINATOR)
    visit("/register/?result=4")
    link = driver.find_element(By.LINK_TEXT, "JSON, for programs").get_attribute("href") or ""
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in driver.get_cookies())
    trust = ssl.create_default_context(cafile=str(console_of(console_world, COORDINATOR).certificate))
    trust.check_hostname = False  # it names the organisation: this very certificate is trusted, and no other
    trust.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    request = urllib.request.Request(link, headers={"Cookie": cookies})  # noqa: S310  # of this console
    with urllib.request.urlopen(request, context=trust, timeout=60) as answer:  # noqa: S310  # as above
        found = json.load(answer)
    assert found["complete"] is True
    assert found["exchanges"]
    for exchange in found["exchanges"]:
        assert "EXCHANGE_RESULT_REFUSED" in {part["result"] for part in exchange["standing"]}


def test_an_exchange_is_read_as_a_story(signed_in: SignIn, visit: Visit, check_page: PageChecker) -> None:
    driver = signed_in(COORDINATOR)
    visit("/register/?result=2")
    driver.find_element(By.CSS_SELECTOR, "tbody a[href*='/exchanges/']").click()
    expect(driver, "What happened")
    text = driver.find_element(By.TAG_NAME, "main").text
    for words in ("What each recipient got", "sent a document", "Released in part to", "Withheld:"):
        assert words in text, words
    check_page("exchange")


def test_a_filter_is_set_by_keyboard_alone(signed_in: SignIn, visit: Visit) -> None:
    driver = signed_in(COORDINATOR)
    visit("/register/")
    tab_to(driver, lambda at: at.get_attribute("name") == "results" and at.get_attribute("value") == "4")
    driver.switch_to.active_element.send_keys(Keys.SPACE)
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    expect(driver, "Selected filters")
    expect_address(driver, "result=4")


def test_an_officer_sees_what_the_own_organisation_sent_or_got(
    signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(OFFICER)
    visit("/register/")
    expect(driver, "Exchanges, newest first")
    assert not driver.find_elements(By.NAME, "case")
    for row in driver.find_elements(By.CSS_SELECTOR, "tbody tr"):
        assert "Kent and Medway Police" in row.text
    check_page("register-officer")
