"""Conditions of rules in CEL, behind one small adapter (design section 5).

A condition is compiled against the contract when the rulebook loads: an unknown field or a wrong type refuses
to load. It reads `header`, `document`, `recipient` (the desk that is decided for) and `today` (the day of the
decision, as a number such as 20261123) and nothing else: facts lift a rule by name (`unless`), so that more
knowledge can only widen a release. An optional leaf is read only
under `has()`; maps and `dyn` are refused.
This binding returns the text of an error as a value: only `True` itself is true.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from cel_expr_python import cel
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import header_pb2

from gateway.core.documents import descriptor_of, document_class

_STRING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_HAS = re.compile(r"\bhas\(([\w.]+)\)")
_CHAIN = re.compile(r"(?<![\w.])[a-z_]\w*(?:\.[a-z_]\w*(?!\w*\())+")
_RECIPIENT = re.compile(r"(?<![\w.])recipient\.")
_BINDING = re.compile(r"([\w.]+)\.(?:exists|exists_one|all|filter|map)\(\s*(\w+)\s*,")
_GROUP = re.compile(r"\([^()]*\)")
_OF_A_LIST = re.compile(r"(header|document)\.(\w+)\.exists(?:\s*&&[^|?]*)?")
_FORBIDDEN: Final = {
    "{": "maps are not allowed: name the fields",
    "dyn(": "dyn is not allowed: it hides the type",
    "header.facts": "facts are not read in a condition: name them under `unless`",
}


class ConditionError(Exception):
    """A condition cannot be used; says what to write instead."""


class Truth(Enum):
    """What a condition came to."""

    TRUE = "true"
    FALSE = "false"
    FAULT = "fault"
    """An error or something that is no boolean: permits nothing, and holds or prohibits."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition: its text, and its program for each document that its rule applies to."""

    text: str
    programs: dict[str, Any]
    by_recipient: bool = False
    """It reads `recipient`, so it is evaluated anew for each."""
    wanted: tuple[str, str] | None = None
    """The root and the list of which some element must exist; None if it can be true without any."""

    def is_void(self, header: header_pb2.Header, document: Message) -> bool:
        """Whether it is false because its list is empty, as most are: that costs no evaluation."""
        if self.wanted is None:
            return False
        root, name = self.wanted
        return not getattr(header if root == "header" else document, name, True)

    def evaluate(self, document_type: str, activation: Any) -> Truth:
        """What it comes to for one submission; FAULT where it was not compiled for the document."""
        program = self.programs.get(document_type, self.programs.get(""))
        if program is None:
            return Truth.FAULT
        try:
            value = program.eval(activation).value()
        except Exception:  # noqa: BLE001  # whatever the binding raises, a condition that fails must not decide
            return Truth.FAULT
        if value is True:
            return Truth.TRUE
        return Truth.FALSE if value is False else Truth.FAULT


def compile_condition(text: str, documents: tuple[str, ...]) -> Condition:
    """Compiles a condition for each document that its rule applies to; none: for any, from the header.

    Raises:
        ConditionError: it is not CEL, names an unknown field, has a wrong type, is no boolean, reads an
            optional leaf without `has()`, or uses what is forbidden.
    """
    bare = _STRING.sub("''", text)
    for token, advice in _FORBIDDEN.items():
        if token in re.sub(r"\s+", "", bare):
            raise ConditionError(advice)
    programs = {name: _compile(text, bare, name) for name in documents or ("",)}
    return Condition(text, programs, _RECIPIENT.search(bare) is not None, _wanted(bare))


def activate(
    header: header_pb2.Header,
    document: Message,
    day: date,
    recipient: organisation_pb2.DeskReference | None = None,
) -> Any:
    """What conditions read of one submission; made once for all rules that do not read `recipient`."""
    # An activation carries no reference to the environment that a program was compiled in.
    today = day.year * 10_000 + day.month * 100 + day.day
    values = {"header": header, "document": document, "today": today}
    return _environment("").Activation(values if recipient is None else values | {"recipient": recipient})


