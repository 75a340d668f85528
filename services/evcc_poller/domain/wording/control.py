"""Why a device is controlled as it is, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from ems.contract.control import ControllerName
from ems.contract.message import Text
from ems.contract.site import BatteryMode, LoadpointMode, OverruledBy
from evcc_poller.domain.wording.troubles import Trouble


@dataclass(frozen=True, slots=True)
class Proposed:
    """The controller in charge wants it; the words are its own."""

    kind: ClassVar = "proposal"
    controller: ControllerName
    words: Text


class Left(StrEnum):
    """Why a device is left to evcc alone."""

    NOT_SEEN = "not_seen"
    """evcc has not been seen yet."""
    PERSON = "person"
    LEARNER = "learner"
    OPTIMIZER = "optimizer"
    """evcc's own is in charge."""
    STARTING = "starting"
    """The first proposals are waited for."""
    UNPLUGGED = "unplugged"
    STOPPING = "stopping"
    """The suite ends."""


@dataclass(frozen=True, slots=True)
class LeftToEvcc:
    """evcc decides alone."""

    kind: ClassVar = "left_to_evcc"
    why: Left


NOT_SEEN_YET = LeftToEvcc(Left.NOT_SEEN)


@dataclass(frozen=True, slots=True)
class NoProposal:
    """The controller has said nothing that fits the device."""

    kind: ClassVar = "no_proposal"
    controller: ControllerName


@dataclass(frozen=True, slots=True)
class ProposalTooOld:
    """The controller's last proposal counts no more."""

    kind: ClassVar = "proposal_too_old"
    controller: ControllerName
    proposed_at: datetime


@dataclass(frozen=True, slots=True)
class ControllerOffline:
    """The controller's service is gone."""

    kind: ClassVar = "controller_offline"
    controller: ControllerName


@dataclass(frozen=True, slots=True)
class PersonWants:
    """A person asked us for a loadpoint's mode."""

    kind: ClassVar = "person_wants"
    mode: LoadpointMode


@dataclass(frozen=True, slots=True)
class PersonWantsLimit:
    """A person asked us for a SoC limit; None: for none."""

    kind: ClassVar = "person_wants_limit"
    limit_soc_pct: int | None


@dataclass(frozen=True, slots=True)
class PersonWantsBattery:
    """A person asked us for a mode of the battery."""

    kind: ClassVar = "person_wants_battery"
    mode: BatteryMode


@dataclass(frozen=True, slots=True)
class PersonSetMode:
    """A person set a loadpoint's mode in evcc."""

    kind: ClassVar = "person_set_mode"
    mode: LoadpointMode


@dataclass(frozen=True, slots=True)
class PersonSetLimit:
    """A person set a SoC limit in evcc; None removed it."""

    kind: ClassVar = "person_set_limit"
    limit_soc_pct: int | None


@dataclass(frozen=True, slots=True)
class PersonTimeOver:
    """The time for which a person's setting is left alone is over."""

    kind: ClassVar = "person_time_over"


@dataclass(frozen=True, slots=True)
class SetElsewhere:
    """Somebody else set the battery's mode from outside."""

    kind: ClassVar = "set_elsewhere"


@dataclass(frozen=True, slots=True)
class CarLeft:
    """The car has left, and with it what a person set."""

    kind: ClassVar = "car_left"


@dataclass(frozen=True, slots=True)
class Boosting:
    """A person wants full power for a while."""

    kind: ClassVar = "boosting"
    until: datetime


@dataclass(frozen=True, slots=True)
class HeldForBoost:
    """The battery is held while a car is boosted, so that the grid feeds the car."""

    kind: ClassVar = "held_for_boost"


class BoostEnd(StrEnum):
    """Why a boost ended."""

    TIME = "time"
    PERSON = "person"
    OTHER_MODE = "other_mode"
    """A person set another mode."""
    RELEASED = "released"
    FULL = "full"
    CAR_LEFT = "car_left"


@dataclass(frozen=True, slots=True)
class BoostEnded:
    """Full power ends."""

    kind: ClassVar = "boost_ended"
    why: BoostEnd


@dataclass(frozen=True, slots=True)
class LimitPinned:
    """A person's limit keeps the car below what the plan wants."""

    kind: ClassVar = "limit_pinned"
    limit_soc_pct: int
    wanted_soc_pct: int
    because: "ControlReason"


@dataclass(frozen=True, slots=True)
class ModeReplaced:
    """The battery cannot do what is wanted, and does the nearest."""

    kind: ClassVar = "mode_replaced"
    wanted: BatteryMode
    done: BatteryMode
    because: "ControlReason"


@dataclass(frozen=True, slots=True)
class Overruled:
    """Something in evcc outranks the mode."""

    kind: ClassVar = "overruled"
    by: OverruledBy


@dataclass(frozen=True, slots=True)
class Verified:
    """evcc shows what was wanted, and the power agrees."""

    kind: ClassVar = "verified"


@dataclass(frozen=True, slots=True)
class HandedBack:
    """A loadpoint is as it was found."""

    kind: ClassVar = "handed_back"


@dataclass(frozen=True, slots=True)
class BatteryFree:
    """The battery is evcc's again."""

    kind: ClassVar = "battery_free"


@dataclass(frozen=True, slots=True)
class BatteryRepaired:
    """The battery does not do what evcc says, and is set anew by way of another mode."""

    kind: ClassVar = "battery_repaired"
    mode: BatteryMode


@dataclass(frozen=True, slots=True)
class BatteryLost:
    """The battery does not follow, for now."""

    kind: ClassVar = "battery_lost"
    mode: BatteryMode
    retry_at: datetime


@dataclass(frozen=True, slots=True)
class BatteryBack:
    """A battery that did not follow does so again."""

    kind: ClassVar = "battery_back"


@dataclass(frozen=True, slots=True)
class EvccForgot:
    """evcc was restarted and does not know the battery's mode."""

    kind: ClassVar = "evcc_forgot"


@dataclass(frozen=True, slots=True)
class SettingTakenBack:
    """evcc was restarted and has an older setting."""

    kind: ClassVar = "setting_taken_back"


type ControlReason = (
    Proposed
    | LeftToEvcc
    | NoProposal
    | ProposalTooOld
    | ControllerOffline
    | PersonWants
    | PersonWantsLimit
    | PersonWantsBattery
    | PersonSetMode
    | PersonSetLimit
    | PersonTimeOver
    | SetElsewhere
    | CarLeft
    | Boosting
    | HeldForBoost
    | BoostEnded
    | LimitPinned
    | ModeReplaced
    | Overruled
    | Verified
    | HandedBack
    | BatteryFree
    | BatteryRepaired
    | BatteryLost
    | BatteryBack
    | EvccForgot
    | SettingTakenBack
    | Trouble
)
