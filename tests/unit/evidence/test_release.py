import json
from typing import Any

import pytest
from pydantic import ValidationError

from services.kit.evidence.canonical import canonical
from services.kit.evidence.derive import apply_mask
from services.kit.evidence.errors import EvidenceError, ReleaseRefusedError, StatementRefusedError
from services.kit.evidence.jws import sign_bytes, sign_json
from services.kit.evidence.release import Discrepancy, check_against_original, verify_release
from services.kit.evidence.seal import Seal, select
from services.kit.evidence.statement import (
    STATEMENT_TYPE,
    AgreementClause,
    Derived,
    Recipient,
    Statement,
    WithheldTold,
    sign_statement,
    verify_statement,
)
from tests.support.sealing import DESK, GATEWAY, LEAVES, NOW, SENDER, lookup, sealed, statement

KEYS = lookup()
NOTE, BORN, POSTCODE = "document.note", "document.subject.born", "document.address.postcode"
DERIVED = (
    Derived(path=POSTCODE, function="postcode-to-district/1", value="ZZ1"),
    Derived(path=NOTE, function="mask/1", value=apply_mask(LEAVES[NOTE], [(15, 25)])),
    Derived(path=BORN, function="date-to-year/1", value="1984"),
)
SHOWN = ("document.sentence.days", "document.subject.name.family", "header.purpose")


def _partial(whole: Seal, **changes: Any) -> Statement:
    return statement(whole, **{"disclosed": SHOWN, "derived": DERIVED, **changes})


def _verify(seal: str, said: Statement | str, recipient: Recipient = DESK) -> Any:
    token = said if isinstance(said, str) else sign_statement(said, key=GATEWAY)
    return verify_release(seal, token, keys=KEYS, gateway="gateway", recipient=recipient)


def _refused(seal: str, said: Statement | str, recipient: Recipient = DESK) -> str:
    with pytest.raises(EvidenceError) as caught:
        _verify(seal, said, recipient)
    return caught.value.reason


def test_a_statement_comes_back_as_signed() -> None:
    said = _partial(
        sealed(),
        withheld_told=(
            WithheldTold(category="VICTIM_LOCATION", rule="MAPPA-4.16", reason="owner's consent"),
        ),
        not_after=NOW.replace(year=2027),
        agreement=AgreementClause(id="kent-mappa", version="3", clause="4.2"),
        flags=("NO_AGREEMENT",),
        supplementary_to="delivery-0",
    )

    assert verify_statement(sign_statement(said, key=GATEWAY), keys=KEYS, gateway="gateway") == said
    assert said.expired(NOW.replace(year=2027))
    assert not said.expired(NOW)


def test_a_release_gives_what_was_disclosed_and_derived() -> None:
    whole = sealed()

    release = _verify(select(whole, SHOWN), _partial(whole))

    assert release.leaves == {
        **{path: LEAVES[path] for path in SHOWN},
        POSTCODE: "ZZ1",
        BORN: "1984",
        NOTE: "Will stay with \u2588\u2588\u2588\u2588\u2588 until June.",
    }
    assert release.opened.leaves.keys() == set(SHOWN)


def test_a_release_for_somebody_else_is_refused() -> None:
    whole = sealed()
    other_desk = Recipient(organisation="kent-police", desk="front-counter")
    other_body = Recipient(organisation="dwp-kent", desk="offender-management")

    assert _refused(select(whole, SHOWN), _partial(whole), other_desk) == "other_recipient"
    assert _refused(select(whole, SHOWN), _partial(whole), other_body) == "other_recipient"


def test_disclosures_must_be_exactly_those_stated() -> None:
    whole = sealed()

    assert _refused(select(whole, SHOWN[:-1]), _partial(whole)) == "other_disclosures"
    assert _refused(select(whole, (*SHOWN, "document.licence")), _partial(whole)) == "other_disclosures"
    assert _refused(select(whole, (*SHOWN, NOTE)), _partial(whole)) == "other_disclosures"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"seal_hash": "cd" * 32}, "other_seal"),
        ({"exchange_id": "exchange-2"}, "other_exchange"),
        ({"sender": "surrey-police"}, "other_sender"),
    ],
)
def test_a_statement_about_another_seal_is_refused(change: dict[str, str], reason: str) -> None:
    whole = sealed()

    assert _refused(select(whole, SHOWN), _partial(whole, **change)) == reason


def test_a_seal_of_the_same_leaves_is_another_seal() -> None:
    assert _refused(select(sealed(seed=8), SHOWN), _partial(sealed(seed=7))) == "other_seal"


def test_only_the_gateway_signs_statements() -> None:
    whole = sealed()

    assert (
        _refused(select(whole, SHOWN), sign_statement(_partial(whole), key=SENDER)) == "not_signed_by_gateway"
    )


