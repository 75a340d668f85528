"""A loadpoint's state: what is known now, and what is remembered on disk."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from ems.contract.control import Choice, ControllerName, LoadpointAction, Owner, Phase
from ems.contract.site import AlwaysCharge, Loadpoint, LoadpointKind, LoadpointMode, OverruledBy
from evcc_poller.domain.wording.control import NOT_SEEN_YET, ControlReason


@dataclass(frozen=True, slots=True)
class LoadpointTarget:
    """A loadpoint's mode and its SoC limit in % (0 = none).

    ``always_charge`` is evcc's own from 0.316 on. In what is wanted None stands for what the mode needs: whoever wants
    `minpv` is content with `once`, and whoever wants `now` leaves it alone.
    """

    mode: LoadpointMode
    limit_soc_pct: int
    always_charge: AlwaysCharge | None = None

    def always_charge_from(self, shows: AlwaysCharge | None) -> AlwaysCharge | None:
        """What evcc's ``alwaysCharge`` is to be when it is ``shows`` now; None where evcc has none."""
        if shows is None or self.always_charge is not None:
            return None if shows is None else self.always_charge
        match self.mode:
            case LoadpointMode.PV:
                return AlwaysCharge.OFF
            case LoadpointMode.MINPV if shows is AlwaysCharge.OFF:
                return AlwaysCharge.ON
        return shows

    def mode_is_in(self, shows: "LoadpointTarget") -> bool:
        """Whether an evcc that shows ``shows`` has this mode."""
        always = self.always_charge_from(shows.always_charge)
        return self.mode is shows.mode and always is shows.always_charge

    def is_in(self, shows: "LoadpointTarget") -> bool:
        """Whether an evcc that shows ``shows`` has all of this."""
        return self.mode_is_in(shows) and self.limit_soc_pct == shows.limit_soc_pct

    def after_stay(self) -> "LoadpointTarget":
        """What is left of it when the car leaves: `once` ends."""
        if self.always_charge is not AlwaysCharge.ONCE:
            return self
        mode = LoadpointMode.PV if self.mode is LoadpointMode.MINPV else self.mode
        return replace(self, mode=mode, always_charge=AlwaysCharge.OFF)

    def action(self) -> LoadpointAction:
        """The same in the form that is published."""
        return LoadpointAction(mode=self.mode, limit_soc_pct=float(self.limit_soc_pct) if self.limit_soc_pct else None)


def target_of(loadpoint: Loadpoint) -> LoadpointTarget:
    """What ``loadpoint`` is set to. A heater's limit is a temperature and not controlled here; a device has none."""
    limit = round(loadpoint.limit_soc_pct or 0) if loadpoint.kind is LoadpointKind.CAR else 0
    return LoadpointTarget(loadpoint.mode, limit, loadpoint.always_charge)


@dataclass(frozen=True, slots=True)
class UserHold:
    """A person's mode and when their time ends."""

    mode: LoadpointMode
    since: datetime
    until: datetime
    always_charge: AlwaysCharge | None = None


@dataclass(frozen=True, slots=True)
class WriteWindow:
    """A time in which evcc may be told something by us and by a person, in any order.

    evcc takes no write on a condition: a person who is faster by some milliseconds is overwritten. What evcc tells of
    its changes shows it.
    """

    began: datetime
    shows: LoadpointTarget
    """What evcc had when it began."""
    modes: tuple[LoadpointMode, ...]
    """What evcc may tell without a person; so with the others."""
    limits: tuple[int, ...]
    always_charge: tuple[AlwaysCharge | None, ...]


@dataclass(frozen=True, slots=True)
class BoostHold:
    """Full power from ``since`` to ``until``."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class LoadpointMemory:
    """What must survive a crash: on disk before any effect of the step that changed it."""

    choice: Choice = Choice.AUTO
    owner: Owner = Owner.NONE
    since: datetime | None = None
    found: LoadpointTarget | None = None
    """The loadpoint as it was before we took over; None while nothing of ours is in evcc."""
    before: LoadpointTarget | None = None
    """The loadpoint as it was before a person set anything: what a release brings back. None while nobody has."""
    user: UserHold | None = None
    limit_soc_pct: int | None = None
    """A person's limit: kept until the car leaves or the device is given back."""
    boost: BoostHold | None = None
    modes: tuple[LoadpointMode, ...] = ()
    """What evcc may show without a person having touched it: more than one while a write is unanswered."""
    limits: tuple[int, ...] = ()
    always_charge: tuple[AlwaysCharge | None, ...] = ()
    connected: bool = False
    vehicle: str | None = None
    session_kwh: float | None = None
    """What the car had charged since it was plugged in, when that was last noted."""
    left_at: datetime | None = None
    seen_at: datetime | None = None
    """When the loadpoint was last seen, to a minute: how long we were away after a restart."""


@dataclass(frozen=True, slots=True)
class PendingLoadpointWrite:
    """The last write of one field: when its reply came (or failed to), whether it was a yes, when to try again."""

    value: LoadpointMode | int
    at: datetime
    sure: bool
    failures: int = 0
    next_try_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LoadpointState:
    """Everything about a loadpoint; only ``kept`` survives a restart."""

    id: int
    kept: LoadpointMemory = field(default_factory=LoadpointMemory)
    controller: ControllerName | None = None
    target: LoadpointTarget | None = None
    """What evcc should have; None: whatever it has."""
    desired: LoadpointAction | None = None
    reason: ControlReason = NOT_SEEN_YET
    until: datetime | None = None
    changed_at: datetime | None = None
    phase: Phase = Phase.IDLE
    error: ControlReason | None = None
    overruled_by: OverruledBy | None = None
    """What in evcc outranks the mode now."""
    pending_mode: PendingLoadpointWrite | None = None
    pending_limit: PendingLoadpointWrite | None = None
    window: WriteWindow | None = None
    named_vehicle: str | None = None
    """The vehicle that we or a person named to evcc for this stay; empty for a guest."""
    vehicle: str | None = None
    session_kwh: float | None = None
    charged: bool = False
    """Whether the car charged since the boost began."""
    idle_since: datetime | None = None
    conflict_until: datetime | None = None
    observed: LoadpointTarget | None = None
    seen_before: bool = False
    """Whether the loadpoint was observed since our start."""
    observed_at: datetime | None = None
    """When it was observed last."""
    restart_unseen: bool = False
    """Whether evcc was restarted, and has not shown the loadpoint since."""
    restarted_at: datetime | None = None
    """When evcc's last restart was noticed."""
    stopping: bool = False

    @property
    def device(self) -> str:
        """The device's name on the bus."""
        return f"loadpoint-{self.id}"
