import pytest

from gateway.core.freetext.mask import mask_text
from gateway.core.freetext.model import PartyNames, SpanKind

VICTIM = PartyNames("Katherine Louise Ashworth-Bell", aliases=("Nana Kit",))
CHILD = PartyNames("Hope Field")
SUBJECT = PartyNames("Dominic Raymond Field", aliases=("Domino",))
OFFICER = PartyNames("Rupert Stannard")


def hidden(text: str, *protected: PartyNames) -> list[str]:
    spans = mask_text(text, protected or (VICTIM,), (SUBJECT, OFFICER))
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("He saw Katherine Ashworth-Bell there.", "Katherine Ashworth-Bell"),
        ("He saw Katherine there.", "Katherine"),
        ("Ms Ashworth-Bell rang.", "Ashworth-Bell"),
        ("He hates the Ashworths next door.", "Ashworth"),
        ("KATHERINE WAS CRYING", "KATHERINE"),
        ("he said katherine would pay", "katherine"),
        ("Kathy's phone was on.", "Kathy"),
        ("told kath to wait", "kath"),
        ("K. Ashworth-Bell attended.", "K. Ashworth-Bell"),
        ("K Ashworth was late.", "K Ashworth"),
        ("KAB to be contacted.", "KAB"),
        ("K.A.B. to be contacted.", "K.A.B"),
        ("Spoke to Mrs A-B today.", "A-B"),
        ("spoke to mrs a today", "a"),
        ("He wrote to Katharine again.", "Katharine"),
        ("He wrote to Kathrine again.", "Kathrine"),
        ("note for ashwurth found", "ashwurth"),
        ("Seen with Nana Kit at home.", "Nana Kit"),
        ("Signed by Katherine\nAshworth-Bell today.", "Katherine\nAshworth-Bell"),
        ("He saw Kather\u00adine there.", "Kather\u00adine"),
        ("Ashworth-Bell, Katherine: see notes.", "Ashworth-Bell, Katherine"),
        ("He met Louise there.", "Louise"),
    ],
)
def test_a_listed_person_is_masked_however_written(text: str, name: str) -> None:
    assert name in hidden(text)


def test_accents_do_not_hide_a_name() -> None:
    person = PartyNames("Róisín Wróblewska")
    assert hidden("ROISIN WROBLEWSKA rang; Róisín cried.", person) == ["ROISIN WROBLEWSKA", "Róisín"]


@pytest.mark.parametrize(
    "text",
    [
        "Hope said that he was there.",
        "He told Hope to hide.",
        "Hope's phone was off.",
        "She was with Hope, aged 6.",
        "Mum asked Hope about it.",
        "he said hope told him",
    ],
)
def test_a_name_that_is_a_word_is_masked_where_it_is_a_name(text: str) -> None:
    assert [found.lower() for found in hidden(text, CHILD)] == ["hope"]


@pytest.mark.parametrize(
    "text",
    [
        "There is hope in his engagement.",
        "We hope to see progress.",
        "Hope of change is small.",
        "She walked across the field and back.",
        "The field team will visit.",
    ],
)
def test_a_name_that_is_a_word_stays_where_it_is_a_word(text: str) -> None:
    assert hidden(text, CHILD) == []


@pytest.mark.parametrize(
    "text",
    [
        "Dominic denied it.",
        "Domino laughed.",
        "Dominic Field was seen.",
        "Dom denied it.",
        "PC Stannard noted it.",
    ],
)
def test_a_kept_person_stays(text: str) -> None:
    assert hidden(text) == []


def test_a_name_that_may_be_either_is_masked() -> None:
    assert hidden("Mr Field rang.", CHILD) == ["Field"]
    assert hidden("Dominic Field rang.", CHILD) == []


def test_a_spouse_is_not_taken_for_the_kept_person() -> None:
    assert hidden("Mrs Field rang.") == ["Field"]


def test_a_stranger_with_a_kept_family_name_is_masked_in_full() -> None:
    assert hidden("His mother, Pauline Field, rang.") == ["Pauline Field"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("He was with Gareth Pumphrey all day.", "Gareth Pumphrey"),
        ("PC Ollerenshaw attended.", "Ollerenshaw"),
        ("DC Long attended.", "Long"),
        ("The warden, Mr Kowalczyk, objected.", "Kowalczyk"),
        ("his brother Mark was there", "Mark"),
        ("we are at aunty flicks now", "flick"),
        ("Staying with Jude and Petra\nHallewell now.", "Petra\nHallewell"),
        ("Told prisoner Thackray.", "Thackray"),
    ],
)
def test_a_stranger_is_masked(text: str, name: str) -> None:
    assert name in hidden(text)


