"""What commands are answered."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from ems.contract.control import Choice
from ems.contract.site import BatteryMode, LoadpointMode
from evcc_poller.domain.wording.troubles import WriteTrouble


@dataclass(frozen=True, slots=True)
class ModeSet:
    """A person's mode is theirs for a while."""

    kind: ClassVar = "mode_set"
    mode: LoadpointMode
    lasts: timedelta
    retried: bool = False
    """Whether evcc gave no answer, and is asked again; so with the others."""


@dataclass(frozen=True, slots=True)
class BatteryModeSet:
    """A person's battery mode is theirs for a while."""

    kind: ClassVar = "battery_mode_set"
    mode: BatteryMode
    lasts: timedelta
    retried: bool = False


@dataclass(frozen=True, slots=True)
class ModePassedOn:
    """A mode went to evcc, which decides alone: nobody holds it."""

    kind: ClassVar = "mode_passed_on"
    mode: LoadpointMode
    retried: bool = False


@dataclass(frozen=True, slots=True)
class LimitSet:
    """A person's SoC limit holds until the car leaves; None: there is none."""

    kind: ClassVar = "limit_set"
    limit_soc_pct: int | None
    retried: bool = False


@dataclass(frozen=True, slots=True)
class VehicleNamed:
    """Who is plugged in; None for a guest."""

    kind: ClassVar = "vehicle_named"
    vehicle: str | None
    retried: bool = False


@dataclass(frozen=True, slots=True)
class BoostStarted:
    """Full power for a while."""

    kind: ClassVar = "boost_started"
    lasts: timedelta
    retried: bool = False


@dataclass(frozen=True, slots=True)
class BoostStopped:
    """A person ended a boost."""

    kind: ClassVar = "boost_stopped"
    retried: bool = False


@dataclass(frozen=True, slots=True)
class NoBoost:
    """There is none to end."""

    kind: ClassVar = "no_boost"


@dataclass(frozen=True, slots=True)
class Released:
    """A device is its controller's again."""

    kind: ClassVar = "released"
    retried: bool = False


@dataclass(frozen=True, slots=True)
class ControllerChosen:
    """Who controls a device from now on."""

    kind: ClassVar = "controller_chosen"
    controller: Choice
    retried: bool = False


type Done = (
    ModeSet
    | BatteryModeSet
    | ModePassedOn
    | LimitSet
    | VehicleNamed
    | BoostStarted
    | BoostStopped
    | NoBoost
    | Released
    | ControllerChosen
)


@dataclass(frozen=True, slots=True)
class CannotMode:
    """A loadpoint does not have a mode."""

    kind: ClassVar = "cannot_mode"
    mode: LoadpointMode
    able: tuple[LoadpointMode, ...]


@dataclass(frozen=True, slots=True)
class BatteryCannotMode:
    """The battery cannot do a mode."""

    kind: ClassVar = "battery_cannot_mode"
    mode: BatteryMode
    able: tuple[BatteryMode, ...]


class NotPossible(StrEnum):
    """Why a command cannot be carried out."""

    HEATER_LIMIT = "heater_limit"
    """A heater's limit is a temperature."""
    DEVICE_LIMIT = "device_limit"
    """A loadpoint that is no charger of a car has no limit."""
    SWITCHED_OFF = "switched_off"
    """The device is left to evcc."""
    NO_CAR = "no_car"
    """Nothing is plugged in."""
    LEARNER_OFFLINE = "learner_offline"
    NO_BATTERY = "no_battery"
    NOT_SEEN = "not_seen"
    NOT_ASKED = "not_asked"
    """evcc has just started and not asked this charger."""
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Impossible:
    """A command cannot be carried out now."""

    kind: ClassVar = "impossible"
    why: NotPossible


@dataclass(frozen=True, slots=True)
class NoSuchVehicle:
    """evcc does not know the vehicle."""

    kind: ClassVar = "no_such_vehicle"
    vehicle: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoSuchDevice:
    """There is no such device."""

    kind: ClassVar = "no_such_device"
    device: str
    known: tuple[str, ...]


type Refusal = CannotMode | BatteryCannotMode | Impossible | NoSuchVehicle | NoSuchDevice | WriteTrouble
type CommandOutcome = Done | Refusal
