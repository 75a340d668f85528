"""Who wants what of which device, what evcc does, and how that is going."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from ems.contract.message import Command, Message, Part, Reason, Text
from ems.contract.service import Service
from ems.contract.site import BatteryMode, LoadpointMode, OverruledBy
from ems.contract.units import (
    DeviceName,
    Euros,
    EurosPerKwh,
    Fraction,
    Instant,
    KilowattHours,
    Minutes,
    Percent,
    Ratio,
    VehicleName,
    Watts,
)


class Owner(StrEnum):
    """Who decides over a device, highest first: user > boost > plan > none (evcc by itself)."""

    USER = "user"
    BOOST = "boost"
    PLAN = "plan"
    NONE = "none"


class ControllerName(StrEnum):
    """The controllers that make proposals: the planner's MILP and the learner."""

    LP = "lp"
    RL = "rl"


PROPOSERS = {ControllerName.LP: Service.TARIFF_PLANNER, ControllerName.RL: Service.RL_AGENT}
"""The service that makes each controller's proposals."""


class Choice(StrEnum):
    """Which controller a person wants for a device; ``auto`` leaves it to the evidence."""

    AUTO = "auto"
    LP = "lp"
    RL = "rl"
    OFF = "off"


class Phase(StrEnum):
    """How far a desired state has come."""

    IDLE = "idle"
    PENDING = "pending"
    VERIFIED = "verified"
    REFUSED = "refused"


class BatteryAction(Part):
    """What the home battery is to do: always a mode, never a blind power."""

    kind: Literal["battery"] = "battery"
    mode: BatteryMode


class LoadpointAction(Part):
    """What a loadpoint is to do; an absent field is left as it is."""

    kind: Literal["loadpoint"] = "loadpoint"
    mode: LoadpointMode
    limit_soc_pct: Percent | None = None
    vehicle: VehicleName | None = Field(
        default=None, description="who should be plugged in, where cars share a charger"
    )


Action = Annotated[BatteryAction | LoadpointAction, Field(discriminator="kind")]
"""What a device is to do, or does."""


class Proposal(Message):
    """What one controller would do with a device now."""

    device: DeviceName
    controller: ControllerName
    at: Instant
    valid_until: Instant
    action: Action
    power_w: Watts | None = Field(default=None, description="expected; battery positive = discharging, cars charging")
    plan_id: str | None = None
    reason: Text


class Control(Message):
    """A device as the gateway controls it."""

    device: DeviceName
    at: Instant
    owner: Owner
    since: Instant
    until: Instant | None = Field(default=None, description="when this owner's time ends")
    controller: ControllerName | None = Field(default=None, description="whose proposal is carried out")
    choice: Choice = Field(default=Choice.AUTO, description="what a person chose for this device")
    desired: Action | None = None
    observed: Action | None = None
    found: Action | None = Field(default=None, description="as it was before the suite took over")
    phase: Phase = Phase.IDLE
    reason: Text
    cause: Reason | None = Field(default=None, description="the reason as data, stable for automations")
    overruled: Text | None = Field(default=None, description="what in evcc outranks the mode now, in words")
    overruled_by: OverruledBy | None = Field(default=None, description="the same as data")
    error: str | None = Field(default=None, description="the last thing that went wrong, in English words")
    error_text: Text | None = Field(default=None, description="the same in every language of the house")
    error_cause: Reason | None = Field(default=None, description="the same as data, stable for automations")


class Evidence(Part):
    """What a choice between controllers rests on."""

    samples: int = Field(ge=0)
    saving_eur_per_day: Euros | None = None
    saving_low_eur_per_day: Euros | None = Field(default=None, description="lower confidence bound")
    text: Text
    kind: str | None = Field(default=None, description="what the text says, stable for automations")
    learner: str | None = Field(default=None, description="which learner it is about: apprentice, tabular")
    e_value: Ratio | None = Field(
        default=None,
        ge=0,
        json_schema_extra={"unit": "1"},
        description="1 is no evidence; for the learner, while it steers against it",
    )
    needed: Ratio | None = Field(
        default=None,
        gt=0,
        json_schema_extra={"unit": "1"},
        description="the evidence at which the device changes hands",
    )
    skill: Ratio | None = Field(
        default=None,
        le=1,
        json_schema_extra={"unit": "1"},
        description="share of the plan's squared error that the learner avoids; negative = worse",
    )
    days_to_go: int | None = Field(
        default=None, ge=0, description="until the learner steers, if it goes on as so far; absent: not in sight"
    )


class Controller(Message):
    """Which controller is in charge of a device, and why."""

    device: DeviceName
    at: Instant
    since: Instant
    controller: Choice = Field(description="lp, rl or off")
    chosen_by: Literal["automatic", "person"]
    evidence: Evidence | None = None


class PolicyCost(Part):
    """One policy's account in the comparison."""

    cost_eur: Euros
    import_kwh: KilowattHours | None = None
    export_kwh: KilowattHours | None = None


class EvidencePoint(Part):
    """The evidence at the end of a local day."""

    day: date
    e_value: Ratio = Field(ge=0)


class Comparison(Message):
    """The plan against the learner against evcc alone, paired by day through the same weather and prices."""

    device: DeviceName
    at: Instant
    days: int = Field(ge=0)
    decisions: int = Field(ge=0)
    evcc_alone: PolicyCost
    lp: PolicyCost
    rl: PolicyCost | None = None
    saving_eur_per_day: Euros | None = Field(default=None, description="rl against lp; positive = rl is cheaper")
    saving_low_eur_per_day: Euros | None = None
    saving_high_eur_per_day: Euros | None = None
    confidence: Fraction | None = None
    learner: str | None = Field(default=None, description="which learner rl is here: the nearest to steering")
    missed_goals: int | None = Field(default=None, ge=0, description="of a car, that rl missed and lp reached")
    curve: tuple[EvidencePoint, ...] = Field(default=(), description="the evidence for rl by weeks, oldest first")


class Decision(Part):
    """One entry of the audit: what changed, who wanted it, and at which prices."""

    at: Instant
    device: DeviceName
    owner: Owner
    controller: ControllerName | None = None
    action: Action | None = None
    before: Action | None = None
    import_eur_per_kwh: EurosPerKwh | None = None
    export_eur_per_kwh: EurosPerKwh | None = None
    outcome: str = Field(description="what became of it: accepted, verified, refused, repaired, released, ...")
    reason: Text
    cause: Reason | None = Field(default=None, description="the reason as data, stable for automations")


class Decisions(Message):
    """The last 100 decisions, newest first."""

    at: Instant
    decisions: tuple[Decision, ...] = Field(max_length=100)


class SetMode(Command):
    """A person sets a loadpoint's mode: the person becomes its owner."""

    mode: LoadpointMode


class SetLimitSoc(Command):
    """A person sets a loadpoint's SoC limit; 0 removes it."""

    limit_soc_pct: Percent


class SetVehicle(Command):
    """Says which vehicle is at a loadpoint; absent = a guest."""

    vehicle: VehicleName | None = None


class Boost(Command):
    """Charge at full power for a while; 0 minutes end a boost."""

    minutes: Minutes = Field(default=90, le=24 * 60)


class SetBatteryMode(Command):
    """A person sets the battery's mode: the person becomes its owner."""

    mode: BatteryMode


class Release(Command):
    """Hands a device that a person took over back to the controller in charge."""


class SetChoice(Command):
    """A person chooses the controller of a device: auto, lp, rl or off."""

    controller: Choice
