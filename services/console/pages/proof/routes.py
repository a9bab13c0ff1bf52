"""Exports of the disclosure log that prove themselves, and how to verify one without this service."""

from collections.abc import Iterator
from typing import Any, Final

from flask import Blueprint, Response, render_template, request
from publicprotection.oversight.v1.disclosure_log_service_pb2 import (
    ExportRecordsRequest,
    ExportRecordsResponse,
    Period,
    WholeLog,
)
from publicprotection.oversight.v1.disclosure_log_service_pb2_grpc import DisclosureLogServiceStub

from services.console.calls import at_gateway
from services.console.evidence import evidence
from services.console.pages.log.work import Work, for_a_purpose
from services.console.pages.proof.forms import SCOPES, ExportForm, choose

BLUEPRINT: Final = Blueprint("proof", __name__, url_prefix="/export")
LONGEST_S: Final = 3600
"""How long an export may take to download."""


@BLUEPRINT.get("/")
@for_a_purpose
def show_export(work: Work) -> str:
    """Asks of what, and says how the file is verified."""
    form = ExportForm()
    choose(form, request.args.get("of", ""))
    return _page(work, form)


@BLUEPRINT.post("/")
@for_a_purpose
def export(work: Work) -> str | tuple[str, int] | Response:
    """The file; what it is of, what for and who asked are on record before its first line."""
    form = ExportForm()
    if not form.validate():
        return _page(work, form), 422
    asked = ExportRecordsRequest(**work.asked(), **_scope(form))
    pieces = iter(at_gateway(DisclosureLogServiceStub).ExportRecords(asked, timeout=LONGEST_S))
    first = next(pieces, None)  # a refusal is a page, and no broken file
    answer = Response(_lines(first, pieces), mimetype="application/jsonl")
    answer.headers["Content-Disposition"] = f'attachment; filename="disclosure-log-{form.scope.data}.jsonl"'
    return answer


def _lines(first: ExportRecordsResponse | None, rest: Iterator[ExportRecordsResponse]) -> Iterator[bytes]:
    if first is not None:
        yield first.lines
    for piece in rest:
        yield piece.lines


def _scope(form: ExportForm) -> dict[str, Any]:
    if form.scope.data == "exchange":
        return {"exchange_id": (form.exchange.data or "").strip()}
    if form.scope.data == "person":
        return {"subject": form.reference()}
    if form.scope.data == "period":
        return {"period": Period(**form.period())}
    return {"everything": WholeLog()}


def _page(work: Work, form: ExportForm) -> str:
    return render_template(
        "pages/log/export.html", work=work, form=form, scopes=SCOPES, fingerprint=evidence().fingerprint
    )
