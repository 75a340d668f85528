"""What the planner foresees, decides and explains."""

from enum import StrEnum

from pydantic import Field

from ems.contract.control import Action
from ems.contract.message import Command, Message, Part, Reason, Text
from ems.contract.units import (
    DeviceName,
    Euros,
    EurosPerKwh,
    Fraction,
    Instant,
    KilowattHours,
    Percent,
    Seconds,
    VehicleName,
    Watts,
)
from ems.contract.wishes import AskedWish, StandingWish, WishInPlan


class ForecastSlot(Part):
    """A forecast mean power over a slot: its mean and its 10, 50 and 90 % quantiles."""

    start: Instant
    end: Instant
    mean_w: Watts
    p10_w: Watts
    p50_w: Watts
    p90_w: Watts


class Accuracy(Part):
    """How good the forecasts of the last days were, for the next 24 h as issued then."""

    days: int = Field(ge=1)
    samples: int = Field(ge=0)
    nmae: float = Field(ge=0, description="mean absolute error / mean of the measured values")
    bias_w: Watts = Field(description="forecast minus measured, mean")
    coverage: Fraction | None = Field(default=None, description="share of measured values between p10 and p90")


class ForecastKind(StrEnum):
    """What is forecast."""

    LOAD = "load"
    PV = "pv"


class Forecast(Message):
    """The next horizon of load or PV, with the accuracy of the last days."""

    kind: ForecastKind
    at: Instant
    method: str = Field(description="how it was made")
    slots: tuple[ForecastSlot, ...]
    rest_of_today_kwh: KilowattHours | None = Field(default=None, description="mean, from now to the site's midnight")
    tomorrow_kwh: KilowattHours | None = Field(default=None, description="mean, of the site's next day")
    accuracy: tuple[Accuracy, ...] = ()


class Window(Part):
    """A stretch of time and its mean price."""

    start: Instant
    end: Instant
    mean_eur_per_kwh: EurosPerKwh


class Prices(Message):
    """Where the price now stands among the known ones."""

    at: Instant
    start: Instant = Field(description="of the known prices, now or later")
    end: Instant
    fetched_at: Instant
    now_eur_per_kwh: EurosPerKwh
    p20_eur_per_kwh: EurosPerKwh
    p30_eur_per_kwh: EurosPerKwh
    p40_eur_per_kwh: EurosPerKwh
    p60_eur_per_kwh: EurosPerKwh
    p80_eur_per_kwh: EurosPerKwh
    rank: Fraction = Field(description="share of the known time that is cheaper than now; 0 = the cheapest")
    spread_eur_per_kwh: EurosPerKwh = Field(description="most expensive minus cheapest")
    next_cheap: Window | None = Field(default=None, description="next stretch at or below P20")
    currency: str = "EUR"


class BatteryShare(Part):
    """One of several batteries in one slot, by evcc's name; what they are told is the same for all."""

    name: str
    power_w: Watts = Field(description="positive = discharging")
    soc_pct: Percent | None = Field(default=None, description="at the slot's end")


class DevicePlan(Part):
    """One device in one slot. Battery power is positive when it discharges; a loadpoint's when it charges."""

    power_w: Watts
    action: Action
    soc_pct: Percent | None = Field(default=None, description="at the slot's end: the battery's or the car's")
    vehicle: VehicleName | None = None
    batteries: tuple[BatteryShare, ...] | None = Field(
        default=None, description="each home battery, where there are several; the device is all of them"
    )


class PlanSlot(Part):
    """One slot of the plan; energies are those of the whole (remaining) slot."""

    start: Instant
    end: Instant
    import_eur_per_kwh: EurosPerKwh
    export_eur_per_kwh: EurosPerKwh
    price_known: bool = Field(default=True, description="false where the price is a forecast")
    load_kwh: KilowattHours
    pv_kwh: KilowattHours
    import_kwh: KilowattHours
    export_kwh: KilowattHours
    curtailed_kwh: KilowattHours = Field(default=0, description="sun that can be neither used nor fed in")
    cost_eur: Euros
    devices: dict[DeviceName, DevicePlan] = Field(
        default_factory=dict,
        description="of a large home (more than 3000 of them) those that rest as in the slot before are passed over",
    )


class PlannedCharging(Part):
    """What is planned at a loadpoint, over the whole plan."""

    vehicle: VehicleName | None = None
    start: Instant = Field(description="of the next stretch without a pause")
    end: Instant = Field(description="of that stretch")
    energy_kwh: KilowattHours = Field(description="of all stretches")
    cost_eur: Euros = Field(description="of all; the sun and the battery at what feeding in would have earned")
    reaches_soc_pct: Percent | None = None
    full_at: Instant = Field(description="when it holds as much as is planned")


