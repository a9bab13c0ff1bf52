"""Whatever bytes arrive, a reader answers with a typed refusal: no other exception, no other content."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.kit.evidence.errors import EvidenceError
from services.kit.evidence.hop import decrypt_hop, encrypt_hop
from services.kit.evidence.keys import DecryptionKey, decryption_lookup
from services.kit.evidence.opening import open_seal
from services.kit.evidence.paths import is_path, label_path
from services.kit.evidence.statement import sign_statement, verify_statement
from tests.support.sealing import GATEWAY, LEAVES, lookup, sealed, statement
from tests.support.specimen import Dice

KEYS = lookup()
OPENER = DecryptionKey.generate(owner="gateway", entropy=Dice(1))
SEAL = sealed().compact
STATEMENT = sign_statement(statement(sealed()), key=GATEWAY)
HOP = encrypt_hop(b"content", OPENER.public)
ALPHABET = st.sampled_from("ABab01-_.~=+/ \n\u00e9")


def _open(text: str) -> Any:
    return open_seal(text, KEYS).leaves


def _verify(text: str) -> Any:
    return verify_statement(text, keys=KEYS, gateway="gateway")


def _decrypt(text: str) -> Any:
    return decrypt_hop(text, decryption_lookup([OPENER]))


READERS: list[tuple[Callable[[str], Any], str]] = [(_open, SEAL), (_verify, STATEMENT), (_decrypt, HOP)]


@given(st.sampled_from(READERS), st.text(max_size=200))
def test_noise_is_refused(reader: tuple[Callable[[str], Any], str], noise: str) -> None:
    read, _ = reader
    try:
        read(noise)
    except EvidenceError:
        return
    raise AssertionError("noise was read")


@given(st.sampled_from(READERS), st.data())
def test_a_changed_character_changes_nothing_but_to_refusal(
    reader: tuple[Callable[[str], Any], str], data: st.DataObject
) -> None:
    read, good = reader
    place = data.draw(st.integers(0, len(good) - 1))
    changed = good[:place] + data.draw(ALPHABET) + good[place + data.draw(st.integers(0, 2)) :]

    try:
        found = read(changed)
    except EvidenceError:
        return
    assert found == read(good)


@given(st.data())
def test_any_set_of_whole_parts_opens_to_their_leaves_or_not_at_all(data: st.DataObject) -> None:
    jwt, *disclosures, _ = SEAL.split("~")
    parts = data.draw(st.lists(st.sampled_from(disclosures), max_size=len(disclosures)))

    try:
        found = _open("~".join((jwt, *parts, "")))
    except EvidenceError:
        assert len(set(parts)) < len(parts)
        return
    assert found.items() <= LEAVES.items()
    assert len(found) == len(parts)


@given(st.text(max_size=60), st.lists(st.text(max_size=30)))
def test_labelling_noise_is_refused_or_in_the_grammar(noise: str, paths: list[str]) -> None:
    try:
        made = label_path("document." + noise, [path for path in paths if is_path(path)])
    except EvidenceError:
        return
    assert made.startswith("document.")
