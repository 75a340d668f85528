"""What evcc keeps for us, or we for evcc: open goals as plans of its own, and price limits taken away."""

from collections.abc import Awaitable, Mapping
from datetime import datetime
from enum import Enum, auto

from ems.bus.api import Bus
from ems.contract.service import Service, Status
from ems.contract.topics import GOAL, STATUS
from ems.runtime.errors import PermanentError, TransientError
from evcc_poller.adapters.control_store import ControlStore
from evcc_poller.adapters.errors import NoSuchRoute
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.domain.control.loadpoint_state import SETTLE
from evcc_poller.domain.control.plan_handover import (
    HandedOverPlan,
    to_give,
    to_take_back,
    unanswered,
    withdrawn,
)
from evcc_poller.domain.control.price_limits import ClearedLimit, limits_in, warning
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.observation import Observation

_PLANS, _LIMITS = "control:plans", "control:limits"


class _Answer(Enum):
    """What became of a write."""

    YES = auto()
    NO = auto()
    NOT_THERE = auto()
    """A no: evcc has no such vehicle or function."""
    NONE = auto()
    """Lost: it may be done or not."""


class PlanAndLimitHandover:
    """Each write is noted on disk before it is made, so that nothing of ours is forgotten in evcc."""

    def __init__(self, bus: Bus, evcc: Evcc, store: ControlStore, rules: ControlSettings) -> None:
        self._bus, self._evcc, self._store, self._rules = bus, evcc, store, rules
        self._goals, self._statuses = bus.watch(GOAL), bus.watch(STATUS)
        self._gave_at: datetime | None = None

    def remember_goals(self) -> None:
        """Keeps the open goals on disk: a handover after our death needs them."""
        goals = self._goals.items()
        if goals != self._store.goals():
            self._store.set_goals(goals.values())

    async def look(self, seen: Observation, planless: bool, planned: bool) -> None:
        """Gives and takes back what is due: ``planless`` while the suite cannot plan, ``planned`` while it does."""
        if not seen.site.evcc.reachable:
            return
        if planless:
            if self._notifier_online:
                await self._take_back(seen, withdrawn(self._store.given(), self._store.goals()))
            await self._give(seen)
            await self._put_limits_back()
        elif planned:
            await self._take_back(seen, self._store.given())
            if not self._store.given():
                self._bus.health.ok(_PLANS)
            await self._take_limits(seen)

    @property
    def _notifier_online(self) -> bool:
        """Whether a goal that is gone was withdrawn; without the notifier the broker may merely have lost it."""
        return self._statuses.get(Service.NOTIFIER) is Status.ONLINE

    async def _give(self, seen: Observation) -> None:
        given, now = self._store.given(), self._bus.clock.now()
        known = [v.name for v in seen.site.vehicles]
        for plan in to_give(self._store.goals(), given, known, seen.loadpoints, now):
            before = given.get(plan.vehicle)
            given[plan.vehicle] = unanswered(plan, before)
            self._store.set_given(given.values())
            answer = await self._ask(_PLANS, self._evcc.set_vehicle_plan(plan.vehicle, plan.soc_pct, plan.departure))
            self._gave_at = self._bus.clock.now()
            if answer is _Answer.NONE:
                continue  # evcc may have taken it all the same: it stays noted as ours.
            if answer is _Answer.YES:
                given[plan.vehicle] = plan
            elif before is not None:
                given[plan.vehicle] = before
            else:
                del given[plan.vehicle]
            self._store.set_given(given.values())

    async def _take_back(self, seen: Observation, plans: Mapping[str, HandedOverPlan]) -> None:
        if self._gave_at is not None and seen.at < self._gave_at + SETTLE:
            return  # This look cannot tell what became of what was just given.
        given = self._store.given()
        delete, forget = to_take_back(plans, seen.loadpoints, self._bus.clock.now())
        for vehicle in delete:
            if await self._try(_PLANS, self._evcc.delete_vehicle_plan(vehicle)):
                del given[vehicle]
        for vehicle in forget:
            del given[vehicle]
        if delete or forget:
            self._store.set_given(given.values())

    async def _take_limits(self, seen: Observation) -> None:
        limits = limits_in(seen)
        if not self._rules.take_over_limits:
            self._warn(warning(limits))
            return
        if limits:
            kept = {x.name: x for x in (*self._store.cleared(), *limits)}
            self._store.set_cleared(kept.values())
        for limit in limits:
            await self._try(_LIMITS, self._delete(limit))

    async def _put_limits_back(self) -> None:
        left = {x.name: x for x in self._store.cleared()}
        for name, limit in list(left.items()):
            if await self._try(_LIMITS, self._set(limit)):
                del left[name]
                self._store.set_cleared(left.values())

    async def _delete(self, limit: ClearedLimit) -> None:
        if limit.loadpoint is None:
            await self._evcc.delete_battery_grid_charge_limit()
        else:
            await self._evcc.delete_smart_cost_limit(limit.loadpoint)

    async def _set(self, limit: ClearedLimit) -> None:
        if limit.loadpoint is None:
            await self._evcc.set_battery_grid_charge_limit(limit.limit)
        else:
            await self._evcc.set_smart_cost_limit(limit.limit, limit.loadpoint)

    async def _try(self, key: str, write: Awaitable[None]) -> bool:
        """Whether it is done; a vehicle or function that evcc does not have counts as done."""
        answer = await self._ask(key, write)
        if answer is _Answer.NOT_THERE:
            self._bus.health.ok(key)
        return answer in {_Answer.YES, _Answer.NOT_THERE}

    async def _ask(self, key: str, write: Awaitable[None]) -> _Answer:
        """What evcc answers; anything but a yes is said in health."""
        try:
            await write
        except (TransientError, PermanentError) as error:
            self._bus.health.degraded(key, str(error))
            if isinstance(error, TransientError):
                return _Answer.NONE
            return _Answer.NOT_THERE if isinstance(error, NoSuchRoute) else _Answer.NO
        self._bus.health.ok(key)
        return _Answer.YES

    def _warn(self, words: str | None) -> None:
        if words is None:
            self._bus.health.ok(_LIMITS)
        else:
            self._bus.health.degraded(_LIMITS, words)
