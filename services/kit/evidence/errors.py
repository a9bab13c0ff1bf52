"""The errors of the evidence: each carries a stable `reason` code, and none repeats a value it was given.

A message may be logged or returned to a caller, so it names at most the *shape* of a path
(`document.restrictions.description`): labels and map keys are left out, since a map key may be personal data.
"""


class EvidenceError(Exception):
    """Something given to the evidence is not what it should be.

    Args:
        reason: stable code in lower snake case, for logs, error details and tests.
        shape: the shape of the path concerned, where there is one.
    """

    def __init__(self, reason: str, *, shape: str = "") -> None:
        super().__init__(f"{reason} at {shape}" if shape else reason)
        self.reason = reason
        self.shape = shape


class LeafError(EvidenceError):
    """A message cannot become leaves, or leaves cannot become a message."""


class MalformedPathError(LeafError):
    """A path is not written in the leaf grammar."""


class UnknownPathError(LeafError):
    """A path leads to no field of the message type."""


class UnsupportedFieldError(LeafError):
    """A field is of a type that has no leaf form (Any, Struct, wrappers, groups, extensions)."""


class BadValueError(LeafError):
    """A value is not of its field's type, or not in the one form that the grammar gives it."""


class ConflictingLeavesError(LeafError):
    """Two leaves exclude each other: two members of a oneof, or a leaf at a path that has leaves below it."""


class LimitExceededError(LeafError):
    """More leaves, deeper nesting or a longer path than the limits allow."""


class CanonicalFormError(EvidenceError):
    """A value has no canonical JSON form (RFC 8785)."""


class KeyRefusedError(EvidenceError):
    """A key is unknown, malformed, of the wrong use, not valid at that time, or revoked."""


class SignatureRefusedError(EvidenceError):
    """A signed object is malformed, of another type, or its signature does not verify."""


class SealRefusedError(EvidenceError):
    """A seal or one of its disclosures does not verify, or is not in the project's profile of SD-JWT."""


class StatementRefusedError(EvidenceError):
    """A release statement is not well formed."""


class ReleaseRefusedError(EvidenceError):
    """A seal and a statement do not belong together, or not to this recipient."""


class UnknownFunctionError(EvidenceError):
    """No derivation has this name and version."""


class NotDerivableError(EvidenceError):
    """The value is not of the form that the derivation takes."""


class HopRefusedError(EvidenceError):
    """A hop's ciphertext is malformed, too large, or does not decrypt."""


class ProofRefusedError(EvidenceError):
    """A proof that a record is in the log, or that one tree continues another, does not verify."""


class CheckpointRefusedError(EvidenceError):
    """A checkpoint or a cosignature is malformed, of another log, or not signed by whom it should be."""


class BundleRefusedError(EvidenceError):
    """An export of the log does not prove what it should.

    Args:
        reason: stable code; `services.kit.evidence.bundle_faults` says what it means and who finds it.
        line: of the file, from 1; 0 where no line is concerned.
        index: of the record concerned, if one is.
        detail: what lay beneath: another reason, or a sentence; no personal data.
    """

    def __init__(self, reason: str, *, line: int = 0, index: int | None = None, detail: str = "") -> None:
        super().__init__(reason)
        self.line = line
        self.index = index
        self.detail = detail
