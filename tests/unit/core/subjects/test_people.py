"""Whom a document names, and whose case it is, read from the contract alone."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from google.protobuf.descriptor import Descriptor
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.person_pb2 import (
    IDENTIFIER_SYSTEM_CRN,
    IDENTIFIER_SYSTEM_NHS_NUMBER,
    IDENTIFIER_SYSTEM_PNC_ID,
    Identifier,
    LinkedPerson,
    Person,
    PersonName,
)
from publicprotection.documents.v1.adult_pb2 import AdultConcern
from publicprotection.documents.v1.adult_police_pb2 import CrimeConcernCopy
from publicprotection.documents.v1.domestic_abuse_pb2 import MaracReferral
from publicprotection.documents.v1.mappa_pb2 import AgencyContribution
from publicprotection.exchange.v1.header_pb2 import Header, Provenance

from gateway.core.documents import descriptor_of, document_class, shareable_documents
from gateway.core.flow import Owners
from gateway.core.owners import read_owners
from gateway.core.subjects.people import (
    Birth,
    GivenName,
    StatedIdentifier,
    StatedPerson,
    case_paths,
    read_people,
)
from services.kit.evidence.leaves import flatten
from services.kit.evidence.paths import label_path

SUBJECT = Person(
    name=PersonName(given="Callum Rhys", family="Fenwick-Marr"),
    aliases=["Cal Marr", "Fen"],
    date_of_birth=Date(year=1984, month=3, day=9),
    identifiers=[
        Identifier(system=IDENTIFIER_SYSTEM_PNC_ID, value="2009/ 0190441m"),
        Identifier(value="no system"),
        Identifier(system=IDENTIFIER_SYSTEM_CRN, value="--"),
    ],
)
VICTIM = Person(name=PersonName(given="Ottilie", family="Branwhite"), date_of_birth=Date(year=1990))


def people_of(document: Any, owners: Owners | None = None) -> tuple[StatedPerson, ...]:
    return read_people(
        document, flatten(document, prefix="document"), owners or Owners("kent-police", {}, {})
    )


def test_a_person_is_read_with_all_that_may_tell_who_it_is() -> None:
    (person,) = people_of(AgencyContribution(subject=SUBJECT))
    assert person.about == "SUBJECT"
    assert person.is_case
    assert person.identifiers == (
        StatedIdentifier(IDENTIFIER_SYSTEM_PNC_ID, "2009/ 0190441m", "20090190441M"),
    )
    assert person.names == (GivenName("Callum Rhys", "Fenwick-Marr"), GivenName("Cal", "Marr"))
    assert person.birth == Birth(1984, 3, 9)
    assert person.party.name == "Callum Rhys Fenwick-Marr"


def test_others_are_read_with_their_part_and_are_not_the_case() -> None:
    document = AgencyContribution(subject=SUBJECT, victims=[LinkedPerson(person=VICTIM)])
    _, victim = people_of(document)
    assert (victim.about, victim.is_case, victim.birth) == ("VICTIM", False, Birth(1990))


def test_owner_is_whose_information_the_provenance_says_it_is() -> None:
    document = AgencyContribution(
        subject=SUBJECT, victims=[LinkedPerson(person=VICTIM), LinkedPerson(person=VICTIM)]
    )
    leaves = flatten(document, prefix="document")
    prefix = label_path("document.victims[1]", leaves)
    header = Header(provenance=[Provenance(prefix=prefix, owner="kent-idva")])
    people = read_people(document, leaves, read_owners(header, "kent-probation"))
    assert [person.owner for person in people] == ["kent-probation", "kent-probation", "kent-idva"]


def test_victim_of_a_marac_referral_is_the_subject_of_its_case() -> None:
    document = MaracReferral(victim=VICTIM)
    document.perpetrators.add(person=SUBJECT)
    assert {person.about: person.is_case for person in people_of(document)} == {
        "VICTIM": True,
        "OTHER": False,
    }


def test_a_copied_concern_is_about_the_adult_of_the_concern_and_no_other() -> None:
    nhs = Identifier(system=IDENTIFIER_SYSTEM_NHS_NUMBER, value="999 014 2211")
    other = Identifier(system=IDENTIFIER_SYSTEM_NHS_NUMBER, value="999 014 2238")
    copy = CrimeConcernCopy(concern=AdultConcern(adult=Person(identifiers=[nhs])))
    copy.concern.other_adults.add(person=Person(identifiers=[other]))
    copy.concern.persons_of_concern.add(person=Person(identifiers=[other]))
    cases = [person for person in people_of(copy) if person.is_case]
    assert [each.value for person in cases for each in person.identifiers] == ["9990142211"]


def people_in(descriptor: Descriptor, above: tuple[str, ...] = ()) -> Iterator[str]:
    """Fields anywhere in a document that name a person."""
    for field in descriptor.fields:
        below = field.message_type
        if below is None or below.full_name in above:
            continue
        if any(each.message_type is PersonName.DESCRIPTOR for each in below.fields):
            yield field.name
        yield from people_in(below, (*above, below.full_name))


@pytest.mark.parametrize("name", shareable_documents())
def test_whoever_names_people_says_whose_case_it_is(name: str) -> None:
    document = document_class(name)()
    if not any(people_in(descriptor_of(document))):
        return
    fill_people(document)
    assert len(list(case_paths(document))) == 1


def fill_people(message: Any) -> None:
    """Sets every singular message of a document to something, so that it is there."""
    for field in cast("Descriptor", message.DESCRIPTOR).fields:
        if field.message_type is not None and not field.is_repeated:
            getattr(message, field.name).SetInParent()
            if field.name == "concern":
                fill_people(getattr(message, field.name))
