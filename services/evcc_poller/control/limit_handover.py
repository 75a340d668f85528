"""Clears evcc's own price limits while the suite plans and restores them afterwards, or reports them."""

from ems.bus.api import Bus
from ems.i18n.health.troubles import HealthTrouble
from evcc_poller.adapters.control_store import ControlStore
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.control.handover_writer import HandoverWriter
from evcc_poller.domain.control.price_limits import ClearedLimit, limits_in, managed_by_optimizer, warning
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.observation import Observation

_KEY = "control:limits"


class LimitHandover:
    """Each limit is noted on disk before it is cleared, so that none is forgotten."""

    def __init__(self, bus: Bus, evcc: Evcc, store: ControlStore, rules: ControlSettings) -> None:
        self._health, self._evcc, self._store, self._rules = bus.health, evcc, store, rules
        self._writer = HandoverWriter(bus.health, _KEY)

    async def clear(self, seen: Observation) -> None:
        """Clears the limits that evcc shows; where the settings forbid it, degrades health instead."""
        limits = limits_in(seen)
        if not self._rules.take_over_limits:
            self._report(warning(limits))
            return
        if limits:
            kept = {x.name: x for x in (*self._store.cleared(), *limits)}
            self._store.set_cleared(kept.values())
        for limit in limits:
            await self._writer.done(self._delete(limit))

    async def restore(self, seen: Observation) -> None:
        """Sets the cleared limits in evcc again, but for those that its own optimizer manages now."""
        left = {x.name: x for x in self._store.cleared()}
        for name, limit in list(left.items()):
            if not managed_by_optimizer(limit, seen) and await self._writer.done(self._set(limit)):
                del left[name]
                self._store.set_cleared(left.values())

    async def _delete(self, limit: ClearedLimit) -> None:
        if limit.loadpoint is None:
            await self._evcc.delete_battery_grid_charge_limit()
        elif limit.feed_in:
            await self._evcc.delete_feed_in_priority_limit(limit.loadpoint)
        else:
            await self._evcc.delete_smart_cost_limit(limit.loadpoint)

    async def _set(self, limit: ClearedLimit) -> None:
        if limit.loadpoint is None:
            await self._evcc.set_battery_grid_charge_limit(limit.limit)
        elif limit.feed_in:
            await self._evcc.set_feed_in_priority_limit(limit.limit, limit.loadpoint)
        else:
            await self._evcc.set_smart_cost_limit(limit.limit, limit.loadpoint)

    def _report(self, problem: HealthTrouble | None) -> None:
        if problem is None:
            self._health.ok(_KEY)
        else:
            self._health.degraded(_KEY, problem)
