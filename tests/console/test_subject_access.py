"""Subject access in a browser: from letter to proven answer by two people, and the review by keyboard."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import pytest
from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_documents_pb2 as documents
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from deploy.demo.performance import open_clients
from deploy.local.world import World
from services.kit.subject_access.clock import day_of
from tests.console.conftest import SignIn, Visit
from tests.support.pages import PageChecker, expect, tab_to, wait_for

HERE: Final = "/subject-access"
WORKER, OFFICER = "Bettina Marrowby", "Lysander Quickthorn"
LONG_S: Final = 150
"""What goes over the broker and back takes its time where much else runs."""

LETTER: Final = "Please send me everything that you said about me before my release."
REASON: Final = "It shows how somebody else is protected."


def test_from_the_letter_to_the_sent_answer(
    console_world: World, signed_in: SignIn, visit: Visit, check_page: PageChecker
) -> None:
    driver = signed_in(WORKER)
    visit(f"{HERE}/")
    check_page("subject-access-queue")
    case_id = record_letter(driver, check_page)
    gather(driver, console_world, case_id, check_page)
    decide(driver, case_id, check_page)
    mask(driver, case_id, check_page)
    press(driver, f"{HERE}/{case_id}/answer", "Hand it to the data protection officer")
    expect(driver, "Waits for approval")
    check_page("subject-access-prepared")
    driver = signed_in(OFFICER)
    approve(driver, visit, case_id, check_page)
    visit(f"{HERE}/{case_id}/history")
    expect(driver, "Approved the answer")
    check_page("subject-access-history")


def test_items_are_reviewed_by_keyboard_alone(console_world: World, signed_in: SignIn, visit: Visit) -> None:
    driver = signed_in(WORKER)
    visit(f"{HERE}/")
    case_id = record_letter(driver)
    gather(driver, console_world, case_id)
    visit(f"{HERE}/{case_id}/items?state=undecided")
    before = to_decide(driver)
    assert before > 0
    tab_to(driver, lambda at: at.get_attribute("name") == "item")
    type_keys(driver, Keys.SPACE)
    tab_to(driver, lambda at: at.text == "Decide the chosen items")
    type_keys(driver, Keys.ENTER)
    expect(driver, "Decide 1 item")
    tab_to(driver, lambda at: at.get_attribute("name") == "disposition")
    type_keys(driver, Keys.SPACE, Keys.ARROW_DOWN)  # withhold it
    tab_to(driver, lambda at: at.get_attribute("name") in {"law_enforcement", "general"})
    type_keys(driver, Keys.SPACE)
    tab_to(driver, lambda at: at.get_attribute("name") == "reason")
    type_keys(driver, REASON)
    tab_to(driver, lambda at: at.text == "Decide")
    type_keys(driver, Keys.ENTER)
    expect(driver, "1 item decided.")
    visit(f"{HERE}/{case_id}/items?state=undecided")
    assert to_decide(driver) == before - 1


def test_nobody_else_finds_a_way_in(signed_in: SignIn, visit: Visit) -> None:
    driver = signed_in("Callum Tidewright")
    assert driver.find_elements(By.LINK_TEXT, "Subject access") == []
    visit(f"{HERE}/")
    expect(driver, "You cannot open this page")


def record_letter(driver: WebDriver, check: PageChecker | None = None) -> str:
    """Records a letter; the id of its case."""
    driver.find_element(By.LINK_TEXT, "Record a request").click()
    wait_for(driver, "#words")
    if check is not None:
        check("subject-access-letter")
        submit(driver, "Record the request")
        expect(driver, "There is a problem")
        check("subject-access-letter-problem")
    choose(driver, "requester", "SUBJECT")
    choose(driver, "called", "LETTER")
    write(driver, "words", LETTER)
    write(driver, "given", "Marlon")
    write(driver, "family", "Quillfeather")
    option(driver, "system", "IDENTIFIER_SYSTEM_PRISON_NUMBER")
    write(driver, "number", "A0417ZQ")
    write_day(driver, "received_on")
    write(driver, "reply_to", "HMP Marlfield")
    submit(driver, "Record the request")
    expect(driver, "The request is recorded.")
    case_id = driver.current_url.rsplit("/", 1)[-1]
    driver.find_element(By.LINK_TEXT, "Establish who asks").click()
    wait_for(driver, "input[name=evidence]")
    choose(driver, "evidence", "KNOWN_TO_STAFF")
    write_day(driver, "received_on")
    submit(driver, "It is established who asks")
    expect(driver, "It is established who asks.")
    if check is not None:
        check("subject-access-case")
    return case_id


def gather(driver: WebDriver, world: World, case_id: str, check: PageChecker | None = None) -> None:
    """Finds and gathers what is held, and has owners answer."""
    at = f"{HERE}/{case_id}/data"
    press(driver, at, "Ask the gateway where data lies")
    reload_until(driver, at, "Documents in which the person stands")
    press(driver, at, "Gather the items")
    expect(driver, "Owners that were asked")
    reload_until(driver, at, "Waiting", there=False, before=lambda: asyncio.run(answer_as_owners(world)))
    if check is not None:
        check("subject-access-data")


def decide(driver: WebDriver, case_id: str, check: PageChecker) -> None:
    """Shows what is hidden for a reason, withholds one item and gives the rest."""
    go(driver, f"{HERE}/{case_id}/items?state=withheld")
    check("subject-access-items")
    driver.find_element(By.NAME, "item").click()
    submit(driver, "Show the chosen items that are hidden")
    expect(driver, "Why do you need to see it?")
    check("subject-access-reveal")
    write(driver, "reason", "To weigh the rights of whoever it is about.")
    submit(driver, "Show them")
    expect(driver, "On record with your name")
    check("subject-access-revealed")
    go(driver, f"{HERE}/{case_id}/items?state=undecided")
    driver.find_element(By.NAME, "item").click()
    submit(driver, "Decide the chosen items")
    choose(driver, "disposition", "WITHHOLD")
    driver.find_element(By.CSS_SELECTOR, "input[name=law_enforcement][value=S45_OTHERS]").click()
    write(driver, "reason", REASON)
    check("subject-access-decide")
    submit(driver, "Decide")
    while True:
        go(driver, f"{HERE}/{case_id}/items?state=undecided")
        if not driver.find_elements(By.NAME, "item"):
            break
        driver.find_element(By.CSS_SELECTOR, "button[value=all]").click()
        wait_for(driver, "input[name=disposition]")
        choose(driver, "disposition", "GIVE")
        submit(driver, "Decide")
        expect(driver, "decided.")


def mask(driver: WebDriver, case_id: str, check: PageChecker) -> None:
    """Has others masked in texts, and masks a word more."""
    at = f"{HERE}/{case_id}/masks"
    go(driver, at)
    driver.find_element(By.CSS_SELECTOR, "main form button").click()
    expect(driver, "sent to the gateway")
    reload_until(driver, at, "once everybody else is masked", there=False)
    check("subject-access-texts")
    driver.find_element(By.PARTIAL_LINK_TEXT, "Change what is masked").click()
    wait_for(driver, "#phrases")
    text = driver.find_element(By.CLASS_NAME, "app-sar-text").text
    write(driver, "phrases", text.split()[0])
    check("subject-access-mask")
    submit(driver, "Save what is masked")
    expect(driver, "The masking is changed.")


def approve(driver: WebDriver, visit: Visit, case_id: str, check: PageChecker) -> None:
    """Reads the answer, approves and sends it, and looks at its proof."""
    visit(f"{HERE}/{case_id}/preview")
    expect(driver, "Your request for your personal data")
    check("subject-access-preview")
    submit(driver, "Approve and sign the answer")
    expect(driver, "approved, made and signed")
    choose(driver, "means", "POST")
    write_day(driver, "issued_on")
    check("subject-access-send")
    submit(driver, "The answer is sent")
    expect(driver, "The answer is sent. The request is closed.")
    visit(f"{HERE}/{case_id}/pack")
    expect(driver, "Proven: ours, and unchanged")
    check("subject-access-pack")
    visit(f"{HERE}/answered")
    expect(driver, case_id[:8])


def supervisors(world: World) -> dict[str, str]:
    """Who answers for each organisation but the one that asks."""
    people = [each.person for each in world.identity.log_ins if "SUPERVISOR" in each.person.roles]
    asking = next(each.organisation for each in people if each.name == WORKER)
    return {each.organisation: each.name for each in people if each.organisation != asking}


async def answer_as_owners(world: World) -> None:
    """Every owner that was asked lets its own be given: their consoles are not what this is about."""
    async with open_clients(world) as clients:
        for organisation, name in supervisors(world).items():
            owner = clients[organisation].acting(name)
            listed = await owner.ListAccessEnquiries(pb2.ListAccessEnquiriesRequest())
            for enquiry in listed.enquiries:
                wanted = pb2.GetAccessEnquiryRequest(enquiry_id=enquiry.enquiry_id)
                shown = await owner.GetAccessEnquiry(wanted)
                given = [
                    documents.AccessDecision(path=item.path, disposition=documents.ACCESS_DISPOSITION_GIVE)
                    for item in shown.items
                    if item.state == case_pb2.ACCESS_ITEM_STATE_UNDECIDED
                ]
                answer = pb2.AnswerAccessEnquiryRequest(enquiry_id=enquiry.enquiry_id, decisions=given)
                await owner.AnswerAccessEnquiry(answer)


def to_decide(driver: WebDriver) -> int:
    """How many items wait for a decision, as the filter says."""
    return int(driver.find_element(By.PARTIAL_LINK_TEXT, "To decide").text.rsplit(" ", 1)[-1])


def go(driver: WebDriver, path: str) -> None:
    start, _, rest = driver.current_url.partition("//")
    driver.get(f"{start}//{rest.partition('/')[0]}{path}")


def press(driver: WebDriver, path: str, text: str) -> None:
    """Opens a page and presses a button of it."""
    go(driver, path)
    submit(driver, text)


def submit(driver: WebDriver, text: str) -> None:
    driver.find_element(By.XPATH, f"//main//button[normalize-space()='{text}']").click()


def choose(driver: WebDriver, name: str, value: str) -> None:
    driver.find_element(By.CSS_SELECTOR, f"input[name={name}][value={value}]").click()


def option(driver: WebDriver, name: str, value: str) -> None:
    driver.find_element(By.CSS_SELECTOR, f"select[name={name}] option[value={value}]").click()


def write(driver: WebDriver, name: str, text: str) -> None:
    at = driver.find_element(By.CSS_SELECTOR, f"main [name={name}]")
    at.clear()
    at.send_keys(text)


def write_day(driver: WebDriver, name: str) -> None:
    """Writes today's day."""
    today = day_of(datetime.now(UTC))
    parts = (today.day, today.month, today.year)
    for at, number in zip(driver.find_elements(By.NAME, name), parts, strict=True):
        at.clear()
        at.send_keys(str(number))


def type_keys(driver: WebDriver, *keys: str) -> None:
    ActionChains(driver).send_keys(*keys).perform()


def reload_until(
    driver: WebDriver, path: str, text: str, *, there: bool = True, before: Callable[[], None] = lambda: None
) -> None:
    """Loads a page until it says something, or says it no more; each time something may be done before."""

    def says(_: WebDriver) -> bool:
        before()
        go(driver, path)
        return (text in driver.find_element(By.TAG_NAME, "main").text) is there

    WebDriverWait(driver, LONG_S, poll_frequency=1).until(says, text)


pytestmark = pytest.mark.timeout(900)
