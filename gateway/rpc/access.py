"""Who may call the gateway: from methods to kinds of organisation, and at each call to organisations."""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from publicprotection.common.v1.organisation_pb2 import OrganisationKind

from services.kit.directory import GATEWAY, Directory
from services.kit.rpc.authorisation import AccessError, AccessTable

TABLE: Final = Path(__file__).with_name("access.toml")
_OWN: Final = "GATEWAY"
_PREFIX: Final = "ORGANISATION_KIND_"


DirectorySource = Callable[[], Directory]
"""Returns the directory in force."""


class KindsAllowed(Mapping[str, frozenset[str]]):
    """For each method the organisations of the kinds that may call it, by the directory in force now."""

    def __init__(self, kinds: Mapping[str, frozenset[str]], source: DirectorySource) -> None:
        self._kinds = kinds
        self._source = source
        self._of: Directory | None = None
        self._named: Mapping[str, frozenset[str]] = {}

    def __getitem__(self, method: str) -> frozenset[str]:
        """The organisations; KeyError for a method that the table does not have."""
        kinds, named = self._kinds[method], self._current()
        return frozenset[str]().union(*(named[kind] for kind in kinds))

    def __iter__(self) -> Iterator[str]:
        """The methods."""
        return iter(self._kinds)

    def __len__(self) -> int:
        """How many methods."""
        return len(self._kinds)

    def _current(self) -> Mapping[str, frozenset[str]]:
        directory = self._source()
        if directory is not self._of:
            self._of, self._named = directory, _by_kind(directory)
        return self._named


def read_access(source: DirectorySource, path: Path = TABLE) -> AccessTable:
    """Reads the table of methods and kinds; who is of a kind is asked of the directory at each call.

    Raises:
        AccessError: the file is not such a table, or names a kind that the contract does not have.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        raise AccessError(f"{path}: cannot be read as TOML. Put the file of this version in place") from None
    known = frozenset(_by_kind(source()))
    return AccessTable(KindsAllowed({name: _kinds(row, known, path) for name, row in rows.items()}, source))


def access_for(table: AccessTable, methods: Iterable[str]) -> AccessTable:
    """The table, if it has exactly the methods served; AccessError otherwise."""
    table.require_match(methods)
    return table


def _kinds(kinds: object, known: frozenset[str], path: Path) -> frozenset[str]:
    if not isinstance(kinds, list) or not kinds:
        raise AccessError(f"{path}: each method needs a list of kinds: nobody is let in by leaving it out")
    unknown = [kind for kind in kinds if kind not in known]
    if unknown:
        raise AccessError(f"{path}: there is no kind of organisation called {unknown[0]}: correct it")
    return frozenset(kinds)


def _by_kind(directory: Directory) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {name.removeprefix(_PREFIX): set() for name in OrganisationKind.keys()}  # noqa: SIM118
    del found["UNSPECIFIED"]
    for organisation in directory.organisations.values():
        found[OrganisationKind.Name(organisation.kind).removeprefix(_PREFIX)].add(organisation.organisation)
    return {_OWN: frozenset({GATEWAY}), **{kind: frozenset(names) for kind, names in found.items()}}
