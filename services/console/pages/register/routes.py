"""The exchange register: filters, pages in both directions, filters that somebody keeps, and files of it."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Final

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from publicprotection.oversight.v1 import register_service_pb2 as pb2
from publicprotection.oversight.v1.register_service_pb2_grpc import RegisterServiceStub
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from services.console.calls import at_gateway, together
from services.console.errors import InvalidError, NotFoundError, PreconditionError
from services.console.pages.register.export import Pieces, write_csv, write_json
from services.console.pages.register.forms import FilterForm, NameForm, fill
from services.console.pages.register.query import chips_of, is_read_whole, read_query, write_query
from services.console.pages.register.rows import row_of
from services.console.session import has_role
from services.kit.access.actor import Role

BLUEPRINT: Final = Blueprint("register", __name__, url_prefix="/register")
PAGE: Final = 25

_EXPORT_S: Final = 600
_FORMS: Final[dict[str, tuple[str, Callable[[Pieces], Iterator[str]]]]] = {
    "csv": ("text/csv", write_csv),
    "json": ("application/json", write_json),
}

Page = Response | str | tuple[str, int]


@BLUEPRINT.get("/")
def show_register() -> str:
    """A page of the exchanges that meet the filter in the address."""
    asked = read_query(request.args)
    return _show(asked, fill(asked), NameForm(formdata=None))


@BLUEPRINT.post("/")
def narrow() -> Page:
    """Takes a filter and puts its codes, ids and days into an address."""
    form = FilterForm()
    if not form.validate():
        return _show(read_query(request.args), form, NameForm(formdata=None)), 422
    return redirect(_address(form.asked()), 303)


@BLUEPRINT.post("/saved")
def save() -> Page:
    """Keeps the filter in the address under a name."""
    asked, form = read_query(request.args), NameForm()
    if not form.validate():
        return _show(asked, fill(asked), form), 422
    wanted = pb2.SaveFilterRequest(name=form.name.data or "", filter=asked)
    try:
        at_gateway(RegisterServiceStub).SaveFilter(wanted)
    except InvalidError:
        form.name.errors = ["Use a name without numbers that identify, addresses or telephone numbers"]
        return _show(asked, fill(asked), form), 422
    except PreconditionError:
        form.name.errors = ["You keep as many filters as one may. Remove one first"]
        return _show(asked, fill(asked), form), 409
    flash("Filter saved.", "success")
    return redirect(_address(asked), 303)


@BLUEPRINT.post("/saved/<filter_id>/remove")
def remove(filter_id: str) -> Response:
    """Removes a filter that somebody keeps; it is not missed if it is gone already."""
    try:
        at_gateway(RegisterServiceStub).RemoveFilter(pb2.RemoveFilterRequest(filter_id=filter_id))
    except NotFoundError:
        flash("That filter was removed before.")
    else:
        flash("Filter removed.", "success")
    return redirect(url_for("register.show_register"), 303)


@BLUEPRINT.get("/export.<form>")
def export(form: str) -> Response:
    """All that meets the filter in the address, as a file; none where part of that cannot be read."""
    if form not in _FORMS:
        raise NotFoundError
    if not is_read_whole(request.args):
        raise BadRequest
    kind, write = _FORMS[form]
    wanted = pb2.ExportExchangesRequest(filter=read_query(request.args))
    pieces = at_gateway(RegisterServiceStub).ExportExchanges(wanted, timeout=_EXPORT_S)
    # What is written names organisations by the console's directory, after the request has ended.
    answer = Response(_named(write(_begun(pieces))), mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="exchanges.{form}"'
    return answer


def _named(lines: Iterator[str]) -> Iterator[str]:
    """Each piece is written as if in a request of this console: whoever serves it asks for it later."""
    console = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # Flask's way
    return _write_in(console, lines)


def _write_in(console: Flask, lines: Iterator[str]) -> Iterator[str]:
    while True:
        with console.app_context():
            line = next(lines, None)
        if line is None:
            return
        yield line


def _address(asked: pb2.RegisterFilter) -> str:
    query: dict[str, Any] = {**write_query(asked)}
    return url_for("register.show_register", **query)


def _begun(pieces: Iterable[pb2.ExportExchangesResponse]) -> Iterator[pb2.ExportExchangesResponse]:
    """The pieces, the first asked for now: what is refused is a page, and no broken file."""
    rest = iter(pieces)
    first = next(rest, None)
    return chain([] if first is None else [first], rest)


def _show(asked: pb2.RegisterFilter, form: FilterForm, name: NameForm) -> str:
    stub = at_gateway(RegisterServiceStub)
    wanted = pb2.ListExchangesRequest(
        filter=asked, newest_first=True, in_short=True, page_size=PAGE, cursor=request.args.get("cursor", "")
    )
    listed, saved = together(
        stub.ListExchanges.future(wanted), stub.ListFilters.future(pb2.ListFiltersRequest())
    )
    query = write_query(asked)
    return render_template(
        "pages/register/register.html",
        rows=[row_of(each) for each in listed.exchanges],
        listed=listed,
        form=form,
        name=name,
        chips=chips_of(asked),
        query=query,
        whole=is_read_whole(request.args),
        saved=[(each, write_query(each.filter)) for each in saved.filters],
        shows_people=has_role(Role.MAPPA_COORDINATOR),
    )
