"""The text of docs/clocks.md: every time limit with its paragraph, and those that nothing here starts."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from gateway.core.deadlines.form import TimeLimit
from gateway.core.prerequisite_model import Prerequisite
from gateway.core.rulebook import Rulebook
from gateway.core.wording.limits import after, begins, ends_with, lasts, span_words, whose
from services.kit.clocks.limits import Immediate
from tools.requirements import Requirement

_INTRODUCTION: Final = """\
# Time limits

Written by `make rules-doc` from `gateway/rulebook/clocks.yaml`, `prerequisites.yaml` and
`requirements.yaml`; do not edit it. A clock is begun in the transaction of the decision that starts it,
and kept at the gateway as ids, codes and times; of a document only the days that limits run from are
taken, and only then.

- Working days are those of England and Wales; a limit in them ends at close of business, 17:00 London
  time. Days and months without a word for working days are calendar days (mappa:C-13) and end with their
  last day. Hours are elapsed hours. The day of the start is day 0.
- Before the limit whoever owes what is waited for is reminded. At the limit the matter goes to the next
  step. What was not kept is on record just after. Each step is a record of the disclosure log and a
  signed outcome without personal data, and is taken once, however many gateways run on one database, and
  after any restart.
- `ClockService/ListClocks` of the gateway lists clocks: those of the area for its co-ordinators, its own
  for an organisation. `ClockService` of an agency's service lists those of which it was told, takes that
  something was done elsewhere (`CompleteClock`), and watches immediate exchanges by itself.
- A recipient from whom an exchange is held learns nothing of its clocks.
"""
_HEAD: Final = (
    "| limit | what is to be done | from | how long | who owes it | kept by | reminder | next step "
    "| paragraph |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def compose(book: Rulebook, requirements: Mapping[str, Requirement], immediate: Immediate) -> str:
    """The page."""
    limits = [each.limit for each in book.limits.by_id.values()]
    parts = [
        _INTRODUCTION,
        "## Limits\n",
        _HEAD,
        *map(_row, limits),
        "\n## Immediate exchanges\n",
        _immediate(immediate),
        "\n## Holds\n",
        *_holds(book.prerequisites.values()),
        "\n## Limits that nothing here starts\n",
        *_without(requirements),
    ]
    return "\n".join(parts) + "\n"


def _row(limit: TimeLimit) -> str:
    next_steps = [whose(each.to, each.role) + after(each.after) for each in limit.escalates]
    ends = [ends_with(stop) for stop in limit.stops]
    cells = (
        f"`{limit.id}`",
        limit.title,
        begins(limit),
        lasts(limit),
        whose(limit.responsible, limit.role),
        "; ".join(ends) or "nothing: it is told",
        "-" if limit.remind is None else f"{span_words(limit.remind)} before",
        "; ".join(next_steps) or "-",
        limit.paragraph + _ids(limit) + ("; the project's own" if limit.authority == "POLICY" else ""),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _holds(prerequisites: Iterable[Prerequisite]) -> Iterator[str]:
    yield "A hold that nobody answers goes on to somebody else, and where it says so ends as if declined.\n"
    yield "| waits for | who answers | goes on after | to | ends after | paragraph |"
    yield "|---|---|---|---|---|---|"
    for each in prerequisites:
        ends = each.expires_after_working_days
        after = f"{each.escalates_after_working_days} working days"
        end = "-" if ends is None else f"{ends} working days"
        to = whose(each.escalates_to.organisation, each.escalates_to.role)
        cells = (f"`{each.id}`: {each.title}", each.role, after, to, end, each.paragraph)
        yield "| " + " | ".join(cells) + " |"


def _immediate(immediate: Immediate) -> str:
    return (
        f"An exchange of urgency IMMEDIATE that is not receipted in {immediate.minutes} minutes: the "
        'sender\'s own service says "not confirmed: telephone", with the number of the desk from the '
        "directory, whether or not gateway and broker can be reached. A disclosure by telephone is put on "
        "record afterwards. "
        f"({immediate.paragraph}; the minutes are the project's own.)"
    )


def _without(requirements: Mapping[str, Requirement]) -> Iterator[str]:
    yield "| id | limit | why |\n|---|---|---|"
    for name, each in requirements.items():
        if each.no_clock:
            yield f"| {name} | {each.text} | {each.no_clock} |"


def _ids(limit: TimeLimit) -> str:
    return f" ({', '.join(limit.implements)})" if limit.implements else ""
