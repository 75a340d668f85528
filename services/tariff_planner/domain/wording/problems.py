"""What stands in ``plan.problems``: why there is no plan, and what had to be left out of one, or is doubtful in it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from ems.contract.vehicle import DoubtKind


class Obstacle(StrEnum):
    """What stands in the way of a plan."""

    NO_PRICE = "no_price"
    NO_LOAD = "no_load"
    NO_TIME = "no_time"
    NO_FACTS = "no_facts"
    EVCC_SILENT = "evcc_silent"
    EVCC_OPTIMIZER = "evcc_optimizer"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class NoPlan:
    """Why there is no plan."""

    kind: ClassVar = "no_plan"
    obstacle: Obstacle


@dataclass(frozen=True, slots=True)
class StaleFacts:
    """evcc's facts are too old to plan with."""

    kind: ClassVar = "stale_facts"
    age: timedelta


@dataclass(frozen=True, slots=True)
class OddFacts:
    """Facts contradict each other; ``detail`` is the code's, in English."""

    kind: ClassVar = "odd_facts"
    detail: str


@dataclass(frozen=True, slots=True)
class NotExplained:
    """There is a plan, but no words for it; ``detail`` is the code's, in English."""

    kind: ClassVar = "not_explained"
    detail: str


@dataclass(frozen=True, slots=True)
class RulesInstead:
    """The last known prices decide instead of a plan."""

    kind: ClassVar = "rules_instead"


class UnknownFact(StrEnum):
    """What a device cannot be planned without."""

    SOC = "soc"
    CAPACITY = "capacity"
    VEHICLE = "vehicle"
    """Which car it is."""


@dataclass(frozen=True, slots=True)
class BatteryUnknown:
    """A battery is not planned, because something of it is not known.

    Raises:
        ValueError: a battery is no car, and one that is alone keeps no other from charging.
    """

    kind: ClassVar = "battery_unknown"
    fact: UnknownFact
    who: str | None = None
    """Which of several; None where there is one, which is left to evcc."""
    none_charges: bool = False
    """evcc tells all of them the same, so that none is charged from the grid."""

    def __post_init__(self) -> None:
        if self.fact is UnknownFact.VEHICLE or (self.who is None and self.none_charges):
            raise ValueError("that cannot be of a battery")


@dataclass(frozen=True, slots=True)
class BatteryUncontrollable:
    """evcc cannot steer a battery; ``who`` is None where it can steer none, else that one follows the house."""

    kind: ClassVar = "battery_uncontrollable"
    who: str | None = None


@dataclass(frozen=True, slots=True)
class BatteryOfOptimizer:
    """evcc's own optimizer steers the battery."""

    kind: ClassVar = "battery_of_optimizer"


@dataclass(frozen=True, slots=True)
class NoSuchBattery:
    """Something is set for a battery that evcc does not have.

    Raises:
        ValueError: evcc tells no battery's name, so that any may be right.
    """

    kind: ClassVar = "no_such_battery"
    name: str
    there: tuple[str, ...]
    """Those that evcc has."""
    meant: str | None = None
    """The one of them that is written almost like it."""

    def __post_init__(self) -> None:
        if not self.there:
            raise ValueError("nobody knows which names are right")


@dataclass(frozen=True, slots=True)
class CarUnknown:
    """A car is not planned, because something of it is not known."""

    kind: ClassVar = "car_unknown"
    who: str
    fact: UnknownFact


@dataclass(frozen=True, slots=True)
class CarAmbiguous:
    """A car is not planned at a loadpoint, because its name means something else too."""

    kind: ClassVar = "car_ambiguous"
    loadpoint: str
    who: str
    is_device: bool
    """Whether a device has that name; else the car stands at another loadpoint, too."""


@dataclass(frozen=True, slots=True)
class GoalAboveCarLimit:
    """A car should be fuller than its own limit lets it be."""

    kind: ClassVar = "goal_above_car_limit"
    who: str
    wanted_soc_pct: float
    limit_soc_pct: float


@dataclass(frozen=True, slots=True)
class GoalAboveSessionLimit:
    """A car should be fuller than evcc's energy limit for this session lets it be."""

    kind: ClassVar = "goal_above_session_limit"
    who: str
    wanted_soc_pct: float
    limit_kwh: float
    ends_at_soc_pct: float


@dataclass(frozen=True, slots=True)
class SocDoubted:
    """A car is planned with less than is shown, because vehicle-soc doubts that."""

    kind: ClassVar = "soc_doubted"
    who: str
    counted_soc_pct: float
    why: DoubtKind


@dataclass(frozen=True, slots=True)
class DevicesDimmed:
    """The grid operator limits each controllable device now, and not the house."""

    kind: ClassVar = "devices_dimmed"
    kw: float


class PriceKind(StrEnum):
    """Of what, by the name of evcc's tariff for it."""

    IMPORT = "grid"
    FEEDIN = "feedin"


@dataclass(frozen=True, slots=True)
class OddPrices:
    """Prices look as if they were given in a smaller unit than the currency.

    Raises:
        ValueError: import prices are always evcc's.
    """

    kind: ClassVar = "odd_prices"
    price: PriceKind
    usual_per_kwh: float
    """The one in the middle, in what is taken for the site's currency."""
    is_set: bool = False
    """Whether the price is the planner's own setting, and not evcc's."""

    def __post_init__(self) -> None:
        if self.is_set and self.price is PriceKind.IMPORT:
            raise ValueError("no setting gives import prices")


type Trouble = NoPlan | StaleFacts | OddFacts | NotExplained | RulesInstead
type Caveat = (
    BatteryUnknown
    | BatteryUncontrollable
    | BatteryOfOptimizer
    | NoSuchBattery
    | CarUnknown
    | CarAmbiguous
    | GoalAboveCarLimit
    | GoalAboveSessionLimit
    | SocDoubted
    | DevicesDimmed
    | OddPrices
)
"""What a plan had to leave out, or counts on less than is shown, and what people could mend."""
type PlanProblem = Trouble | Caveat
