"""Effects that the state machines request, and the outcomes of the writes among them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ems.contract.control import Action, ControllerName, Owner
from ems.contract.people import EventKind
from ems.contract.site import AlwaysCharge, BatteryMode, LoadpointMode
from evcc_poller.domain.wording.control import ControlReason
from evcc_poller.domain.wording.troubles import WriteTrouble


@dataclass(frozen=True, slots=True)
class WriteBatteryMode:
    """POST the battery's external mode; it lapses after 60 s unless it is written again."""

    mode: BatteryMode


@dataclass(frozen=True, slots=True)
class ReleaseBattery:
    """DELETE the battery's external mode, once evcc shows ``normal``."""


@dataclass(frozen=True, slots=True)
class WriteMode:
    """POST a loadpoint's mode; from evcc 0.316 on with the ``alwaysCharge`` that it is to have (None: as it is)."""

    loadpoint: int
    mode: LoadpointMode
    always_charge: AlwaysCharge | None = None


@dataclass(frozen=True, slots=True)
class WriteLimitSoc:
    """POST a loadpoint's SoC limit in %; 0 = none."""

    loadpoint: int
    limit_soc_pct: int


@dataclass(frozen=True, slots=True)
class WriteVehicle:
    """Tell evcc which vehicle is at a loadpoint; None = a guest."""

    loadpoint: int
    vehicle: str | None


@dataclass(frozen=True, slots=True)
class RecordDecision:
    """Append a decision to the audit, with the prices of the moment (per kWh)."""

    at: datetime
    device: str
    outcome: str
    reason: ControlReason
    owner: Owner
    action: Action | None = None
    before: Action | None = None
    controller: ControllerName | None = None
    import_eur_per_kwh: float | None = None
    export_eur_per_kwh: float | None = None


@dataclass(frozen=True, slots=True)
class PublishEvent:
    """Publish an event for people."""

    at: datetime
    device: str
    event_type: EventKind
    reason: ControlReason
    details: tuple[tuple[str, str | float], ...] = ()


Write = WriteBatteryMode | ReleaseBattery | WriteMode | WriteLimitSoc | WriteVehicle
Effect = Write | RecordDecision | PublishEvent


class Outcome(StrEnum):
    """How a write ended.

    ``LOST``: no usable reply, it may or may not have been done. ``UNABLE``: evcc has nothing that could do it.
    ``CONFLICT``: evcc's own optimizer is in charge.
    """

    DONE = "done"
    LOST = "lost"
    REFUSED = "refused"
    UNABLE = "unable"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Written:
    """The outcome of a write, known at ``at``; with what went wrong unless it is ``DONE``."""

    write: Write
    outcome: Outcome
    at: datetime
    trouble: WriteTrouble | None = None


@dataclass(frozen=True, slots=True)
class DesiredAction:
    """What a device should do now, and why; without an action it is left to evcc."""

    reason: ControlReason
    action: Action | None = None
    controller: ControllerName | None = None
    owner: Owner = Owner.PLAN
    settled: bool = True
    """False while it is too early to tell, just after a start: everything stays as it is."""
    planless: bool = False
    """Whether the suite cannot plan, without anybody having chosen so; open goals are then evcc's."""
