"""The home battery's state: what is known now, and what is remembered on disk."""

from dataclasses import dataclass, field
from datetime import datetime

from ems.contract.control import Choice, ControllerName, Owner, Phase
from ems.contract.site import BatteryMode
from evcc_poller.domain.wording.control import NOT_SEEN_YET, ControlReason

DEVICE = "battery"
"""The battery's name on the bus."""


@dataclass(frozen=True, slots=True)
class Lease:
    """evcc may hold the battery in ``mode`` for us. Open until evcc has been seen in ``normal`` again."""

    mode: BatteryMode
    since: datetime
    before: BatteryMode | None = None
    """What evcc may still hold for us if the write of ``mode`` never reached it."""


@dataclass(frozen=True, slots=True)
class UserMode:
    """A person's battery mode and when their time ends."""

    mode: BatteryMode
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class BatteryMemory:
    """What must survive a crash: on disk before any effect of the step that changed it."""

    choice: Choice = Choice.AUTO
    owner: Owner = Owner.NONE
    since: datetime | None = None
    lease: Lease | None = None
    user: UserMode | None = None
    touched: bool = False
    """Whether evcc's external mode was set since evcc's last start; if it is null again, evcc was restarted."""


@dataclass(frozen=True, slots=True)
class BatteryWriteWindow:
    """The time of a write, in which somebody else may set a mode that it overwrites: evcc's own words show it."""

    began: datetime
    modes: frozenset[BatteryMode | None]
    """What evcc may tell because of us, or had before."""


@dataclass(frozen=True, slots=True)
class PendingBatteryWrite:
    """The last mode that was written, when its reply came (or failed to), and whether it was a yes."""

    mode: BatteryMode
    at: datetime
    sure: bool
    before: BatteryMode | None = None
    """What evcc may still show when the reply was lost."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A detour to the target by another mode, since evcc writes only changes."""

    via: BatteryMode


@dataclass(frozen=True, slots=True)
class BatteryVerification:
    """How far the verification of ``mode`` has come."""

    mode: BatteryMode
    since: datetime
    shown_at: datetime | None = None
    """When evcc first showed the mode."""
    judged_at: datetime | None = None
    against: int = 0
    """Contradictions in a row, at most one a control cycle."""
    proven: bool = False


@dataclass(frozen=True, slots=True)
class BatteryState:
    """Everything about the battery; only ``kept`` survives a restart."""

    kept: BatteryMemory = field(default_factory=BatteryMemory)
    controller: ControllerName | None = None
    desired: BatteryMode | None = None
    reason: ControlReason = NOT_SEEN_YET
    until: datetime | None = None
    changed_at: datetime | None = None
    """When the plan's mode last changed."""
    phase: Phase = Phase.IDLE
    error: ControlReason | None = None
    pending: PendingBatteryWrite | None = None
    window: BatteryWriteWindow | None = None
    unanswered: int = 0
    next_try_at: datetime | None = None
    verification: BatteryVerification | None = None
    repair: Repair | None = None
    repairs: int = 0
    lost: bool = False
    pause_s: float = 0
    retry_at: datetime | None = None
    refused: frozenset[BatteryMode] = frozenset()
    """Modes that this evcc answered with a refusal."""
    uncontrollable: bool = False
    foreign: bool = False
    """Whether somebody else's mode from outside is in force."""
    external: BatteryMode | None = None
    """The mode from outside that evcc shows."""
    released: BatteryMode | None = None
    """Somebody's mode from outside that a person has released, while evcc still shows it."""
    ours_until: datetime | None = None
    """Until when evcc may show a `normal` of ours that nothing tells of any more."""
    conflict_until: datetime | None = None
    observed: BatteryMode | None = None
    stopping: bool = False

    @property
    def device(self) -> str:
        """The device's name on the bus."""
        return DEVICE
