"""Which time limits are about notifications, and what of these can be seen here at all (MAPPA 28.5)."""

from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.exchange.v1.clock_pb2 import ClockState
from publicprotection.oversight.v1.clock_service_pb2 import (
    CLOCK_ORDER_DUE,
    CLOCK_ORDER_NEWEST,
    CountClocksRequest,
    ListClocksRequest,
)

from services.console.pages.clocks.asking import PAGE_SIZE

AWAITED: Final = ("MAPPA_LEVEL_DUE_6_MONTHS", "MAPPA_PATIENT_INFORMATION")
"""Limits within which something is waited for, so that it can be seen to be missing."""

SENT: Final = (
    "MAPPA_IDENTIFIED_3_DAYS",
    "MAPPA_PATIENT_3_DAYS",
    "MAPPA_PATIENT_BEFORE_LEAVE",
    "MAPPA_YOUTH_NOTIFICATION_6_MONTHS",
    "MAPPA_RELEASE_DATE_8_MONTHS",
    "MAPPA_LEVEL_TOLD_6_MONTHS",
    "MAPPA_LEVEL_REFERRAL_6_MONTHS",
    "CHILD_RISK_RELEASE_28_DAYS",
)
"""Limits that are judged when something is sent: it comes in time or late, and is unknown until it comes."""

ALL: Final = (*AWAITED, *SENT)

SEEN: Final = (
    "Young people and patients notified over three days after sentence or admission (MAPPA 6.36, 26.56).",
    "Young people in custody notified less than six months before their release (MAPPA 23.19).",
    "Leave or discharge of a patient that was told on or after the day (part 3; MAPPA 26.59, 26.63).",
    "First notices of patients (part 1) that your unit has not answered with part 2 (MAPPA 26.57).",
    "Releases that a prison told, and for which nobody told a level six months before (MAPPA 15.16, 16.12).",
    "Release dates, levels, referrals, and releases of people who pose a risk to children, told late.",
)

UNSEEN: Final = (
    "A young person or a patient of whom nobody has sent anything: no agency's case system is read here.",
    "A patient admitted by a civil route whom nobody has recognised as being under MAPPA (MAPPA 26.58).",
    "Parts 3 and 4 about a patient before they come: leave, discharge and exit are known from them alone.",
    "What was told by letter, by telephone or at a meeting, unless somebody put it on record here.",
)


def ask_for_missing(agency: str) -> ListClocksRequest:
    """What is waited for, by when it is due."""
    return ListClocksRequest(
        limits=AWAITED,
        states=[ClockState.CLOCK_STATE_OVERDUE, ClockState.CLOCK_STATE_RUNNING],
        order=CLOCK_ORDER_DUE,
        page_size=PAGE_SIZE,
        responsible=agency,
    )


def ask_for_late(agency: str, limit: str, cursor: str) -> ListClocksRequest:
    """What came late, newest first."""
    return ListClocksRequest(
        limits=[limit] if limit in ALL else ALL,
        states=[ClockState.CLOCK_STATE_LATE],
        order=CLOCK_ORDER_NEWEST,
        page_size=PAGE_SIZE,
        responsible=agency,
        cursor=cursor,
    )


def ask_for_counts(since: Timestamp) -> CountClocksRequest:
    """How many came in time and late since then, and how many are waited for."""
    return CountClocksRequest(limits=ALL, ended_since=since)
