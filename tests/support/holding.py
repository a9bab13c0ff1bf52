"""One vector for each prerequisite that holds on it, and the people who may answer the hold."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Final

import pytest
from publicprotection.exchange.v1 import answering_pb2, header_pb2
from publicprotection.exchange.v1.gateway_documents_pb2 import HoldVerdict

from gateway.app import arrivals
from gateway.app.rows import HoldRow, HoldState
from gateway.core.agreements import Agreement
from gateway.core.cases import ReadCase
from gateway.core.decide import decide
from gateway.core.model import Case, Ruling
from services.kit.clock import FixedClock
from tests.support.answering import answerer, evidence
from tests.support.core_world import vector
from tests.support.gateway import NOW, Gateway, Parties

HOLDING: Final = {
    "OWNER_AGREES": "child-X-05",
    "DWP_CONTACT_CONSULTED": "later-R-DWP-3-no-longer",
    "MAPPA_STATUS": "mappa-9.5-not-said",
    "AGREEMENT": "adult-X-12-provider-first",
    "IDENTIFIED_RISK": "mappa-E-02-no-risk",
    "PROTECTIVE_REVIEW": "child-M-09-answer-housing",
    "CHAIR_PERMITS": "later-S08-marac-unknown",
    "DISCLOSURE_DECIDED": "later-X24",
    "CHILD_SEX_OFFENDER": "mappa-R-46-unknown",
    "YOUTH_OFFENDING_CONSULTED": "mappa-E-22",
    "CHILDRENS_SERVICES_CONSULTED": "mappa-R-60-one-consulted",
    "ADULT_SERVICES_CONSULTED": "mappa-R-62",
    "GENDER_RECOGNITION_NEEDED": "mappa-E-24-crime",
    "PHOTOGRAPH_DECIDED": "later-S05",
    "RETALIATION_WEIGHED": "mappa-R-94",
    "MEDIA_APPROVED": "mappa-E-26-gazette-police-unapproved",
    "PRESS_OFFICE_TOLD": "mappa-E-26-police",
    "CONTRIBUTORS_HEARD": "mappa-E-45",
    "WRITTEN_AGREEMENT": "mappa-E-45",
    "REDACTION_APPROVED": "mappa-E-38-agreed",
    "RECIPIENT_VETTED": "mappa-X-27",
    "RECIPIENT_INVOLVED": "mappa-X-36",
    "YOUTH_OFFENDING_KEY": "later-S13-other-key",
    "CHILDRENS_SERVICES_KEY": "later-S13-college-one-key",
    "CHILD_CONSULTATION": "later-S13-urgent",
    "SCHOOL_CIRCLE": "later-S13-college-one-key",
    "VICTIM_AGREES_ZONE": "later-X13",
    "VICTIM_WANTS_CONTACT": "later-S21",
    "CLEARED_FOR_INTELLIGENCE": "later-S25-two-readers",
    "CLINICAL_RELEVANCE": "later-X23",
    "RISK_RELEVANCE": "later-X22",
    "OFFENDER_TEXT_CHECKED": "later-X11-rendition-unstated",
    "MARAC_CONSENT": "later-X37-eighteen",
    "CURFEW_MANAGER_DECIDES": "child-S-06",
    "MANAGER_APPROVES": "child-4.3-answer-adults",
    "MARAC_MENTION": "child-S-11",
    "WELSH_AUTHORITY": "child-L-26-unknown",
    "REFERRER_TEXT_CHECKED": "adult-S-73",
    "RECIPIENT_NOT_IMPLICATED": "adult-X-12-provider-first",
    "POLICE_CLEAR": "adult-S-24",
    "CONCERN_RISK_ASSESSED": "adult-S-03",
}
_REQUESTS = count(1)


class HeldCase:
    """A vector that is sent for real: everybody in it takes part, and its facts are on record before.

    Attributes:
        read: the vector.
        parties: who takes part, with a clock at the vector's time.
        agreements: in force; changed to have them end while something waits.
    """

    def __init__(self, prerequisite: str, everybody: Parties) -> None:
        self.prerequisite = prerequisite
        self.read: ReadCase = vector(HOLDING[prerequisite])
        self.parties = Parties(
            clock=FixedClock(_near(self.read.case.at)),
            signing=everybody.signing,
            decryption=everybody.decryption,
            entries=tuple(self.read.world.directory.organisations.values()),
        )
        self.agreements = self.read.world.agreements

    def decide(self, case: Case, _known: tuple[Agreement, ...]) -> tuple[Ruling, ...]:
        """The real decision, under the agreements of the case."""
        world = replace(self.read.world, agreements=self.agreements)
        return decide(replace(case, facts=(*self.read.case.facts, *case.facts)), world)

    @property
    def author(self) -> header_pb2.Author:
        """Of the exchange."""
        return self.read.case.header.author

    async def send(self, gateway: Gateway) -> HoldRow:
        """Sends it once more; the hold that waits for the prerequisite."""
        header = header_pb2.Header()
        header.CopyFrom(self.read.case.header)
        header.request_id = f"holding-{next(_REQUESTS):06}"
        sender = header.sender.organisation
        sealed = gateway.seal(sender, header, self.read.case.document)
        assert await gateway.take(sealed.arrival) == [None]
        waiting = [row for row in await holds_of(gateway, sealed.exchange_id) if self.waits(row)]
        if not waiting:
            outcomes, _ = await gateway.received(sender)
            raise AssertionError([told.rejection.reason for told in outcomes])
        return waiting[0]

    def waits(self, row: HoldRow) -> bool:
        """Whether it is an open hold of the prerequisite."""
        return row.prerequisite == self.prerequisite and row.state is HoldState.OPEN

    def somebody(
        self, key: answering_pb2.HoldKey, organisation: str, place: int = 0
    ) -> answering_pb2.Answerer:
        """One who may turn a key; another for each place."""
        same = key.author == answering_pb2.AUTHOR_RELATION_SAME
        return answerer(
            organisation,
            subject=f"right-{organisation}-{place}",
            name=self.author.name if same else f"Right Person {organisation} {place}",
            job=key.jobs[0] if key.jobs else "ANY_JOB",
            roles=[] if key.jobs else list(key.roles[:1]),
        )


def _near(at: datetime) -> datetime:
    """The vector's time, if the keys of this world are valid then."""
    return at if abs(at - NOW) < timedelta(days=1) else NOW


