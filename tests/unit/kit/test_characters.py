"""Texts with a NUL are refused by path, wherever they stand: not every database keeps them."""

import pytest
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import ListValue, Struct, Value
from publicprotection.exchange.v1.header_pb2 import Author, Header
from publicprotection.exchange.v1.hold_service_pb2 import GrantHoldRequest
from publicprotection.exchange.v1.inbox_service_pb2 import GetDeliveryRequest
from publicprotection.oversight.v1.disclosure_log_service_pb2 import GetRecordRequest
from publicprotection.oversight.v1.subject_service_pb2 import Acting

from services.kit.rpc.characters import find_empty_reasons, find_nul
from services.kit.rpc.errors import InvalidRequestError
from services.kit.rpc.validation import validate


@pytest.mark.parametrize(
    ("message", "paths"),
    [
        (GetDeliveryRequest(delivery_id="d-1"), []),
        (GetDeliveryRequest(delivery_id="d\0"), ["delivery_id"]),
        (Header(author=Author(name="\0")), ["author.name"]),
        (
            Value(list_value=ListValue(values=[Value(string_value="a"), Value(string_value="\0")])),
            ["list_value.values[1].string_value"],
        ),
        (Struct(fields={"hidden\0": Value(string_value="a")}), ["fields[*]"]),
        (Struct(fields={"a": Value(string_value="\0")}), ["fields[*].string_value"]),
        (Value(number_value=2.0), []),  # octets of zero, and no text
    ],
)
def test_each_text_with_a_nul_is_found(message: Message, paths: list[str]) -> None:
    assert find_nul(message) == paths


def test_a_request_with_a_nul_is_refused_by_path() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        validate(GetDeliveryRequest(delivery_id="d\0"))
    assert [(each.field, "NUL" in each.advice) for each in refused.value.violations] == [
        ("delivery_id", True)
    ]


@pytest.mark.parametrize("empty", [" ", "\t\n", "-", "...", "\u200b", "\u00a0"])
def test_each_reason_that_says_nothing_is_found(empty: str) -> None:
    assert find_empty_reasons(GetRecordRequest(acting=Acting(reason=empty))) == ["acting.reason"]
    assert find_empty_reasons(GetDeliveryRequest(victim_reason=empty)) == ["victim_reason"]
    assert find_empty_reasons(GrantHoldRequest(reason=empty)) == ["reason"]


@pytest.mark.parametrize("said", ["", "7", "Complaint 7", "Απαίτηση"])
def test_no_other_reason_is(said: str) -> None:
    assert find_empty_reasons(GetRecordRequest(acting=Acting(reason=said))) == []


def test_a_request_for_no_reason_is_refused_by_path() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        validate(GetDeliveryRequest(delivery_id="d-1", reason=" "))
    assert [each.field for each in refused.value.violations] == ["reason"]
