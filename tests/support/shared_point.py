"""A home with two cars and one loadpoint, lived through under the service's own decisions.

The reference home of docs/backtest.md with its car, and a smaller second one. A person plugs in whoever comes home to a
free loadpoint, and changes cars when the notifier asks for it, though not at night: the plan soon wants another one, or
the one that is there has what it needs and the other one has not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

import numpy as np

from ems.contract.control import BatteryAction, LoadpointAction
from ems.contract.people import Goal, NextGoal
from ems.contract.plan import Plan
from ems.contract.site import BatteryMode, Loadpoint, LoadpointMode
from ems.contract.vehicle import AgeClass, Vehicle
from ems.forecast.outlook import Skill
from ems.house.calendar import EVERY_DAY
from ems.house.car import CarSpec, Charger
from ems.house.home import Home, PluggedCar, simulate
from ems.virtual_house.live import HomeState
from ems.virtual_house.world import World
from notifier.domain.triggers import SWAP_AHEAD
from tariff_planner.domain.backtest.service import AsService
from tariff_planner.domain.decision.decide import SKILL_LASTS, DecisionInputs, NotPossible, decide
from tariff_planner.domain.inputs.facts import Facts
from tariff_planner.domain.inputs.rules import TripRules, VehicleRules

POINT = "loadpoint-1"
CHARGER = Charger()
AWAKE = (time(6), time(22))


@dataclass(frozen=True, slots=True)
class Driver:
    """A car and its week: local times, the same on each of ``days`` (0 = Monday)."""

    name: str
    spec: CarSpec
    days: tuple[int, ...]
    leave: time
    back: time
    kwh: float
    goal_soc_pct: float = 80.0

    @property
    def goal_kwh(self) -> float:
        """What it shall hold when it leaves."""
        return self.goal_soc_pct / 100 * self.spec.capacity_kwh

    def away(self, local: datetime) -> bool:
        """Whether it is on the road."""
        return local.weekday() in self.days and self.leave <= local.time() < self.back

    def departures(self, now: datetime, days: int = 4) -> list[datetime]:
        """The next ones."""
        found = (datetime.combine(now.date() + timedelta(days=d), self.leave, now.tzinfo) for d in range(days + 1))
        return [at for at in found if at > now and at.weekday() in self.days]


COMMUTER = Driver("commuter", CarSpec(60), (0, 1, 2, 3, 4), time(7, 30), time(17, 30), 9.0)
SECOND = Driver("second", CarSpec(40), (1, 3, 5), time(9), time(12), 8.0)


@dataclass(slots=True)
class SharedLife:
    """What it cost, and what was missed."""

    cost_eur: float = 0.0
    """The bill, less what is stored at the end, at the mean import price."""
    short_kwh: float = 0.0
    swaps: int = 0
    modes: list[str] = field(default_factory=list)


def lived_together(world: World, drivers: tuple[Driver, ...] = (COMMUTER, SECOND)) -> SharedLife:
    """The judged slots of ``world``, whose own car is not looked at."""
    home = _SharedHome(world, drivers)
    begun = home.worth_kwh()
    for slot in range(world.first, world.end):
        home.drive(world.moment(slot).astimezone(world.house.tz()))
        if not world.idle[slot]:
            home.live(slot)
    home.life.cost_eur -= world.mean_import_eur_per_kwh * (home.worth_kwh() - begun)
    return home.life


class _SharedHome:
    """What is stored where, who is plugged in, and what was told last."""

    def __init__(self, world: World, drivers: tuple[Driver, ...]) -> None:
        assert world.house.battery is not None
        self.world, self.drivers, self.life = world, drivers, SharedLife()
        self.battery = world.house.battery.battery()
        self.battery_kwh, self.mode = self.battery.capacity_kwh / 2, BatteryMode.NORMAL
        self.stored = {d.name: d.spec.capacity_kwh / 2 for d in drivers}
        self.here = {d.name for d in drivers}
        self.plugged: str | None = drivers[0].name
        self.told = LoadpointMode.PV
        self.service = AsService(world)
        self.last: Plan | None = None
        self.skill: tuple[datetime, Skill] | None = None

    def worth_kwh(self) -> float:
        """What is stored, as what it replaces or cost at the meter."""
        return self.battery_kwh * 0.95 + sum(self.stored.values()) / 0.9

    def drive(self, local: datetime) -> None:
        """Who leaves, and who comes back and finds the loadpoint free."""
        for driver in self.drivers:
            was_here, is_here = driver.name in self.here, not driver.away(local)
            if was_here and not is_here:
                self.life.short_kwh += max(0.0, driver.goal_kwh - self.stored[driver.name])
                self.here.remove(driver.name)
                self.plugged = None if self.plugged == driver.name else self.plugged
            if is_here and not was_here:
                self.here.add(driver.name)
                self.stored[driver.name] = max(0.0, self.stored[driver.name] - driver.kwh)
                self.plugged = self.plugged or driver.name

    def live(self, slot: int) -> None:
        """One slot as the service wants it."""
        world, now = self.world, self.world.moment(slot)
        try:
            self._decide(slot, now)
        except NotPossible:
            self.told = LoadpointMode.PV
        here = (d for d in self.drivers if d.name == self.plugged)
        plugged = (PluggedCar(d.spec, self.stored[d.name], self.told, d.goal_kwh) for d in here)
        cars = dict(zip((POINT,), plugged, strict=False))
        load, pv = float(world.past.load_kw[slot]), float(np.nan_to_num(world.past.pv_kw[slot]))
        home = Home(self.battery, {POINT: CHARGER})
        flows = simulate(home, self.battery_kwh, self.mode, cars, load, pv, world.hours)
        self.battery_kwh = flows.battery_kwh
        if self.plugged is not None:
            self.stored[self.plugged] = flows.cars_kwh[POINT]
        prices = float(world.import_eur_per_kwh[slot]), float(world.export_eur_per_kwh[slot])
        self.life.cost_eur += flows.cost_eur(world.hours, *prices)
        self.life.modes.append(f"{self.mode}/{self.told}/{self.plugged}")

    def _decide(self, slot: int, now: datetime) -> None:
        """What is told, and a person who walks."""
        local = now.astimezone(self.world.house.tz())
        known = self.service.known(slot, HomeState(self.battery_kwh, self.mode, None))
        skill = self.skill[1] if self.skill is not None and now - self.skill[0] < SKILL_LASTS else None
        inputs = _with_cars(known, self.drivers, self.stored, self.plugged, self.told, local)
        made = decide(replace(inputs, last=self.last, skill=skill))
        self.last, self.skill = made.plan, (now, made.skill) if skill is None else self.skill
        actions = [p.action for p in made.proposals.values()]
        self.mode = next((a.mode for a in actions if isinstance(a, BatteryAction)), self.mode)
        self.told = next((a.mode for a in actions if isinstance(a, LoadpointAction)), LoadpointMode.PV)
        wanted = _wanted(made.plan, now, self.plugged) or self._waits()
        if wanted in self.here and AWAKE[0] <= local.time() < AWAKE[1]:
            self.plugged, self.life.swaps = wanted, self.life.swaps + 1

    def _waits(self) -> str | None:
        """Who lacks something while the one at the loadpoint has all that it needs."""
        short = [d.name for d in self.drivers if self.stored[d.name] < d.goal_kwh - 0.1]
        waiting = [name for name in short if name in self.here and name != self.plugged]
        return waiting[0] if waiting and self.plugged not in short else None


def _wanted(plan: Plan, now: datetime, plugged: str | None) -> str | None:
    """Another one than is plugged in, whom the plan has at the loadpoint by when the notifier asks for it."""
    soon = (s.devices[POINT].vehicle for s in plan.slots if s.start <= now + SWAP_AHEAD and POINT in s.devices)
    return next((vehicle for vehicle in soon if vehicle not in {None, plugged}), None)


def _with_cars(
    known: DecisionInputs,
    drivers: tuple[Driver, ...],
    stored: Mapping[str, float],
    plugged: str | None,
    told: LoadpointMode,
    now: datetime,
) -> DecisionInputs:
    soc = {d.name: stored[d.name] / d.spec.capacity_kwh * 100 for d in drivers}
    there = next((d for d in drivers if d.name == plugged), None)
    point = Loadpoint(
        at=now,
        id=1,
        mode=told,
        connected=there is not None,
        charging=there is not None and told is LoadpointMode.NOW,
        vehicle=plugged,
        capacity_kwh=there.spec.capacity_kwh if there else None,
        soc_pct=soc[there.name] if there else None,
        effective_limit_soc_pct=there.goal_soc_pct if there else None,
        min_current_a=CHARGER.min_a,
        max_current_a=CHARGER.max_a,
        phases_configured=CHARGER.phases,
    )
    vehicles = {
        d.name: Vehicle(name=d.name, at=now, soc_pct=soc[d.name], measured_at=now, age=AgeClass.FRESH) for d in drivers
    }
    goals, rules = {}, {}
    for driver in drivers:
        first, *later = driver.departures(now)
        following = tuple(NextGoal(soc_pct=driver.goal_soc_pct, departure=at) for at in later)
        goals[driver.name] = Goal(
            vehicle=driver.name,
            soc_pct=driver.goal_soc_pct,
            departure=first,
            asked_by=driver.name,
            asked_at=now,
            following=following,
        )
        days = tuple(_DAYS[d] for d in driver.days)
        trip = TripRules(leave=driver.leave, back=driver.back, nights=0, kwh=driver.kwh, days=days)
        rules[driver.name] = VehicleRules(
            capacity_kwh=driver.spec.capacity_kwh, loadpoint=1, max_kw=driver.spec.max_kw, trips=(trip,)
        )
    facts: Facts = replace(known.facts, loadpoints={"1": point}, vehicles=vehicles, goals=goals)
    return replace(known, facts=facts, home=replace(known.home, vehicles=rules))


_DAYS = EVERY_DAY
