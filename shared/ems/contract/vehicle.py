"""How full each car is, from whatever source, honestly."""

from enum import StrEnum

from pydantic import Field

from ems.contract.message import Command, Message, Part, Text
from ems.contract.units import Instant, Kilometres, KilowattHours, Percent, VehicleName


class AgeClass(StrEnum):
    """How old the measurement is, against the vehicle's own interval."""

    FRESH = "fresh"
    AGING = "aging"
    STALE = "stale"
    UNKNOWN = "unknown"


class ProblemKind(StrEnum):
    """What the owner has to do: log in, wait, nothing (we try again), or mend the settings."""

    AUTH_REQUIRED = "auth_required"
    QUOTA = "quota"
    TRANSIENT = "transient"
    PERMANENT = "permanent"


class VehicleProblem(Part):
    """Why a vehicle's cloud does not answer, in words."""

    kind: ProblemKind
    since: Instant
    text: Text


class DoubtKind(StrEnum):
    """Why a state of charge is not certain: a trip came after it, it makes no sense, or nobody knows its age."""

    OUTDATED = "outdated"
    IMPLAUSIBLE = "implausible"
    UNDATED = "undated"


class VehicleDoubt(Part):
    """Why a vehicle's state of charge is not certain, or not known, in words."""

    kind: DoubtKind
    since: Instant
    text: Text


class Vehicle(Message):
    """A vehicle's state of charge; absent means that nobody knows it."""

    name: VehicleName
    at: Instant
    title: str | None = None
    soc_pct: Percent | None = None
    uncertainty_pct: Percent | None = Field(
        default=None, description="one standard deviation, when estimated or doubted"
    )
    soc_at_least_pct: Percent | None = Field(
        default=None, description="what can be counted on; given with an uncertainty, and when a trip outdated the SoC"
    )
    range_km: Kilometres | None = None
    measured_at: Instant | None = Field(default=None, description="by the car, not when we asked")
    known_since: Instant | None = Field(
        default=None, description="when this value was first seen, where nobody says when it was measured"
    )
    source: str | None = Field(default=None, description="renault, hyundai_kia, evcc, http, mqtt, manual, ...")
    provider: str | None = Field(
        default=None, description="where its own source is, by the settings; unlike source it does not change"
    )
    estimated: bool = Field(default=False, description="carried forward from charged energy")
    age: AgeClass
    capacity_kwh: KilowattHours | None = None
    plugged_in: bool | None = Field(default=None, description="as the car's cloud says")
    charging: bool | None = None
    problem: VehicleProblem | None = None
    doubt: VehicleDoubt | None = None
    next_poll_at: Instant | None = None
    login_possible: bool = Field(default=False, description="its cloud sends codes, so that login/set is of use")


class SetSoc(Command):
    """A state of charge read off the car by a person."""

    soc_pct: Percent
    measured_at: Instant | None = Field(default=None, description="absent = now")


class Refresh(Command):
    """Asks for a fresh reading; at most every 5 minutes."""


class LoginCode(Command):
    """The code that a car's cloud sent to its owner; without a code: asks the cloud to send one."""

    code: str | None = Field(default=None, min_length=4, max_length=16, pattern=r"^[A-Za-z0-9]+$", repr=False)
