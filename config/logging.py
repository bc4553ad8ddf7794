"""Structured logs: readable lines in development, one JSON object a line in production."""

from __future__ import annotations

from typing import Any

import orjson
import structlog

from common.tokens import masked


def _without_secrets(logger: Any, name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Links that open something have their secret in the address, and addresses are logged."""
    for key, value in event.items():
        if isinstance(value, str) and "/" in value:
            event[key] = masked(value)
    return event


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    _without_secrets,
]


def _to_json(value: Any, **options: Any) -> str:
    return orjson.dumps(value, default=options.get("default", str)).decode()


# Without the values of local names: a password or a key may be among them.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def logging_settings(*, level: str, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING; also points structlog at the standard library's handlers."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: list[structlog.typing.Processor] = (
        [_TRACEBACKS, structlog.processors.JSONRenderer(_to_json)]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *renderer,
                ],
            },
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "structured"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would say everything a second time.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            # Every job of every poll is too much below a warning.
            "procrastinate": {"level": "WARNING"},
        },
    }