class Shortfall(Part):
    """A wish that the plan cannot keep, and by how much."""

    what: str = Field(description="goal, reserve, import_limit, export_limit, battery_goal, ...")
    device: DeviceName | None = None
    vehicle: VehicleName | None = None
    missing_kwh: KilowattHours
    by: Instant | None = None
    reaches_soc_pct: Percent | None = None
    text: Text


class Explanation(Part):
    """What a device does from ``start`` to ``end``, why, and what the next best alternative would cost more."""

    device: DeviceName
    start: Instant
    end: Instant
    action: Action = Field(description="at the start; where the reason stays the same it may change on the way")
    text: Text
    reason: Reason | None = Field(default=None, description="what the text says, as data")
    alternative: Text | None = None
    alternative_cost_eur: Euros | None = Field(default=None, description="how much more the alternative costs")
    vehicle: VehicleName | None = None
    limits: tuple[Text, ...] = Field(default=(), description="what keeps the device from doing more, or less")


class PlanStatus(StrEnum):
    """``optimal``: proven; ``feasible``: the best found in time; ``rules``: by prices only; ``none``."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    RULES = "rules"
    NONE = "none"


class SolverFacts(Part):
    """How the plan was found."""

    name: str
    seconds: Seconds
    bound_eur: Euros | None = None
    gap_eur: Euros | None = Field(default=None, description="proven: no plan is cheaper by more than this")
    binaries: int | None = None
    rows: int | None = None


class Plan(Message):
    """The plan: what every device does in every slot, at what cost, and why."""

    id: str
    at: Instant
    valid_until: Instant
    status: PlanStatus
    currency: str = "EUR"
    slots: tuple[PlanSlot, ...] = ()
    titles: dict[VehicleName, str] = Field(default_factory=dict, description="vehicles' names for people")
    cost_eur: Euros | None = Field(default=None, description="of the horizon, energy left at its end credited")
    evcc_alone_eur: Euros | None = Field(default=None, description="the same without the suite, same forecast")
    saving_eur: Euros | None = None
    charging: dict[DeviceName, PlannedCharging] = Field(default_factory=dict, description="by loadpoint")
    loadpoints: dict[DeviceName, str] = Field(default_factory=dict, description="their names for people")
    next_charge: Window | None = Field(default=None, description="when grid energy is next stored or charged")
    summary: Text
    explanations: tuple[Explanation, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    wishes: tuple[WishInPlan, ...] = Field(default=(), description="what people wish, and what it costs")
    problems: tuple[Text, ...] = Field(default=(), description="what was missing or stale when planning")
    solver: SolverFacts | None = None


class BatteryGoal(Part):
    """How full the home battery should be, and by when."""

    soc_pct: Percent
    by: Instant


class Planning(Message):
    """What people have set for the planner."""

    at: Instant
    enabled: bool
    reserve_soc_pct: Percent = Field(description="the home battery is not planned below this")
    battery_goal: BatteryGoal | None = Field(default=None, description="set by a person; over at its moment")
    trial: bool = Field(default=False, description="what is wished is priced first, and obeyed when it is applied")
    wishes: tuple[StandingWish, ...] = Field(default=(), description="set by people; over at their end")


class SetPlanning(Command):
    """Changes what is given, keeps what is not."""

    enabled: bool | None = None
    reserve_soc_pct: Percent | None = None
    battery_goal: BatteryGoal | None = Field(default=None, description="0 % removes it")
    wish: AskedWish | None = Field(default=None, description="sets, replaces or removes a wish")
    trial: bool | None = Field(default=None, description="whether wishes are priced first, until they are applied")
    apply: bool | None = Field(default=None, description="obeys the wishes that were only priced")


class WhatIfGoal(Part):
    """A goal to try."""

    vehicle: VehicleName
    soc_pct: Percent
    departure: Instant


class PlanGet(Command):
    """Asks for a plan under other wishes; nothing is switched. Empty: the plan as it stands."""

    goals: tuple[WhatIfGoal, ...] = ()
    reserve_soc_pct: Percent | None = None
    battery_enabled: bool | None = None
    wishes: tuple[AskedWish, ...] = Field(default=(), description="in place of those with the same id")


class PlanAnswer(Message):
    """The answer to ``plan/get``."""

    id: str | None = None
    plan: Plan | None = None
    refused: str | None = Field(default=None, description="why there is none, in words")
    more_than_now_eur: Euros | None = Field(default=None, description="what these wishes cost beyond the current plan")
    missed_kwh: KilowattHours | None = Field(default=None, description="what goals lack more because of them")
