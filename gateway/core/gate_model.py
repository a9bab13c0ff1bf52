"""The form of gates.yaml: the wording of the checks that are built into the steps of a decision."""

from pydantic import Field

from gateway.core.rulebook_model import Entry, Instead, RequirementId, RuleId, Telling, Text


class Gate(Entry):
    """The wording of a check that is built in: its id, paragraph and reason."""

    id: RuleId
    implements: tuple[RequirementId, ...] = ()
    paragraph: Text
    reason: Text
    instead: Instead | None = None
    tell: Telling = Telling()


class ReviewedGate(Gate):
    """A check that lets something go which is looked at again, so many working days later."""

    review_in_working_days: int = Field(ge=0, le=30)


class Gates(Entry):
    """The built-in checks, by step of the decision."""

    unknown_party: Gate
    third_party: Gate
    release_kind: Gate
    no_purpose: Gate
    no_basis: Gate
    basis_waits: Gate
    no_condition: Gate
    suspended: Gate
    no_agreement: Gate
    other_basis: Gate
    associate_risk: Gate
    minimum_only: ReviewedGate
    no_marking: Gate
    above_ceiling: Gate
    no_clearance: Gate
    no_necessity: Gate
    no_provenance: Gate
    unclassified: Gate
    not_needed: Gate
    not_agreed: Gate
    not_derivable: Gate
    protective: Gate
    nothing_left: Gate
