"""The registry: every topic below ``evcc/ems/``, who publishes it, who reads it.

docs/topics.md, the JSON Schemas, the broker's ACLs and the discovery are generated from here.
"""

from collections.abc import Mapping
from typing import Any

from ems.contract.control import (
    Boost,
    Comparison,
    Control,
    Controller,
    Decisions,
    Proposal,
    Release,
    SetBatteryMode,
    SetChoice,
    SetLimitSoc,
    SetMode,
    SetVehicle,
)
from ems.contract.learning import Learning
from ems.contract.message import Message
from ems.contract.people import Answer, Driver, Event, Goal, Mute, Question, SetGoal
from ems.contract.plan import Forecast, Plan, PlanAnswer, PlanGet, Planning, Prices, SetPlanning
from ems.contract.requests import DeviceResult, History, HistoryGet, Result
from ems.contract.savings import Savings
from ems.contract.service import SERVICES, Health, Service, Status
from ems.contract.site import Energy, Loadpoint, Site, Tariff
from ems.contract.topic import Json, Kind, Svg, Topic, Word
from ems.contract.vehicle import LoginCode, Refresh, SetSoc, Vehicle

PREFIX = "evcc/ems"
"""Where the suite lives, unless its settings say otherwise. evcc's own root is ``evcc/core``."""

_POLLER, _SOC, _PLANNER, _RL, _NOTIFIER = SERVICES
_USERS = Service.USERS


def _fact[M: Message](pattern: str, model: type[M], owner: Service, what: str, *readers: Service) -> Topic[M]:
    return Topic(pattern, Json(model), owner, Kind.FACT, what, frozenset((*readers, _USERS)))


def _command[M: Message](pattern: str, model: type[M], owner: Service, what: str, *senders: Service) -> Topic[M]:
    return Topic(pattern, Json(model), owner, Kind.COMMAND, what, frozenset((*senders, _USERS)))


STATUS = Topic(
    "{service}/status", Word(Status), None, Kind.FACT, "presence; offline is the last will", frozenset(Service)
)
HEALTH = Topic("{service}/health", Json(Health), None, Kind.FACT, "how it is and why, in words", frozenset(Service))

SITE = _fact("site", Site, _POLLER, "powers, battery, prices now, evcc's reachability", _SOC, _PLANNER, _RL, _NOTIFIER)
LOADPOINT = _fact(
    "loadpoint/{id}", Loadpoint, _POLLER, "a charging point and what is at it", _SOC, _PLANNER, _RL, _NOTIFIER
)
ENERGY = _fact("energy", Energy, _POLLER, "counters in kWh that only grow")
TARIFF = _fact("tariff/{tariff}", Tariff, _POLLER, "the last good rates and their age", _PLANNER, _RL, _NOTIFIER)
CONTROL = _fact("control/{device}", Control, _POLLER, "desired, observed, owner", _PLANNER, _RL, _NOTIFIER)
DECISIONS = _fact("decisions", Decisions, _POLLER, "the last 100 decisions, newest first", _RL, _NOTIFIER)

VEHICLE = _fact(
    "vehicle/{vehicle}", Vehicle, _SOC, "a car's state of charge and its age", _POLLER, _PLANNER, _RL, _NOTIFIER
)

FORECAST = _fact("forecast/{forecast}", Forecast, _PLANNER, "load or PV ahead, with its accuracy", _RL)
PRICES = _fact("prices", Prices, _PLANNER, "percentiles, rank, next cheap window", _RL, _NOTIFIER)
PLAN = _fact("plan", Plan, _PLANNER, "slots, cost, saving, explanation", _POLLER, _RL, _NOTIFIER)
SAVINGS = _fact("savings", Savings, _PLANNER, "what was paid, and what evcc alone would have cost", _RL, _NOTIFIER)
CHART = Topic("plan/chart", Svg(), _PLANNER, Kind.FACT, "the plan as a picture", frozenset({_NOTIFIER, _USERS}))
CHART_WIDE = Topic("plan/chart_wide", Svg(), _PLANNER, Kind.FACT, "the same, wide for a desk", frozenset({_USERS}))
PLANNING = _fact("planning", Planning, _PLANNER, "what people have set for the planner", _RL, _NOTIFIER)

PROPOSAL = Topic(
    "proposal/{controller}/{device}",
    Json(Proposal),
    None,
    Kind.FACT,
    "what a controller would do now; lp is tariff-planner's, rl is rl-agent's",
    frozenset({_POLLER, _RL, _NOTIFIER, _USERS}),
)
CONTROLLER = _fact("controller/{device}", Controller, _RL, "which controller is in charge, and why", _POLLER, _NOTIFIER)
COMPARISON = _fact("comparison/{device}", Comparison, _RL, "plan, learner and evcc alone, compared", _NOTIFIER)
LEARNING = _fact("learning", Learning, _RL, "what was learnt, and how far it is", _NOTIFIER)

