"""Whom an earlier exchange named beside a subject, a later text does not tell of."""

from collections.abc import Callable
from typing import Any

import pytest
from publicprotection.common.v1.person_pb2 import (
    IDENTIFIER_SYSTEM_CRN,
    IDENTIFIER_SYSTEM_PNC_ID,
    Address,
    Identifier,
    LinkedPerson,
    Person,
    PersonName,
)
from publicprotection.exchange.v1.gateway_documents_pb2 import HOLD_VERDICT_GRANT
from publicprotection.exchange.v1.header_pb2 import Header

from gateway.app.resting import open_at_rest
from tests.support.gateway import Gateway, Sealed

Change = Callable[[Header, Any], None]
VICTIM = LinkedPerson(
    person=Person(
        name=PersonName(given="Ottilie", family="Branwhite"),
        address=Address(lines=["14 Quarry Steps"], town="Sandlewick", postcode="CT97 4QX"),
    )
)
TEXT = "He was seen near the home of Ottilie Branwhite, 14 Quarry Steps, on two evenings."
HIDDEN = ("Ottilie", "Branwhite", "Quarry")


def naming_the_victim(_header: Header, document: Any) -> None:
    """In a notice to the police among others."""
    del document.victims[:]
    document.victims.append(VICTIM)


def telling_of_her(header: Header, document: Any) -> None:
    del document.victims[:]
    del header.provenance[:]
    document.summary = TEXT


def of_somebody_else(header: Header, document: Any) -> None:
    telling_of_her(header, document)
    del document.subject.identifiers[:]
    document.subject.identifiers.append(Identifier(system=IDENTIFIER_SYSTEM_CRN, value="X111222"))


async def summary_of(gateway: Gateway, sealed: Sealed) -> str:
    """The summary as the co-ordination unit got it."""
    assert await gateway.take(sealed.arrival) == [None]
    _, releases = await gateway.received(gateway.parties.of_kind("MAPPA_COORDINATION_UNIT"))
    [release] = [each for delivery, each in releases if each.statement.exchange_id == sealed.exchange_id]
    derived = {value.path: value.value for value in release.statement.derived}
    return str(derived.get("document.summary", release.leaves.get("document.summary")))


async def test_whom_nobody_named_before_is_in_the_text(gateway: Gateway) -> None:
    assert await summary_of(gateway, gateway.step("contribution", change=telling_of_her)) == TEXT


async def test_whom_another_organisation_named_before_is_masked(gateway: Gateway) -> None:
    await gateway.take(gateway.step("release-notice", change=naming_the_victim).arrival)
    text = await summary_of(gateway, gateway.step("contribution", change=telling_of_her))
    assert text.startswith("He was seen near the home of ")
    assert not any(part in text for part in HIDDEN)


async def test_both_in_one_batch_make_no_difference(gateway: Gateway) -> None:
    earlier = gateway.step("release-notice", change=naming_the_victim)
    later = gateway.step("contribution", change=telling_of_her)
    await gateway.take(earlier.arrival, later.arrival)
    _, releases = await gateway.received(gateway.parties.of_kind("MAPPA_COORDINATION_UNIT"))
    [release] = [each for _, each in releases]
    [derived] = [each.value for each in release.statement.derived if each.path == "document.summary"]
    assert not any(part in str(derived) for part in HIDDEN)


async def test_it_is_known_by_another_number_of_the_same_person(gateway: Gateway) -> None:
    def by_crn(_header: Header, document: Any) -> None:
        naming_the_victim(_header, document)
        del document.subject.identifiers[:]
        document.subject.identifiers.append(Identifier(system=IDENTIFIER_SYSTEM_CRN, value="X904417"))

    def by_pnc(header: Header, document: Any) -> None:
        telling_of_her(header, document)
        del document.subject.identifiers[:]
        pnc = Identifier(system=IDENTIFIER_SYSTEM_PNC_ID, value="2009/0190441M")
        document.subject.identifiers.append(pnc)

    await gateway.take(gateway.step("release-notice", change=by_crn).arrival)
    assert await summary_of(gateway, gateway.step("contribution", change=by_pnc)) == TEXT
    await gateway.take(gateway.step("restrictions").arrival)  # states both numbers
    text = await summary_of(gateway, gateway.step("contribution", change=by_pnc))
    assert not any(part in text for part in HIDDEN)


