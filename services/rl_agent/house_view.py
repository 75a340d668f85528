"""The home as the bus tells it: its devices, their state now, and what is known of the hours to come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ems.bus.api import Bus
from ems.contract.people import Goal
from ems.contract.site import BatteryMode, Loadpoint, Rate, Site, TariffKind
from ems.contract.topics import GOAL, LOADPOINT, PLAN, SAVINGS, SITE, TARIFF, VEHICLE
from ems.lookahead.dynamic_program import MonthSoFar
from ems.virtual_house.house import VirtualBattery, VirtualCar
from ems.virtual_house.live import HomeState
from rl_agent.domain.columns import CarPlace
from rl_agent.domain.home_world import Ahead, HouseTerms
from rl_agent.domain.judge.lives import BATTERY
from rl_agent.settings import CarSettings, Settings


@dataclass(frozen=True, slots=True)
class HomeNow:
    """What a decision is made from, beside the past."""

    terms: HouseTerms
    ahead: Ahead
    state: HomeState
    devices: tuple[str, ...]
    """Those that can be decided about now."""


class HouseView:
    """The newest facts, and what the settings say beside them."""

    def __init__(self, bus: Bus, settings: Settings) -> None:
        self._bus, self._settings = bus, settings
        self._site, self._loadpoints, self._tariffs = bus.watch(SITE), bus.watch(LOADPOINT), bus.watch(TARIFF)
        self._vehicles, self._goals, self._plan = bus.watch(VEHICLE), bus.watch(GOAL), bus.watch(PLAN)
        self._savings = bus.watch(SAVINGS)

    @property
    def currency(self) -> str:
        """The site's money."""
        site = self._site.get()
        return site.currency if site else "EUR"

    @property
    def car_place(self) -> CarPlace | None:
        """Which car is learnt from, and where."""
        car = self._settings.car
        return None if car is None else CarPlace(car.vehicle, car.loadpoint)

    def terms(self) -> HouseTerms | None:
        """What does not change from night to night; None before evcc's first facts."""
        site = self._site.get()
        if site is None:
            return None
        settings = self._settings
        return HouseTerms(settings.zone, self._battery(site), self._car(site), settings.export_eur_per_kwh)

    def devices(self, terms: HouseTerms) -> tuple[str, ...]:
        """What can be learnt for."""
        car = self._settings.car
        battery = (BATTERY,) if terms.battery is not None else ()
        return (*battery, f"loadpoint-{car.loadpoint}") if terms.car is not None and car is not None else battery

    def ahead(self) -> Ahead:
        """Prices, sun and the car's next departures, as they are known."""
        goal = self.goal()
        departures = [goal.departure, *(g.departure for g in goal.following)] if goal else []
        return Ahead(
            buy=self._rates(TariffKind.GRID),
            sell=self._rates(TariffKind.FEEDIN),
            solar_w=self._rates(TariffKind.SOLAR),
            departures=tuple(at for at in departures if at is not None),
        )

    def now(self, now: datetime) -> HomeNow | str:
        """What a decision is made from, or in words why none can be made."""
        site, terms = self._site.get(), self.terms()
        if site is None or terms is None:
            return "evcc-poller has told nothing yet"
        if not site.evcc.reachable:
            return "evcc does not answer"
        if site.evcc.optimizer_active:
            return "evcc's own optimizer steers"
        if now - site.at > timedelta(seconds=self._settings.site_stale_s):
            return f"evcc's facts are {(now - site.at).total_seconds():.0f} s old"
        terms = self._with_goal(terms)
        fact = site.battery
        battery_kwh = (
            fact.soc_pct / 100 * terms.battery.capacity_kwh
            if terms.battery is not None and fact is not None and fact.soc_pct is not None
            else None
        )
        car_kwh = self._car_kwh(terms, now)
        mode = (fact.mode if fact else None) or BatteryMode.NORMAL
        known = {BATTERY: battery_kwh is not None}
        can = tuple(d for d in self.devices(terms) if known.get(d, car_kwh is not None and self._plugged_in()))
        if not can:
            return "neither battery nor car can be decided about: no state of charge is known"
        month = MonthSoFar.counted(self._savings.get(), now, terms.zone)
        return HomeNow(terms, self.ahead(), HomeState(battery_kwh, mode, car_kwh, month=month), can)

    def goal(self) -> Goal | None:
        """What is wanted of the car."""
        return self._goals.get(self._settings.car.vehicle) if self._settings.car else None

    def car_pct(self, now: datetime) -> float | None:
        """How full the car is; None when nobody knows, or it was measured too long ago."""
        car = self._settings.car
        if car is None:
            return None
        vehicle, point = self._vehicles.get(car.vehicle), self._loadpoints.get(str(car.loadpoint))
        if vehicle is not None and vehicle.soc_pct is not None:
            at = vehicle.measured_at or vehicle.known_since or vehicle.at
            if now - at <= timedelta(hours=self._settings.vehicle_stale_h):
                return vehicle.soc_pct
        return point.soc_pct if point is not None and _at(point, car) else None

    def plan_misses_goal(self) -> bool:
        """Whether the plan says that it cannot reach the car's goal."""
        plan, car = self._plan.get(), self._settings.car
        return plan is not None and car is not None and any(s.vehicle == car.vehicle for s in plan.shortfalls)

    def _battery(self, site: Site) -> VirtualBattery | None:
        set_, fact = self._settings.battery, site.battery
        capacity = set_.capacity_kwh or (fact.capacity_kwh if fact else None)
        if fact is None or not capacity:
            return None
        return VirtualBattery(
            capacity_kwh=capacity,
            min_kwh=capacity * set_.reserve_soc_pct / 100,
            charge_kw=set_.charge_kw,
            discharge_kw=set_.discharge_kw,
            charge_efficiency=set_.charge_efficiency,
            discharge_efficiency=set_.discharge_efficiency,
            modes=tuple(mode for mode in BatteryMode if mode in set_.modes),
        )

    def _car(self, site: Site) -> VirtualCar | None:
        set_ = self._settings.car
        if set_ is None:
            return None
        vehicle, point = self._vehicles.get(set_.vehicle), self._loadpoints.get(str(set_.loadpoint))
        told = [v.capacity_kwh for v in site.vehicles if v.name == set_.vehicle]
        told += [vehicle.capacity_kwh] if vehicle else []
        told += [point.capacity_kwh] if point and point.vehicle == set_.vehicle else []
        capacity = set_.capacity_kwh or next((kwh for kwh in told if kwh), None)
        if not capacity:
            return None
        charger = {"min_a": point.min_current_a, "max_a": point.max_current_a} if point else {}
        phases = point.phases_configured if point else None
        return VirtualCar.model_validate(
            {
                "capacity_kwh": capacity,
                "max_kw": set_.max_kw,
                "charge_efficiency": set_.charge_efficiency,
                "goal_pct": set_.goal_pct,
                "phases": phases or 3,
                **{name: amperes for name, amperes in charger.items() if amperes},
            }
        )

    def _with_goal(self, terms: HouseTerms) -> HouseTerms:
        """With the present goal of the car in place of the usual one."""
        goal = self.goal()
        if terms.car is None or goal is None or not goal.soc_pct:
            return terms
        car = terms.car.model_copy(update={"goal_pct": goal.soc_pct})
        return HouseTerms(terms.zone, terms.battery, car, terms.export_eur_per_kwh)

    def _car_kwh(self, terms: HouseTerms, now: datetime) -> float | None:
        soc = self.car_pct(now)
        return None if terms.car is None or soc is None else soc / 100 * terms.car.capacity_kwh

    def _plugged_in(self) -> bool:
        car = self._settings.car
        point = self._loadpoints.get(str(car.loadpoint)) if car else None
        return car is not None and point is not None and _at(point, car)

    def _rates(self, kind: TariffKind) -> tuple[Rate, ...]:
        tariff = self._tariffs.get(kind)
        return tariff.rates if tariff else ()


def _at(point: Loadpoint, car: CarSettings) -> bool:
    return point.connected and point.vehicle == car.vehicle