GOAL = _fact("goal/{vehicle}", Goal, _NOTIFIER, "how full, by when, who asked", _POLLER, _PLANNER, _RL, _SOC)
QUESTION = _fact("question/{vehicle}", Question, _NOTIFIER, "a driver's pending question")
DRIVER = _fact("driver/{driver}", Driver, _NOTIFIER, "a driver as the notifier knows them")

EVENT = Topic(
    "event/{event}",
    Json(Event),
    None,
    Kind.EVENT,
    "what people and Home Assistant react to",
    frozenset({_NOTIFIER, _SOC, _USERS}),
)

SET_MODE = _command("loadpoint/{id}/mode/set", SetMode, _POLLER, "a person sets the mode", _NOTIFIER)
SET_LIMIT_SOC = _command("loadpoint/{id}/limit_soc/set", SetLimitSoc, _POLLER, "a person sets the SoC limit", _NOTIFIER)
SET_VEHICLE = _command("loadpoint/{id}/vehicle/set", SetVehicle, _POLLER, "which car is plugged in", _NOTIFIER)
BOOST = _command("loadpoint/{id}/boost/set", Boost, _POLLER, "full power for a while; 0 ends it", _NOTIFIER)
SET_BATTERY_MODE = _command("battery/mode/set", SetBatteryMode, _POLLER, "a person sets the battery's mode", _NOTIFIER)
RELEASE = _command("control/{device}/release/set", Release, _POLLER, "back to the controller in charge", _NOTIFIER)
SET_CHOICE = _command("controller/{device}/set", SetChoice, _POLLER, "a person chooses auto, lp, rl or off", _NOTIFIER)

SET_SOC = _command("vehicle/{vehicle}/soc/set", SetSoc, _SOC, "a SoC read off the car", _NOTIFIER)
REFRESH = _command("vehicle/{vehicle}/refresh/set", Refresh, _SOC, "ask the car's cloud now", _NOTIFIER)
LOGIN_CODE = _command("vehicle/{vehicle}/login/set", LoginCode, _SOC, "a code for the car's cloud", _NOTIFIER)

SET_PLANNING = _command("planning/set", SetPlanning, _PLANNER, "planning on or off, reserve, wishes", _NOTIFIER)

SET_GOAL = _command("goal/{vehicle}/set", SetGoal, _NOTIFIER, "sets or removes a goal")
ANSWER = _command("question/{vehicle}/answer/set", Answer, _NOTIFIER, "answers the pending question")
MUTE = _command("driver/{driver}/mute/set", Mute, _NOTIFIER, "silence for a while")

DEVICE_RESULT = Topic(
    "{service}/result/{device}",
    Json(DeviceResult),
    None,
    Kind.EVENT,
    "what became of a device's commands, for who follows the device",
    frozenset({_USERS}),
)

HISTORY_GET = Topic(
    "history/get", Json(HistoryGet), _POLLER, Kind.REQUEST, "15-min history", frozenset({_PLANNER, _RL, _USERS})
)
PLAN_GET = Topic("plan/get", Json(PlanGet), _PLANNER, Kind.REQUEST, "a what-if plan", frozenset({_NOTIFIER, _USERS}))

ANSWERS: dict[str, type[Message]] = {HISTORY_GET.pattern: History, PLAN_GET.pattern: PlanAnswer}
"""What a request is answered with; commands are answered with :class:`Result`."""

TOPICS: tuple[Topic[Any], ...] = tuple(t for t in globals().values() if isinstance(t, Topic))
"""All of them, in the order above."""


def answer_model(topic: Topic[Any]) -> type[Message]:
    """The class of the answers to a command or request."""
    return ANSWERS.get(topic.pattern, Result)


_COMMANDED = {
    "loadpoint": "loadpoint-{}",
    "battery": "battery",
    "control": "{}",
    "controller": "{}",
    "vehicle": "vehicle-{}",
    "goal": "vehicle-{}",
    "question": "vehicle-{}",
    "planning": "planner",
    "driver": "drivers",
}
"""Whom a command is for, by the first level of its topic; ``{}`` is the second."""


def commanded_device(path: str) -> str | None:
    """Whom the command at ``path`` (below the prefix) is for; None where nobody takes such a command."""
    if not any(topic.kind is Kind.COMMAND and topic.names(path) is not None for topic in TOPICS):
        return None
    kind, name, *_ = path.split("/")
    return _COMMANDED[kind].format(name) if kind in _COMMANDED else None


_TYPED: Mapping[Topic[Any], Topic[Any]] = {SET_GOAL: GOAL, SET_PLANNING: PLANNING}
"""Commands that people type, and the fact that shows what they come to."""


def fact_of_field(path: str) -> str | None:
    """The path of the fact that a field shows which sends what is typed to ``path``; None where nobody types."""
    found = ((names, fact) for command, fact in _TYPED.items() if (names := command.names(path)) is not None)
    return next((fact.path(**names) for names, fact in found), None)
