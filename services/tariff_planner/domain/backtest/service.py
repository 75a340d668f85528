"""The service itself in a backtest: every decision is ``decide``'s, from the facts that the bus would have carried."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from ems.contract.people import Goal, NextGoal
from ems.contract.site import BatteryFact, EvccFact, EvccVehicle, Loadpoint, LoadpointMode, Rate, Site
from ems.contract.vehicle import AgeClass, Vehicle
from ems.forecast.history_grid import Floats, Measured
from ems.forecast.outlook import Skill
from ems.house.calendar import EVERY_DAY
from ems.virtual_house.against_alone import AgainstAlone
from ems.virtual_house.live import HomeState, ModePair
from ems.virtual_house.world import World
from tariff_planner.domain.decision.decide import DecisionInputs, NotPossible, situation
from tariff_planner.domain.decision.guide import guides
from tariff_planner.domain.decision.switching import choose, told
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.inputs.rules import (
    BatteryRules,
    GridRules,
    TripRules,
    VehicleRules,
)

CAR = "car"
POINT = "loadpoint-1"
SOLAR = timedelta(days=3)
"""How far ahead the solar rates in the file count as known."""
WEEK = timedelta(days=7)
AHEAD = timedelta(days=3)
"""How far ahead the car's trips are in the settings and its goals are set."""
NOT_JUDGED = Skill(None, None)
"""How good the forecasts were is for people to read: no decision depends on it."""


