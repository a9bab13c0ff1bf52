"""Refusals that concern exchanges. Each is a `CallError`, so a client gets its reason and code."""

from typing import Final

import grpc

from services.kit.rpc.errors import CallError, ConflictError, InvalidRequestError, UnavailableError, Violation

_ORGANISATION_ADVICE: Final = "Leave it out, or give this organisation's own id."


class ForeignSenderError(InvalidRequestError):
    """The header names another organisation, or a desk that this one does not have, as sender."""

    reason = "FOREIGN_SENDER"
    advice = "Send in your own organisation's name, from one of its desks."

    def __init__(self, field: str) -> None:
        super().__init__([Violation(field, self.advice)])


class ForeignFactError(InvalidRequestError):
    """A fact is asserted in another organisation's name."""

    reason = "FOREIGN_FACT"
    advice = "Assert facts in your own organisation's name."

    def __init__(self, field: str) -> None:
        super().__init__([Violation(field, _ORGANISATION_ADVICE)])


class UnknownPartError(InvalidRequestError):
    """A provenance prefix or a fact's party names a part that the document does not have.

    It is refused and not ignored: a veto that rests on a mistyped prefix would protect nobody.
    """

    reason = "UNKNOWN_PART"
    advice = "Name a part that the document has, such as document.restrictions[0]."

    def __init__(self, field: str) -> None:
        super().__init__([Violation(field, self.advice)])


class OutboxFullError(CallError):
    """So much waits for the broker that nothing more is taken: what is accepted must not lie for days."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    reason = "OUTBOX_FULL"
    advice = "Nothing was accepted: the broker has been away for long. Telephone what cannot wait; try later."
    retry_after_s = 60.0


class PreviewRejectedError(CallError):
    """The gateway would not accept the exchange; the code says why."""

    code = grpc.StatusCode.FAILED_PRECONDITION
    reason = "PREVIEW_REJECTED"
    advice = "Sending this would be rejected: the code `rejection` says why. Correct it and ask again."


class RepeatedRecipientError(InvalidRequestError):
    """The same desk is named twice."""

    reason = "REPEATED_RECIPIENT"
    advice = "Name each desk once."

    def __init__(self, field: str) -> None:
        super().__init__([Violation(field, self.advice)])


class UnknownFieldsError(InvalidRequestError):
    """The request has fields that this version does not know: they could not be sealed, and would be lost."""

    reason = "UNKNOWN_FIELDS"
    advice = "Leave the field out, or have this service updated."

    def __init__(self, field: str) -> None:
        super().__init__([Violation(field, self.advice)])


class NotSealableError(InvalidRequestError):
    """A value has no written form, such as a date without its month."""

    reason = "NOT_SEALABLE"
    advice = "Correct the value: it cannot be sealed as it stands."

    def __init__(self, field: str) -> None:
        super().__init__([Violation(field, self.advice)])


class DeliveryExpiredError(CallError):
    """The delivery may not be used any more."""

    code = grpc.StatusCode.FAILED_PRECONDITION
    reason = "DELIVERY_EXPIRED"
    advice = "The time for which this was released is over: ask its sender."


class HoldAnsweredError(ConflictError):
    """The hold was answered before, by another request."""

    reason = "HOLD_ANSWERED"
    advice = "This hold was answered already: list holds to see how it stands."


class HoldWrongPersonError(CallError):
    """The person's job and roles are not among those that may answer the hold."""

    code = grpc.StatusCode.PERMISSION_DENIED
    reason = "HOLD_WRONG_PERSON"
    advice = "Have somebody answer whose job or role the hold's requirement names."


class HoldEvidenceMissingError(CallError):
    """A grant states less than the hold's requirement names."""

    code = grpc.StatusCode.FAILED_PRECONDITION
    reason = "HOLD_EVIDENCE_MISSING"
    advice = "State one whole piece of evidence of each kind that the hold's requirement names."


class GatewayKeyMissingError(UnavailableError):
    """The directory has no usable key of the gateway to encrypt to."""

    reason = "GATEWAY_KEY_MISSING"
    advice = "Have the directory renewed, then try again with the same request id."


class SigningKeyMissingError(UnavailableError):
    """No key of ours may sign now: expired, revoked, not yet valid, or not in the directory."""

    reason = "SIGNING_KEY_MISSING"
    advice = "No key of this organisation may sign now: make one, have it published, then try again."
