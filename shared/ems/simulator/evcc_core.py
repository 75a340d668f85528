"""evcc's control, simulated: what it believes, decides and remembers. No HTTP here; that is in ``rest``.

Left out, because nothing here depends on it: delays before PV charging starts and stops, buffer and priority SoC,
boost, currents in steps of one ampere. Settings for them are kept and shown, as evcc does.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ems.contract.site import BatteryMode, LoadpointMode, Rate, TariffKind
from ems.house.car import Charger
from ems.house.slots import floor_to
from ems.simulator.charge_planner import cheapest, needed
from ems.simulator.home import Order, SimulatedCar, SimulatedHome
from ems.simulator.recurring_plans import next_occurrence
from ems.simulator.settings_store import (
    LoadpointSettings,
    SettingsStore,
    SiteSettings,
    StoredPlan,
    VehicleSettings,
)

DISK_EVERY = timedelta(minutes=1)
"""Time between two writes of evcc's settings; a crash loses what is younger."""


@dataclass(slots=True)
class LoadpointView:
    """A loadpoint as evcc sees it, which is how it was at the last control cycle."""

    vehicle: str | None
    connected: bool = False
    connected_since: datetime | None = None
    last_stay_s: int | None = None
    """How long the last car stayed; evcc says so only after it has left."""
    vehicle_soc_pct: float = 0.0
    """0 until really read; stays after unplugging."""
    session_base_kwh: float = 0.0
    session_kwh: float = 0.0
    power_w: float = 0.0
    fast: bool = False
    plan: list[Rate] = field(default_factory=list)
    plan_active: bool = False
    plan_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class MeterReadings:
    """What the meters showed at the last control cycle."""

    grid_w: float
    pv_w: float
    home_w: float
    battery_w: float
    battery_soc_pct: float


