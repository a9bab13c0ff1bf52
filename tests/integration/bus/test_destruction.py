"""An old decryption key goes only when nothing is left that it alone opens; nothing then opens that again."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.broker.definitions import GATEWAY
from services.kit.bus import BusUnavailableError
from services.kit.bus.inspection import Found, look_into
from services.kit.directory_file import load_directory
from services.kit.evidence.errors import KeyRefusedError
from services.kit.evidence.hop import decrypt_hop, encrypt_hop
from services.kit.evidence.keys import DecryptionKey, decryption_lookup
from services.kit.keytool.destruction import DestructionRefusedError, KeyPlace, destroy_key
from services.kit.keytool.files import KeyFileError
from tests.support.broker import TestBroker
from tests.support.renewing import NOW, OWN, Published, Scheme, decryption, signing

DAY = timedelta(days=1)
QUEUE, DEAD = f"to.{OWN}", f"to.{OWN}.dead"


@pytest.fixture
def scheme(tmp_path: Path) -> Scheme:
    return Scheme(tmp_path)


def rotate(scheme: Scheme) -> tuple[DecryptionKey, DecryptionKey]:
    """The old key, which has ended, and its successor."""
    old, new = decryption(), decryption()
    for key in (old, new):
        scheme.put(key)
    signs = signing()
    scheme.put(signs)
    scheme.publish(Published(old, until=-DAY), Published(new), Published(signs))
    return old, new


def place(scheme: Scheme, broker: TestBroker) -> KeyPlace:
    return KeyPlace(
        folder=scheme.folder / "keys",
        ring=scheme.key_files.read(OWN),
        directory=load_directory(scheme.settings, NOW),
        broker=broker.settings(OWN),
        queues=[QUEUE],
        dead_letters=[DEAD],
    )


def destroy(scheme: Scheme, broker: TestBroker, kid: str, *, drop: bool = False) -> None:
    destroy_key(place(scheme, broker), kid, NOW, drop_dead_letters=drop)


def await_depth(broker: TestBroker, queue: str, depth: int) -> None:
    deadline = time.monotonic() + 10
    while broker.depth(queue) != depth:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_looking_takes_nothing_out_and_counts_what_matches(broker: TestBroker) -> None:
    for body in (b"a", b"b", b"a"):
        broker.put(QUEUE, body)
    await_depth(broker, QUEUE, 3)
    found = look_into(broker.settings(OWN), [QUEUE, DEAD], lambda body: body == b"a")
    assert found == [Found(QUEUE, 2)]
    await_depth(broker, QUEUE, 3)
    assert [broker.get(QUEUE)[2] for _ in range(3)] == [b"a", b"b", b"a"]


def test_a_queue_that_is_not_there_is_empty_and_one_that_is_not_ours_is_a_fault(broker: TestBroker) -> None:
    assert look_into(broker.settings(GATEWAY), ["from.nobody"], lambda _: True) == []
    broker.put("to.kent-prison", b"x")
    await_depth(broker, "to.kent-prison", 1)
    with pytest.raises(BusUnavailableError):
        look_into(broker.settings(OWN), ["to.kent-prison"], lambda _: True)


def test_what_is_queued_to_the_key_keeps_it(broker: TestBroker, scheme: Scheme) -> None:
    old, new = rotate(scheme)
    broker.put(QUEUE, encrypt_hop(b"a warning", old.public).encode())
    broker.put(QUEUE, encrypt_hop(b"another", new.public).encode())
    await_depth(broker, QUEUE, 2)
    with pytest.raises(DestructionRefusedError, match=f"1 in {QUEUE}"):
        destroy(scheme, broker, old.kid, drop=True)
    assert old in scheme.key_files.read(OWN).decryption
    assert decrypt_hop(broker.get(QUEUE)[2].decode(), scheme.trust().decryption) == b"a warning"
    destroy(scheme, broker, old.kid)
    await_depth(broker, QUEUE, 1)


def test_what_was_set_aside_keeps_it_unless_it_is_given_up(broker: TestBroker, scheme: Scheme) -> None:
    old, _ = rotate(scheme)
    broker.put(DEAD, encrypt_hop(b"was refused", old.public).encode())
    broker.put(DEAD, b"no ciphertext at all")
    await_depth(broker, DEAD, 2)
    with pytest.raises(DestructionRefusedError, match="--drop-dead-letters"):
        destroy(scheme, broker, old.kid)
    destroy(scheme, broker, old.kid, drop=True)
    await_depth(broker, DEAD, 1)


def test_after_destruction_the_old_ciphertext_opens_no_more(broker: TestBroker, scheme: Scheme) -> None:
    old, new = rotate(scheme)
    ciphertext = encrypt_hop(b"kept by somebody", old.public)
    secret = old.to_jwk()["d"].encode()
    trust = scheme.trust()
    assert decrypt_hop(ciphertext, trust.decryption) == b"kept by somebody"
    destroy(scheme, broker, old.kid)
    assert trust.look()
    with pytest.raises(KeyRefusedError):
        decrypt_hop(ciphertext, trust.decryption)
    with pytest.raises(KeyRefusedError):
        decrypt_hop(ciphertext, decryption_lookup(scheme.key_files.read(OWN).decryption))
    assert not [path for path in scheme.folder.rglob("*") if path.is_file() and secret in path.read_bytes()]
    assert decrypt_hop(encrypt_hop(b"after", new.public), trust.decryption) == b"after"


def test_the_files_bytes_are_gone_even_under_another_name(broker: TestBroker, scheme: Scheme) -> None:
    old, _ = rotate(scheme)
    path = scheme.folder / "keys" / f"{old.kid}.jwk"
    other = scheme.folder / "link"
    other.hardlink_to(path)
    destroy(scheme, broker, old.kid)
    assert set(other.read_bytes()) == {0}


def test_a_key_that_others_still_use_stays(broker: TestBroker, scheme: Scheme) -> None:
    old, new = rotate(scheme)
    with pytest.raises(DestructionRefusedError, match="others use the key until"):
        destroy(scheme, broker, new.kid)
    scheme.publish(Published(old, until=-DAY), Published(new, until=-DAY))
    with pytest.raises(DestructionRefusedError, match="no other key"):
        destroy(scheme, broker, old.kid)
    with pytest.raises(DestructionRefusedError, match="there is no key"):
        destroy(scheme, broker, "x" * 43)


def test_a_running_process_keeps_its_keys(broker: TestBroker, scheme: Scheme) -> None:
    old, _ = rotate(scheme)
    running = scheme.key_files
    with running.held(), running.held(), pytest.raises(KeyFileError, match="Stop it"):
        destroy(scheme, broker, old.kid)
    destroy(scheme, broker, old.kid)


def test_without_the_broker_nobody_knows_what_waits(broker: TestBroker, scheme: Scheme) -> None:
    old, _ = rotate(scheme)
    silent = broker.settings(OWN, port=1)
    known = place(scheme, broker)
    blind = KeyPlace(known.folder, known.ring, known.directory, silent, known.queues, known.dead_letters)
    with pytest.raises(BusUnavailableError):
        destroy_key(blind, old.kid, NOW, drop_dead_letters=True)
    assert old in scheme.key_files.read(OWN).decryption
