"""Polls evcc's rates every few minutes and at slot changes; keeps the last good ones with their age."""

from datetime import datetime, timedelta

from ems.bus.api import Bus
from ems.contract.site import Tariff, TariffKind
from ems.contract.topics import TARIFF
from ems.house.slots import floor_to
from ems.i18n.health.troubles import HealthTrouble, RatesMissing, RatesUntold
from ems.runtime.errors import PermanentError, TransientError
from evcc_poller.adapters.errors import NoRates
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.domain.parsing import rates
from evcc_poller.domain.republish import REPUBLISH_AFTER

RETRY_S = 30
"""Pause in seconds before missing rates are polled again; after evcc's start they come one after the other."""
SLOT_MINUTES = 15
"""Length of a slot in minutes, evcc's and the suite's."""
SLOT_DELAY = timedelta(seconds=2)
"""Delay after a slot's end; evcc drops the slot a moment after it."""


class TariffPoller:
    """Polls and publishes the rates of one evcc."""

    def __init__(self, bus: Bus, evcc: Evcc) -> None:
        self._bus, self._evcc = bus, evcc
        self._known: dict[TariffKind, Tariff] = {}
        self._outdated: set[TariffKind] = set()
        self._failed: set[TariffKind] = set()
        """What the last poll did not get."""
        self._troubles: dict[TariffKind, HealthTrouble | None] = {}
        self._currency = "EUR"

    def get(self, kind: TariffKind) -> Tariff | None:
        """The last good rates; empty when evcc never had any."""
        return self._known.get(kind)

    def outdated(self, kind: TariffKind) -> bool:
        """Whether evcc itself reports that it has none now."""
        return kind in self._outdated

    async def run(self, interval_s: float) -> None:
        """Polls every ``interval_s`` seconds and at slot changes, until cancelled; publishes every minute."""
        clock = self._bus.clock
        next_poll = clock.now()
        while True:
            now = clock.now()
            # Nothing is further ahead than the interval, unless somebody has set the clock back.
            if not now < next_poll <= now + timedelta(seconds=interval_s):
                await self.poll()
                next_poll = self._next_poll(now, min(interval_s, RETRY_S) if self._missing() else interval_s)
            self.publish()
            await clock.sleep(max(0.1, (min(next_poll, now + REPUBLISH_AFTER) - clock.now()).total_seconds()))

    async def poll(self) -> None:
        """Polls all tariffs once."""
        at = self._bus.clock.now()
        await self._poll_co2(at)
        for kind in (TariffKind.GRID, TariffKind.FEEDIN, TariffKind.SOLAR):
            await self._poll(kind, at)
        self._report_health()

    def publish(self) -> None:
        """Publishes the last known rates."""
        for kind, tariff in self._known.items():
            self._bus.publish(TARIFF, tariff, tariff=kind)

    async def _poll(self, kind: TariffKind, at: datetime) -> None:
        try:
            found = rates.read(await self._evcc.tariff(kind), kind)
            if not found.rates:
                raise NoRates  # noqa: TRY301  an answer without rates, as one that says so
        except NoRates as error:
            self._outdated.add(kind)
            self._keep_old(kind, at, RatesUntold(str(kind), str(error) or None))
        except (TransientError, PermanentError) as error:
            self._keep_old(kind, at, RatesMissing(str(kind), str(error)))
        else:
            self._outdated.discard(kind)
            self._keep(kind, at, found)

    async def _poll_co2(self, at: datetime) -> None:
        """Reads the currency, and CO2, which the route for tariffs lacks; that most sites have none is no problem."""
        kind = TariffKind.CO2
        try:
            state = await self._evcc.state()
        except (TransientError, PermanentError) as error:
            if kind in self._known:
                self._keep_old(kind, at, RatesMissing(str(kind), str(error)))
            return
        self._currency = str(state.get("currency") or self._currency)
        found = rates.read_forecast(state, kind)
        if found is not None and found.rates:
            self._keep(kind, at, found)
        elif kind in self._known:
            self._keep_old(kind, at, RatesUntold(str(kind)))
            # evcc has answered: to ask again soon would change nothing.
            self._failed.discard(kind)

    def _keep(self, kind: TariffKind, at: datetime, found: rates.ReadRates) -> None:
        trouble = found.trouble(kind, self._currency)
        self._failed.discard(kind)
        self._troubles[kind] = trouble
        self._known[kind] = rates.fresh(kind, found.rates, at, trouble)

    def _keep_old(self, kind: TariffKind, at: datetime, trouble: HealthTrouble) -> None:
        self._failed.add(kind)
        self._troubles[kind] = trouble
        self._known[kind] = rates.stale(kind, self._known.get(kind), at, trouble)

    def _missing(self) -> bool:
        """Whether import prices, or rates that there once were, could not be read."""
        return any(k in self._failed and (k is TariffKind.GRID or t.rates) for k, t in self._known.items())

    def _report_health(self) -> None:
        """Reports missing import prices always, other missing rates only when there once were some."""
        for kind, tariff in self._known.items():
            trouble = self._troubles.get(kind)
            if trouble is not None and (kind is TariffKind.GRID or tariff.rates):
                self._bus.health.degraded(f"tariff:{kind}", trouble)
            else:
                self._bus.health.ok(f"tariff:{kind}")

    def _next_poll(self, now: datetime, interval_s: float) -> datetime:
        slot_end = floor_to(now - SLOT_DELAY, SLOT_MINUTES) + timedelta(minutes=SLOT_MINUTES) + SLOT_DELAY
        return min(now + timedelta(seconds=interval_s), slot_end)
