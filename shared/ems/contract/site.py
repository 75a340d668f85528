"""Facts that evcc-poller reads from evcc: the site, its loadpoints, its tariffs."""

from enum import StrEnum

from pydantic import Field

from ems.contract.message import Message, Part, Reason, Text
from ems.contract.units import (
    Amperes,
    Celsius,
    Counted,
    EurosPerKwh,
    Instant,
    Kilometres,
    KilowattHours,
    Percent,
    Seconds,
    Watts,
)


class BatteryMode(StrEnum):
    """What evcc makes the home battery do; in each the inverter goes on following the meter."""

    NORMAL = "normal"
    HOLD = "hold"
    CHARGE = "charge"
    HOLDCHARGE = "holdcharge"


class LoadpointMode(StrEnum):
    """A loadpoint's mode in evcc's words up to 0.315; the gateway translates to ``smart`` and back."""

    OFF = "off"
    PV = "pv"
    MINPV = "minpv"
    NOW = "now"


class AlwaysCharge(StrEnum):
    """What makes evcc (from 0.316) charge at least a little while it follows the sun; ``once`` ends with the stay."""

    OFF = "off"
    ONCE = "once"
    ON = "on"


class OverruledBy(StrEnum):
    """What in evcc itself outranks a loadpoint's mode now."""

    MIN_SOC = "min_soc"
    PLAN = "plan"
    PRICE_LIMIT = "price_limit"
    FEEDIN_LIMIT = "feedin_limit"
    BATTERY_BOOST = "battery_boost"


class LoadpointKind(StrEnum):
    """A heater's "SoC" is a temperature, and a device (a switch socket) has none: neither is planned as a car."""

    CAR = "car"
    HEATER = "heater"
    DEVICE = "device"


class TariffKind(StrEnum):
    """Grid and feed-in in EUR/kWh, solar in W, CO2 in g/kWh."""

    GRID = "grid"
    FEEDIN = "feedin"
    SOLAR = "solar"
    CO2 = "co2"


class OptimizerScope(StrEnum):
    """What evcc's own optimizer steers while it acts by itself: the home battery only, or everything."""

    BATTERY = "battery"
    ALL = "all"


class BatteryDevice(Part):
    """One of the site's batteries."""

    name: str
    title: str | None = None
    power_w: Watts | None = Field(default=None, description="positive = discharging")
    soc_pct: Percent | None = None
    capacity_kwh: KilowattHours | None = None
    controllable: bool | None = None


class BatteryFact(Part):
    """All home batteries together, as evcc sums them up."""

    power_w: Watts | None = Field(default=None, description="positive = discharging")
    soc_pct: Percent | None = None
    capacity_kwh: KilowattHours | None = Field(default=None, description="absent when a device has none")
    mode: BatteryMode | None = Field(default=None, description="what evcc believes; absent when unknown")
    mode_external: BatteryMode | None = Field(default=None, description="what was asked from outside, while it lasts")
    controllable: bool | None = None
    discharge_control: bool | None = Field(
        default=None, description="evcc keeps it from giving while a car charges fast"
    )
    devices: tuple[BatteryDevice, ...] = ()


class EvccFact(Part):
    """evcc itself."""

    reachable: bool
    version: str | None = None
    last_contact: Instant | None = None
    interval_s: Seconds | None = Field(default=None, description="evcc's control cycle")
    optimizer_active: bool = Field(
        default=False, description="evcc's own optimizer is in charge: the suite stands down"
    )
    optimizer_scope: OptimizerScope | None = Field(
        default=None, description="what of, while it is active; absent = everything"
    )
    mqtt_root: str | None = Field(default=None, description="evcc's own root on its broker; absent without one")
    problem: str | None = Field(default=None, description="in English, when something is wrong")
    problem_reason: Reason | None = Field(default=None, description="the same as data")
    problem_text: Text | None = Field(default=None, description="the same in every language of the house")

    @property
    def optimizer_has_battery(self) -> bool:
        """Whether evcc's own optimizer steers the home battery."""
        return self.optimizer_active

    @property
    def optimizer_has_loadpoints(self) -> bool:
        """Whether evcc's own optimizer steers the loadpoints, too."""
        return self.optimizer_active and self.optimizer_scope is not OptimizerScope.BATTERY


class EvccVehicle(Part):
    """A vehicle that evcc knows; evcc tells its SoC only at a loadpoint."""

    name: str
    title: str | None = None
    capacity_kwh: KilowattHours | None = None
    min_soc_pct: Percent | None = None
    limit_soc_pct: Percent | None = None


