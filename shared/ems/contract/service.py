"""Who is on the bus, and how they are."""

from enum import StrEnum

from pydantic import Field

from ems.contract.message import Message, Text
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


class Health(Message):
    """How a service is, and in words why."""

    state: HealthState
    reasons: tuple[str, ...] = Field(default=(), description="in English words, the worst first")
    texts: tuple[Text, ...] = Field(default=(), description="the same in the languages of the house, as far as known")
    since: Instant
    at: Instant
    version: str
