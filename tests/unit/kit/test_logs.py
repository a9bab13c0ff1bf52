import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from services.kit.logs import configure_logs

PERSON = "Sam Reed"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    written = io.StringIO()
    before = logging.getLogger().handlers[:]
    configure_logs(stream=written, role="lighthouse", organisation="own-body")
    yield written
    structlog.reset_defaults()
    logging.basicConfig(handlers=before, level=logging.WARNING, force=True)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_allowed_keys_pass(stream: io.StringIO) -> None:
    structlog.get_logger().info("packet_sent", packet_id="a1", count=3)
    [line] = lines(stream)
    expected = {"event": "packet_sent", "packet_id": "a1", "count": 3, "role": "lighthouse", "level": "info"}
    assert expected.items() <= line.items()
    assert "dropped_keys" not in line


@pytest.mark.parametrize(
    "given",
    [
        {"name": PERSON},
        {"reason": PERSON},
        {"count": [PERSON]},
        {"state": {"name": PERSON}},
        {"host": PERSON},
    ],
)
def test_a_personal_value_never_appears(stream: io.StringIO, given: dict[str, Any]) -> None:
    structlog.get_logger().warning("something", **given)
    assert "Reed" not in stream.getvalue()
    assert lines(stream)[0]["dropped_keys"] == 1


def test_an_event_with_a_personal_value_is_dropped(stream: io.StringIO) -> None:
    structlog.get_logger().info("accepted a document about %s", PERSON)
    assert lines(stream)[0]["event"] == "unprintable_event"
    assert "Reed" not in stream.getvalue()


def test_an_exception_is_its_type_and_place(stream: io.StringIO) -> None:
    try:
        dict[str, int]().pop(PERSON)
    except KeyError:
        structlog.get_logger().exception("call_failed")
    [line] = lines(stream)
    assert line["error"] == "KeyError"
    assert line["location"].startswith("kit/test_logs.py:")
    assert "Reed" not in stream.getvalue()


def test_what_a_library_logs_loses_its_text(stream: io.StringIO) -> None:
    try:
        int(PERSON)
    except ValueError:
        logging.getLogger("some.library").exception("cannot store %s", PERSON)
    logging.getLogger("some.library").log(35, PERSON)
    first, second = lines(stream)
    assert (first["logger"], first["error"]) == ("some.library", "ValueError")
    assert second["level"] == "warning"
    assert "Reed" not in stream.getvalue()
