"""Figures: how many exchanges there were in a period, and what became of them."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

from flask import Blueprint, render_template, request, url_for
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.oversight.v1 import figures_service_pb2 as pb2
from publicprotection.oversight.v1 import rulebook_service_pb2 as rules_pb2
from publicprotection.oversight.v1.figures_service_pb2_grpc import FiguresServiceStub
from publicprotection.oversight.v1.rulebook_service_pb2_grpc import RulebookServiceStub
from werkzeug.wrappers import Response

from services.console.calls import answer_or, at_gateway, together
from services.console.errors import NotFoundError, RefusedError, UnavailableError
from services.console.pages.figures import tables
from services.console.pages.figures.charts import draw_bars, draw_columns
from services.console.pages.figures.periods import LENGTHS, Period, read_period
from services.console.session import person
from services.console.words import LONDON, document, organisation, purpose
from services.kit.access.actor import Role

BLUEPRINT: Final = Blueprint("figures", __name__, url_prefix="/figures")
RULES: Final = 10
"""How many rules are put into words."""

_HEADLINES: Final = (
    pb2.FIGURE_EXCHANGE,
    *tables.OUTCOMES,
    pb2.FIGURE_RELEASED_LATER,
    pb2.FIGURE_REFUSED_LATER,
    pb2.FIGURE_WITHHELD_BY_DEFAULT,
    pb2.FIGURE_UNCOVERED,
    pb2.FIGURE_HOLD_OPENED,
    *tables.ENDS,
    pb2.FIGURE_CLOCK_OVERDUE,
    pb2.FIGURE_RECALLED,
    pb2.FIGURE_DELIVERED,
    pb2.FIGURE_ACKNOWLEDGED,
    pb2.FIGURE_NOT_TAKEN,
)
_DECIDED: Final = tables.Shown("decided", "Decisions, by outcome", tables.OUTCOMES)
_ENDED: Final = tables.Shown("ended", "Holds that ended, by how", tables.ENDS)
_MISSED: Final = tables.Shown("missed", "Time limits that passed unmet", (pb2.FIGURE_CLOCK_OVERDUE,))
_SENT: Final = tables.Shown("sent", "Decisions on what each organisation sent", tables.OUTCOMES)
_TO: Final = tables.Shown("to", "Decisions for each organisation", tables.OUTCOMES)
_GOT: Final = tables.Shown("to", "Deliveries to each organisation", (pb2.FIGURE_DELIVERED,))
_OWED: Final = tables.Shown(
    "owed", "Holds to answer, and limits missed", (pb2.FIGURE_HOLD_OPENED, pb2.FIGURE_CLOCK_OVERDUE)
)
_DOCUMENTS: Final = tables.Shown("documents", "Decisions on each document", tables.OUTCOMES)
_PURPOSES: Final = tables.Shown("purposes", "Decisions for each purpose", tables.OUTCOMES)
_FILTERS: Final = ("organisation", "document")
_BY_RULE: Final = (pb2.FIGURE_WITHHELD_BY_RULE, pb2.FIGURE_REFUSED_BY_RULE)


@BLUEPRINT.get("/")
def show_figures() -> str:
    """The figures of a period, with those of the one before."""
    period = _period()
    stub = at_gateway(FiguresServiceStub)
    answer, earlier = together(
        stub.GetFigures.future(_asked(period)), stub.GetFigures.future(_asked(period.before))
    )
    now, before = tables.counts_of(answer.totals), tables.counts_of(earlier.totals)
    return render_template(
        "pages/figures/figures.html",
        period=period,
        lengths=LENGTHS,
        links=_links(period),
        answer=answer,
        counted=now,
        pb2=pb2,
        unacknowledged=tables.unacknowledged(now),
        changes=tables.by_change(now, before, _HEADLINES),
        sections=_sections(answer, period),
        rules=_put_into_words(tables.most_used(answer.rules, _BY_RULE, RULES)),
        of_area=_sees_area(),
        choices=_choices(answer),
        chosen={name: request.args.get(name, "") for name in _FILTERS},
        draw_bars=draw_bars,
        draw_columns=draw_columns,
    )


@BLUEPRINT.get("/figures.csv")
def download() -> Response:
    """All of it as a file for a spreadsheet."""
    answer = at_gateway(FiguresServiceStub).GetFigures(_asked(_period()))
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(("part", "name", "figure", "count"))
    writer.writerows(tables.lines_of(answer, organisation, purpose))
    headers = {"Content-Disposition": "attachment; filename=figures.csv"}
    return Response(written.getvalue(), mimetype="text/csv", headers=headers)


def _period() -> Period:
    return read_period(request.args, datetime.now(UTC).astimezone(LONDON).date())


def _asked(period: Period) -> pb2.GetFiguresRequest:
    return pb2.GetFiguresRequest(
        step=period.length.step,
        first=_written(period.first),
        last=_written(period.end),
        organisation=request.args.get("organisation", "")[:63],
        document_type=request.args.get("document", "")[:63],
    )


def _written(day: date) -> Date:
    return Date(year=day.year, month=day.month, day=day.day)


def _links(period: Period) -> dict[str, str]:
    """To the period before and after, and to the file; filters stay as they are."""
    kept: dict[str, Any] = {name: request.args[name] for name in _FILTERS if request.args.get(name)}
    kept["length"] = period.length.key
    today = datetime.now(UTC).astimezone(LONDON).date()
    links = {
        "before": url_for("figures.show_figures", **kept, to=period.before.end.isoformat()),
        "file": url_for("figures.download", **kept, to=period.last.isoformat()),
    }
    if period.end < today:
        links["after"] = url_for("figures.show_figures", **kept, to=period.after.end.isoformat())
    return links


def _sees_area() -> bool:
    """Whether the figures are those of an area: of what comes to it more is known than that it came."""
    return Role.MAPPA_COORDINATOR in person().roles


def _choices(answer: pb2.GetFiguresResponse) -> dict[str, list[dict[str, Any]]]:
    """What can be chosen to see alone: what there is, and what is chosen already."""
    found = {
        "organisation": ({each.organisation for each in answer.agencies}, organisation),
        "document": ({each.document_type for each in answer.documents}, document),
    }
    return {name: _options(values, name, words) for name, (values, words) in found.items()}


def _options(values: set[str], name: str, words: Callable[[str], str]) -> list[dict[str, Any]]:
    chosen = request.args.get(name, "")
    listed = sorted((words(each), each) for each in values | {chosen} if each)
    options = [{"value": value, "text": text, "selected": value == chosen} for text, value in listed]
    return [{"value": "", "text": "All", "selected": not chosen}, *options]


def _sections(answer: pb2.GetFiguresResponse, period: Period) -> dict[str, tables.Table]:
    agencies = [(organisation(each.organisation), each) for each in answer.agencies]
    return {
        "decided": tables.by_period(_DECIDED, period, answer.series),
        "ended": tables.by_period(_ENDED, period, answer.series),
        "missed": tables.by_period(_MISSED, period, answer.series),
        "sent": tables.by_name(_SENT, "Sent by", [(n, tables.counts_of(each.sent)) for n, each in agencies]),
        "to": tables.by_name(
            _TO if _sees_area() else _GOT,
            "To",
            [(n, tables.counts_of(each.received)) for n, each in agencies],
        ),
        "owed": tables.by_name(_OWED, "By", [(n, tables.counts_of(each.owed)) for n, each in agencies]),
        "documents": tables.by_name(
            _DOCUMENTS,
            "Document",
            [(document(each.document_type), tables.counts_of(each.counts)) for each in answer.documents],
        ),
        "purposes": tables.by_name(
            _PURPOSES,
            "Purpose",
            [(purpose(each.purpose), tables.counts_of(each.counts)) for each in answer.purposes],
        ),
    }


def _put_into_words(
    rows: list[tuple[str, tuple[int, ...]]],
) -> list[tuple[str, rules_pb2.EntryInShort, tuple[int, ...]]]:
    """The rules with what they say; a rule that the rulebook has no more stands for itself."""
    stub = at_gateway(RulebookServiceStub)
    pending = [stub.GetEntry.future(rules_pb2.GetEntryRequest(id=rule)) for rule, _ in rows]
    missing = rules_pb2.GetEntryResponse()
    errors = (NotFoundError, RefusedError, UnavailableError)
    found = [answer_or(each, missing, *errors).entry for each in pending]
    return [(rule, entry, counts) for (rule, counts), entry in zip(rows, found, strict=True)]
