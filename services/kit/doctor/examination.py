"""The examination: every check in turn, each on its own, whatever the others found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from services.kit.doctor.at_broker import check_broker
from services.kit.doctor.at_console import check_console, check_sign_in
from services.kit.doctor.at_database import check_database
from services.kit.doctor.at_processes import check_agency, check_gateway, check_process
from services.kit.doctor.at_provider import check_identity, check_token
from services.kit.doctor.finding import Finding, Verdict, failed
from services.kit.doctor.own_files import (
    check_broker_certificate,
    check_certificate,
    check_directory,
    check_files,
    check_keys,
)
from services.kit.doctor.patient import ConsolePatient, Examined, Patient
from services.kit.doctor.time_told import check_clock

_Patient = TypeVar("_Patient", bound=Examined)


@dataclass(frozen=True, slots=True)
class Check(Generic[_Patient]):
    """One check.

    Attributes:
        name: for the line that says that it could not be done.
        look: does it.
    """

    name: str
    look: Callable[[_Patient], Iterable[Finding]]


CHECKS: Final[tuple[Check[Patient], ...]] = (
    Check("files", check_files),
    Check("certificate", check_certificate),
    Check("broker-certificate", check_broker_certificate),
    Check("directory", check_directory),
    Check("keys", check_keys),
    Check("database", check_database),
    Check("broker", check_broker),
    Check("identity", check_identity),
    Check("token", check_token),
    Check("gateway", check_gateway),
    Check("process", check_process),
    Check("clock", check_clock),  # last: by what the others read
)

CONSOLE_CHECKS: Final[tuple[Check[ConsolePatient], ...]] = (
    Check("files", check_files),
    Check("certificate", check_certificate),
    Check("directory", check_directory),
    Check("identity", check_identity),
    Check("token", check_token),
    Check("sign-in", check_sign_in),
    Check("gateway", check_gateway),
    Check("agency", check_agency),
    Check("process", check_console),
    Check("clock", check_clock),
)


def examine(patient: Patient, checks: Iterable[Check[Patient]] = CHECKS) -> list[Finding]:
    """Does every check; what they found, in their order."""
    return [finding for check in checks for finding in _try(check, patient)]


def examine_console(
    patient: ConsolePatient, checks: Iterable[Check[ConsolePatient]] = CONSOLE_CHECKS
) -> list[Finding]:
    """The same for a console."""
    return [finding for check in checks for finding in _try(check, patient)]


def is_well(findings: Iterable[Finding]) -> bool:
    """Whether nothing failed; warnings are for soon."""
    return all(finding.verdict is not Verdict.FAIL for finding in findings)


def _try(check: Check[_Patient], patient: _Patient) -> list[Finding]:
    try:
        return list(check.look(patient))
    except Exception as fault:  # noqa: BLE001  # its text may quote anything, and the other checks go on
        return [
            failed(check.name, f"could not be examined ({type(fault).__name__}): report this as a defect")
        ]
