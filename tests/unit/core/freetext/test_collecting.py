from publicprotection.common.v1 import person_pb2
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.exchange.v1.header_pb2 import Author, Header

from gateway.core.freetext.collecting import collect_parties
from gateway.core.freetext.mask import mask_text
from gateway.core.freetext.model import PartyNames
from tests.support.core_world import vector

LINKED = person_pb2.LinkedPerson(
    person=person_pb2.Person(
        name=person_pb2.PersonName(family="Thornycroft", given="Ada Jane"),
        aliases=["Thorny"],
        date_of_birth=Date(year=1991, month=6, day=17),
        identifiers=[person_pb2.Identifier(value="9995522934")],
        address=person_pb2.Address(lines=["Flat 3", "22 Kiln Row"], town="Wickmere", postcode="ZC32 6LD"),
        telephone="07700 900123",
    ),
    relationship="former partner",
    risk="He has threatened Ada",
)


def test_a_persons_leaves_make_one_party() -> None:
    (party,) = collect_parties(LINKED)
    assert party.path == "document.person"
    assert party.names == PartyNames(
        name="Ada Jane Thornycroft",
        family="Thornycroft",
        aliases=("Thorny",),
        addresses=("Flat 3, 22 Kiln Row, Wickmere, ZC32 6LD",),
        towns=("Wickmere",),
        phones=("07700 900123",),
        identifiers=("9995522934",),
        births=((1991, 6, 17),),
    )


def test_the_author_is_a_party_of_the_staff() -> None:
    header = Header(author=Author(name="Sam Reed", role="COMMUNITY_OFFENDER_MANAGER"))
    (party,) = collect_parties(Header(), header)
    assert (party.about, party.names) == ("STAFF", PartyNames("Sam Reed"))


def test_each_party_has_whose_data_it_is_and_its_place() -> None:
    case = vector("child-L-17").case
    found = {
        (party.about, party.path): party.names.name for party in collect_parties(case.document, case.header)
    }
    assert found["SUBJECT", "document.subject"] == "Daniel Marsh"
    assert found["CHILD", "document.children[0].person"] == "Una Finch"
    assert "Sam Reed" in found.values()


def test_free_text_and_codes_make_no_party() -> None:
    names = [party.names for party in collect_parties(LINKED)]
    assert "threatened" not in str(names)
    assert "former partner" not in str(names)


def test_what_is_collected_masks_a_text() -> None:
    names = [party.names for party in collect_parties(LINKED)]
    text = "Ms Thornycroft of 22 Kiln Row, born 17/6/1991, rang; thorny cried."
    spans = mask_text(text, names, ())
    assert [text[each.start : each.end] for each in spans] == [
        "Thornycroft",
        "22 Kiln Row",
        "17/6/1991",
        "thorny",
    ]
