"""The history, requested from evcc-poller page by page."""

from collections.abc import AsyncIterator
from datetime import datetime

from ems.bus.api import Bus
from ems.contract.message import Malformed
from ems.contract.requests import History, HistoryGet, HistoryRow
from ems.contract.topics import HISTORY_GET

_PAGE = 1000
_TIMEOUT_S = 10


class NoHistory(Exception):
    """The history is not told; the text says why."""


async def history_rows(bus: Bus, start: datetime, end: datetime) -> AsyncIterator[tuple[HistoryRow, ...]]:
    """The finished rows from ``start`` (inclusive) to ``end`` (exclusive), page by page, oldest first.

    Raises:
        NoHistory: evcc-poller does not answer, or not with a history.
    """
    at: datetime | None = start
    while at is not None:
        try:
            page = await bus.request(HISTORY_GET, HistoryGet(start=at, end=end, limit=_PAGE), timeout_s=_TIMEOUT_S)
        except TimeoutError:
            raise NoHistory("evcc-poller does not tell the history: forecasts are poorer") from None
        except Malformed as why:
            raise NoHistory(f"evcc-poller's history cannot be read: {why}") from None
        if not isinstance(page, History) or page.refused is not None:
            raise NoHistory(f"evcc-poller refuses to tell the history: {getattr(page, 'refused', None)}")
        yield page.rows
        at = page.next
