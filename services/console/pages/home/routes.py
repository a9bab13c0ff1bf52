"""The first page: what needs doing today, by role, and where everything is."""

from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, render_template, url_for

from services.console.areas import group_areas
from services.console.pages.home.tasks import Counted, count_tasks
from services.console.session import person
from services.console.words import count_of

BLUEPRINT: Final = Blueprint("home", __name__)


@BLUEPRINT.get("/")
def show_home() -> str:
    """What needs doing today, and where everything is."""
    counted = count_tasks(person().roles)
    return render_template(
        "pages/home.html",
        waiting=[_describe(each) for each in counted if each.count and each.count.number],
        missing=[each.task.text[1] for each in counted if each.count is None],
        done=[each.task.text[1] for each in counted if each.count and not each.count.number],
        shelves=group_areas(person()),
        today=datetime.now(UTC),
    )


def _describe(each: Counted) -> dict[str, Any]:
    count, task = each.count, each.task
    assert count is not None  # noqa: S101  # only those that were counted are described
    return {
        "number": f"{count.number:,}",
        "text": count_of(count.number, *task.text).split(" ", 1)[1],
        "note": f"{count.late:,} {task.late}" if count.late and task.late else "",
        "urgent": count.late > 0,
        "href": url_for(task.endpoint),
    }