def _wanted(bare: str) -> tuple[str, str] | None:
    """The list of an `exists` that comes first of what must all be true: `false && x` is false in CEL."""
    if "//" in bare:  # a comment may hide a parenthesis
        return None
    flat = bare.strip()
    while _GROUP.search(flat):
        flat = _GROUP.sub("", flat)
    found = _OF_A_LIST.fullmatch(flat)
    return (found[1], found[2]) if found else None


def _compile(text: str, bare: str, document: str) -> Any:
    roots = _roots(document)
    try:
        program = _environment(document).compile(text)
    except RuntimeError as fault:
        raise ConditionError(_advice(str(fault))) from None
    if program.return_type() != cel.Type.BOOL:
        raise ConditionError("the condition must be true or false")
    _check_presence(bare, roots)
    return program


@lru_cache(maxsize=64)
def _environment(document: str) -> Any:
    variables = {name: cel.Type(root.full_name) for name, root in _roots(document).items()}
    variables["today"] = cel.Type.INT
    return cel.NewEnv(descriptor_pool.Default(), variables=variables, container="publicprotection")


def _roots(document: str) -> dict[str, Descriptor]:
    roots = {
        "header": descriptor_of(header_pb2.Header),
        "recipient": descriptor_of(organisation_pb2.DeskReference),
    }
    if document:
        roots["document"] = descriptor_of(document_class(document))
    return roots


def _check_presence(bare: str, roots: dict[str, Descriptor]) -> None:
    tested = set(_HAS.findall(bare))
    read = set(_CHAIN.findall(_HAS.sub("", bare)))
    types = _bound(bare, roots)
    for chain in sorted(read - tested):
        if _is_optional_leaf(chain, types):
            raise ConditionError(f"{chain} may be absent: write has({chain}) && ...")


def _bound(bare: str, roots: dict[str, Descriptor]) -> dict[str, Descriptor]:
    types = dict(roots)
    for chain, variable in _BINDING.findall(bare):
        root, *steps = chain.split(".")
        field = _field(types.get(root), steps)
        if field is not None and field.message_type is not None:
            types[variable] = field.message_type
    return types


def _is_optional_leaf(chain: str, types: dict[str, Descriptor]) -> bool:
    root, *steps = chain.split(".")
    field = _field(types.get(root), steps)
    return field is not None and field.message_type is None and not field.is_repeated


def _field(at: Descriptor | None, steps: list[str]) -> Any:
    field = None
    for step in steps:
        if at is None or step not in at.fields_by_name:
            return None
        field = at.fields_by_name[step]
        at = field.message_type
    return field


def _advice(fault: str) -> str:
    found = re.search(r"ERROR: <input>:\d+:(\d+): (.*)", fault)
    return f"at column {found[1]}: {found[2]}" if found else "the condition does not compile"


@dataclass(frozen=True, slots=True)
class Reading:
    """A leaf or part that a condition reads, and what the condition may compare it with.

    Attributes:
        path: from the root, such as `("document", "victims", "risk")`; an element of a list has no step.
        names: the names of enum values in the condition.
        texts: its string literals.
        numbers: its whole numbers.
    """

    path: tuple[str, ...]
    names: frozenset[str]
    texts: frozenset[str]
    numbers: frozenset[int]


def readings(text: str) -> tuple[Reading, ...]:
    """What a condition reads of header, document and recipient, outer parts first; a proof varies these."""
    bare = _STRING.sub("''", text)
    bound = {variable: chain for chain, variable in _BINDING.findall(bare)}
    chains = [*_CHAIN.findall(bare), *bound.values()]
    paths = {_resolve(chain, bound) for chain in chains}
    names = frozenset(re.findall(r"\b[A-Z][A-Z0-9_]+\b", bare))
    texts = frozenset(each[1:-1] for each in _STRING.findall(text))
    numbers = frozenset(map(int, re.findall(r"(?<![\w.])\d+(?![\w.])", bare)))
    known = sorted(path for path in paths if path[0] in ("header", "document", "recipient"))
    return tuple(Reading(path, names, texts, numbers) for path in known)


def _resolve(chain: str, bound: Mapping[str, str]) -> tuple[str, ...]:
    root, *steps = chain.split(".")
    above = _resolve(bound[root], {k: v for k, v in bound.items() if k != root}) if root in bound else (root,)
    return (*above, *steps)
