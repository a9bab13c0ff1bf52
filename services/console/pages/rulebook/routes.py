"""The rulebook in force, for reading: listed, searched by paragraph, id and words, and entry by entry.

Words that somebody searches for stand in no address; a paragraph does, so that it can be bookmarked.
"""

from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from publicprotection.oversight.v1 import rulebook_service_pb2 as pb2
from publicprotection.oversight.v1.rulebook_service_pb2_grpc import RulebookServiceStub
from werkzeug.wrappers import Response

from services.console.calls import at_gateway
from services.console.pages.rulebook import words as rule_words
from services.console.pages.rulebook.searching import question_of
from services.console.paging import cursor, page_on
from services.console.session import kept

BLUEPRINT: Final = Blueprint("rulebook", __name__, url_prefix="/rulebook")
PAGE_SIZE: Final = 20

_LONGEST: Final = {"paragraph": 100, "text": 200}


@BLUEPRINT.get("/")
def show_list() -> str:
    """Entries of one kind, or all that are found."""
    asked = _asked()
    kind = _kind()
    is_search = any(asked.values())
    wanted = pb2.ListEntriesRequest(
        kinds=[kind] if kind else ([] if is_search else [pb2.ENTRY_KIND_RULE]),
        paragraph=asked["paragraph"],
        text=asked["text"],
        document_type=request.args.get("document", "")[:64],
        effect=request.args.get("effect", "")[:16],
    )
    listed = at_gateway(RulebookServiceStub).ListEntries(wanted)
    begin = next((n + 1 for n, each in enumerate(listed.entries) if _place(each) == cursor()), 0)
    end = begin + PAGE_SIZE
    return render_template(
        "pages/rulebook/list.html",
        rulebook=listed.rulebook,
        entries=listed.entries[begin:end],
        found=len(listed.entries),
        begin=begin,
        links=page_on(_place(listed.entries[end - 1]) if end < len(listed.entries) else ""),
        asked=asked,
        wanted=request.args,
        kind=kind or (0 if is_search else pb2.ENTRY_KIND_RULE),
        words=rule_words,
    )


@BLUEPRINT.post("/search")
def search() -> Response:
    """Takes what is searched for, and keeps words out of the address."""
    asked = {name: request.form.get(name, "").strip()[:most] for name, most in _LONGEST.items()}
    codes = {name: request.form.get(name, "")[:64] for name in ("kind", "effect", "document")}
    query = {name: value for name, value in codes.items() if value} | question_of(asked)
    return redirect(url_for("rulebook.show_list", **query), 303)


@BLUEPRINT.get("/<path:entry_id>")
def show_entry(entry_id: str) -> str | Response:
    """One entry; a clause of an agreement is read in its agreement."""
    if "/" in entry_id:
        agreement, _, clause = entry_id.partition("/")
        place = url_for("agreements.show_agreement", agreement_id=agreement, _anchor=f"clause-{clause}")
        return redirect(place, 302)
    got = at_gateway(RulebookServiceStub).GetEntry(pb2.GetEntryRequest(id=entry_id, kind=_kind()))
    return render_template("pages/rulebook/entry.html", got=got, entry=got.entry, words=rule_words)


def _kind() -> pb2.EntryKind.ValueType:
    return rule_words.NAMES.get(request.args.get("kind", ""), pb2.ENTRY_KIND_UNSPECIFIED)


def _asked() -> dict[str, str]:
    """What is searched for: kept under a key, or the paragraph of the address."""
    if key := request.args.get("search"):
        found: dict[str, str] = kept(key)
        return found
    return {"paragraph": request.args.get("paragraph", "")[: _LONGEST["paragraph"]], "text": ""}


def _place(entry: pb2.EntryInShort) -> str:
    return f"{rule_words.name_of(entry.kind)}:{entry.id}"
