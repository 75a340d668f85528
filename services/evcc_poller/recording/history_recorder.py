"""Records the 15-minute history: adds observations, writes slots, fills gaps from evcc's own, answers requests."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta

import structlog

from ems.bus.api import Bus, Names, Refused
from ems.contract.message import Message
from ems.contract.requests import History, HistoryGet, HistoryRow
from ems.contract.site import TariffKind
from ems.contract.topic import MAX_PAYLOAD_BYTES
from ems.contract.topics import HISTORY_GET
from ems.i18n.health import troubles
from ems.runtime.errors import PermanentError, TransientError
from evcc_poller.adapters.errors import NoSuchRoute
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.adapters.history_db import HistoryDb
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.parsing import rates
from evcc_poller.domain.recording import backfill, history
from evcc_poller.polling.tariff_poller import TariffPoller
from evcc_poller.settings import HistorySettings

_log = structlog.get_logger(__name__)

SAVE_INTERVAL = timedelta(minutes=1)
"""Time between two saves of the running slot; a crash loses at most this much."""
BACKFILL_PAGE = timedelta(days=7)
"""Span of one request for evcc's own history."""
BACKFILL_OVERLAP = timedelta(days=1)
"""Span that is requested again, because evcc itself may have been down or late."""
TIDY_INTERVAL_S = 86_400
"""Pause between two runs of pruning and backfill, in seconds."""
TIDY_RETRY_S = 3_600
"""Pause after a run that failed, in seconds."""


class HistoryRecorder:
    """Owns the history's file."""

    def __init__(
        self, bus: Bus, db: HistoryDb, tariffs: TariffPoller, settings: HistorySettings, *, hold: timedelta
    ) -> None:
        self._bus, self._db, self._tariffs, self._settings, self._hold = bus, db, tariffs, settings, hold
        self._open = db.open_slot()
        self._before: history.Sample | None = None
        self._saved_at = bus.clock.now()
        self._titles: dict[str, int] = {}
        self._first_seen = asyncio.Event()
        bus.on_request(HISTORY_GET, self.answer)

    async def observe(self, seen: Observation) -> None:
        """Takes an observation into account."""
        slot, rows = history.grow(self._open, self._before, seen.at, self._hold)
        if self._open is None or slot.start != self._open.start:
            slot = slot.model_copy(update={"pv_forecast_w": self._forecast(slot.start)})
        self._open = slot
        self._before = history.sample(seen) if seen.site.evcc.reachable else None
        if rows or seen.at - self._saved_at >= SAVE_INTERVAL:
            self._saved_at = seen.at
            await self._guarded(asyncio.to_thread(self._write, rows, slot))
        if seen.loadpoints:
            titles = [lp.title for lp in seen.loadpoints]
            self._titles = {lp.title: lp.id for lp in seen.loadpoints if lp.title and titles.count(lp.title) == 1}
            self._first_seen.set()

    async def run(self, evcc: Evcc) -> None:
        """Prunes and fills gaps, now and daily, until cancelled; then saves the running slot as it is."""
        try:
            # evcc's history knows loadpoints by their titles only.
            await self._first_seen.wait()
            while True:
                done = await self._guarded(self._tidy(evcc))
                await self._bus.clock.sleep(TIDY_INTERVAL_S if done else TIDY_RETRY_S)
        finally:
            self._save_open()

    async def answer(self, request: HistoryGet, _: Names) -> Message:
        """A page of the history."""
        if request.end <= request.start:
            raise Refused("the end must be after the start")
        try:
            rows = await asyncio.to_thread(self._db.rows, request.start, request.end, request.limit + 1)
        except TransientError as error:
            raise Refused(f"the history cannot be read: {error}") from error
        shown, following = history.page(rows, request.limit, MAX_PAYLOAD_BYTES * 9 // 10)
        return History(id=request.id, rows=shown, next=following)

    def _save_open(self) -> None:
        if self._open is None:
            return
        try:
            self._db.keep_open(self._open)
        except TransientError as error:
            _log.warning("the running slot is lost", why=str(error))

    def _write(self, rows: tuple[HistoryRow, ...], slot: history.OpenSlot) -> None:
        self._db.insert(rows)
        self._db.keep_open(slot)

    def _forecast(self, start: datetime) -> float | None:
        """The PV power that was forecast for a slot before it began."""
        known = self._tariffs.get(TariffKind.SOLAR)
        return rates.value_at(known, start) if known and known.fetched_at <= start else None

    async def _tidy(self, evcc: Evcc) -> None:
        oldest = self._bus.clock.now() - timedelta(days=self._settings.retention_days)
        pruned = await asyncio.to_thread(self._db.prune, oldest)
        filled = await self._backfill(evcc, oldest) if self._settings.backfill else 0
        _log.info("history tidied", pruned=pruned, filled=filled)

    async def _backfill(self, evcc: Evcc, oldest: datetime) -> int:
        """Takes over from evcc's own history what ours lacks."""
        now, known = self._bus.clock.now(), await asyncio.to_thread(self._db.backfilled)
        start, filled = max(known - BACKFILL_OVERLAP, oldest) if known else oldest, 0
        while start < now:
            end = min(start + BACKFILL_PAGE, now)
            try:
                body = await evcc.history_energy(start, end)
            except NoSuchRoute:
                _log.info("this evcc keeps no history of its own")
                return filled
            rows = [row for row in backfill.rows(body, self._titles) if row.start + history.SLOT <= now]
            filled += await asyncio.to_thread(self._db.insert, rows, replace=False)
            start = end
        await asyncio.to_thread(self._db.note_backfilled, now.astimezone(UTC))
        return filled

    async def _guarded(self, work: Awaitable[object]) -> bool:
        """Awaits ``work``; a failure is reported and does not spread, since control matters more than its records."""
        try:
            await work
        except (TransientError, PermanentError) as error:
            self._bus.health.degraded("history", troubles.HistoryGap(str(error)))
            return False
        self._bus.health.ok("history")
        return True