def test_another_signed_object_is_no_statement() -> None:
    whole = sealed()
    members = json.loads(canonical(_partial(whole).model_dump(mode="json")))

    assert (
        _refused(select(whole, SHOWN), sign_json(members, typ="receipt+jws", key=GATEWAY)) == "type_refused"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"flags": ...},
        {"disclosed": ["header.purpose", "document.sentence.days"]},
        {"disclosed": ["header.purpose", "header.purpose"]},
        {"disclosed": [NOTE]},
        {"disclosed": ["iss"]},
        {"flags": ["B", "A"]},
        {"issued_at": "2026-11-23T09:30:00+00:00"},
        {"issued_at": "2026-11-23T09:30:00"},
        {"seal_hash": "AB" * 32},
        {"recipient": {"organisation": "kent-police"}},
        {"derived": [{"path": NOTE, "function": "mask/1", "value": None}]},
        {"agreement": {}},
    ],
    ids="-".join,
)
def test_a_statement_out_of_form_is_refused(change: dict[str, Any]) -> None:
    members = {**_partial(sealed()).model_dump(mode="json"), **change}
    members = {name: value for name, value in members.items() if value is not ...}

    with pytest.raises(StatementRefusedError) as caught:
        verify_statement(sign_json(members, typ=STATEMENT_TYPE, key=GATEWAY), keys=KEYS, gateway="gateway")

    assert caught.value.reason in ("statement_malformed", "statement_not_canonical")


def test_a_statement_in_another_form_of_json_is_refused() -> None:
    text = json.dumps(_partial(sealed()).model_dump(mode="json")).encode()

    with pytest.raises(StatementRefusedError) as caught:
        verify_statement(sign_bytes(text, typ=STATEMENT_TYPE, key=GATEWAY), keys=KEYS, gateway="gateway")

    assert caught.value.reason == "statement_not_canonical"


def test_a_leaf_cannot_be_both_disclosed_and_derived() -> None:
    with pytest.raises(ValidationError) as caught:
        _partial(sealed(), disclosed=tuple(sorted((*SHOWN, NOTE))))

    assert "stay with" not in str(caught.value)


def test_the_sender_finds_nothing_wrong_with_an_honest_release() -> None:
    whole = sealed()

    assert check_against_original(LEAVES, whole.seal_hash, _partial(whole)) == []
    assert check_against_original(LEAVES, whole.seal_hash, statement(whole)) == []


def test_the_sender_catches_a_leaf_that_it_never_sent() -> None:
    whole = sealed()
    said = _partial(whole, disclosed=tuple(sorted((*SHOWN, "document.other"))))

    assert check_against_original(LEAVES, whole.seal_hash, said) == [
        Discrepancy("never_sent", "document.other")
    ]


def test_the_sender_catches_a_derived_value_of_a_leaf_that_it_never_sent() -> None:
    whole = sealed()
    derived = (Derived(path="document.other", function="date-to-year/1", value="1984"),)

    found = check_against_original(LEAVES, whole.seal_hash, _partial(whole, derived=derived))

    assert found == [Discrepancy("never_sent", "document.other")]


@pytest.mark.parametrize(
    ("path", "function", "value"),
    [
        (BORN, "date-to-year/1", "1985"),
        (BORN, "date-to-year/1", 1984),
        (BORN, "date-to-year/2", "1984"),
        (BORN, "mask/1", "1984"),
        (POSTCODE, "postcode-to-district/1", "ZZ1 4"),
        (NOTE, "date-to-year/1", "1984"),
        (NOTE, "mask/1", LEAVES[NOTE]),
        (NOTE, "mask/1", "Will not stay with \u2588\u2588\u2588\u2588\u2588 until June."),
        (NOTE, "mask/1", "Will stay with \u2588\u2588\u2588\u2588\u2588 until June. Armed."),
        ("document.sentence.days", "mask/1", "\u2588\u2588\u2588\u2588\u2588"),
    ],
)
def test_the_sender_catches_an_altered_value(path: str, function: str, value: Any) -> None:
    whole = sealed()
    said = statement(
        whole, disclosed=("header.purpose",), derived=(Derived(path=path, function=function, value=value),)
    )

    found = check_against_original(LEAVES, whole.seal_hash, said)

    assert found == [Discrepancy("not_derived_from_original", path)]


def test_the_sender_catches_a_statement_about_a_seal_that_it_did_not_make() -> None:
    assert check_against_original(LEAVES, "cd" * 32, statement(sealed())) == [Discrepancy("other_seal", "")]


def test_a_release_refused_is_no_release() -> None:
    with pytest.raises(ReleaseRefusedError):
        _verify(select(sealed(), []), _partial(sealed()))
