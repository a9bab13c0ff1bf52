"""Checks of what lies on this machine: files, certificates, keys, directory."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from services.kit.certificates import CertificateState, inspect_certificate
from services.kit.credentials import CredentialError, read_tls
from services.kit.directory import Directory, DirectoryError
from services.kit.directory_file import inspect_directory
from services.kit.doctor.finding import Finding, failed, passed, warned
from services.kit.doctor.patient import Examined, Patient
from services.kit.keyring import KeyRing, KeyState
from services.kit.settings_files import check_file, list_files

_LEEWAY: Final = timedelta(minutes=5)
_KEY_ADVICE: Final = {
    "key_unknown": "the directory lists no signing key that lies in the key files: have the scheme publish "
    "what `keys new` printed, or correct the paths",
    "key_not_yet_valid": "the signing key is not valid yet: wait, or check this machine's clock",
    "key_expired": "the signing key has expired: make one with `keys new` and have the scheme publish it",
    "key_revoked": "the signing key is revoked: make one with `keys new` and have the scheme publish it",
    "key_file_missing": "others write, by the directory, to a key whose file is not here: put it back, or "
    "have the scheme publish one that is",
}


def check_files(patient: Examined) -> Iterator[Finding]:
    """Every file that the settings name is there, and secrets are their owner's alone."""
    named, faults = list(list_files(patient.settings)), set[str]()
    for each in named:
        try:
            check_file(each)
        except CredentialError as error:
            faults.add(f"{each.entry}: {error}")
    yield from (failed("files", fault) for fault in sorted(faults))
    if not faults:
        yield passed(
            "files", f"the {len(named)} files and folders named are there, secrets their owner's alone"
        )


def check_certificate(patient: Examined) -> Iterator[Finding]:
    """The certificate shown to callers and to the gateway."""
    tls = patient.tls
    return _certificate(
        patient, "certificate", (tls.certificate_file, tls.key_file, tls.authority_file), tls.warn_days
    )


def check_broker_certificate(patient: Patient) -> Iterator[Finding]:
    """The certificate shown to the broker, where there is one."""
    broker = patient.broker
    if broker.certificate_file is None or broker.key_file is None:
        return iter([passed("broker-certificate", "none is named: user and password alone are shown")])
    files = (broker.certificate_file, broker.key_file, broker.ca_file)
    return _certificate(patient, "broker-certificate", files, patient.tls.warn_days)


def _certificate(
    patient: Examined, check: str, files: tuple[Path, Path, Path], warn_days: int
) -> Iterator[Finding]:
    try:
        state = inspect_certificate(read_tls(*files))
    except CredentialError as error:
        yield failed(check, f"{files[0]}: {error}")
        return
    patient.note("the certificate's beginning", state.not_before)
    faults = list(_certificate_faults(patient, state, files))
    yield from (failed(check, fault) for fault in faults)
    left = state.not_after - patient.now
    if not faults and left < timedelta(days=warn_days):
        yield warned(
            check, f"{files[0]}: ends {state.not_after:%Y-%m-%d %H:%M} UTC: have a new one issued now"
        )
    elif not faults:
        yield passed(
            check, f"names {patient.owner}, fits key and authority, valid until {state.not_after:%Y-%m-%d}"
        )


def _certificate_faults(
    patient: Examined, state: CertificateState, files: tuple[Path, Path, Path]
) -> Iterator[str]:
    certificate, key, authority = files
    if state.organisations != {patient.owner}:
        named = ", ".join(sorted(state.organisations)) or "no organisation"
        yield f"{certificate}: names {named}, and not {patient.owner}: have one issued for {patient.owner}"
    if not state.is_paired:
        yield f"{key}: is not the key of {certificate}: put the pair that was issued together in place"
    if not state.is_chained:
        yield (
            f"{certificate}: no authority in {authority} issued it: add the intermediate certificates to it, "
            "or name the authority that did"
        )
    if state.not_after <= patient.now:
        yield f"{certificate}: expired {state.not_after:%Y-%m-%d %H:%M} UTC: have a new one issued"
    if state.not_before > patient.now + _LEEWAY:
        since = f"{state.not_before:%Y-%m-%d %H:%M} UTC"
        yield f"{certificate}: is valid only from {since}: check this machine's clock"


def check_directory(patient: Examined) -> Iterator[Finding]:
    """The signed directory: the scheme's, current, and with this organisation in it."""
    try:
        directory = inspect_directory(patient.directory)
    except DirectoryError as error:
        yield failed("directory", str(error))
        return
    patient.note("the directory's issue", directory.issued_at)
    until = f"{directory.valid_until:%Y-%m-%d %H:%M} UTC"
    if directory.is_stale(patient.now):
        yield failed("directory", f"the directory has been stale since {until}: fetch the newest")
    elif directory.is_stale(patient.now + timedelta(days=patient.directory.warn_days)):
        yield warned(
            "directory", f"serial {directory.serial} ends {until}: have the scheme issue the next one"
        )
    else:
        yield passed("directory", f"serial {directory.serial}, signed by the scheme, valid until {until}")


def check_keys(patient: Patient) -> Iterator[Finding]:
    """Own keys: those that the directory lists, valid and lasting."""
    try:
        ring, directory = patient.keys.read(patient.owner), inspect_directory(patient.directory)
    except CredentialError as error:
        yield failed("keys", str(error))
        return
    except DirectoryError:
        yield failed("keys", "cannot be judged without the directory: put that right first")
        return
    yield from _judge(patient, ring, directory)


def _judge(patient: Patient, ring: KeyRing, directory: Directory) -> Iterator[Finding]:
    if not directory.keys.verifying_records(patient.owner):
        yield failed(
            "keys", f"{patient.owner} is not in the directory: correct `organisation`, or have it listed"
        )
        return
    reason = ring.check(directory, patient.now)
    if reason is not None:
        yield failed("keys", _KEY_ADVICE.get(reason, f"the keys cannot be used ({reason}): see `keys list`"))
        return
    ending = ring.ending(directory, patient.now, patient.keys.warning)
    yield from (warned("keys", _ending(state)) for state in ending)
    if not ending:
        yield passed("keys", "each use has a key that the directory lists and that lasts")


def _ending(state: KeyState) -> str:
    until = f"{state.record.not_after:%Y-%m-%d %H:%M} UTC" if state.record else "at once"
    return f"the last {state.use} key ends {until}: make one with `keys new` and have the scheme publish it"
