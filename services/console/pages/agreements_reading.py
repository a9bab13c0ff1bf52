"""Agreements to be read: the register, one version clause by clause, what differs, impact, gaps."""

from typing import Final

from flask import request
from publicprotection.oversight.v1 import agreement_service_pb2 as pb2
from werkzeug.datastructures import MultiDict

from services.console.pages.agreements_base import (
    BLUEPRINT,
    Page,
    ask,
    is_reader,
    load,
    powers_over,
    show,
)
from services.console.session import has_role
from services.kit.access.actor import Role

_STANDINGS: Final = {
    name.removeprefix("AGREEMENT_STANDING_"): number
    for name, number in pb2.AgreementStanding.items()
    if number
}
_TRIES: Final = {"200": 200, "500": 500, "2000": 2000}


@BLUEPRINT.get("/")
def show_register() -> Page:
    """All versions that the person may see, those that are alive first."""
    wanted = _STANDINGS.get(request.args.get("standing", ""))
    listed = ask().ListAgreements(
        pb2.ListAgreementsRequest(
            standings=[wanted] if wanted else [], review_due=request.args.get("review") == "due"
        )
    )
    may = not is_reader()
    return show(
        "register",
        agreements=listed.agreements,
        wanted=request.args,
        can_propose=has_role(Role.AGREEMENT_SIGNATORY, Role.DATA_PROTECTION_OFFICER),
        can_see_gaps=may,
    )


@BLUEPRINT.get("/gaps")
def show_gaps() -> Page:
    """Flows that no clause in force covers: tried ones, and those that contract and rulebook foresee."""
    tried_only = request.args.get("foreseen") != "yes"
    found = ask().ListGaps(
        pb2.ListGapsRequest(organisation=request.args.get("organisation", "")[:64], tried_only=tried_only)
    )
    return show("gaps", found=found, tried_only=tried_only, wanted=request.args)


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
    versions = list(load(agreement_id, _any_version(request.args)).versions)
    newer = request.args.get("to", "") or versions[-1]
    older = request.args.get("from", "") or next(
        (each for each in reversed(versions) if each != newer), newer
    )
    asked = pb2.CompareAgreementsRequest(agreement_id=agreement_id, from_version=older, to_version=newer)
    differences = ask().CompareAgreements(asked).differences if older != newer else []
    return show(
        "compare",
        agreement_id=agreement_id,
        versions=versions,
        older=older,
        newer=newer,
        differences=differences,
    )


@BLUEPRINT.get("/<agreement_id>/<version>/impact")
def show_impact(agreement_id: str, version: str) -> Page:
    """What past exchanges would have come to, had this version been in force."""
    newest = request.args.get("newest", "200")
    asked = pb2.ShowImpactRequest(agreement_id=agreement_id, version=version, newest=_TRIES.get(newest, 200))
    return show(
        "impact",
        agreement_id=agreement_id,
        version=version,
        impact=ask().ShowImpact(asked),
        newest=newest,
        tries=list(_TRIES),
    )


def _any_version(args: MultiDict[str, str]) -> str:
    return args.get("to", "") or args.get("from", "")
