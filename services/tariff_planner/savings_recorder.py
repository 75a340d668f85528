"""Publishes what the suite was worth, and keeps the days that are over."""

import asyncio
from datetime import datetime, timedelta
from functools import partial

import structlog

from ems.bus.api import Bus
from ems.bus.history import NoHistory, history_rows
from ems.contract.savings import ChargingSession, Savings
from ems.contract.site import Rate, Site, TariffKind
from ems.contract.topics import SAVINGS, SITE, TARIFF
from ems.house.battery import BatterySpec
from ems.house.slots import floor_to
from ems.i18n.health import troubles
from tariff_planner.adapters import savings_file
from tariff_planner.domain.savings.day import UNSURE, DaySavings, mean_price
from tariff_planner.domain.savings.ledger import SavingsLedger, nothing_yet, period, slots_by_day, start_of
from tariff_planner.domain.savings.measured_day import measured_slots
from tariff_planner.domain.wording.renderer import Renderer
from tariff_planner.domain.wording.savings import SavingsMethod
from tariff_planner.settings import Settings

_log = structlog.get_logger(__name__)

SLOT_MIN = 15
"""How often it is counted, in minutes: with every finished slot of the history."""
AFTER_SLOT_S = 90
"""How long after a slot's end evcc-poller has surely kept it, in seconds."""
AGAIN_S = 20
"""When it is tried again what could not be counted, in seconds."""


class SavingsRecorder:
    """Counts after every slot; what is over stays in the state directory."""

    def __init__(self, bus: Bus, settings: Settings) -> None:
        self._bus, self._settings = bus, settings
        self._site, self._tariffs = bus.watch(SITE), bus.watch(TARIFF)
        self._ledger = savings_file.load(settings.state_dir, partial(bus.health.file_set_aside, "savings"))

    async def run(self) -> None:
        """Counts until cancelled."""
        clock = self._bus.clock
        while True:
            counted = await self.count()
            now = clock.now()
            following = floor_to(now, SLOT_MIN) + timedelta(minutes=SLOT_MIN, seconds=AFTER_SLOT_S)
            if not counted:
                # At the start the others are not there yet.
                following = min(following, now + timedelta(seconds=AGAIN_S))
            await clock.sleep((following - now).total_seconds())

    async def count(self) -> bool:
        """Closes the days that are over, counts today, and publishes; without facts or history nothing changes.

        Returns:
            Whether it could be counted.
        """
        site, now, zone = self._site.get(), self._bus.clock.now(), self._settings.zone
        if site is None:
            return False
        today = now.astimezone(zone).date()
        # A charging session may go on since the evening before.
        since = start_of(self._ledger.first_open(today) - timedelta(days=1), zone)
        export = self._settings.export_eur_per_kwh
        try:
            rows = [row async for page in history_rows(self._bus, since, now) for row in page]
        except NoHistory as why:
            _log.info("savings not counted", why=str(why))
            return False
        slots = await asyncio.to_thread(lambda: list(measured_slots(rows, export)))
        battery = self._battery(site)
        ledger = self._ledger.closed(today, slots, battery, zone)
        if ledger != self._ledger:
            await self._save(ledger)
        by_day = slots_by_day(slots, zone)
        of_today, before = by_day.get(today, []), by_day.get(today - timedelta(days=1), [])
        worth = mean_price(of_today, self._rates(), start_of(today + timedelta(days=1), zone)) if of_today else None
        sums, alone = ledger.judged(today, of_today, battery, worth)
        message = self._message(ledger, sums, ledger.sessions_with(before, of_today), site, now)
        if (alone_kwh := alone.kwh[0]) is not None:
            message = message.model_copy(update={"alone_battery_kwh": round(alone_kwh, 3)})
        self._bus.publish(SAVINGS, message)
        return True

    async def _save(self, ledger: SavingsLedger) -> None:
        """Keeps the ledger; one that cannot be written is counted anew at the next slot, while the history has it."""
        try:
            await asyncio.to_thread(savings_file.save, self._settings.state_dir, ledger)
        except OSError as error:
            self._bus.health.degraded("savings", troubles.NotKept(troubles.DAYS, str(error.strerror)))
        else:
            self._bus.health.ok("savings")
            self._ledger = ledger

    def _message(
        self, ledger: SavingsLedger, today: DaySavings, sessions: tuple[ChargingSession, ...], site: Site, now: datetime
    ) -> Savings:
        zone, currency = self._settings.zone, site.currency or "EUR"
        days = (*ledger.days, today)
        month = today.day.replace(day=1)
        first = next(n for n, day in enumerate(days) if day.day >= month)
        return Savings(
            at=now,
            currency=currency,
            today=period(days, len(days) - 1, len(days), zone) or nothing_yet(today.day, zone),
            yesterday=period(days, len(days) - 2, len(days) - 1, zone),
            month=period(days, first, len(days), zone) or nothing_yet(days[first].day, zone),
            total=period(days, 0, len(days), zone) or nothing_yet(days[0].day, zone),
            sessions=sessions,
            method=Renderer(zone, now, currency).text(SavingsMethod(100 * max(UNSURE))),
        )

    def _rates(self) -> tuple[Rate, ...]:
        tariff = self._tariffs.get(TariffKind.GRID)
        return tariff.rates if tariff else ()

    def _battery(self, site: Site) -> BatterySpec | None:
        """The home battery as it is set, and as evcc knows it; None where its size is not known."""
        rules, fact = self._settings.battery, site.battery
        capacity_kwh = rules.capacity_kwh or (fact.capacity_kwh if fact else None)
        if fact is None or not capacity_kwh:
            return None
        return BatterySpec(
            capacity_kwh,
            rules.charge_kw,
            rules.discharge_kw,
            rules.charge_efficiency,
            rules.discharge_efficiency,
            min_kwh=capacity_kwh * rules.reserve_soc_pct / 100,
        )
