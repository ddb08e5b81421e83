"""One log format for every process: a line of JSON on standard output, account ids shortened."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

ACCOUNT = re.compile(r"\b(D?[UF])\d{3,}(\d{4})\b")

Record = MutableMapping[str, Any]


def shorten_accounts(_logger: object, _method: str, record: Record) -> Record:
    """Leave of an account id what tells two accounts apart, and no more."""
    for key, value in record.items():
        if isinstance(value, str):
            record[key] = ACCOUNT.sub(r"\1•••\2", value)
    return record


def before_rendering() -> list[Any]:
    """Return the steps that our own records and those of libraries both pass."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
        shorten_accounts,
    ]


def hush_library() -> None:
    """For a command that says itself what came of it: ib_insync's lines would stand between its own."""
    logging.getLogger("ib_insync").setLevel(logging.CRITICAL)


def configuration(*, level: str, shape: str) -> dict[str, Any]:
    """Set structlog up and return the LOGGING setting that sends everything through it."""
    steps = before_rendering()
    structlog.configure(
        processors=[*steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer = (
        structlog.dev.ConsoleRenderer(colors=False)
        if shape == "console"
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [structlog.stdlib.ExtraAdder(), *steps],
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            }
        },
        "handlers": {"stream": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stream"], "level": level.upper()},
        "loggers": {"django": {"handlers": [], "propagate": True}},
    }
