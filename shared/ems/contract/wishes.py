"""What people wish of the plan beside goals: when the battery is held, when a car is charged or not, who is away."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from ems.contract.message import Part, Text
from ems.contract.units import NAME_PATTERN, Euros, Instant, KilowattHours, Percent, VehicleName

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
LONGEST = timedelta(days=366)
"""Longest stretch of time that a wish may be about."""


class WishKind(StrEnum):
    """What is wished."""

    HOLD_BATTERY = "hold_battery"
    """The battery gives nothing; it still takes the sun."""
    CHARGE_BATTERY = "charge_battery"
    """The battery charges at full power, from the grid where the sun is not enough."""
    PAUSE_VEHICLE = "pause_vehicle"
    """The vehicle is not charged; without ``start`` it is not charged before ``end``."""
    CHARGE_VEHICLE = "charge_vehicle"
    """The vehicle charges at full power."""
    TRIP = "trip"
    """The vehicle is away, and comes back without ``kwh``."""
    ABSENCE = "absence"
    """Nobody is at home: the house needs its base load, and what comes every week does not come."""
    WEEKLY_GOAL = "weekly_goal"
    """The vehicle, or without one the battery, has ``soc_pct`` by ``end`` on each of ``days``."""


_OF_VEHICLE = {WishKind.PAUSE_VEHICLE, WishKind.CHARGE_VEHICLE, WishKind.TRIP}
_OF_BATTERY = {WishKind.HOLD_BATTERY, WishKind.CHARGE_BATTERY, WishKind.ABSENCE}
_HAS_START = {WishKind.HOLD_BATTERY, WishKind.CHARGE_BATTERY, WishKind.CHARGE_VEHICLE, WishKind.TRIP}


class WishTimes(Part):
    """What a wish is about, and when; a wish that comes again has the days on which it starts."""

    model_config = ConfigDict(extra="forbid")

    kind: WishKind
    vehicle: VehicleName | None = None
    name: Annotated[str, Field(pattern=NAME_PATTERN)] | None = Field(
        default=None, description="tells several of the same kind (and vehicle) apart"
    )
    start: Instant | None = Field(default=None, description="absent: from now on")
    days: tuple[Weekday, ...] = Field(
        default=(), description="it comes again on these, at the same local times; absent: once"
    )
    soc_pct: Percent | None = Field(default=None, description="of a weekly goal")
    kwh: Annotated[KilowattHours, Field(ge=0, le=1000)] | None = Field(
        default=None, description="what a trip comes back without"
    )

    @property
    def id(self) -> str:
        """What tells it from others: setting one with the same id replaces it."""
        return "-".join(part for part in (self.kind, self.vehicle, self.name) if part)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind in _OF_VEHICLE and self.vehicle is None:
            raise ValueError(f"vehicle is missing: a wish {self.kind} is about one")
        if self.kind in _OF_BATTERY and self.vehicle is not None:
            raise ValueError(f"a wish {self.kind} has no vehicle")
        if self.kind is not WishKind.WEEKLY_GOAL and self.soc_pct is not None:
            raise ValueError(f"a wish {self.kind} has no soc_pct; a goal is set on goal/<vehicle>/set")
        if self.kind is not WishKind.TRIP and self.kwh is not None:
            raise ValueError(f"a wish {self.kind} has no kwh")
        if self.kind is WishKind.ABSENCE and self.days:
            raise ValueError("an absence does not come again: leave days out")
        return self


class Wish(WishTimes):
    """A wish that the planner can obey."""

    end: Instant

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.start is None and (self.kind in _HAS_START or (self.days and self.kind is not WishKind.WEEKLY_GOAL)):
            raise ValueError(f"start is missing: a wish {self.kind} has a beginning and an end")
        if self.start is not None and self.end <= self.start:
            raise ValueError("end must be after start")
        if self.start is not None and self.end - self.start > (timedelta(days=7) if self.days else LONGEST):
            raise ValueError("end must be at most a year after start, and 7 days where it comes again")
        if self.kind is WishKind.WEEKLY_GOAL and (self.soc_pct is None or not self.days or self.start is not None):
            raise ValueError("a weekly goal has soc_pct, end and days, and no start")
        return self


class AskedWish(WishTimes):
    """A wish as it is set: with times, or with ``words``; with neither it is removed."""

    end: Instant | None = None
    words: str | None = Field(
        default=None,
        max_length=200,
        description="instead of times: 17-20, 22:00-6:00 daily, 24.12. 18:00, 80 % 7:00 mon-fri; empty = removed",
    )

    @model_validator(mode="after")
    def _times_or_words(self) -> Self:
        if self.words is not None and (self.start, self.end, self.days) != (None, None, ()):
            raise ValueError("give words, or start, end and days, not both")
        if self.end is None and not self.words and (self.start is not None or self.days):
            raise ValueError("end is missing")
        return self


class StandingWish(Wish):
    """A wish that is kept until it is over or removed."""

    model_config = ConfigDict(extra="ignore")

    trial: bool = Field(default=False, description="it is priced in the plan, but not obeyed")
    asked_at: Instant
    words: str = Field(default="", description="when, as it may be typed again")


class WishInPlan(Part):
    """A wish in the plan, and what it costs."""

    id: str
    kind: WishKind
    vehicle: VehicleName | None = None
    trial: bool = False
    start: Instant | None = Field(default=None, description="the next time; absent: now")
    end: Instant
    cost_eur: Euros | None = Field(default=None, description="beyond the plan without it; absent: not known")
    missed_kwh: KilowattHours = Field(default=0, description="what goals lack more because of it")
    text: Text
