"""Goals, questions, events: what people say and are told."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from ems.contract.message import Command, Message, Part, Reason, Text
from ems.contract.service import Service
from ems.contract.units import DeviceName, Instant, Minutes, Percent, VehicleName

SCHEDULE = "schedule"
"""Who asks for what comes again every week."""


class NextGoal(Part):
    """How full a vehicle should be by a later departure."""

    soc_pct: Percent
    departure: Instant
    asked_by: str = Field(default=SCHEDULE, description="a driver's name, homeassistant, schedule, ...")


class Goal(Message):
    """How full a vehicle should be, and by when. An empty payload on its topic: no goal."""

    vehicle: VehicleName
    soc_pct: Percent
    departure: Instant | None = Field(default=None, description="absent: whenever it is cheap")
    asked_by: str = Field(description="a driver's name, homeassistant, schedule, ...")
    asked_at: Instant
    following: tuple[NextGoal, ...] = Field(
        default=(), description="what comes after it within a week, by later wishes and the weekly schedule, in order"
    )


class SetGoal(Command):
    """Sets a vehicle's goal; with neither SoC nor departure nor ``keep`` the goal is removed."""

    soc_pct: Percent | None = None
    departure: Instant | Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None,
        union_mode="left_to_right",
        description="with an offset, or in the site's zone: 2026-11-30 07:00:00, or 07:00:00 for the next time",
    )
    by: str | None = Field(
        default=None,
        max_length=200,
        description="instead of departure, in words: 07:00, in 3h, Friday 6:30, 80 % tomorrow; empty = no departure",
    )
    keep: bool = Field(
        default=False, description="what is not given stays as in the present goal, instead of being removed"
    )
    asked_by: str | None = Field(default=None, max_length=64)


class QuestionKind(StrEnum):
    """Why a driver is asked."""

    CHARGE = "charge"
    DEPARTURE = "departure"
    SWAP = "swap"
    LOGIN_CODE = "login_code"


class Option(Part):
    """An answer to choose."""

    key: str = Field(pattern=r"^[a-z0-9_]{1,32}$")
    label: Text


class Question(Message):
    """A pending question about a vehicle. An empty payload on its topic: none pending."""

    id: str
    vehicle: VehicleName
    kind: QuestionKind
    text: Text
    options: tuple[Option, ...]
    free_text: bool = False
    asked_at: Instant
    expires_at: Instant


class Answer(Command):
    """Answers the pending question: by an option's key, or in free text where it is allowed."""

    question: str = Field(max_length=64)
    option: str | None = None
    text: str | None = Field(default=None, max_length=200)


class Driver(Message):
    """A driver as the notifier knows them; nothing private."""

    name: str
    at: Instant
    vehicles: tuple[VehicleName, ...]
    language: str
    muted_until: Instant | None = None


class Mute(Command):
    """Silences the notifier for a driver; 0 minutes end it."""

    minutes: Minutes = Field(le=60 * 24 * 31)


class EventKind(StrEnum):
    """What people and Home Assistant react to."""

    CHARGED = "charged"
    PLUGGED_IN = "plugged_in"
    UNPLUGGED = "unplugged"
    OVERRIDE = "override"
    BOOST_ENDED = "boost_ended"
    CONTROL_LOST = "control_lost"
    CONTROL_BACK = "control_back"
    DECISION = "decision"
    DEADLINE_AT_RISK = "deadline_at_risk"
    CHEAP_AHEAD = "cheap_ahead"
    PLEASE_PLUG_IN = "please_plug_in"
    SWAP_CARS = "swap_cars"
    LOGIN_NEEDED = "login_needed"
    GOAL_SET = "goal_set"
    CONTROLLER_CHANGED = "controller_changed"


EVENT_OWNERS = {
    EventKind.CHARGED: Service.EVCC_POLLER,
    EventKind.PLUGGED_IN: Service.EVCC_POLLER,
    EventKind.UNPLUGGED: Service.EVCC_POLLER,
    EventKind.OVERRIDE: Service.EVCC_POLLER,
    EventKind.BOOST_ENDED: Service.EVCC_POLLER,
    EventKind.CONTROL_LOST: Service.EVCC_POLLER,
    EventKind.CONTROL_BACK: Service.EVCC_POLLER,
    EventKind.DECISION: Service.EVCC_POLLER,
    EventKind.DEADLINE_AT_RISK: Service.TARIFF_PLANNER,
    EventKind.CHEAP_AHEAD: Service.NOTIFIER,
    EventKind.PLEASE_PLUG_IN: Service.NOTIFIER,
    EventKind.SWAP_CARS: Service.NOTIFIER,
    EventKind.LOGIN_NEEDED: Service.VEHICLE_SOC,
    EventKind.GOAL_SET: Service.NOTIFIER,
    EventKind.CONTROLLER_CHANGED: Service.RL_AGENT,
}
"""Each kind has one publisher, so that the broker's ACL can name it."""


class Event(Message):
    """Something happened. ``event_type`` is Home Assistant's name for the kind."""

    event_type: EventKind
    at: Instant
    device: DeviceName | None = None
    vehicle: VehicleName | None = None
    text: Text
    details: dict[str, str | float | bool | None] = Field(default_factory=dict)
    cause: Reason | None = Field(default=None, description="the text as data, where its service says so")
