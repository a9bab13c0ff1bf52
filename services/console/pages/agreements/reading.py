"""Agreements to be read: the register, one version clause by clause, what differs, impact, gaps."""

from collections.abc import Iterable
from typing import Final

from flask import current_app, request
from publicprotection.oversight.v1 import agreement_service_pb2 as pb2
from werkzeug.datastructures import MultiDict

from services.console.directory import Directory
from services.console.pages.agreements.base import (
    BLUEPRINT,
    Page,
    ask,
    is_reader,
    load,
    powers_over,
    show,
)
from services.console.pages.agreements.words import STANDINGS
from services.console.session import has_role, person
from services.console.words import DIRECTORY
from services.kit.access.actor import Role

_STANDINGS: Final = {
    name.removeprefix("AGREEMENT_STANDING_"): number
    for name, number in pb2.AgreementStanding.items()
    if number
}
_TRIES: Final = {"20": 20, "200": 200, "1000": 1000}
_FEW: Final = "20"


@BLUEPRINT.get("/")
def show_register() -> Page:
    """All versions that the person may see: drafts, what is signed and in force, then what is over."""
    wanted = _STANDINGS.get(request.args.get("standing", ""))
    listed = ask().ListAgreements(
        pb2.ListAgreementsRequest(
            standings=[wanted] if wanted else [], review_due=request.args.get("review") == "due"
        )
    )
    may = not is_reader()
    return show(
        "register",
        agreements=sorted(listed.agreements, key=lambda each: list(STANDINGS).index(each.standing)),
        wanted=request.args,
        can_propose=has_role(Role.AGREEMENT_SIGNATORY, Role.DATA_PROTECTION_OFFICER),
        can_see_gaps=may,
    )


@BLUEPRINT.get("/gaps")
def show_gaps() -> Page:
    """Flows that no clause in force covers: tried ones, and those that contract and rulebook foresee."""
    tried_only = request.args.get("foreseen") != "yes"
    about = request.args.get("organisation", "")[:64] or ("" if tried_only else person().organisation)
    found = ask().ListGaps(pb2.ListGapsRequest(organisation=about, tried_only=tried_only))
    return show(
        "gaps",
        tried=found.tried,
        foreseen=_by_document(found.possible),
        tried_only=tried_only,
        wanted={"organisation": about},
        organisations=_organisations(),
    )


@BLUEPRINT.get("/<agreement_id>", defaults={"version": ""})
@BLUEPRINT.get("/<agreement_id>/<version>")
def show_agreement(agreement_id: str, version: str) -> Page:
    """One version: where it stands, who signed, its clauses and headings, its history."""
    found = load(agreement_id, version)
    return show("agreement", found=found, agreement=found.agreement, powers=powers_over(found.agreement))


@BLUEPRINT.get("/<agreement_id>/<version>/text")
def show_text(agreement_id: str, version: str) -> Page:
    """One version as YAML: the form of export."""
    found = load(agreement_id, version)
    return show("text", found=found, agreement=found.agreement)


@BLUEPRINT.get("/<agreement_id>/compare")
def compare(agreement_id: str) -> Page:
    """What is different between two versions, what is widened and what narrowed."""
    found = load(agreement_id, _any_version(request.args))
    versions = list(found.versions)
    newer = request.args.get("to", "") or versions[-1]
    older = request.args.get("from", "") or next(
        (each for each in reversed(versions) if each != newer), newer
    )
    asked = pb2.CompareAgreementsRequest(agreement_id=agreement_id, from_version=older, to_version=newer)
    differences = ask().CompareAgreements(asked).differences if older != newer else []
    return show(
        "compare",
        agreement_id=agreement_id,
        title=found.agreement.title,
        versions=versions,
        older=older,
        newer=newer,
        differences=differences,
    )


@BLUEPRINT.get("/<agreement_id>/<version>/impact")
def show_impact(agreement_id: str, version: str) -> Page:
    """What past exchanges would have come to, had this version been in force."""
    newest = request.args.get("newest", _FEW)
    asked = pb2.ShowImpactRequest(
        agreement_id=agreement_id, version=version, newest=_TRIES.get(newest, _TRIES[_FEW])
    )
    return show(
        "impact",
        agreement_id=agreement_id,
        title=load(agreement_id, version).agreement.title,
        version=version,
        impact=ask().ShowImpact(asked),
        newest=newest,
        tries=list(_TRIES),
    )


def _organisations() -> list[tuple[str, str]]:
    """Everybody who takes part, by name."""
    known: Directory = current_app.extensions[DIRECTORY]
    return sorted(
        ((name, each.name or name) for name, each in known.entries().items()), key=lambda one: one[1]
    )


def _by_document(gaps: Iterable[pb2.PossibleGap]) -> dict[str, dict[tuple[str, ...], list[str]]]:
    """For each document, senders, and all recipients that no clause between them covers."""
    found: dict[str, dict[tuple[str, ...], list[str]]] = {}
    for each in gaps:
        flows = found.setdefault(each.document_type, {})
        flows.setdefault(tuple(each.senders), []).append(each.recipient)
    return found


def _any_version(args: MultiDict[str, str]) -> str:
    return args.get("to", "") or args.get("from", "")
