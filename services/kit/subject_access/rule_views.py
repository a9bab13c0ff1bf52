"""The law of subject access as the contract shows it."""

from publicprotection.exchange.v1 import subject_access_documents_pb2 as documents
from publicprotection.exchange.v1 import subject_access_review_pb2 as review
from publicprotection.exchange.v1 import subject_access_terms_pb2 as terms_pb2

from services.kit.subject_access.rules import Evidence, Exemption, Rules


def show_rules(rules: Rules) -> review.GetAccessRulesResponse:
    """Exemptions, evidence and the paragraphs of the time."""
    time = rules.time
    return review.GetAccessRulesResponse(
        version=rules.version,
        exemptions=[_show_exemption(each) for each in rules.exemptions],
        evidence=[_show_evidence(each) for each in rules.evidence],
        time_paragraphs=[time.paragraph, time.extension_paragraph, time.stands_still],
        judged_paragraph=rules.judged_paragraph,
    )


def _show_exemption(exemption: Exemption) -> review.AccessExemption:
    return review.AccessExemption(
        code=exemption.code,
        regime=exemption.regime.value,
        paragraph=exemption.paragraph,
        tell=documents.AccessTell.Value(f"ACCESS_TELL_{exemption.tell}"),
        says=exemption.says,
        test="" if exemption.test is None else exemption.test.value,
    )


def _show_evidence(row: Evidence) -> review.AccessEvidenceRule:
    values = terms_pb2.IdentityEvidence.DESCRIPTOR.values_by_name
    names = (name for name in values if name.removeprefix("IDENTITY_EVIDENCE_") in row.any_of)
    return review.AccessEvidenceRule(
        requester=terms_pb2.AccessRequester.Value(f"ACCESS_REQUESTER_{row.requester}"),
        any_of=[terms_pb2.IdentityEvidence.Value(name) for name in names],
        paragraph=row.paragraph,
    )