async def test_a_text_about_somebody_else_stays(gateway: Gateway) -> None:
    await gateway.take(gateway.step("release-notice", change=naming_the_victim).arrival)
    assert await summary_of(gateway, gateway.step("contribution", change=of_somebody_else)) == TEXT


async def test_who_was_forgotten_is_known_no_more(gateway: Gateway) -> None:
    earlier = gateway.step("release-notice", change=naming_the_victim)
    await gateway.take(earlier.arrival)
    async with gateway.store.writing() as unit:
        subjects = [row.subject_id for row in await unit.subjects.mentioned(earlier.exchange_id)]
        scopes = {row.key_scope for row in await unit.subjects.case_texts(subjects)}
        assert scopes <= set(await unit.subjects.forget(subjects))
    assert await summary_of(gateway, gateway.step("contribution", change=telling_of_her)) == TEXT


async def test_descriptions_that_were_altered_stop_the_exchange(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gateway.take(gateway.step("release-notice", change=naming_the_victim).arrival)

    def spoilt(ciphertext: bytes, *rest: Any) -> bytes:
        return open_at_rest(ciphertext[:-1] + bytes([ciphertext[-1] ^ 1]), *rest)

    monkeypatch.setattr("gateway.app.describing.open_at_rest", spoilt)
    sealed = gateway.step("contribution", change=telling_of_her)
    [unusable] = await gateway.take(sealed.arrival)
    assert unusable is not None
    assert unusable.reason == "FAULT"


def of_the_police(_header: Header, document: Any) -> None:
    document.narrative = "Set because he followed Ottilie Branwhite to her place of work."


async def narrative_of(gateway: Gateway, sealed: Sealed, kind: str) -> str:
    """The narrative of a restriction notice as an organisation got it."""
    assert await gateway.take(sealed.arrival) == [None]
    _, releases = await gateway.received(gateway.parties.of_kind(kind))
    [release] = [each for _, each in releases if each.statement.exchange_id == sealed.exchange_id]
    derived = {value.path: value.value for value in release.statement.derived}
    return str(derived.get("document.narrative", release.leaves.get("document.narrative")))


async def test_a_text_keeps_nothing_from_a_desk_that_was_told(gateway: Gateway) -> None:
    await gateway.take(gateway.step("release-notice", change=naming_the_victim).arrival)
    await gateway.received(gateway.parties.of_kind("POLICE"))
    async with gateway.store.reading() as unit:
        [first] = await unit.register.page(0, 1)
        texts = await unit.subjects.case_texts([first.subject_id])
        told = await unit.subjects.told([row.text_id for row in texts])
    police = gateway.parties.of_kind("POLICE")
    sealed = gateway.step("restrictions", change=of_the_police)
    text = await narrative_of(gateway, sealed, "POLICE")
    victims = {row.text_id for row in texts if row.party_id is None}
    knew = {row.kind for row in told if row.organisation == police and row.text_id in victims}
    assert ("Branwhite" in text) == ("IDENTITY" in knew)
    assert "IDENTITY" in knew


async def test_who_was_told_nothing_reads_a_mark(gateway: Gateway) -> None:
    await gateway.take(gateway.step("contribution", change=naming_the_victim).arrival)
    text = await narrative_of(gateway, gateway.step("restrictions", change=of_the_police), "POLICE")
    assert not any(part in text for part in HIDDEN)


async def test_who_is_told_later_reads_it_from_then_on(gateway: Gateway) -> None:
    await gateway.take(gateway.step("contribution", change=naming_the_victim).arrival)
    assert "Branwhite" not in await summary_of(gateway, gateway.step("contribution", change=telling_of_her))
    police = gateway.parties.of_kind("POLICE")
    outcomes, _ = await gateway.received(police)
    hold_ids = {held.hold_id for told in outcomes for each in told.decisions for held in each.held}
    for hold_id in sorted(hold_ids):
        assert await gateway.take(gateway.answer(police, hold_id, HOLD_VERDICT_GRANT).arrival) == [None]
    assert hold_ids
    assert await summary_of(gateway, gateway.step("contribution", change=telling_of_her)) == TEXT
