"""What goes wrong with what evcc is told."""

from dataclasses import dataclass
from typing import ClassVar

from ems.contract.site import BatteryMode


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """evcc gave no usable answer to a write; ``detail`` is the code's, in English."""

    kind: ClassVar = "no_answer"
    detail: str


@dataclass(frozen=True, slots=True)
class EvccRefused:
    """evcc said no to a write; ``words`` are its own, ``detail`` is the code's, in English."""

    kind: ClassVar = "evcc_refused"
    detail: str
    words: str | None = None


@dataclass(frozen=True, slots=True)
class NothingControllable:
    """evcc has no battery that it can control."""

    kind: ClassVar = "nothing_controllable"


@dataclass(frozen=True, slots=True)
class OptimizerInCharge:
    """evcc's own optimizer is in charge of a setting until a person switches its automatic mode off."""

    kind: ClassVar = "optimizer_in_charge"


@dataclass(frozen=True, slots=True)
class PowerContradicts:
    """The battery's measured power (positive = discharging) contradicts the mode that evcc shows."""

    kind: ClassVar = "power_contradicts"
    mode: BatteryMode
    power_w: float | None


@dataclass(frozen=True, slots=True)
class ModeNotShown:
    """evcc took a mode for the battery and goes on showing another one."""

    kind: ClassVar = "mode_not_shown"
    mode: BatteryMode
    shown: BatteryMode | None


type WriteTrouble = NoAnswer | EvccRefused | NothingControllable | OptimizerInCharge
type Trouble = WriteTrouble | PowerContradicts | ModeNotShown
