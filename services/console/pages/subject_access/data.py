"""What is held about the person: where it lies, gathering it, asking owners, adding what stands elsewhere."""

from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2

from services.console.pages.subject_access import fields, words
from services.console.pages.subject_access.base import (
    BLUEPRINT,
    Page,
    ask,
    attempt,
    go,
    load_case,
    show,
    step,
    write_day,
)
from services.console.words import organisation
from services.kit.subject_access.model import ABOUTS
from services.kit.subject_access.rules import read_wording

_ABOUT = {
    "SUBJECT": "The person who asks",
    "VICTIM": "A victim",
    "CHILD": "A child",
    "ADULT_AT_RISK": "An adult at risk",
    "STAFF": "A member of staff",
    "OTHER": "Somebody else",
    "REFERRER": "Somebody who raised a concern",
}


class Added(fields.Sheet):
    """An item from a case system."""

    record = fields.text(
        "Where does it stand?", "Enter what the record is called", "For example, Supervision notes"
    )
    on = fields.day("Date of the record", "Enter the date of the record")
    label = fields.text(
        "What is it called?",
        "Enter what the item is called",
        "As the person will read it beside what it says",
    )
    about = fields.radios(
        "Whom is it about?", {name: _ABOUT[name] for name in ABOUTS}, "Choose whom it is about"
    )
    kind = fields.select("What kind of information is it?")
    text = fields.area("What does it say?", "Enter what it says", most=20_000)
    regime = fields.radios("Under which law do you hold it?", words.REGIMES, "Choose the law")


@BLUEPRINT.get("/<case_id>/data")
def show_data(case_id: str) -> Page:
    """Where data lies, and who was asked."""
    case = load_case(case_id)
    asked = any(each.event == "LOCATION_ASKED" for each in case.history)
    return show("data", case=case, asked=asked)


@BLUEPRINT.post("/<case_id>/locate")
def locate_data(case_id: str) -> Page:
    """Asks the gateway where data lies."""
    wanted = pb2.LocateDataRequest(case_id=case_id)
    done = "The gateway is asked. Its answer comes within a minute: load this page again."
    return step(case_id, lambda: ask().LocateData(wanted), done, "show_data")


@BLUEPRINT.post("/<case_id>/collect")
def collect_items(case_id: str) -> Page:
    """Gathers items and asks the owners of what others own."""
    owners: list[str] = []
    wanted = pb2.CollectItemsRequest(case_id=case_id)

    def collect() -> None:
        owners.extend(ask().CollectItems(wanted).owners_asked)

    return step(case_id, collect, lambda: _say_gathered(owners), "show_data")


@BLUEPRINT.route("/<case_id>/add", methods=["GET", "POST"])
def add_item(case_id: str) -> Page:
    """Adds what stands in a case system of the organisation's own."""
    form = Added()
    kinds = read_wording().kinds
    form.kind.choices = [("", "Choose one"), *((name, text.capitalize()) for name, text in kinds.items())]
    if (
        form.validate_on_submit()
        and _has_kind(form)
        and attempt(form, lambda: ask().AddItem(_write(case_id, form)))
    ):
        return go("show_review", "The item is added. Decide it as the others.", case_id=case_id)
    return show("add", form, case=load_case(case_id))


def _has_kind(form: Added) -> bool:
    if form.kind.data:
        return True
    form.kind.errors = ["Choose what kind of information it is"]
    return False


def _write(case_id: str, form: Added) -> pb2.AddItemRequest:
    return pb2.AddItemRequest(
        case_id=case_id,
        record=form.record.data or "",
        on=write_day(form.on.data),
        label=form.label.data or "",
        category=f"{form.about.data}_{form.kind.data}",
        text=form.text.data or "",
        regime=form.regime.data or "",
    )


def _say_gathered(owners: list[str]) -> str:
    if not owners:
        return "Everything found is gathered. Nobody else had to be asked."
    return f"Everything found is gathered. Asked for their own: {', '.join(map(organisation, owners))}."
