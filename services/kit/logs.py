"""Logs: JSON lines that cannot carry personal data.

Only keys on the allow-list pass, and of their values only codes and plain lower-case words. An exception is
logged as its type and place; its message and arguments may quote what it choked on. What is dropped is
counted in `dropped_keys`, so that whoever added a key notices.
"""

import logging
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from traceback import extract_tb
from typing import Final, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from services.kit.clock import SystemClock

ALLOWED_KEYS: Final = frozenset(
    {
        # who speaks
        "role", "organisation", "component", "pid", "caller",
        # about what
        "exchange_id", "delivery_id", "outcome_id", "clock_id", "packet_id", "hold_id", "message_id",
        "correlation_id",
        "document_type", "method", "queue", "exchange", "service", "rulebook", "serial",
        "migration", "signal", "key_id",
        # what became of it
        "state", "reason", "code", "kind", "error", "location", "logger", "urgency", "shape",
        # how much, how often, how long
        "attempt", "count", "size", "limit", "position", "lag", "seconds", "delay_s", "milliseconds", "days",
        # where
        "host", "port", "file",
    }
)  # fmt: skip
_OWN: Final = frozenset({"event", "level", "at", "dropped_keys"})
_CODE: Final = re.compile(r"[A-Za-z0-9._:/+=-]{0,200}")
_WORDS: Final = re.compile(r"[a-z0-9][a-z0-9 .,_-]{0,199}")


def configure_logs(
    *, stream: TextIO | None = None, level: int = logging.INFO, keys: Iterable[str] = ALLOWED_KEYS, **who: str
) -> None:
    """Sends every log of this process, our own and the libraries', to one stream, filtered.

    Args:
        stream: where to; standard error unless given.
        level: the least level that is logged, as `logging` numbers it.
        keys: the keys that may pass.
        who: bound to every line, such as `role` and `organisation`.
    """
    target = stream or sys.stderr
    allowed = frozenset(keys) | _OWN
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            _add_time,
            _reduce_exception,
            lambda _logger, _method, event: _filter(event, who, allowed),
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=target),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Libraries()], level=max(level, logging.WARNING), force=True)


def locate(error: BaseException) -> str:
    """Where an exception was raised: `folder/file:line` of the innermost frame."""
    frames = extract_tb(error.__traceback__)
    if not frames:
        return "nowhere"
    last = frames[-1]
    return f"{'/'.join(Path(last.filename).parts[-2:])}:{last.lineno}"


class _Libraries(logging.Handler):
    """Takes what libraries log, and drops their texts: a template may have been filled in with anything."""

    def emit(self, record: logging.LogRecord) -> None:
        failure = record.exc_info[1] if record.exc_info else None
        structlog.get_logger().log(
            min(max(record.levelno // 10, 1), 5) * 10,  # a library may have levels of its own
            "library_message",
            logger=record.name,
            location=locate(failure) if failure else f"{Path(record.pathname).name}:{record.lineno}",
            **({"error": type(failure).__name__} if failure else {}),
        )


def _add_time(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["at"] = SystemClock().now().isoformat(timespec="milliseconds")
    return event


def _reduce_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    error = _find_exception(event.pop("exc_info", None))
    if error is not None:
        event["error"], event["location"] = type(error).__name__, locate(error)
    return event


def _find_exception(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return next((part for part in given if isinstance(part, BaseException)), None)
    return sys.exc_info()[1] if given else None


def _filter(event: EventDict, who: dict[str, str], allowed: frozenset[str]) -> EventDict:
    merged = {**who, **event}
    kept = {key: value for key, value in merged.items() if key in allowed and _is_plain(value)}
    if len(kept) < len(merged):
        kept["dropped_keys"] = len(merged) - len(kept)
    # A line without an event is worse than one that says it had to be dropped.
    kept.setdefault("event", "unprintable_event")
    return kept


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return bool(_CODE.fullmatch(value) or _WORDS.fullmatch(value))
    return value is None or isinstance(value, bool | int | float)
