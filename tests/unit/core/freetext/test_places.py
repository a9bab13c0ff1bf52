import pytest

from gateway.core.freetext.mask import mask_text, redact
from gateway.core.freetext.model import PartyNames

VICTIM = PartyNames(
    "Ada Thornycroft", addresses=("Flat 3, 22 Pipistrelle Row, Wickmere, ZC32 6LD",), births=((1991, 6, 17),)
)
SUBJECT = PartyNames("Neil Harker", addresses=("7 Corn Mill Yard, Wickmere, ZC17 8QT",))


def hidden(text: str) -> list[str]:
    return [text[span.start : span.end] for span in mask_text(text, (VICTIM,), (SUBJECT,))]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("He waited at 22 Pipistrelle Row again.", "22 Pipistrelle Row"),
        ("he went to flat 3, 22 pipistrelle row", "flat 3, 22 pipistrelle row"),
        ("Seen near Pipistrelle Rw again.", "Pipistrelle Rw"),
        ("He asked about Pipistrelle today.", "Pipistrelle"),
        ("OUTSIDE 22\nPIPISTRELLE ROW", "22\nPIPISTRELLE ROW"),
        ("Noise heard at number 22 all night.", "number 22"),
        ("Noise heard at 22 all night.", "22"),
        ("Post goes to Flat 3 now.", "Flat 3"),
        ("Nbr at 51a heard it.", "51a"),
        ("The area is ZC32 so far.", "ZC32"),
        ("She moved to 9 Larch Grove in June.", "9 Larch Grove"),
        ("She moved to Hazelgarth, Upper Wyke on Monday.", "Hazelgarth, Upper Wyke"),
        ("A parcel for 17B Osier Dale came.", "17B Osier Dale"),
        ("bail address 5/90 Fellside Rd, Carrow-on-Sea refused", "5/90 Fellside Rd, Carrow-on-Sea"),
        ("He gave Llety'r Bont, Stryd Fawr for letters.", "Llety'r Bont, Stryd Fawr"),
        ("He is at berth 11, the narrowboat at Sluice End now.", "berth 11, the narrowboat at Sluice End"),
        ("New room: top floor back, 26 Sailmaker Street.", "top floor back, 26 Sailmaker Street"),
        ("He sells it at the Fleece most nights.", "the Fleece"),
        ("She was found at Foyer on Friargate today.", "Foyer on Friargate"),
        ("She works at Crown Bakery now.", "Crown Bakery"),
        ("He was outside Pelham Robins Post Office.", "Pelham Robins Post Office"),
        ("She is at the Orchard Bears care home.", "the Orchard Bears care home"),
        ("She moved from Corn Mill Yard to Corn Mill Court.", "Corn Mill Court"),
        ("She moved to The Old Smithy, Garth Lane.", "The Old Smithy, Garth Lane"),
        ("He attends Bracken Hill Junior School.", "Bracken Hill Junior School"),
        ("outside St Cuthman's RC Primary at 3", "St Cuthman's RC Primary"),
        ("She is a nurse at the Brook Street dental practice now.", "the Brook Street dental practice"),
        ("They fled to Marigold House.", "Marigold House"),
        ("He goes to Ysgol Nant y Wern daily.", "Ysgol Nant y Wern"),
        ("her nursery, Little Acorns on Tithe Street, was told", "Little Acorns on Tithe Street"),
        ("She works at Castle Seeds.", "Castle Seeds"),
        ("the caravan at Lowther Yard was empty", "the caravan at Lowther Yard"),
        ("Attends Our Lady of the Harbour weekly.", "Our Lady of the Harbour"),
    ],
)
def test_a_home_or_identifying_place_is_masked(text: str, place: str) -> None:
    assert place in hidden(text)


def test_a_kept_partys_address_stays() -> None:
    assert hidden("He lives at 7 Corn Mill Yard.") == []


@pytest.mark.parametrize(
    "text",
    [
        "He was there at 9 and took 22 tablets.",
        "The town of Wickmere is small.",
        "Room 12 of the ward was empty.",
        "The primary care centre was closed.",
    ],
)
def test_what_is_no_home_stays(text: str) -> None:
    assert hidden(text) == []


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("DOB 17/06/1991, seen.", "17/06/1991"),
        ("She was born on 3rd May 1990 here.", "3rd May 1990"),
        ("on 17 June 1991 at home", "17 June 1991"),
        ("Ada, 09/11/2016, was upstairs", "09/11/2016"),
        ("born 1990-02-03.", "1990-02-03"),
    ],
)
def test_a_date_of_birth_is_masked(text: str, birth: str) -> None:
    assert birth in hidden(text)


@pytest.mark.parametrize(
    "text", ["Seen on 03/10/2021 at noon.", "Ada rang on 4 May 2022 at noon.", "02.02.22 anonymous call"]
)
def test_other_dates_stay(text: str) -> None:
    assert not any(sign.isdigit() for found in hidden(text) for sign in found)


def test_the_masked_text_has_the_mark_for_each_span() -> None:
    text = "Ada left 22 Pipistrelle Row."
    assert redact(text, mask_text(text, (VICTIM,), (SUBJECT,))) == "█████ left █████."


def test_a_text_without_anybody_is_left_as_it_is() -> None:
    text = "He took the bus home."
    assert redact(text, mask_text(text, (VICTIM,), (SUBJECT,))) == text


def test_a_house_by_its_name_is_masked_with_its_street_and_village() -> None:
    text = "She is at Larkmoor, Finch Lane, Skelby now."
    [span] = [each for each in mask_text(text, (), ()) if "Finch" in text[each.start : each.end]]
    assert text[span.start : span.end].startswith("Larkmoor, Finch Lane")


def test_another_flat_of_a_listed_house_is_masked() -> None:
    victim = PartyNames("Ann Thornycroft", addresses=("31b Finch Lane, Skelby",))
    text = "Call from J HARKER, 31A, heard shouting."
    assert "31A" in [text[each.start : each.end] for each in mask_text(text, (victim,), ())]