class AsService:
    """Decides as tariff-planner does. What it plans in powers is solved only where a choice depends on it."""

    def __init__(self, world: World, against_alone: AgainstAlone | None = None) -> None:
        """Lives in ``world``; ``against_alone`` is what the savings' ledger would say of the month."""
        self.world = world
        self.against_alone = against_alone
        self._mode = LoadpointMode.PV
        self._rows = _rows(world)
        self._departures = _departures(world)

    def decide(self, slot: int, state: HomeState) -> ModePair:
        """See :class:`ModePolicy`."""
        inputs = self.known(slot, state)
        try:
            now = situation(inputs, self.world.solar_model)
            _, guide = guides(now.built.problem, inputs.effort)
            battery, cars = told(now, choose(now, guide), guide)
        except (NotPossible, RuntimeError):
            return ModePair(car=LoadpointMode.PV)
        self._mode = cars.get(CAR, LoadpointMode.PV)
        return ModePair(battery or state.mode, self._mode)

    def known(self, slot: int, state: HomeState) -> DecisionInputs:
        """What the service would know at the start of ``slot``."""
        world, now = self.world, self.world.moment(slot)
        known = int(world.known[slot])
        solar_end = min(slot + SOLAR // timedelta(minutes=world.past.minutes), world.end)
        return DecisionInputs(
            facts=replace(self._facts(slot, now, state), feedin=self._rates(world.export_eur_per_kwh, slot, known)),
            home=_home_rules(world, _trips(world, now)),
            rates=self._rates(world.import_eur_per_kwh, slot, known),
            solar=self._rates(world.past.solar_kw * 1000, slot, solar_end),
            history=self._rows[:slot],
            skill=NOT_JUDGED,
            month=None if self.against_alone is None else self.against_alone.month(slot, state),
            interval=timedelta(minutes=world.past.minutes),
        )

    def _facts(self, slot: int, now: datetime, state: HomeState) -> Facts:
        world, battery = self.world, self.world.house.battery
        export = float(world.export_eur_per_kwh[slot])
        fact = None
        if battery is not None and state.battery_kwh is not None:
            soc_pct = state.battery_kwh / battery.capacity_kwh * 100
            fact = BatteryFact(soc_pct=soc_pct, capacity_kwh=battery.capacity_kwh, mode=state.mode)
        site = Site(at=now, evcc=EvccFact(reachable=True), battery=fact, export_eur_per_kwh=export)
        car = world.house.car
        if car is None or state.car_kwh is None:
            return Facts(now, site, {})
        there, soc_pct = bool(world.home[slot]), min(100.0, state.car_kwh / car.capacity_kwh * 100)
        point = Loadpoint(
            at=now,
            id=1,
            mode=self._mode,
            connected=there,
            charging=there and self._mode is LoadpointMode.NOW,
            vehicle=CAR if there else None,
            capacity_kwh=car.capacity_kwh,
            soc_pct=soc_pct if there else None,
            effective_limit_soc_pct=car.goal_pct,
            min_current_a=car.min_a,
            max_current_a=car.max_a,
            phases_configured=car.phases,
        )
        # On the road its state of charge is the one that it left with.
        measured_at = next((trip.leave for trip in world.trips if trip.leave <= now < trip.back), now)
        vehicle = Vehicle(name=CAR, at=now, soc_pct=soc_pct, measured_at=measured_at, age=AgeClass.FRESH)
        due = [by for by in self._departures if by > now]
        goals = {}
        if due:
            later = tuple(NextGoal(soc_pct=car.goal_pct, departure=by) for by in due[1:] if by <= now + AHEAD)
            goals[CAR] = Goal(
                vehicle=CAR, soc_pct=car.goal_pct, departure=due[0], asked_by=CAR, asked_at=now, following=later
            )
        known = EvccVehicle(name=CAR, capacity_kwh=car.capacity_kwh, limit_soc_pct=car.goal_pct)
        site = site.model_copy(update={"vehicles": (known,)})
        return Facts(now, site, {"1": point}, vehicles={CAR: vehicle}, goals=goals)

    def _rates(self, values: Floats, start: int, end: int) -> tuple[Rate, ...]:
        world = self.world
        return tuple(
            Rate(start=world.moment(t), end=world.moment(t + 1), value=float(values[t]))
            for t in range(start, end)
            if np.isfinite(values[t])
        )


def _departures(world: World) -> list[datetime]:
    """When the car's goals are due. After the file's end they go on as in its last week, as a weekly schedule does."""
    known = [world.moment(int(slot)) for slot in np.flatnonzero(world.goal_at)]
    ends = world.moment(len(world.goal_at))
    return [*known, *(by + WEEK for by in known if by + WEEK >= ends)]


def _home_rules(world: World, trips: Sequence[TripRules]) -> HomeRules:
    battery, car = world.house.battery, world.house.car
    rules = BatteryRules()
    if battery is not None:
        rules = BatteryRules(
            capacity_kwh=battery.capacity_kwh,
            charge_kw=battery.charge_kw,
            discharge_kw=battery.discharge_kw,
            charge_efficiency=battery.charge_efficiency,
            discharge_efficiency=battery.discharge_efficiency,
            modes=frozenset(battery.modes),
        )
    vehicles = {}
    if car is not None:
        vehicles[CAR] = VehicleRules(
            capacity_kwh=car.capacity_kwh,
            loadpoint=1,
            max_kw=car.max_kw,
            charge_efficiency=car.charge_efficiency,
            trips=tuple(trips),
        )
    return HomeRules(
        battery=rules,
        vehicles=vehicles,
        grid=GridRules(),
        zone=world.house.tz(),
        export_eur_per_kwh=0.0,
        reserve_soc_pct=0.0 if battery is None else battery.min_kwh / battery.capacity_kwh * 100,
        vehicle_stale=timedelta(hours=24),
    )


def _trips(world: World, now: datetime) -> list[TripRules]:
    """The trips of the next days, and the one that it is on, as somebody would set them."""
    zone = world.house.tz()
    found = []
    for trip in world.trips:
        if not (now < trip.back and trip.leave < now + AHEAD):
            continue
        leave, back = trip.leave.astimezone(zone), trip.back.astimezone(zone)
        nights = (back.date() - leave.date()).days
        if nights <= 6:
            day = EVERY_DAY[leave.weekday()]
            found.append(TripRules(leave=leave.time(), back=back.time(), nights=nights, kwh=trip.kwh, days=(day,)))
    return found


def _rows(world: World) -> list[Measured]:
    """The history that evcc-poller would have recorded; all of it, one row a slot."""
    past, seconds = world.past, world.past.minutes * 60
    columns = (
        past.load_kw * 1000,
        past.pv_kw * 1000,
        past.solar_kw * 1000,
        world.import_eur_per_kwh,
        np.full(world.end, np.nan),
        world.export_eur_per_kwh,
    )
    return [
        Measured(world.moment(t), seconds, seconds, *(float(c[t]) if np.isfinite(c[t]) else None for c in columns))
        for t in range(world.end)
    ]
