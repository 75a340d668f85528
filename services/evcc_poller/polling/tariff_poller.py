"""Asks evcc for its rates every few minutes and at slot changes; keeps the last good ones and says how old they are."""

from datetime import datetime, timedelta

from ems.bus.api import Bus
from ems.contract.site import Tariff, TariffKind
from ems.contract.topics import TARIFF
from ems.house.slots import floor_to
from ems.runtime.errors import PermanentError, TransientError
from evcc_poller.adapters.errors import NoRates
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.domain.parsing import rates
from evcc_poller.domain.republish import AGAIN

RETRY_S = 30
"""Rates that could not be had are asked for again so soon: after evcc's start they come one after the other."""
SLOT_MINUTES = 15
"""evcc's slots, and the suite's."""
AFTER_SLOT = timedelta(seconds=2)
"""evcc drops the slot that ended a moment after its end."""


class TariffPoller:
    """The rates of one evcc."""

    def __init__(self, bus: Bus, evcc: Evcc) -> None:
        self._bus, self._evcc = bus, evcc
        self._known: dict[TariffKind, Tariff] = {}
        self._outdated: set[TariffKind] = set()

    def get(self, kind: TariffKind) -> Tariff | None:
        """The last good rates; empty when evcc never had any."""
        return self._known.get(kind)

    def outdated(self, kind: TariffKind) -> bool:
        """Whether evcc itself says that it has none now."""
        return kind in self._outdated

    async def run(self, interval_s: float) -> None:
        """Asks every ``interval_s`` seconds and at slot changes, until cancelled; says what is known every minute."""
        clock = self._bus.clock
        next_ask = clock.now()
        while True:
            now = clock.now()
            if now >= next_ask:
                await self.ask()
                next_ask = self._next_ask(now, min(interval_s, RETRY_S) if self._missing() else interval_s)
            self.say()
            await clock.sleep(max(0.1, (min(next_ask, now + AGAIN) - clock.now()).total_seconds()))

    async def ask(self) -> None:
        """Asks for all of them once."""
        at = self._bus.clock.now()
        for kind in (TariffKind.GRID, TariffKind.FEEDIN, TariffKind.SOLAR):
            await self._ask(kind, at)
        await self._ask_co2(at)
        self._tell_health()

    def say(self) -> None:
        """Publishes what is known."""
        for kind, tariff in self._known.items():
            self._bus.publish(TARIFF, tariff, tariff=kind)

    async def _ask(self, kind: TariffKind, at: datetime) -> None:
        try:
            found, unread = rates.read(await self._evcc.tariff(kind), kind)
            if not found:
                raise NoRates(f"evcc's answer holds no {kind} rates")
        except (TransientError, PermanentError) as error:
            if isinstance(error, NoRates):
                self._outdated.add(kind)
            self._known[kind] = rates.stale(kind, self._known.get(kind), at, str(error))
            return
        self._outdated.discard(kind)
        self._known[kind] = rates.fresh(kind, found, at, unread)

    async def _ask_co2(self, at: datetime) -> None:
        """Evcc's route for tariffs does not know CO2; most sites have none, which is nothing to tell."""
        kind = TariffKind.CO2
        try:
            found = rates.read_forecast(await self._evcc.state(), kind)
        except (TransientError, PermanentError) as error:
            if known := self._known.get(kind):
                self._known[kind] = rates.stale(kind, known, at, str(error))
            return
        if found and found[0]:
            self._known[kind] = rates.fresh(kind, found[0], at, found[1])
        elif known := self._known.get(kind):
            self._known[kind] = rates.stale(kind, known, at, "evcc shows no CO2 forecast any more")

    def _missing(self) -> bool:
        """Whether rates that there were, or import prices, could not be had."""
        return any(t.problem and (k is TariffKind.GRID or t.rates) for k, t in self._known.items())

    def _tell_health(self) -> None:
        """Missing import prices are always worth saying; others only when there were some."""
        for kind, tariff in self._known.items():
            if tariff.problem and (kind is TariffKind.GRID or tariff.rates):
                self._bus.health.degraded(f"tariff:{kind}", f"{kind} rates: {tariff.problem}")
            else:
                self._bus.health.ok(f"tariff:{kind}")

    def _next_ask(self, now: datetime, interval_s: float) -> datetime:
        slot_end = floor_to(now - AFTER_SLOT, SLOT_MINUTES) + timedelta(minutes=SLOT_MINUTES) + AFTER_SLOT
        return min(now + timedelta(seconds=interval_s), slot_end)
