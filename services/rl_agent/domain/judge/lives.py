"""One day of a home, lived through by whoever decides: what it cost, and what is left at midnight."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np

from ems.virtual_house.live import HomeState, ModePair, ModePolicy, live
from ems.virtual_house.world import World

BATTERY = "battery"
HORIZON = timedelta(hours=48)
"""How far a policy may look beyond the judged day: as far as any does."""
WORTH_DAYS = 7
"""Energy left at midnight is worth the mean price of so many days before it: known then, and the same for all."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the storages of one virtual house hold, in kWh; None: the house has none, or as it was measured."""

    battery_kwh: float | None = None
    car_kwh: float | None = None


@dataclass(frozen=True, slots=True)
class LivedDay:
    """A policy's day."""

    cost_eur: float
    """The bill, less what was added to the storages at its worth."""
    import_kwh: float
    export_kwh: float
    short_kwh: float
    """By how much the car's goals were missed."""
    left: Stored
    modes: tuple[str, ...]
    """One a slot; see :class:`ems.virtual_house.live.Life`."""


@dataclass(frozen=True, slots=True)
class OneDevice:
    """The learner decides over one device, the plan over the others: what changed is that device's doing alone."""

    device: str
    """``battery``, or else the car's."""
    learner: ModePolicy
    plan: ModePolicy

    def decide(self, slot: int, state: HomeState) -> ModePair:
        """See :class:`ems.virtual_house.live.ModePolicy`."""
        mine, plan = self.learner.decide(slot, state), self.plan.decide(slot, state)
        return replace(plan, battery=mine.battery) if self.device == BATTERY else replace(plan, car=mine.car)


def day_stage(stage: World, first: int, end: int) -> World:
    """The stage of one day: nothing after it happens, but prices and sun as they were known reach beyond it."""
    beyond = min(len(stage.past.load_kw), end + round(HORIZON / timedelta(minutes=stage.past.minutes)))
    idle = stage.idle.copy()
    idle[end:] = True
    return replace(stage, first=first, end=beyond, idle=idle)


def lived_day(day: World, end: int, policy: Callable[[World], ModePolicy], start: Stored) -> LivedDay:
    """One policy's day, from ``day.first`` to ``end``, with what its house had left at the last midnight."""
    house = day.house
    changes: dict[str, Any] = {}
    if house.battery is not None and start.battery_kwh is not None:
        kwh = min(max(start.battery_kwh, house.battery.min_kwh), house.battery.capacity_kwh)
        changes["battery"] = house.battery.model_copy(update={"start_kwh": kwh})
    if house.car is not None and start.car_kwh is not None:
        changes["car"] = house.car.model_copy(update={"start_kwh": min(start.car_kwh, house.car.capacity_kwh)})
    begun = replace(day, house=house.model_copy(update=changes))
    life = live(begun, policy(begun))
    count = end - day.first
    added = sum(
        float((after - before)[:count].sum()) for before, after in life.stored_kwh.values()
    )  # what a trip took is driving, and lies between a slot's end and the next one's start
    left = {name: float(after[count - 1]) for name, (_, after) in life.stored_kwh.items()}
    return LivedDay(
        cost_eur=float(life.cost_eur[:count].sum()) - added * worth_eur_per_kwh(day, end),
        import_kwh=float(life.import_kwh[:count].sum()),
        export_kwh=float(life.export_kwh[:count].sum()),
        short_kwh=_short_kwh(day, end, life.stored_kwh.get("car")),
        left=Stored(left.get("battery"), left.get("car")),
        modes=life.modes[:count],
    )


def worth_eur_per_kwh(stage: World, end: int) -> float:
    """What a kWh is worth at ``end``: the mean import price of the week before; 0 where there is none."""
    week = slice(max(0, end - WORTH_DAYS * stage.past.per_day), end)
    prices = stage.import_eur_per_kwh[week]
    prices = prices[np.isfinite(prices)]
    return float(prices.mean()) if len(prices) else 0.0


def _short_kwh(day: World, end: int, car: tuple[Any, Any] | None) -> float:
    """By how much goals within the day were missed: of each, against what the slot before it left."""
    if car is None or day.house.car is None:
        return 0.0
    _, after = car
    due = np.flatnonzero(day.goal_at[day.first + 1 : end + 1])
    return float(sum(max(0.0, day.house.car.goal_kwh - float(after[at])) for at in due))
