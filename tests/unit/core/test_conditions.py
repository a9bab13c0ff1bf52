"""The CEL adapter: only True is true; an error is a fault, never a value."""

from datetime import date

import pytest
from publicprotection.documents.v1 import adult_pb2
from publicprotection.exchange.v1 import header_pb2

from gateway.core.conditions import ConditionError, Truth, activate, compile_condition
from gateway.core.lenient import read_message

HEADER = header_pb2.Header(
    purpose=header_pb2.PURPOSE_MANAGE_RISK, lawful_bases=[header_pb2.LAWFUL_BASIS_CJA_2003_S325]
)
DAY = date(2026, 11, 23)
CONCERN = read_message(adult_pb2.AdultConcern, {"setting": "PRISON"}, "document")


def truth(text: str, document: str = "AdultConcern") -> Truth:
    condition = compile_condition(text, ("AdultConcern",))
    return condition.evaluate(document, activate(HEADER, CONCERN, DAY))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("has(document.setting)", Truth.TRUE),
        ("has(document.request)", Truth.FALSE),
        (
            "has(document.setting) && document.setting == documents.v1.AdultSetting.ADULT_SETTING_PRISON",
            Truth.TRUE,
        ),
        ("size(header.lawful_bases) == 2", Truth.FALSE),
        ("1 / 0 == 1", Truth.FAULT),
        ("header.lawful_bases[5] == 1", Truth.FAULT),
        ("document.children.exists(c, has(c.risk) && c.risk == 'x')", Truth.FALSE),
    ],
)
def test_a_condition_comes_to_true_false_or_a_fault(text: str, expected: Truth) -> None:
    assert truth(text) is expected


@pytest.mark.parametrize(
    ("text", "void"),
    [
        ("document.children.exists(c, has(c.risk))", True),
        ("document.children.exists(c, has(c.risk) || true) && (has(document.setting) || true)", True),
        ("document.children.exists(c, has(c.risk)) && 1 / 0 == 1", True),
        ("document.children.exists(c, has(c.risk)) && has(document.request) || true", False),
        ("document.children.exists(c, has(c.risk)) ? false : true", False),
        ("document.children.exists(c, has(c.risk)) == false", False),
        ("!document.children.exists(c, has(c.risk))", False),
        ("document.children.exists(c, true // (\n) || true // )\n", False),
        ("document.children.exists(c, true) && true // (\n || true // )", False),
        ("header.lawful_bases.exists(b, b == 0)", False),
        ("has(document.request)", False),
    ],
)
def test_what_is_void_would_have_come_to_false(text: str, void: bool) -> None:
    condition = compile_condition(text, ("AdultConcern",))
    assert condition.is_void(HEADER, CONCERN) is void
    assert not void or truth(text) is Truth.FALSE


def test_a_list_with_an_element_is_evaluated() -> None:
    concern = adult_pb2.AdultConcern()
    concern.children.add()
    condition = compile_condition("document.children.exists(c, true)", ("AdultConcern",))
    assert not condition.is_void(HEADER, concern)
    assert condition.evaluate("AdultConcern", activate(HEADER, concern, DAY)) is Truth.TRUE


def test_a_document_it_was_not_compiled_for_is_a_fault() -> None:
    assert truth("has(document.setting)", "ReleaseNotice") is Truth.FAULT


@pytest.mark.parametrize(
    "text",
    [
        "document.setting == documents.v1.AdultSetting.ADULT_SETTING_PRISON",
        "document.children.exists(c, c.risk == 'x')",
        "document.children.exists(c, c.person.name.family == 'x')",
        "has(document.adult.telephone) && document.adult.name.family == 'x'",
    ],
)
def test_an_optional_leaf_is_read_only_under_has(text: str) -> None:
    with pytest.raises(ConditionError, match="may be absent"):
        compile_condition(text, ("AdultConcern",))


def test_braces_in_a_text_are_no_map() -> None:
    assert truth("has(document.concern) && document.concern == '{dyn(x)'") is Truth.FALSE


def test_without_documents_only_the_header_can_be_read() -> None:
    with pytest.raises(ConditionError, match="undeclared"):
        compile_condition("has(document.setting)", ())
    condition = compile_condition("has(header.purpose)", ())
    assert condition.evaluate("AnyDocument", activate(HEADER, CONCERN, DAY)) is Truth.TRUE


def test_the_day_of_the_decision_is_a_number() -> None:
    assert truth("today == 20261123") is Truth.TRUE
    assert truth("today < 20261123") is Truth.FALSE
