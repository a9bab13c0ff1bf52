"""The answer: prepared by one person, read and approved by another, made, signed, sent and proven."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from flask import make_response
from publicprotection.exchange.v1 import subject_access_review_pb2 as review
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from werkzeug.wrappers import Response

from services.console.calls import together
from services.console.evidence import evidence
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
from services.console.session import has_role
from services.kit.access.actor import Role
from services.kit.directory import DirectoryError
from services.kit.evidence.bundle_faults import explain
from services.kit.evidence.errors import BundleRefusedError
from services.kit.log_trust import trust_in
from services.kit.subject_access.proof import verify_pack

_PDF: Final = "application/pdf"
_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Proof:
    """What was verified of a pack, when the page was asked for.

    Attributes:
        holds: whether all of it did.
        said: what was found, in words.
        digest: SHA-256 of the document, 64 hex digits.
    """

    holds: bool
    said: str
    digest: str


class Return(fields.Sheet):
    """Why an answer goes back."""

    reason = fields.area("What must be looked at again?", "Enter what must be looked at again")


class Sending(fields.Sheet):
    """How and when the pack was sent."""

    means = fields.radios("How did you send it?", words.MEANS, "Choose how you sent it")
    issued_on = fields.day("When did you send it?", "Enter the day on which you sent it")


@BLUEPRINT.get("/<case_id>/answer")
def show_answer(case_id: str) -> Page:
    """Where the answer stands."""
    return show("answer", case=load_case(case_id), sending=Sending(), returning=Return(), **_may())


@BLUEPRINT.post("/<case_id>/prepare")
def prepare_answer(case_id: str) -> Page:
    """Hands the answer to the data protection officer."""
    wanted = pb2.PrepareResponseRequest(case_id=case_id)
    done = "The answer is ready for a data protection officer to approve."
    return step(case_id, lambda: ask().PrepareResponse(wanted), done, "show_answer")


@BLUEPRINT.get("/<case_id>/preview")
def show_preview(case_id: str) -> Page:
    """What would be sent now, as a page; the officer approves or returns it from here."""
    service = ask()
    found, made = together(
        service.GetCase.future(pb2.GetCaseRequest(case_id=case_id, without_items=True)),
        service.PreviewResponse.future(review.PreviewResponseRequest(case_id=case_id)),
    )
    return show("preview", case=found.case, pack=json.loads(made.json), returning=Return(), **_may())


@BLUEPRINT.get("/<case_id>/preview.pdf")
def show_preview_document(case_id: str) -> Response:
    """The same as it would be printed, each page marked."""
    made = ask().PreviewResponse(review.PreviewResponseRequest(case_id=case_id))
    return _file(made.pdf, _PDF, f"preview-{case_id}.pdf")


@BLUEPRINT.post("/<case_id>/approve")
def approve_answer(case_id: str) -> Page:
    """Approves the answer: it is made and signed."""
    wanted = pb2.ApproveResponseRequest(case_id=case_id)
    done = "The answer is approved, made and signed. Send it now."
    return step(case_id, lambda: ask().ApproveResponse(wanted), done, "show_answer")


@BLUEPRINT.post("/<case_id>/return")
def return_answer(case_id: str) -> Page:
    """Gives the answer back to be worked on."""
    form = Return()
    wanted = pb2.ReturnResponseRequest(case_id=case_id, reason=form.reason.data or "")
    if form.validate_on_submit() and attempt(form, lambda: ask().ReturnResponse(wanted)):
        return go("show_case", "The answer is returned to be worked on.", case_id=case_id)
    return show("answer", form, case=load_case(case_id), sending=Sending(), returning=form, **_may())


@BLUEPRINT.post("/<case_id>/issue")
def issue_answer(case_id: str) -> Page:
    """Notes that the pack was sent."""
    form = Sending()
    if form.validate_on_submit():
        wanted = review.IssueResponseRequest(
            case_id=case_id,
            issued_on=write_day(form.issued_on.data),
            means=review.AccessMeans.Value(f"ACCESS_MEANS_{form.means.data}"),
        )
        if attempt(form, lambda: ask().IssueResponse(wanted)):
            return go("show_answer", "The answer is sent. The request is closed.", case_id=case_id)
    return show("answer", form, case=load_case(case_id), sending=form, returning=Return(), **_may())


@BLUEPRINT.get("/<case_id>/pack")
def show_pack(case_id: str) -> Page:
    """The answer as it was approved, and its proof, verified anew."""
    service = ask()
    found, made = together(
        service.GetCase.future(pb2.GetCaseRequest(case_id=case_id, without_items=True)),
        service.GetResponsePack.future(pb2.GetResponsePackRequest(case_id=case_id)),
    )
    proof, file = prove(made.json, made.pdf), json.loads(made.json)
    return show("pack", case=found.case, pack=file["pack"], proof=proof)


@BLUEPRINT.get("/<case_id>/pack.pdf")
def show_pack_document(case_id: str) -> Response:
    """Letter and data as they are sent."""
    made = ask().GetResponsePack(pb2.GetResponsePackRequest(case_id=case_id))
    return _file(made.pdf, _PDF, f"answer-{case_id}.pdf")


@BLUEPRINT.get("/<case_id>/pack.json")
def save_pack_file(case_id: str) -> Response:
    """The file that proves them."""
    made = ask().GetResponsePack(pb2.GetResponsePackRequest(case_id=case_id))
    return _file(made.json, _JSON, f"answer-{case_id}.json", saved=True)


def prove(file: bytes, pdf: bytes) -> Proof:
    """Verifies a pack by the console's own signed directory: signature, document, and whose key it is."""
    digest = hashlib.sha256(pdf).hexdigest()
    try:
        known = evidence()
        trust = trust_in(known.open_directory())
        report = verify_pack(file, pdf, lambda _: trust, now=known.now())
    except DirectoryError:
        return Proof(holds=False, said="This console has no signed directory to verify it by.", digest=digest)
    except BundleRefusedError as error:
        return Proof(holds=False, said=f"It does not verify: {explain(error)}.", digest=digest)
    said = f"Signed by us on {words.day(report.date)}. Directory {report.serial} lists the key."
    return Proof(holds=True, said=said, digest=digest)


def _may() -> dict[str, Any]:
    return {"is_officer": has_role(Role.DATA_PROTECTION_OFFICER)}


def _file(content: bytes, kind: str, name: str, *, saved: bool = False) -> Response:
    """A file, shown or saved. Its name is the reference, which the letter states, and no name."""
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f'{"attachment" if saved else "inline"}; filename="{name}"'
    return answer
