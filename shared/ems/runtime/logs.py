"""Logs: one JSON object a line on stderr, or something to read when a person is watching; never a secret."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from ems.runtime import redact


def configure(service: str, level: str = "info", stream: TextIO | None = None) -> None:
    """Sends structlog's and the standard library's records to ``stream`` (stderr), redacted.

    Args:
        service: its name, in every record.
        level: the lowest that is written.
        stream: where to; a terminal gets colours instead of JSON.
    """
    out = stream or sys.stderr
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if out.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )

    def name_service(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {"service": service, **event}

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        name_service,
    ]
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _redacted, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # They say on every request what we say ourselves when it matters.
    for logger in ("asyncio", "urllib3", "aiohttp.access"):
        logging.getLogger(logger).setLevel(max(logging.WARNING, root.level))
    # It calls each lost connection an error, which the health says already.
    logging.getLogger("mqtt").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _redacted(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    clean: EventDict = redact.anything(event)
    return clean
