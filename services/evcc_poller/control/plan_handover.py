"""Hands open goals to evcc as plans of its own while the suite cannot plan, and takes them back."""

from collections.abc import Mapping
from datetime import datetime

from ems.bus.api import Bus
from ems.contract.service import Service, Status
from ems.contract.topics import GOAL, STATUS
from evcc_poller.adapters.control_store import ControlStore
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.control.handover_writer import HandoverWriter, WriteAnswer
from evcc_poller.domain.control.plan_handover import (
    HandedOverPlan,
    to_give,
    to_take_back,
    unanswered,
    withdrawn,
)
from evcc_poller.domain.control.timing import SETTLE
from evcc_poller.domain.observation import Observation

_KEY = "control:plans"


class PlanHandover:
    """Each plan is noted on disk before it is written, so that nothing of ours is forgotten in evcc."""

    def __init__(self, bus: Bus, evcc: Evcc, store: ControlStore) -> None:
        self._bus, self._evcc, self._store = bus, evcc, store
        self._writer = HandoverWriter(bus.health, _KEY)
        self._goals, self._statuses = bus.watch(GOAL), bus.watch(STATUS)
        self._gave_at: datetime | None = None

    def remember_goals(self) -> None:
        """Keeps the open goals on disk: a handover after a crash needs them."""
        goals = self._goals.items()
        if goals != self._store.goals():
            self._store.set_goals(goals.values())

    async def give(self, seen: Observation) -> None:
        """Gives evcc the open goals that it lacks, and takes back those that people have withdrawn."""
        if self._notifier_online:
            await self._take_back(seen, withdrawn(self._store.given(), self._store.goals()))
        given, now = self._store.given(), self._bus.clock.now()
        known = [v.name for v in seen.site.vehicles]
        for plan in to_give(self._store.goals(), given, known, seen.loadpoints, now):
            before = given.get(plan.vehicle)
            given[plan.vehicle] = unanswered(plan, before)
            self._store.set_given(given.values())
            answer = await self._writer.attempt(self._evcc.set_vehicle_plan(plan.vehicle, plan.soc_pct, plan.departure))
            self._gave_at = self._bus.clock.steady()
            if answer is WriteAnswer.NONE:
                continue  # evcc may have taken it all the same: it stays noted as ours.
            if answer is WriteAnswer.YES:
                given[plan.vehicle] = plan
            elif before is not None:
                given[plan.vehicle] = before
            else:
                del given[plan.vehicle]
            self._store.set_given(given.values())

    async def take_back(self, seen: Observation) -> None:
        """Deletes all plans in evcc that are ours."""
        await self._take_back(seen, self._store.given())
        if not self._store.given():
            self._bus.health.ok(_KEY)

    @property
    def _notifier_online(self) -> bool:
        """Whether a goal that is gone was withdrawn; without the notifier the broker may merely have lost it."""
        return self._statuses.get(Service.NOTIFIER) is Status.ONLINE

    async def _take_back(self, seen: Observation, plans: Mapping[str, HandedOverPlan]) -> None:
        if self._gave_at is not None and seen.moment < self._gave_at + SETTLE:
            return  # This observation cannot show what became of what was just given.
        given = self._store.given()
        delete, forget = to_take_back(plans, seen.loadpoints, self._bus.clock.now())
        for vehicle in delete:
            if await self._writer.done(self._evcc.delete_vehicle_plan(vehicle)):
                del given[vehicle]
        for vehicle in forget:
            del given[vehicle]
        if delete or forget:
            self._store.set_given(given.values())