def take_what_is_incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    """A vector states what the decision reads and is often no complete document: its form is not checked."""
    kept = tuple(check for check in arrivals._CHECKS if check is not arrivals._check_content)
    assert len(kept) == len(arrivals._CHECKS) - 1
    monkeypatch.setattr(arrivals, "_CHECKS", kept)


async def holds_of(gateway: Gateway, exchange_id: str) -> list[HoldRow]:
    """All holds of an exchange."""
    async with gateway.store.reading() as unit:
        return await unit.holds.of_exchange(exchange_id)


async def found(gateway: Gateway, hold_id: str) -> HoldRow:
    """One hold, as it stands."""
    async with gateway.store.reading() as unit:
        row = await unit.holds.find(hold_id)
    assert row is not None
    return row


async def answer(
    gateway: Gateway,
    hold: HoldRow,
    verdict: "HoldVerdict.ValueType",
    who: answering_pb2.Answerer | None,
    *kinds: str,
) -> str:
    """Answers a hold; the reason for which the answer was not taken, or an empty text."""
    changes = {"answerer": who, "evidence": evidence(*kinds) if kinds != ("NONE",) else []}
    sealed = gateway.answer(hold.organisation, hold.hold_id, verdict, **changes)
    assert await gateway.take(sealed.arrival) == [None]
    outcomes, _ = await gateway.received(hold.organisation)
    own = [told for told in outcomes if told.exchange_id == sealed.exchange_id]
    assert len(own) == 1
    return own[0].rejection.reason
