"""Reviewing items side by side: what is held, and what the person would get; choosing some of them."""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from flask import request
from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_review_pb2 as review
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from publicprotection.exchange.v1.subject_access_service_pb2_grpc import SubjectAccessServiceStub

from services.console.calls import Pending, together
from services.console.pages.subject_access import fields
from services.console.pages.subject_access.base import BLUEPRINT, Page, ask, go, one_of, show
from services.console.paging import cursor, page_on
from services.console.session import keep, kept

PAGE: Final = 25
_STATES: Final = {
    "undecided": case_pb2.ACCESS_ITEM_STATE_UNDECIDED,
    "waiting": case_pb2.ACCESS_ITEM_STATE_OWNER_ASKED,
    "given": case_pb2.ACCESS_ITEM_STATE_GIVEN,
    "withheld": case_pb2.ACCESS_ITEM_STATE_WITHHELD,
}
_ALL: Final = "all"
_UNPROCESSABLE: Final = 422
_Answer = TypeVar("_Answer")

Rules = Mapping[str, review.AccessExemption]
"""Exemptions by code."""


class Why(fields.Sheet):
    """Why somebody must see what is about others."""

    reason = fields.area(
        "Why do you need to see it?", "Enter why you need to see it", "It goes on record with your name."
    )


@BLUEPRINT.get("/<case_id>/items")
def show_review(case_id: str) -> Page:
    """Items of a request, side by side."""
    return _list(case_id)


@BLUEPRINT.post("/<case_id>/items")
def choose_items(case_id: str) -> Page:
    """Goes on with the items that were chosen."""
    wants_all = request.form.get("action") == "all"
    chosen = request.form.getlist("listed" if wants_all else "item")[:200]
    if not chosen:
        return str(_list(case_id, "Choose at least one item")), _UNPROCESSABLE
    key = keep({"items": chosen, "back": _filters()})
    endpoint = "reveal_items" if request.form.get("action") == "reveal" else "decide_items"
    return go(endpoint, case_id=case_id, key=key)


@BLUEPRINT.route("/<case_id>/reveal/<key>", methods=["GET", "POST"])
def reveal_items(case_id: str, key: str) -> Page:
    """Asks why what is about others must be seen."""
    form, chosen = Why(), kept(key)
    if form.validate_on_submit():
        return go("show_revealed", case_id=case_id, key=keep({**chosen, "reason": form.reason.data}))
    return show("reveal", form, case_id=case_id, number=len(chosen["items"]))


@BLUEPRINT.get("/<case_id>/revealed/<key>")
def show_revealed(case_id: str, key: str) -> Page:
    """What is about others, for the reason that was given. Each time it is shown goes on record."""
    chosen = kept(key)
    wanted = pb2.RevealItemsRequest(case_id=case_id, item_ids=chosen["items"], reason=chosen["reason"])
    rules, shown = _with_rules(lambda service: service.RevealItems.future(wanted))
    return show("revealed", case_id=case_id, shown=shown.items, key=key, reason=chosen["reason"], rules=rules)


def load_items(case_id: str, items: list[str]) -> tuple[Rules, pb2.ListCaseItemsResponse]:
    """Some items of a request, and the exemptions by code."""
    wanted = pb2.ListCaseItemsRequest(case_id=case_id, item_ids=items, page_size=200)
    return _with_rules(lambda service: service.ListCaseItems.future(wanted))


def _list(case_id: str, problem: str = "") -> Page:
    filters = _filters()
    state = one_of(filters["state"], (_ALL, *_STATES))
    wanted = pb2.ListCaseItemsRequest(
        case_id=case_id,
        states=[] if state == _ALL else [_STATES[state]],
        exchange_id=filters["source"],
        page_size=PAGE,
        page_token=cursor(),
    )
    rules, listed = _with_rules(lambda service: service.ListCaseItems.future(wanted))
    return show(
        "review",
        case_id=case_id,
        listed=listed,
        rules=rules,
        filters=filters,
        problem=problem,
        links=page_on(listed.next_page_token),
    )


def _filters() -> dict[str, str]:
    return {"state": request.args.get("state", _ALL), "source": request.args.get("source", "")[:300]}


def _with_rules(call: Callable[[SubjectAccessServiceStub], Pending[_Answer]]) -> tuple[Rules, _Answer]:
    service = ask()
    found, rules = together(call(service), service.GetAccessRules.future(review.GetAccessRulesRequest()))
    return {each.code: each for each in rules.exemptions}, found
