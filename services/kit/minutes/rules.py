"""What the register of requests goes by: law as data, and what requesters read (YAML)."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.kit.calendar import Unit

_FOLDER: Final = Path(__file__).resolve().parents[2] / "rulebook"
"""Beside the kit, which names no organisation and no guidance."""

FULL: Final = "FULL_MINUTES"


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Route(_Form):
    """What is done with a request.

    Attributes:
        gives: answers that may be given.
        needs: codes of what must be there before a reply is prepared; `full_needs` for minutes in full.
        approval: whether somebody else approves the reply.
        confirms: whether the reply may show that there was a meeting.
        personal_data: REDACTED where none may be left.
        limit: id, where it is not the requester's.
    """

    id: str
    gives: tuple[str, ...]
    needs: tuple[str, ...]
    full_needs: tuple[str, ...] = ()
    approval: bool
    confirms: bool
    personal_data: str = ""
    limit: str = ""
    advice: str
    paragraph: str


class Header(_Form):
    """Purpose, bases and release kind of what is sent."""

    purpose: str
    bases: tuple[str, ...]
    release: str


class Kind(_Form):
    """Who asks.

    Attributes:
        requester: what documents call them.
        access: as what they open a case of subject access; empty: they do not.
        route: unless `channels`, `wanted` or `elsewhere` say otherwise.
        elsewhere: the route where another organisation received the request and answers it.
        insists: the route once they insist on how they asked.
        demands: codes of what a registration must state.
        limit: id.
    """

    id: str
    title: str
    requester: str
    access: str = ""
    route: str
    elsewhere: str = ""
    channels: Mapping[str, str] = {}
    wanted: Mapping[str, str] = {}
    insists: str = ""
    demands: tuple[str, ...] = ()
    limit: str
    send: Header | None = None
    paragraph: str

    @property
    def routes(self) -> Iterable[str]:
        """Every route that a request may take."""
        named = (self.route, self.elsewhere, self.insists)
        return {*filter(None, named), *self.channels.values(), *self.wanted.values()}


class Amount(_Form):
    """So much time."""

    amount: int = Field(ge=0)
    unit: Unit


class Limit(Amount):
    """When a request is to be answered; `stated`: by the day that is stated, if one is."""

    id: str
    stated: bool = False
    only_earlier: bool = False
    remind: Amount
    paragraph: str


class Exemption(_Form):
    """A ground on which something is left out; `threshold`: prejudice must be considered."""

    code: str
    threshold: bool
    says: str
    paragraph: str


class Approval(_Form):
    """Who approves; `instead`, where one of `by` wrote it."""

    by: frozenset[str]
    instead: frozenset[str]
    paragraph: str


class Recording(_Form):
    """Who may ask for a recording that is still held."""

    kinds: frozenset[str]
    paragraph: str


class Terrorism(_Form):
    """On which routes nobody but the approver decides, once terrorism is concerned."""

    routes: frozenset[str]
    paragraph: str


class Register(_Form):
    """Of which kind the organisation is that keeps the register."""

    kind: str
    paragraph: str


class Send(_Form):
    """Headers of what is sent."""

    default: Header
    freedom_of_information: Header
    draft: Header
    conditions: tuple[str, ...]
    facts: tuple[str, ...]
    facts_once_heard: tuple[str, ...]
    handling: str


class Rules(_Form):
    """All of it. A reference to what there is not refuses to load."""

    version: str
    routes: tuple[Route, ...]
    kinds: tuple[Kind, ...]
    limits: tuple[Limit, ...]
    exemptions: tuple[Exemption, ...]
    threshold: str
    bear_in_mind: tuple[str, ...]
    approval: Approval
    terrorism: Terrorism
    recording: Recording
    register_: Register = Field(alias="register")
    replies_reach: frozenset[str]
    send: Send

    def route(self, name: str) -> Route:
        """The route of an id; KeyError if there is none."""
        return {each.id: each for each in self.routes}[name]

    def kind(self, name: str) -> Kind | None:
        """The kind of an id."""
        return next((each for each in self.kinds if each.id == name), None)

    def limit(self, name: str) -> Limit:
        """The limit of an id; KeyError if there is none."""
        return {each.id: each for each in self.limits}[name]

    def exemption(self, code: str) -> Exemption | None:
        """The exemption of a code."""
        return next((each for each in self.exemptions if each.code == code), None)

    @model_validator(mode="after")
    def _refers_to_what_there_is(self) -> Self:
        try:
            for kind in self.kinds:
                self.limit(kind.limit)
                for name in kind.routes:
                    self.limit(self.route(name).limit or kind.limit)
        except KeyError as error:
            raise ValueError(f"{error.args[0]}: there is none") from None
        for ids in (self.routes, self.kinds, self.limits):
            if len({each.id for each in ids}) < len(ids):
                raise ValueError("an id stands twice")
        return self


class Compared(_Form):
    """Two places in the minutes whose values are compared."""

    before: str
    after: str


class ListedField(_Form):
    """A field of a summary; `source`: where in the minutes it stands; `keep`: the members that are kept."""

    field: str
    source: str = Field("", alias="from")
    keep: tuple[str, ...] = ()
    compare: Compared | None = None
    says: str


class AllowList(_Form):
    """What a summary holds. Whatever is not listed is out."""

    document: str
    minutes: str
    paragraph: str
    about: tuple[str, ...]
    fields: tuple[ListedField, ...]
    named: tuple[str, ...]
    redacted_keeps: frozenset[str]


class Sections(_Form):
    """Headings."""

    data: str
    disclosures: str
    rights: str
    about: str


class Wording(_Form):
    """What requesters read: sentences by answer, rights by route."""

    title: str
    answers: Mapping[str, tuple[str, ...]]
    safety: str
    handling: str
    withheld: str
    sections: Sections
    source: str
    about: tuple[str, ...]
    rights: Mapping[str, tuple[str, ...]]
    signature: str


@cache
def read_rules() -> Rules:
    """The rules; pydantic.ValidationError if the file is not in its form."""
    return Rules.model_validate(_read("minutes_requests.yaml"))


@cache
def read_wording() -> Wording:
    """The wording; errors as `read_rules`."""
    return Wording.model_validate(_read("minutes_requests_wording.yaml"))


@cache
def read_allow_list() -> AllowList:
    """What a summary holds; errors as `read_rules`."""
    return AllowList.model_validate(_read("executive_summary.yaml"))


def _read(name: str) -> Any:
    return yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))
