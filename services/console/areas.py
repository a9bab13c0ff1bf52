"""The one list of areas: what there is in the console, for whom, and where it stands in the navigation.

Whether somebody may do a thing is decided by gateway and agency service; this list only keeps from view what
a role can do nothing with.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Final

from flask import Blueprint

from services.kit.access.actor import Person, Role

PAGES: Final = "services.console.pages"


class Group(StrEnum):
    """A heading of the navigation."""

    EXCHANGES = "Exchanges"
    WORK = "Work due"
    RIGHTS = "Data protection"
    RULES = "Rules and agreements"


@dataclass(frozen=True, slots=True)
class Area:
    """One area.

    Attributes:
        name: of its module in `services.console.pages`, which has a BLUEPRINT of the same name.
        title: as the navigation and the home page call it.
        endpoint: its first page, such as `register.show_register`.
        roles: who has use for it; empty: everybody who is signed in.
        group: under which heading it stands; None: nowhere.
        about: one sentence for the home page; starts with a verb.
        in_area: only for whoever looks after an area: people of the co-ordination unit.
    """

    name: str
    title: str
    endpoint: str
    roles: frozenset[Role] = frozenset()
    group: Group | None = None
    about: str = ""
    in_area: bool = False

    def is_for(self, roles: Iterable[Role]) -> bool:
        """Whether somebody with these roles has use for it."""
        return not self.roles or not self.roles.isdisjoint(roles)

    def load(self) -> Blueprint:
        """Its pages."""
        blueprint: Blueprint = import_module(f"{PAGES}.{self.name}").BLUEPRINT
        return blueprint


COORDINATOR: Final = frozenset({Role.MAPPA_COORDINATOR})
OFFICER: Final = frozenset({Role.DATA_PROTECTION_OFFICER})
BOTH: Final = COORDINATOR | OFFICER
CASEWORK: Final = BOTH | {Role.SUPERVISOR, Role.MEETING_CHAIR, Role.PRACTITIONER}
ASKED_FOR_MINUTES: Final = BOTH | {Role.MEETING_CHAIR, Role.SUPERVISOR}

AREAS: Final[tuple[Area, ...]] = (
    Area("home", "Home", "home.show_home"),
    Area(
        "register",
        "Exchange register",
        "register.show_register",
        BOTH,
        Group.EXCHANGES,
        "Find exchanges by case, agency, document, outcome or rule, and read each as a story.",
    ),
    Area("exchange", "Exchange", "register.show_register"),
    Area(
        "cases",
        "Cases",
        "cases.find_case",
        COORDINATOR,
        Group.EXCHANGES,
        "Find everything that was exchanged about one person, by thread.",
    ),
    Area(
        "holds",
        "Held queue",
        "holds.show_queue",
        CASEWORK,
        Group.WORK,
        "See what waits for somebody's answer, who owns it, and answer what is yours.",
    ),
    Area(
        "referrals",
        "Referrals",
        "referrals.show_inbox",
        COORDINATOR,
        Group.WORK,
        "Decide referrals to level 2 or 3 within their ten days.",
    ),
    Area(
        "clocks",
        "Time limits",
        "clocks.show_board",
        CASEWORK - {Role.MEETING_CHAIR},
        Group.WORK,
        "See what is due, overdue or escalated, and whom to telephone.",
    ),
    Area(
        "notifications",
        "Notifications",
        "notifications.show_exceptions",
        COORDINATOR,
        Group.WORK,
        "See which notifications are missing or came late, by agency.",
    ),
    Area(
        "inbox",
        "Inbox",
        "inbox.show_inbox",
        CASEWORK,
        Group.EXCHANGES,
        "Read what was sent to your organisation.",
    ),
    Area("search", "Search", "search.show_search"),
    Area(
        "log",
        "Disclosure log",
        "log.show_log",
        BOTH,
        Group.RIGHTS,
        "Search who was told what and why, with a proof of each record.",
    ),
    Area(
        "readers",
        "Who read what",
        "readers.show_queries",
        BOTH,
        Group.RIGHTS,
        "See who read the log and deliveries, and who was not let in.",
    ),
    Area(
        "proof",
        "Export the log",
        "proof.show_export",
        OFFICER,
        Group.RIGHTS,
        "Download records as a file that proves itself.",
        in_area=True,
    ),
    Area(
        "breaches",
        "Breach cases",
        "breaches.show_breaches",
        OFFICER,
        Group.RIGHTS,
        "Open a case, keep its 72 hours, and find what it concerns.",
    ),
    Area(
        "retention",
        "Holds and erasure",
        "retention.show_holds",
        OFFICER,
        Group.RIGHTS,
        "Keep what proceedings need, and erase what must not be kept.",
        in_area=True,
    ),
    Area(
        "candidates",
        "Who is the same person",
        "candidates.show_conflicts",
        COORDINATOR,
        Group.EXCHANGES,
        "Decide conflicts of identifiers, and confirm or reject likenesses.",
    ),
    Area(
        "figures",
        "Figures",
        "figures.show_figures",
        BOTH,
        Group.EXCHANGES,
        "See how many exchanges there were and what became of them, by agency, document and rule.",
    ),
    Area(
        "subject_access",
        "Subject access",
        "subject_access.show_queue",
        frozenset({Role.DATA_PROTECTION_OFFICER, Role.SUPERVISOR}),
        Group.RIGHTS,
        "Answer people who ask for their own information, from the letter to the signed answer.",
    ),
    Area(
        "agreements",
        "Agreements",
        "agreements.show_register",
        BOTH | {Role.AGREEMENT_SIGNATORY, Role.SUPERVISOR, Role.AUDITOR},
        Group.RULES,
        "Read, compare, sign and stop data-sharing agreements, and see where one is missing.",
    ),
    Area(
        "rulebook",
        "Rulebook",
        "rulebook.show_list",
        frozenset(),
        Group.RULES,
        "Read the law and guidance that decisions go by, and find a paragraph.",
    ),
    Area(
        "tryit",
        "Try it",
        "tryit.show_try",
        frozenset(),
        Group.RULES,
        "See what would be released, withheld or held, and why, with no data sent.",
    ),
    Area(
        "requests",
        "Requests for minutes",
        "requests.show_register",
        ASKED_FOR_MINUTES,
        Group.WORK,
        "Register who asks for minutes, and answer each request in its time.",
    ),
    Area(
        "alarms",
        "Alarms",
        "alarms.show_alarms",
        BOTH | {Role.SUPERVISOR},
        Group.RIGHTS,
        "See what your service found wrong by itself, and settle it.",
    ),
    Area(
        "disclosures",
        "Decisions to disclose",
        "disclosures.show_decisions",
        CASEWORK,
        Group.WORK,
        "Record whether a third party is told, who decided, and who was told what.",
    ),
    Area("help", "Help", "help.show_help"),
    Area("sign_in", "Sign in", "sign_in.begin"),
    Area("about", "About this console", "about.show_accessibility"),
)


def list_areas(person: Person) -> list[Area]:
    """The areas that stand in somebody's navigation, in order."""
    shown = [area for area in AREAS if area.group is not None and area.is_for(person.roles)]
    return [area for area in shown if person.area or not area.in_area]


def group_areas(person: Person) -> list[tuple[Group, list[Area]]]:
    """As `list_areas`, by heading; a heading with nothing under it is left out."""
    shown = list_areas(person)
    grouped = [(group, [area for area in shown if area.group is group]) for group in Group]
    return [(group, areas) for group, areas in grouped if areas]