class EvccCore:
    """One run of evcc, from start to stop. ``disk`` is what the run before left there."""

    def __init__(
        self,
        home: SimulatedHome,
        disk: SettingsStore | None = None,
        *,
        interval_s: float = 30.0,
        lease_s: float = 60.0,
        zone: ZoneInfo | None = None,
        default_modes: Mapping[str, LoadpointMode] | None = None,
    ) -> None:
        self.home, self.interval_s, self.lease_s = home, interval_s, lease_s
        self.zone = zone or ZoneInfo("Europe/Berlin")
        self.disk = disk or SettingsStore(
            loadpoints={
                lp: LoadpointSettings(mode=LoadpointMode.OFF, max_a=charger.max_a)
                for lp, charger in home.chargers.items()
            },
            vehicles={name: VehicleSettings() for name in home.cars},
        )
        self.settings = deepcopy(self.disk)
        self.default_modes = dict.fromkeys(home.chargers, LoadpointMode.PV) if default_modes is None else default_modes
        for loadpoint, mode in self.default_modes.items():
            self.settings.loadpoints[loadpoint].mode = mode
        self.defaults = {lp: self._usual_car(lp) for lp in home.chargers}
        self.views = {lp: LoadpointView(vehicle=name) for lp, name in self.defaults.items()}
        self.battery_mode: BatteryMode | None = None
        """What evcc believes; None ("unknown") until it has set one in this run."""
        self.external: BatteryMode | None = None
        self.external_touched = False
        self._external_until = home.now
        self.orders: dict[str, Order] = {}
        """What the loadpoints are told; chargers go on with it when evcc dies."""
        self._disk_at = home.now
        self._next_cycle = home.now
        self._rates: dict[tuple[TariffKind, datetime], Sequence[Rate]] = {}
        self.measured = self._measure()
        self.advance(home.now)

    @property
    def site(self) -> SiteSettings:
        """The site's settings."""
        return self.settings.site

    def rates(self, kind: TariffKind) -> Sequence[Rate]:
        """What is known of a tariff, from the running slot on."""
        key = (kind, floor_to(self.home.now, 15))
        if key not in self._rates:
            self._rates = {k: v for k, v in self._rates.items() if k[1] == key[1]}
            self._rates[key] = self.home.environment.rates(kind, self.home.now)
        return self._rates[key]

    def advance(self, to: datetime) -> None:
        """Lives up to ``to``: physics, control cycles, lapsing leases, settings to disk."""
        while self._next_cycle <= to:
            at = self._next_cycle
            if self.external is not None and self._external_until <= at:
                self.home.advance(self._external_until, self.orders)
                self.external = None
            self.home.advance(at, self.orders)
            self._cycle()
            self._next_cycle = at + timedelta(seconds=self.interval_s)
        self.home.advance(to, self.orders)
        if self.external is not None and self._external_until <= to:
            self.external = None

    def set_external(self, mode: BatteryMode | None) -> int:
        """Asks for a battery mode from outside (None releases); evcc's answer is a number, 0 = not controllable."""
        self.external_touched = self.external_touched or mode is not None
        if self.home.battery is None or not self.home.battery_controllable:
            return 0
        self.external = mode
        self._external_until = self.home.now + timedelta(seconds=self.lease_s)
        return 0 if mode is None else list(BatteryMode).index(mode) + 1

    def changed(self) -> None:
        """Acts at once on a loadpoint's new settings, as evcc does (a battery mode waits for the next cycle)."""
        self._decide()
        self.home.observe(self.orders)

    def assign(self, loadpoint: str, vehicle: str | None) -> None:
        """Says which car is at a loadpoint; it is at no other one then."""
        for view in self.views.values():
            if vehicle is not None and view.vehicle == vehicle:
                view.vehicle = None
        self.views[loadpoint].vehicle = vehicle
        self.views[loadpoint].vehicle_soc_pct = 0.0
        self.changed()

    def stop(self) -> None:
        """Ends in order: the battery back to normal where evcc had changed it, settings on disk."""
        if self.battery_mode not in (None, BatteryMode.NORMAL):
            self.home.switch_battery(BatteryMode.NORMAL)
        self._save()

    def goal(self, loadpoint: str) -> StoredPlan | None:
        """Evcc's own plan for the car at a loadpoint, in %; energy plans are shown but not carried out."""
        vehicle = self.settings.vehicles.get(self.views[loadpoint].vehicle or "")
        if vehicle is None:
            return None
        goals = [g for p in vehicle.repeating if (g := next_occurrence(p, self.home.now))]
        return min([*goals, *([vehicle.plan] if vehicle.plan else [])], key=lambda g: g.time, default=None)

    def limit_soc_pct(self, loadpoint: str) -> int:
        """The limit that counts: the loadpoint's, else the vehicle's, else 100."""
        vehicle = self.settings.vehicles.get(self.views[loadpoint].vehicle or "", VehicleSettings())
        return self.settings.loadpoints[loadpoint].limit_soc_pct or vehicle.limit_soc_pct or 100

    def charger(self, loadpoint: str) -> Charger:
        """The charger as it is set."""
        settings, spec = self.settings.loadpoints[loadpoint], self.home.chargers[loadpoint]
        phases = spec.phases if settings.phases == 0 else min(settings.phases, spec.phases)
        return replace(
            spec,
            phases=phases,
            min_a=settings.min_a,
            max_a=settings.max_a,
            switchable=spec.switchable and settings.phases == 0,
        )

    def car(self, loadpoint: str) -> SimulatedCar | None:
        """The car that evcc takes to be at a loadpoint: right or not."""
        return self.home.cars.get(self.views[loadpoint].vehicle or "")

    def _cycle(self) -> None:
        for loadpoint, view in self.views.items():
            self._notice(loadpoint, view)
        self.measured = self._measure()
        self._decide()
        self._switch_battery()
        self.home.observe(self.orders)
        if self.home.now - self._disk_at >= DISK_EVERY:
            self._save()

    def _save(self) -> None:
        self.disk, self._disk_at = deepcopy(self.settings), self.home.now
        for settings in self.disk.loadpoints.values():
            if settings.always_charge == "once":
                settings.always_charge = "off"

    def _measure(self) -> MeterReadings:
        home = self.home
        now = home.environment.at(home.now)
        return MeterReadings(home.grid_w, now.pv_w, now.load_w, home.battery_w, home.battery_soc_pct)

    def _notice(self, loadpoint: str, view: LoadpointView) -> None:
        """A car came or went; leaving resets what evcc resets then."""
        connected = self.home.car_at(loadpoint) is not None
        if connected and not view.connected:
            view.connected_since = self.home.now
            view.session_base_kwh = self.home.meter.charged_kwh[loadpoint]
        if view.connected and not connected:
            settings = self.settings.loadpoints[loadpoint]
            default_mode = self.default_modes.get(loadpoint)
            settings.mode = default_mode or settings.mode
            settings.limit_soc_pct, settings.limit_energy_kwh = 0, 0.0
            if settings.always_charge == "once" or default_mode is LoadpointMode.PV:
                settings.always_charge = "off"
            settings.plan_energy = None
            if (default := self.defaults[loadpoint]) not in {v.vehicle for v in self.views.values()} - {None}:
                view.vehicle, view.vehicle_soc_pct = default, 0.0
            since = view.connected_since or self.home.now
            view.connected_since, view.last_stay_s = None, round((self.home.now - since).total_seconds())
        view.connected = connected
        view.power_w = self.home.car_w(loadpoint)
        car = self.car(loadpoint)
        if connected and car is not None and car.tells_soc:
            view.vehicle_soc_pct = car.soc_pct
        if connected:
            view.session_kwh = self.home.meter.charged_kwh[loadpoint] - view.session_base_kwh

    def _decide(self) -> None:
        self.orders = {loadpoint: self._order(loadpoint, view) for loadpoint, view in self.views.items()}

    def _order(self, loadpoint: str, view: LoadpointView) -> Order:
        settings, car = self.settings.loadpoints[loadpoint], self.car(loadpoint)
        self._plan(loadpoint, view)
        vehicle = self.settings.vehicles.get(view.vehicle or "", VehicleSettings())
        price = self.home.environment.at(self.home.now).import_eur_per_kwh
        cheap = settings.smart_cost_limit is not None and price <= settings.smart_cost_limit
        too_low = car is not None and 0 < view.vehicle_soc_pct < vehicle.min_soc_pct
        mode = settings.mode
        if mode is LoadpointMode.PV and settings.always_charge != "off":
            mode = LoadpointMode.MINPV
        if mode in (LoadpointMode.PV, LoadpointMode.MINPV) and (cheap or too_low or view.plan_active):
            mode = LoadpointMode.NOW
        view.fast = mode is LoadpointMode.NOW and view.connected
        here = self.home.car_at(loadpoint)
        known = car is not None and car is here and car.tells_soc
        limit_kwh = self.limit_soc_pct(loadpoint) / 100 * car.spec.capacity_kwh if known and car else None
        return Order(mode, self.charger(loadpoint), limit_kwh)

    def _plan(self, loadpoint: str, view: LoadpointView) -> None:
        goal, car, now = self.goal(loadpoint), self.car(loadpoint), self.home.now
        view.plan = []
        if goal is not None and car is not None and view.connected and view.vehicle_soc_pct > 0:
            power_kw = self.plan_kw(loadpoint)
            duration = needed(car.spec.capacity_kwh, view.vehicle_soc_pct, goal.value, power_kw)
            view.plan = cheapest(self.rates(TariffKind.GRID), now, goal.time, duration)
        if not view.plan:
            view.plan_active, view.plan_until = False, None
        elif any(slot.start <= now < slot.end for slot in view.plan):
            view.plan_active, view.plan_until = True, floor_to(now, 15) + timedelta(minutes=15)
        elif view.plan_until is None or now >= view.plan_until:
            # A slot that was begun is finished: the plan made anew each cycle would otherwise switch on and off.
            view.plan_active, view.plan_until = False, None
        vehicle = self.settings.vehicles.get(view.vehicle or "")
        if vehicle is not None and vehicle.plan and vehicle.plan.time <= now and not view.plan_active:
            vehicle.plan = None

    def plan_kw(self, loadpoint: str) -> float:
        """The power that evcc plans with."""
        car = self.car(loadpoint)
        charger = self.charger(loadpoint)
        return min(charger.max_kw, car.spec.max_kw) if car else charger.max_kw

    def _switch_battery(self) -> None:
        """Writes a mode only when it differs from what evcc believes, which is why refreshing repairs nothing."""
        wanted = self.external
        price = self.home.environment.at(self.home.now).import_eur_per_kwh
        limit = self.site.grid_charge_limit
        if wanted is None and limit is not None and price <= limit:
            wanted = BatteryMode.CHARGE
        if wanted is None and self.site.discharge_control and any(v.fast for v in self.views.values()):
            wanted = BatteryMode.HOLD
        if wanted is None and self.battery_mode not in (None, BatteryMode.NORMAL):
            wanted = BatteryMode.NORMAL
        if wanted is not None and wanted is not self.battery_mode and self.home.battery_controllable:
            self.home.switch_battery(wanted)
            self.battery_mode = wanted

    def _usual_car(self, loadpoint: str) -> str | None:
        return next((name for name, car in self.home.cars.items() if car.parks_at == loadpoint), None)


def title(loadpoint: str) -> str:
    """A loadpoint's title by its id."""
    return {"1": "Garage", "2": "Carport"}.get(loadpoint, f"Loadpoint {loadpoint}")