class Site(Message):
    """Powers, battery, prices now and evcc's reachability. While evcc is unreachable the measured values are absent."""

    at: Instant
    evcc: EvccFact
    grid_w: Watts | None = Field(default=None, description="import positive")
    pv_w: Watts | None = None
    home_w: Watts | None = Field(default=None, description="without cars and battery")
    battery: BatteryFact | None = None
    import_eur_per_kwh: EurosPerKwh | None = None
    export_eur_per_kwh: EurosPerKwh | None = None
    currency: str = "EUR"
    title: str | None = None
    import_limit_w: Watts | None = Field(default=None, description="while the grid operator limits the house, by evcc")
    export_limit_w: Watts | None = Field(default=None, description="the same for feeding in")
    own_export_limit_w: Watts | None = Field(
        default=None, description="evcc's own limit, told to its optimizer; 0 = none set, absent = evcc cannot have one"
    )
    residual_power_w: Watts | None = None
    priority_soc_pct: Percent | None = None
    buffer_soc_pct: Percent | None = None
    buffer_start_soc_pct: Percent | None = None
    vehicles: tuple[EvccVehicle, ...] = ()


class Energy(Message):
    """What has flowed since ``since``, in kWh: each counter only grows, also over restarts; a thing not there has none.

    Counted from the powers that evcc-poller sees, each held until the next look and never longer than the history
    holds it. evcc's own meter readings would be finer, but many meters have none, none tells both directions of a
    battery, and they begin anew when a meter is replaced.
    """

    at: Instant
    since: Instant = Field(description="when counting began")
    import_kwh: Counted | None = Field(default=None, description="from the grid")
    export_kwh: Counted | None = Field(default=None, description="into the grid")
    pv_kwh: Counted | None = None
    home_kwh: Counted | None = Field(default=None, description="without cars and battery")
    battery_charge_kwh: Counted | None = Field(default=None, description="into the battery")
    battery_discharge_kwh: Counted | None = Field(default=None, description="out of the battery")
    loadpoints: dict[str, Counted] = Field(default_factory=dict, description="by id, as in loadpoint/<id>")


class EvccPlan(Part):
    """A plan that evcc itself holds for the vehicle at a loadpoint."""

    departure: Instant
    soc_pct: Percent | None = None
    energy_kwh: KilowattHours | None = None


class Loadpoint(Message):
    """A charging point (or heater) and what is at it."""

    at: Instant
    id: int = Field(ge=1, description="from 1, as in evcc's REST API")
    title: str | None = None
    kind: LoadpointKind = LoadpointKind.CAR
    mode: LoadpointMode
    modes: tuple[LoadpointMode, ...] = Field(default=tuple(LoadpointMode), description="what it can be told")
    always_charge: AlwaysCharge | None = Field(
        default=None, description="evcc's own words behind `pv` and `minpv`; absent before evcc 0.316"
    )
    connected: bool
    charging: bool
    enabled: bool | None = None
    power_w: Watts | None = None
    vehicle: str | None = Field(default=None, description="evcc's name of the vehicle that is plugged in, if it knows")
    vehicle_title: str | None = None
    capacity_kwh: KilowattHours | None = None
    soc_pct: Percent | None = Field(
        default=None, description="absent until really read, and while nothing is connected"
    )
    range_km: Kilometres | None = None
    temperature_c: Celsius | None = Field(default=None, description="heaters only")
    limit_temperature_c: Celsius | None = Field(default=None, description="heaters only")
    limit_soc_pct: Percent | None = Field(default=None, description="the loadpoint's own limit; absent = none")
    effective_limit_soc_pct: Percent | None = None
    vehicle_limit_soc_pct: Percent | None = Field(default=None, description="set in the car itself")
    effective_min_soc_pct: Percent | None = Field(default=None, description="evcc charges at once up to here")
    limit_energy_kwh: KilowattHours | None = Field(default=None, description="of this session; absent = none")
    min_current_a: Amperes | None = None
    max_current_a: Amperes | None = None
    phases_configured: int | None = Field(default=None, description="0 = switches by itself, 1, 3")
    phases_active: int | None = None
    phases_switchable: bool | None = None
    session_kwh: KilowattHours | None = Field(default=None, description="charged since plugged in")
    connected_s: Seconds | None = Field(
        default=None, description="as evcc-poller has seen it; absent where the car was there before"
    )
    priority: int | None = None
    smart_cost_limit: float | None = Field(default=None, description="evcc's own price limit, EUR/kWh or g/kWh")
    smart_feedin_priority_limit: EurosPerKwh | None = Field(
        default=None, description="evcc's own: the sun is fed in above this price, not charged"
    )
    overruled_by: OverruledBy | None = Field(
        default=None, description="what in evcc makes it charge, or not, whatever its mode"
    )
    plan: EvccPlan | None = None
    energy_plan: EvccPlan | None = Field(default=None, description="in kWh of this session, beside one in SoC")


class Rate(Part):
    """A tariff's value over a slot; the unit is the tariff's."""

    start: Instant
    end: Instant
    value: float


class Tariff(Message):
    """The last good rates of one tariff. ``fetched_at`` tells their age; ``problem`` why there are no newer ones."""

    kind: TariffKind
    unit: str = Field(description="EUR/kWh, W or g/kWh")
    fetched_at: Instant
    rates: tuple[Rate, ...]
    problem: str | None = Field(default=None, description="in English, when something is wrong")
    problem_reason: Reason | None = Field(default=None, description="the same as data")
    problem_text: Text | None = Field(default=None, description="the same in every language of the house")
