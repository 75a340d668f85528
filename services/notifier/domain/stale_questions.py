"""Questions whose reason is gone: they close by themselves, wherever they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ems.contract.people import Goal
from ems.contract.site import Loadpoint, LoadpointKind
from ems.contract.vehicle import ProblemKind, Vehicle
from notifier.domain.cars import KnownCar
from notifier.domain.memory import Pending
from notifier.domain.wording.questions import (
    CheapEnergy,
    CodeAwaited,
    CodeOffered,
    PleaseSwap,
    PleaseSwapForPlan,
    WhenNeeded,
)
from notifier.domain.wording.remarks import Remark


@dataclass(frozen=True, slots=True)
class Facts:
    """The newest facts, by name."""

    cars: Mapping[str, KnownCar]
    goals: Mapping[str, Goal]
    vehicles: Mapping[str, Vehicle]
    loadpoints: Mapping[str, Loadpoint]
    up_to_soc_pct: float
    """How full a car is charged that nobody has said a goal for."""


def gone(pending: Pending, facts: Facts) -> Remark | None:
    """Why a question need not be answered any more; None: it is still open.

    Only a fact that is newer than the question closes it: what led to it may be known before the facts say so.
    """
    vehicle, asked_at = pending.question.vehicle, pending.question.asked_at
    match pending.asks:
        case CheapEnergy():
            return _about_price(facts.cars.get(vehicle), facts.goals.get(vehicle), facts.up_to_soc_pct)
        case WhenNeeded():
            goal = facts.goals.get(vehicle)
            if goal is not None and goal.departure is not None:
                return Remark.GOAL_SET_MEANWHILE
            return Remark.CAR_LEFT if _is_away(vehicle, facts, asked_at) else None
        case PleaseSwap() | PleaseSwapForPlan():
            return _about_swap(facts.cars.get(vehicle), pending.also, facts, asked_at)
        case CodeOffered() | CodeAwaited():
            return _about_login(facts.vehicles.get(vehicle), asked_at)
    return None


def _about_price(car: KnownCar | None, goal: Goal | None, up_to_soc_pct: float) -> Remark | None:
    if goal is not None:
        return Remark.GOAL_SET_MEANWHILE
    full = car is not None and car.soc_pct is not None and car.soc_pct >= up_to_soc_pct
    return Remark.FULL_ENOUGH_MEANWHILE if full else None


def _about_swap(car: KnownCar | None, other: str | None, facts: Facts, asked_at: datetime) -> Remark | None:
    if car is not None and car.loadpoint is not None:
        return Remark.PLUGGED_IN_MEANWHILE
    return Remark.CHARGER_FREE if other and _is_away(other, facts, asked_at) else None


def _about_login(fact: Vehicle | None, asked_at: datetime) -> Remark | None:
    if fact is None or fact.at <= asked_at:
        return None
    wanted = fact.problem is not None and fact.problem.kind is ProblemKind.AUTH_REQUIRED
    return None if wanted else Remark.LOGGED_IN_MEANWHILE


def _is_away(vehicle: str, facts: Facts, since: datetime) -> bool:
    """Whether every loadpoint has said since then that another car, or none, is there."""
    places = [lp for lp in facts.loadpoints.values() if lp.kind is LoadpointKind.CAR]
    # One with a car that evcc has not recognised yet may have this one.
    return bool(places) and all(
        place.at > since and not (place.connected and place.vehicle in {None, vehicle}) for place in places
    )
