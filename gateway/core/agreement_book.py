"""All agreements with what became of them: what a pure state machine over events has come to.

A version comes into force when two different people of every controller have signed the very text that is
kept, and of the owner of the version before: whoever owns an agreement cannot lose it to a later version that
others sign. Nothing else brings one into force, apart from the import of what was signed on paper into an
empty book. What has ended never comes back (`agreement_state.CHANGES`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from gateway.core.agreement_events import WHOLE_AGREEMENT, AgreementEvent, EventKind
from gateway.core.agreement_state import AgreementState
from gateway.core.agreement_terms import Signature
from gateway.core.agreements import Agreement

SIGNATURES: Final = 2
"""Different people who sign for one organisation."""


class Standing(StrEnum):
    """Where a version stands on one day: its state, and whether its first day is still to come."""

    DRAFT = "DRAFT"
    REFUSED = "REFUSED"
    AWAITED = "AWAITED"
    """Signed; its first day is to come."""
    IN_FORCE = "IN_FORCE"
    SUSPENDED = "SUSPENDED"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"


NOTED: Final[Mapping[Standing, EventKind]] = {
    Standing.IN_FORCE: EventKind.CAME_INTO_FORCE,
    Standing.EXPIRED: EventKind.EXPIRED,
    Standing.SUPERSEDED: EventKind.SUPERSEDED,
}
"""Standings that are noted once, when a version first has them."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature: for whom, by whom (no name), in which job, when."""

    organisation: str
    person: str
    job: str
    on: date


@dataclass(frozen=True, slots=True)
class AgreementVersion:
    """One version of an agreement.

    Attributes:
        terms: as proposed or imported.
        digest: of what is signed.
        signers: organisations of each of which two people sign.
        proposed_by: organisation; empty for an import.
        imported: with its state and signatures, not to be signed here.
        noted: what was noted of it.
    """

    terms: Agreement
    digest: str
    signers: frozenset[str]
    proposed_by: str
    imported: bool
    signed: tuple[Signed, ...] = ()
    refused_by: str = ""
    ended_on: date | None = None
    noted: frozenset[EventKind] = frozenset()

    @property
    def key(self) -> tuple[int, ...]:
        """Its version as numbers: later ones are greater."""
        return number_of(self.terms.version)

    @property
    def lacking(self) -> tuple[str, ...]:
        """Organisations of which not enough people have signed yet; none of what was imported."""
        counted = [each.organisation for each in self.signed]
        needed = () if self.imported else sorted(self.signers)
        return tuple(name for name in needed if counted.count(name) < SIGNATURES)

    @property
    def is_complete(self) -> bool:
        """Whether all have signed."""
        return not self.lacking


@dataclass(frozen=True, slots=True)
class Book:
    """All versions of all agreements, oldest first, and who is suspended.

    Attributes:
        suspended: by agreement the parties suspended, each with the organisation that did it.
    """

    versions: tuple[AgreementVersion, ...] = ()
    suspended: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def find(self, agreement: str, version: str) -> AgreementVersion | None:
        """A version."""
        named = (each for each in self.of_agreement(agreement) if each.terms.version == version)
        return next(named, None)

    def of_agreement(self, agreement: str) -> tuple[AgreementVersion, ...]:
        """Its versions, the latest last."""
        found = (each for each in self.versions if each.terms.id == agreement)
        return tuple(sorted(found, key=lambda each: each.key))

    def in_line(self, agreement: str) -> AgreementVersion | None:
        """The latest version that all have signed, whatever became of it."""
        complete = [each for each in self.of_agreement(agreement) if is_agreed(each)]
        return complete[-1] if complete else None

    def is_suspended(self, agreement: str, party: str) -> bool:
        """Whether a party, or with an empty one the whole agreement, is suspended."""
        return party in self.suspended.get(agreement, {})

    def standing(self, version: AgreementVersion, day: date) -> Standing:
        """Where a version stands on a day."""
        if not is_agreed(version):
            return Standing.REFUSED if version.refused_by else Standing.DRAFT
        if version.terms.state is AgreementState.SUPERSEDED or self._is_superseded(version, day):
            return Standing.SUPERSEDED
        if version.ended_on is not None or _is_over(version.terms, day):
            return Standing.EXPIRED
        if self.is_suspended(version.terms.id, WHOLE_AGREEMENT):
            return Standing.SUSPENDED
        return Standing.IN_FORCE if version.terms.starts <= day else Standing.AWAITED

    def _is_superseded(self, version: AgreementVersion, day: date) -> bool:
        later = (each for each in self.of_agreement(version.terms.id) if each.key > version.key)
        return any(is_agreed(each) and _began(each, day) for each in later)

    def effective(self, day: date) -> tuple[Agreement, ...]:
        """What decisions of a day read: every version that was ever agreed, in its state."""
        return tuple(sorted(self._effective(day), key=lambda each: (each.id, each.version)))

    def _effective(self, day: date) -> Iterator[Agreement]:
        for version in self.versions:
            if is_agreed(version):
                yield self.shown(version, day)

    def shown(self, version: AgreementVersion, day: date) -> Agreement:
        """A version as it is exported: its text, with the state, the signatures and who is suspended."""
        standing = self.standing(version, day)
        state = AgreementState.IN_FORCE if standing is Standing.AWAITED else AgreementState(standing.value)
        parties = {each.organisation for each in version.terms.parties}
        suspended = sorted(parties.intersection(self.suspended.get(version.terms.id, ())))
        signatures = version.terms.signatures or _signatures(version)
        changes = {"state": state, "suspended": tuple(suspended), "signatures": signatures}
        return version.terms.model_copy(update=changes)

    def unnoted(self, day: date) -> Iterator[AgreementEvent]:
        """What came about by a day and is not noted yet."""
        for version in self.versions:
            kind = NOTED.get(self.standing(version, day))
            if kind is not None and kind not in version.noted:
                yield AgreementEvent(kind, version.terms.id, day, version.terms.version)


def number_of(version: str) -> tuple[int, ...]:
    """A version as numbers."""
    return tuple(map(int, version.split(".")))


def is_agreed(version: AgreementVersion) -> bool:
    """Whether all have signed, and nobody refused before."""
    return version.is_complete and not version.refused_by


def _is_over(terms: Agreement, day: date) -> bool:
    return terms.state is AgreementState.EXPIRED or day > terms.expiry


def _began(version: AgreementVersion, day: date) -> bool:
    ended = version.ended_on is not None and version.ended_on < version.terms.starts
    return version.terms.starts <= day and not ended


def _signatures(version: AgreementVersion) -> tuple[Signature, ...]:
    """One for each organisation: that by which its sign-off was complete."""
    last = {each.organisation: each for each in version.signed}
    lacking = version.lacking
    return tuple(
        Signature.model_validate({"organisation": name, "role": each.job, "on": each.on.isoformat()})
        for name, each in sorted(last.items())
        if name not in lacking
    )
