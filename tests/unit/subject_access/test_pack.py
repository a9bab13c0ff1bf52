"""The pack: what the person reads, byte for byte, and that it proves whose it is."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.kit.directory import sign_directory
from services.kit.evidence.errors import BundleRefusedError
from services.kit.evidence.keys import SigningKey
from services.kit.log_trust import trust_opener
from services.kit.subject_access.cases import Case, Kind
from services.kit.subject_access.document import write_document
from services.kit.subject_access.forms import write_decision
from services.kit.subject_access.masking import mask_spans
from services.kit.subject_access.model import Decision, Disposition
from services.kit.subject_access.pack import build_pack
from services.kit.subject_access.proof import PackReport, is_pack, sign_pack, verify_pack
from services.kit.subject_access.rules import Tell
from services.kit.subject_access.settling import settle
from tests.support.exchanging import NOW, World
from tests.unit.subject_access.cases import LAW, RULES, SENDER, TODAY, event, item, with_items

SIGNER = "kent-prison"
WITHHELD = Decision(Disposition.WITHHOLD, "S45_CRIME", "He would know who spoke.", Tell.NOTHING)


def pack_of(case: Case) -> dict[str, object]:
    return build_pack(case, settle(case, RULES, TODAY), LAW, SENDER, TODAY)


def decided(case: Case, decision: Decision) -> Case:
    return case.after(event(Kind.DECIDED, decisions={"item-1": write_decision(decision)}))


def test_nothing_held_and_all_withheld_without_a_word_are_the_same_bytes() -> None:
    nothing, withheld = with_items(), decided(with_items(item()), WITHHELD)
    victim = with_items(item(category="VICTIM_IDENTITY", own=False))
    packs = [pack_of(each) for each in (nothing, withheld, victim)]
    assert packs[0] == packs[1] == packs[2]
    assert packs[0]["letter"] == list(LAW.wording.nothing)
    assert len({write_document(each) for each in packs}) == 1


@pytest.mark.parametrize(
    ("tell", "exemption", "text"),
    [
        (Tell.REASON, "S45_OTHERS", "Withheld: to protect the rights and freedoms of other people."),
        (None, "S45_CRIME", "Withheld."),
        (Tell.CATEGORY, "S45_OTHERS", "Withheld."),
        (None, "S45_NATIONAL_SECURITY", None),
        (Tell.NOTHING, "S45_OTHERS", None),
    ],
)
def test_of_what_is_withheld_the_person_is_told_what_may_be_told(
    tell: Tell | None, exemption: str, text: str | None
) -> None:
    """DPA 2018 s.45(5), (6)."""
    pack = pack_of(decided(with_items(item()), replace(WITHHELD, exemption=exemption, tell=tell)))
    documents = pack["documents"]
    assert isinstance(documents, list)
    rows = [row[1]["text"] for document in documents for row in document["rows"]]
    assert rows == ([] if text is None else [text])
    assert "He would know" not in json.dumps(pack)


def test_the_document_is_tagged_and_the_same_each_time() -> None:
    pack = pack_of(with_items(item()))
    made = write_document(pack)
    assert made == write_document(pack)
    assert b"/StructTreeRoot" in made
    assert b"pdfuaid" in made


def test_what_a_pack_says_is_never_read_as_markup() -> None:
    hostile = '#panic("no") = *bold* $x$ \\ #sys.inputs <label> @ref `raw` https://example.org'
    pack = pack_of(with_items(item(shown=hostile, label=hostile)))
    assert write_document(pack).startswith(b"%PDF-")


def test_a_mask_inserts_nothing_but_marks() -> None:
    assert (
        mask_spans("No contact with Orla.", [(16, 20)]) == "No contact with \u2588\u2588\u2588\u2588\u2588."
    )
    assert mask_spans("abc", []) == "abc"
    assert mask_spans("abcdef", [(1, 3), (2, 4)]) == "a\u2588\u2588\u2588\u2588\u2588ef"
    assert mask_spans("abc", [(2, 99)]) == "ab\u2588\u2588\u2588\u2588\u2588"
    assert mask_spans("abc", [(-5, 0)]) == "abc"


@pytest.fixture(scope="module")
def scheme() -> SigningKey:
    return SigningKey.generate(owner="scheme")


@pytest.fixture(scope="module")
def signed(scheme: SigningKey) -> tuple[bytes, bytes]:
    world = World()
    pack = pack_of(with_items(item())) | {"organisation": SIGNER}
    pdf = write_document(pack)
    return sign_pack(pack, pdf, world.signing[SIGNER], sign_directory(world._message(), scheme)), pdf


def verify(file: bytes, pdf: bytes | None, scheme: SigningKey, now: datetime = NOW) -> PackReport:
    trust = trust_opener(scheme.public, scheme.public.kid)
    return verify_pack(file, pdf, trust, now=now)


def altered(file: bytes, change: str, to: object) -> bytes:
    members = json.loads(file)
    members["pack"][change] = to
    return json.dumps(members).encode()


def test_a_pack_verifies_offline_with_its_document(signed: tuple[bytes, bytes], scheme: SigningKey) -> None:
    file, pdf = signed
    assert is_pack(file)
    assert json.loads(file)["pdf_sha256"] == hashlib.sha256(pdf).hexdigest()
    report = verify(file, pdf, scheme)
    assert (report.organisation, report.reference, report.pdf) == (SIGNER, "case-1", True)


def test_what_was_changed_does_not(signed: tuple[bytes, bytes], scheme: SigningKey) -> None:
    file, pdf = signed
    for broken, document in (
        (altered(file, "reference", "case-2"), pdf),
        (altered(file, "organisation", "kent-police"), pdf),
        (altered(file, "extra", "x"), pdf),
        (file, pdf + b" "),
        (file.replace(b'"v": 1,\n  }', b'"v": 2}'), pdf + b"x"),
        (b"{}", pdf),
        (b"\xff", pdf),
    ):
        with pytest.raises(BundleRefusedError):
            verify(broken, document, scheme)


def test_under_a_key_that_is_not_valid_any_more_it_does_not(
    signed: tuple[bytes, bytes], scheme: SigningKey
) -> None:
    file, pdf = signed
    with pytest.raises(BundleRefusedError):
        verify(file, pdf, scheme, datetime(2029, 1, 1, tzinfo=UTC))
