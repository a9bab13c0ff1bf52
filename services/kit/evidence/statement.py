"""The release statement: what the gateway says, over its signature, of one release to one recipient."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    StringConstraints,
    ValidationError,
    model_validator,
)

from services.kit.evidence.canonical import canonical
from services.kit.evidence.errors import CanonicalFormError, StatementRefusedError
from services.kit.evidence.jws import sign_bytes, verify_bytes
from services.kit.evidence.keys import SigningKey, VerifyingLookup
from services.kit.evidence.seal import is_name, is_sealable_path

STATEMENT_TYPE: Final = "release-statement+jws"
MAX_STATEMENT_BYTES: Final = 16 << 20


def _that(check: Callable[[Any], bool]) -> AfterValidator:
    def validate(value: str) -> str:
        if not check(value):
            raise ValueError("not well formed")
        return value

    return AfterValidator(validate)


Name = Annotated[str, _that(is_name)]
LeafPath = Annotated[str, _that(is_sealable_path)]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Part(BaseModel):
    # hide_input_in_errors: a validation error must not carry a derived value into a log.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Recipient(_Part):
    """Whom a release is for: an organisation and one of its desks."""

    organisation: Name
    desk: Name


class Derived(_Part):
    """A value that stands in place of an original: a generalisation, or a masked text (`mask/1`)."""

    path: LeafPath
    function: Code
    value: str | bool | int


class WithheldTold(_Part):
    """One kind of thing withheld, as far as this recipient may be told; rule and reason only if it may."""

    category: Code
    rule: Code | None = None
    reason: str | None = None


class AgreementClause(_Part):
    """The clause of the data-sharing agreement that permits the release."""

    id: Code
    version: Code
    clause: Code


class Statement(_Part):
    """A release statement.

    Attributes:
        exchange_id: the exchange.
        delivery_id: this release of it.
        seal_hash: which seal the disclosures belong to.
        sender: the organisation that sealed.
        recipient: the only one it is for.
        disclosed: paths of all disclosures that go with it, header included; sorted, none twice.
        derived: values in place of originals; sorted by path, none of them disclosed.
        withheld_told: what the recipient may know of what is missing.
        not_after: from when the recipient must not use it; None if it may always.
        agreement: the clause, or None where the release rests on no agreement (flagged).
        rulebook: version of the rules that decided.
        flags: codes such as NO_AGREEMENT; sorted, none twice.
        supplementary_to: the delivery that this one adds to.
        record_hash: RFC 9162 leaf hash of the disclosure record.
        issued_at: when the gateway signed.
    """

    exchange_id: Name
    delivery_id: Name
    seal_hash: Hash
    sender: Name
    recipient: Recipient
    disclosed: tuple[LeafPath, ...]
    derived: tuple[Derived, ...] = ()
    withheld_told: tuple[WithheldTold, ...] = ()
    not_after: AwareDatetime | None = None
    agreement: AgreementClause | None = None
    rulebook: Code
    flags: tuple[Code, ...] = ()
    supplementary_to: Name | None = None
    record_hash: Hash
    issued_at: AwareDatetime

    @model_validator(mode="after")
    def _check_sets(self) -> Self:
        derived = [item.path for item in self.derived]
        for listed in (list(self.disclosed), derived, list(self.flags)):
            if listed != sorted(set(listed)):
                raise ValueError("not sorted, or repeated")
        if not set(derived).isdisjoint(self.disclosed):
            raise ValueError("a leaf both disclosed and derived")
        return self

    def expired(self, moment: datetime) -> bool:
        """Whether the release must not be used any more at a moment (aware)."""
        return self.not_after is not None and moment >= self.not_after


def sign_statement(statement: Statement, *, key: SigningKey) -> str:
    """Signs a statement with the gateway's key; compact JWS over canonical JSON."""
    return sign_bytes(_written(statement), typ=STATEMENT_TYPE, key=key)


def verify_statement(
    token: str, *, keys: VerifyingLookup, gateway: str, max_bytes: int = MAX_STATEMENT_BYTES
) -> Statement:
    """Verifies a statement.

    Args:
        token: compact JWS.
        keys: the lookup of verifying keys, at a time that the caller trusts.
        gateway: the organisation that runs the gateway; only its keys may sign statements.
        max_bytes: refuses what is longer.

    Raises:
        SignatureRefusedError: malformed, of another type or algorithm, or the signature does not verify.
        KeyRefusedError: the key is not known or not usable.
        StatementRefusedError: signed by somebody else, an unknown or missing member, a malformed value, or
            not in canonical form.
    """
    payload, signer = verify_bytes(token, typ=STATEMENT_TYPE, keys=keys, max_bytes=max_bytes)
    if signer.owner != gateway:
        raise StatementRefusedError("not_signed_by_gateway")
    try:
        statement = Statement.model_validate_json(payload)
    except ValidationError:
        raise StatementRefusedError("statement_malformed") from None
    # Written again and compared: so no member is missing, repeated or in a second form.
    if _written(statement) != payload:
        raise StatementRefusedError("statement_not_canonical")
    return statement


def _written(statement: Statement) -> bytes:
    try:
        return canonical(statement.model_dump(mode="json"))
    except CanonicalFormError:
        raise StatementRefusedError("statement_not_canonical") from None
