"""Who may call the gateway: from a table of methods and kinds of organisation to one of organisations."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from publicprotection.common.v1.organisation_pb2 import OrganisationKind

from services.kit.directory import GATEWAY, Directory
from services.kit.rpc.authorisation import AccessError, AccessTable

TABLE: Final = Path(__file__).with_name("access.toml")
_OWN: Final = "GATEWAY"
_PREFIX: Final = "ORGANISATION_KIND_"


def read_access(directory: Directory, path: Path = TABLE) -> AccessTable:
    """Reads the table and names the organisations of each kind.

    Raises:
        AccessError: the file is not such a table, or names a kind that the contract does not have.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        raise AccessError(f"{path}: cannot be read as TOML. Put the file of this version in place") from None
    return AccessTable({method: _allowed(kinds, directory, path) for method, kinds in rows.items()})


def access_for(table: AccessTable, methods: Iterable[str]) -> AccessTable:
    """The table, if it has exactly the methods served; AccessError otherwise."""
    table.require_match(methods)
    return table


def _allowed(kinds: object, directory: Directory, path: Path) -> frozenset[str]:
    if not isinstance(kinds, list) or not kinds:
        raise AccessError(f"{path}: each method needs a list of kinds: nobody is let in by leaving it out")
    by_kind = _by_kind(directory)
    unknown = [kind for kind in kinds if kind not in by_kind]
    if unknown:
        raise AccessError(f"{path}: there is no kind of organisation called {unknown[0]}: correct it")
    return frozenset[str]().union(*(by_kind[kind] for kind in kinds))


def _by_kind(directory: Directory) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {name.removeprefix(_PREFIX): set() for name in OrganisationKind.keys()}  # noqa: SIM118
    del found["UNSPECIFIED"]
    for organisation in directory.organisations.values():
        found[OrganisationKind.Name(organisation.kind).removeprefix(_PREFIX)].add(organisation.organisation)
    return {_OWN: frozenset({GATEWAY}), **{kind: frozenset(names) for kind, names in found.items()}}