def test_a_strangers_family_name_is_remembered() -> None:
    assert hidden("He blames Tobias Grange. Grange has not been seen.") == ["Tobias Grange", "Grange"]


@pytest.mark.parametrize(
    "text",
    [
        "He moved to Leeds in May and works at Christmas.",
        "Recalled to HMP Thornmoor on Tuesday.",
        "Seen at Queen Adela Hospital by a consultant.",
        "The Crown Court at Maidstone sat in April 2022.",
        "Referred under the Care Act 2014 to Adult Social Care.",
        "The Home Office and the Parole Board were told.",
        "Police attended. Officers spoke to staff. Nothing found.",
    ],
)
def test_what_names_nobody_stays(text: str) -> None:
    assert hidden(text) == []


WITNESS = PartyNames("Will Marsh-Salter", aliases=("T",))
NEIGHBOUR = PartyNames("Robert Day", aliases=("Bobby",))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("She said to tell will I know.", "will"),
        ("Will drew five figures.", "Will"),
        ("From him. Will (13) was there.", "Will"),
        ("He told WM it was over.", "WM"),
        ("T seen handing over a bag.", "T"),
        ("dont ring dad. bobby d", "bobby d"),
        ("cos rob said so", "rob"),
        ("ms day rang", "day"),
        ("Day, Robert: see notes.", "Day, Robert"),
        ("Seen with Bobbys brother.", "Bobby"),
        ("It was w marsh-salter who rang.", "w marsh-salter"),
    ],
)
def test_names_that_are_words_are_told_by_what_stands_beside_them(text: str, name: str) -> None:
    assert name in hidden(text, WITNESS, NEIGHBOUR)


@pytest.mark.parametrize(
    "text",
    [
        "He will not come.",
        "She may need it.",
        "He comes to rob the shop.",
        "PC 4417 rang.",
        "On 3 May a day later.",
    ],
)
def test_the_same_words_stay_where_they_are_words(text: str) -> None:
    assert hidden(text, WITNESS, NEIGHBOUR, PartyNames("Paul Cole")) == []


@pytest.mark.parametrize("text", ["mr day rang", "aunty roberts", "miss marsh-salter came"])
def test_a_listed_name_in_small_letters_is_no_strangers(text: str) -> None:
    spans = mask_text(text, (WITNESS, NEIGHBOUR), (SUBJECT, OFFICER))
    assert [span.kind for span in spans] == [SpanKind.PERSON]


def test_towns_and_offices_are_family_names_after_a_given_name() -> None:
    assert hidden("Spoke to Tobias York and DC Judge about Kent.") == ["Tobias York", "Judge"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Her maiden name was Price, formerly Bright.", ["Price", "Bright"]),
        ('He goes by Shadow and is known on the wing as "Tank".', ["Shadow", "Tank"]),
        ("Surname now Winter by deed poll. At work they know Winter.", ["Winter", "Winter"]),
        ("They call him Bear.", ["Bear"]),
        ("Present: Dawn Bell (SW). Dad: Art Bell.", ["Dawn Bell", "Art Bell"]),
    ],
)
def test_what_somebody_is_said_to_be_called_is_a_name(text: str, names: list[str]) -> None:
    assert hidden(text) == names


def test_what_is_said_of_somebody_is_no_name() -> None:
    assert hidden("She is known to Probation, known as High risk, and known as a carer.") == []


def test_the_letter_of_a_number_is_no_initial_of_a_kept_relative() -> None:
    relative = PartyNames("Alma Tranmer")
    text = "Letter from TRANMER A1234BC to Alma Tranmer."
    spans = mask_text(text, (PartyNames("Colin Tranmer"),), (relative,))
    assert [text[span.start : span.end] for span in spans] == ["TRANMER A1234BC"]


def test_a_name_that_is_a_word_after_its_o_is_a_name() -> None:
    assert hidden("he said o'young does", PartyNames("Shane O'Young")) == ["o'young"]
