"""`docs/integrate.md`: its code is quoted from the tested examples, its tables are read off the code.

python -m tools.guide          bring quotes and tables up to date
python -m tools.guide check    fail if they are not

A file is quoted whole (```python examples/python/agency.py) or one definition of it (...agency.py#connect).
A table stands below its mark, such as <!-- table: refusals -->.
"""

import ast
import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import services.kit
from services.kit.exchange.paging import DEFAULT_PAGE
from services.kit.exchange.participant import Participant
from services.kit.exchange.threads import MAX_EXCHANGES
from services.kit.rpc.errors import CallError
from services.kit.rpc.validation import MAX_VIOLATIONS
from services.kit.settings import MEBIBYTE, Limits
from tools.commands import CommandError
from tools.paths import ROOT
from tools.tables import fill_tables

GUIDE = ROOT / "docs" / "integrate.md"
REJECTING = ROOT / "gateway" / "app"

_QUOTE = re.compile(r"^```(\w+) (examples/[\w./-]+)(?:#(\w+))?\n.*?^```$", re.MULTILINE | re.DOTALL)


def compose(text: str) -> str:
    """The guide with its quotes and tables as they should be.

    Raises:
        CommandError: it quotes what there is not, or has a table that nobody makes.
    """
    return fill_tables(_QUOTE.sub(_quote, text), TABLES, "docs/integrate.md")


def write() -> str:
    """Brings the guide up to date; returns what it did."""
    GUIDE.write_text(compose(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
    return f"wrote {GUIDE.relative_to(ROOT)}"


def check() -> str:
    """Raises `CommandError` if the guide is not what examples and code say today."""
    text = GUIDE.read_text(encoding="utf-8")
    if text != compose(text):
        raise CommandError("docs/integrate.md is out of date: run `make guide` and commit it")
    return "the guide says what the examples and the code say"


def cut_definition(source: str, name: str) -> str | None:
    """The definition of a name in Python, JavaScript or shell, with the comment above it, or None.

    A definition ends before the first unindented line that follows an empty one.
    """
    # Python and JavaScript begin with a word for it; a shell function does not.
    starts = re.compile(
        rf"^(?:export |async )*(?:(?:def|class|function)\*? {name}\b|{name}\(\) )", re.MULTILINE
    )
    chunks = re.split(r"\n\n+(?=\S)", source)
    found = next((chunk for chunk in chunks if starts.search(chunk)), None)
    return None if found is None else found.rstrip()


def tabulate_refusals() -> Iterator[str]:
    """Every reason for which an agency's own service refuses a call."""
    yield from ("| reason | code | what to do |", "|---|---|---|")
    found = {refusal.reason: refusal for refusal in _find_refusals()}
    for reason, refusal in sorted(found.items()):
        yield f"| `{reason}` | `{refusal.code.name}` | {refusal.advice} |"


def tabulate_rejections() -> Iterator[str]:
    """Every reason that the gateway states where it rejects what was accepted."""
    yield from ("| reason | what to do |", "|---|---|")
    for reason, advice in sorted(_find_rejections().items()):
        yield f"| `{reason}` | {' '.join(advice)} |"


def tabulate_limits() -> Iterator[str]:
    """The limits that a caller meets, as they are unless settings change them."""
    limits = Limits()
    packet: Any = Participant.__dataclass_fields__["max_packet_octets"].default
    yield from ("| what | limit | beyond it |", "|---|---|---|")
    yield f"| one request | {_mebibytes(limits.max_message_octets)} | `RESOURCE_EXHAUSTED` from gRPC |"
    yield f"| one exchange, sealed | {_mebibytes(packet)} | `TOO_LARGE` |"
    yield f"| calls at once | {limits.max_calls} | `RESOURCE_EXHAUSTED` from gRPC |"
    yield f"| streams at once, of those | {limits.max_streams} | `OVERLOADED` |"
    yield f"| calls of one system at once | {limits.max_calls_each} | `OVERLOADED` |"
    yield f"| streams of one system at once | {limits.max_streams_each} | `OVERLOADED` |"
    rate = f"{limits.calls_per_minute}; one of more than 64 KiB counts for several"
    yield f"| calls of one system in a minute | {rate} | `TOO_MANY_CALLS` |"
    yield f"| a call without a deadline of its own | {limits.call_deadline_s:.0f} s | `TIMED_OUT` |"
    yield f"| a page, where `page_size` is 0 | {DEFAULT_PAGE}; 500 at most | `INVALID_REQUEST` |"
    yield f"| fields listed by one refusal | {MAX_VIOLATIONS} | the others show once these are put right |"
    yield f"| exchanges in a thread that is listed | {MAX_EXCHANGES} | `truncated` is true |"


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "refusals": tabulate_refusals,
    "rejections": tabulate_rejections,
    "limits": tabulate_limits,
}


def _quote(found: re.Match[str]) -> str:
    language, name, part = found.groups()
    path = ROOT / name
    source = path.read_text(encoding="utf-8") if path.is_file() else None
    quoted = cut_definition(source, part) if source and part else source
    if quoted is None:
        raise CommandError(f"docs/integrate.md quotes {name}{f'#{part}' if part else ''}, which there is not")
    fence = f"```{language} {name}{f'#{part}' if part else ''}"
    return f"{fence}\n{quoted.rstrip()}\n```"


def _find_refusals() -> Iterator[type[CallError]]:
    for module in pkgutil.walk_packages(services.kit.__path__, "services.kit."):
        if ".migrations" not in module.name:  # they run only inside a migration
            importlib.import_module(module.name)
    pending = [CallError]
    while pending:
        refusal = pending.pop()
        if refusal.__module__.startswith("services.kit."):  # the gateway's own are not an agency's
            yield refusal
        pending.extend(refusal.__subclasses__())


def _find_rejections() -> dict[str, list[str]]:
    """Reasons with what is advised, read off the source: literals there, or constants of the same file."""
    found: dict[str, list[str]] = {}
    for path in sorted(REJECTING.rglob("*.py")):
        for reason, said in _read_rejections(path):
            known = found.setdefault(reason, [])
            if said not in known:
                known.append(said)
    return found


def _read_rejections(path: Path) -> Iterator[tuple[str, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = dict(_read_constants(tree))
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id="Rejection"),
                args=[ast.Constant(value=str(reason)), ast.Constant(value=str(said))],
            ):
                yield reason, said
            case ast.Call(
                func=ast.Name(id="Rejection"), args=[ast.Constant(value=str(reason)), ast.Name(id=name)]
            ):
                yield reason, constants[name]


def _read_constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(text))):
                yield name, text


def _mebibytes(octets: int) -> str:
    return f"{octets // MEBIBYTE} MiB"


def main(arguments: list[str]) -> int:
    """Writes or checks; returns the exit status."""
    try:
        print(check() if arguments == ["check"] else write())
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
