"""Who is on the bus, and how they are."""

from enum import StrEnum

from pydantic import Field

from ems.contract.message import Message, Part, Reason, Text
from ems.contract.units import Instant


class Service(StrEnum):
    """A service by its unit name; ``USERS`` are people, Home Assistant and scripts."""

    EVCC_POLLER = "evcc-poller"
    VEHICLE_SOC = "vehicle-soc"
    TARIFF_PLANNER = "tariff-planner"
    RL_AGENT = "rl-agent"
    NOTIFIER = "notifier"
    USERS = "users"


SERVICES = tuple(s for s in Service if s is not Service.USERS)
"""The services proper."""


class Status(StrEnum):
    """A service's presence; ``offline`` is also its last will. Plain text on the wire."""

    ONLINE = "online"
    OFFLINE = "offline"


class HealthState(StrEnum):
    """``degraded``: works with something missing. ``failed``: cannot do its job."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"


class HealthProblem(Part):
    """One thing that is wrong with a service: as data for automations, and in words for people."""

    state: HealthState
    reason: Reason
    text: Text


class Health(Message):
    """How a service is, and in words why."""

    state: HealthState
    reasons: tuple[str, ...] = Field(default=(), description="in English, the worst first")
    problems: tuple[HealthProblem, ...] = Field(
        default=(), description="the same as data and in every language of the house"
    )
    since: Instant
    at: Instant
    version: str
