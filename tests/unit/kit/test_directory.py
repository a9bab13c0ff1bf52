from datetime import datetime, timedelta
from pathlib import Path

import pytest
from publicprotection.common.v1.organisation_pb2 import ORGANISATION_KIND_OTHER
from publicprotection.exchange.v1.directory_service_pb2 import Directory as SignedDirectory

from services.kit.credentials import CredentialError, read_at_rest_key, read_secret
from services.kit.directory import GATEWAY, Directory, DirectoryError, open_directory, sign_directory
from services.kit.directory_file import load_directory
from services.kit.evidence.canonical import canonical
from services.kit.evidence.errors import KeyRefusedError
from services.kit.evidence.keys import SigningKey
from services.kit.settings import DirectorySettings
from tests.support.agency_server import DESK, ISSUED, OWN, VALID_UNTIL, write_directory

NOW = ISSUED + timedelta(days=1)
SCHEME = SigningKey.generate(owner="scheme")


@pytest.fixture
def message() -> SignedDirectory:
    return write_directory(ORGANISATION_KIND_OTHER)


def reopen(token: str, at: datetime = NOW, lowest: int = 0) -> Directory:
    return open_directory(token, SCHEME.public, fingerprint=SCHEME.kid, at=at, lowest_serial=lowest)


def test_a_signed_directory_answers(message: SignedDirectory) -> None:
    directory = reopen(sign_directory(message, SCHEME))
    desk = directory.desk(OWN, DESK)
    assert desk is not None
    assert desk.telephone == "01632 960001"
    assert directory.desk(OWN, "none") is None
    assert directory.desk("none", DESK) is None
    assert directory.keys.encryption_key(GATEWAY, NOW).owner == GATEWAY
    assert directory.keys.verifying(message.organisations[0].keys[0].key_id, NOW).owner == OWN


def test_a_revoked_key_never_counts(message: SignedDirectory) -> None:
    message.organisations[0].keys[0].revoked = True
    directory = reopen(sign_directory(message, SCHEME))
    with pytest.raises(KeyRefusedError, match="key_revoked"):
        directory.keys.verifying(message.organisations[0].keys[0].key_id, NOW)


def test_another_key_than_the_pinned_one_is_refused(message: SignedDirectory) -> None:
    other = SigningKey.generate(owner="scheme")
    token = sign_directory(message, other)
    with pytest.raises(DirectoryError, match="not the one pinned"):
        open_directory(token, other.public, fingerprint=SCHEME.kid, at=NOW)
    with pytest.raises(DirectoryError, match="does not verify"):
        reopen(token)


def test_an_altered_directory_is_refused(message: SignedDirectory) -> None:
    head, _, signature = sign_directory(message, SCHEME).split(".")
    message.serial += 1
    _, body, _ = sign_directory(message, SCHEME).split(".")
    with pytest.raises(DirectoryError, match="does not verify"):
        reopen(f"{head}.{body}.{signature}")


@pytest.mark.parametrize(
    ("at", "lowest", "words"),
    [
        (VALID_UNTIL, 0, "stale"),
        (ISSUED - timedelta(hours=1), 0, "in the future"),
        (NOW, 8, "serial 7, and 8"),
    ],
)
def test_a_directory_of_another_time_is_refused(
    message: SignedDirectory, at: datetime, lowest: int, words: str
) -> None:
    with pytest.raises(DirectoryError, match=words):
        reopen(sign_directory(message, SCHEME), at, lowest)


def test_what_is_repeated_is_refused(message: SignedDirectory) -> None:
    organisation, desk, key = SignedDirectory(), SignedDirectory(), SignedDirectory()
    for copy in (organisation, desk, key):
        copy.CopyFrom(message)
    organisation.organisations.append(message.organisations[0])
    desk.organisations[0].desks.append(message.organisations[0].desks[0])
    key.organisations[0].keys.append(message.organisations[1].keys[0])
    for copy in (organisation, desk):
        with pytest.raises(DirectoryError, match=r"twice|repeats"):
            sign_directory(copy, SCHEME)
    with pytest.raises(DirectoryError, match="lists a key twice"):
        sign_directory(key, SCHEME)


def test_no_organisation_may_call_itself_the_gateway(message: SignedDirectory) -> None:
    message.organisations[0].organisation = GATEWAY
    with pytest.raises(DirectoryError, match="id of its own"):
        sign_directory(message, SCHEME)


def test_a_serial_is_remembered_from_start_to_start(tmp_path: Path, message: SignedDirectory) -> None:
    settings = DirectorySettings(
        file=tmp_path / "directory.jws",
        scheme_key_file=tmp_path / "scheme.jwk",
        scheme_key_fingerprint=SCHEME.kid,
        serial_file=tmp_path / "serial",
    )
    settings.scheme_key_file.write_bytes(canonical(SCHEME.public.to_jwk()))
    settings.file.write_text(sign_directory(message, SCHEME))
    assert load_directory(settings, NOW).serial == 7
    message.serial = 6
    settings.file.write_text(sign_directory(message, SCHEME))
    with pytest.raises(DirectoryError, match="serial 6, and 7"):
        load_directory(settings, NOW)
    settings.serial_file.write_text("seven")
    with pytest.raises(DirectoryError, match="holds no serial"):
        load_directory(settings, NOW)


def test_a_secret_that_others_can_read_is_refused_with_the_remedy(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("A" * 43)
    secret.chmod(0o640)
    with pytest.raises(CredentialError, match=f"chmod 600 {secret}"):
        read_secret(secret)
    secret.chmod(0o600)
    assert read_at_rest_key(secret) == bytes(32)
    secret.write_text("A" * 42)
    with pytest.raises(CredentialError, match="32 random bytes"):
        read_at_rest_key(secret)
