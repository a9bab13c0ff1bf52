import pytest

from gateway.core.freetext.identifiers import is_nhs_number
from gateway.core.freetext.mask import mask_text
from gateway.core.freetext.model import PartyNames


def hidden(text: str, *kept: PartyNames) -> list[str]:
    return [text[span.start : span.end] for span in mask_text(text, (), kept)]


@pytest.mark.parametrize(
    "value",
    [
        "07700 900123", "07700900123", "07700-900-123", "07700.900.123", "07700 900 123",
        "+44 7700 900123", "+447700900123",
        "0044 7700 900123", "+44 (0)7700 900123", "01632 960118", "(01632) 960118", "01632-960-118",
        "0113 496 0133", "020 7946 0123",
        "zc17 8qt", "ZC17 8QT", "ZC178QT",
        "999 552 2934", "9995522934", "999-552-2934",
        "2021/0428387G", "02/494743U", "307693/15W", "SF86/337108G",
        "07700\n900123", "077 00 900 123", "(07700) 900123", "999\n552 2934", "999552 2934",
        "qq123456c", "QQ\n123456C", "QQ-12-34-56-C",
        "21/428387g", "2021/0428387 G", "SF 86/337108G", "ZC17\n8QT",
        "vu19 euv", "VU19-EUV", "a1234bc", "530 736 792", "X 123456",
        "A1234BC", "X123456", "QQ 12 34 56 C", "QQ123456C", "VU19 EUV", "VU19EUV", "P123 ABC", "ABC 123D",
        "530736792", "A123456789012", "a.person@mail.example.org", "@some.handle", "ray_of_sun71",
    ],
)  # fmt: skip
def test_an_identifier_or_contact_is_masked_whole(value: str) -> None:
    assert value in hidden(f"it was {value} that he gave")


@pytest.mark.parametrize(
    "text",
    [
        "40/11872/24 is the crime reference",
        "IR 4471/23 was graded",
        "cell B3-014 at 21:40, exhibit SA/3",
        "s.244 CJA 2003 and s.75A SCA 2015",
        "he owes £23,600 and took 0.5 mg at 02:10",
        "on 14/09 and 15-10 at 0312 hrs",
        "at 3 pm on the 2nd of the month, 1 st place",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert hidden(text) == []


def test_the_check_digit_decides_where_the_form_says_too_little() -> None:
    assert is_nhs_number("9995522934")
    assert not is_nhs_number("9995522935")
    assert hidden("ledger 999 552 2935 closed") == []
    assert hidden("NHS no. 999 552 2935 given") == ["999 552 2935"]


def test_a_kept_partys_own_number_stays() -> None:
    kept = PartyNames("Neil Harker", phones=("07700 900123",), identifiers=("A1234BC",))
    assert hidden("ring 07700900123 re A1234BC", kept) == []


def test_a_handle_is_known_by_its_cue() -> None:
    assert hidden('messages from user "sunny.boy71" came') == ["sunny.boy71"]


@pytest.mark.parametrize(
    "date",
    ["7/3/1983", "07.03.83", "07MAR1983", "7 March 1983", "7th of March 1983", "March 7, 1983", "1983-03-07"],
)
def test_a_date_right_after_a_name_is_a_birth(date: str) -> None:
    assert date in hidden(f"IP = Zuzanna Wrobel, {date}, reports")


def test_a_date_of_this_century_is_a_birth_only_beside_a_number_or_in_full() -> None:
    assert hidden("Zuzanna, 12.03.21 seen") == ["Zuzanna"]
    assert hidden("Zuzanna: 12.03.21, NHS 999 552 2934") == ["Zuzanna", "12.03.21", "999 552 2934"]
