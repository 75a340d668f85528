"""English: what the planner's commands are answered."""

from functools import partial
from typing import assert_never

from ems.i18n.formatter import Formatter
from tariff_planner.domain.wording.answers import (
    BatteryUnable,
    CannotBeKept,
    CarsNotPlannable,
    GoalInPast,
    NoSuchWish,
    NothingToChange,
    PlannerAnswer,
    PlanningSet,
    TooManyWishes,
    UnknownVehicle,
    WishesApplied,
    WishNotUnderstood,
    WishOver,
    WishRemoved,
    WishSet,
)
from tariff_planner.domain.wording.english.wishes import WISH_NAMES
from tariff_planner.domain.wording.wishes import all_called, called

_named = partial(called, names=WISH_NAMES)


def sentence(answer: PlannerAnswer, f: Formatter) -> str:
    """What ``answer`` says, as a whole sentence."""
    match answer:
        case PlanningSet(enabled, reserve, goal, by):
            until = "" if goal is None or by is None else f", and its goal is {f.percent(goal)} by {f.moment(by)}"
            return f"Planning is {'on' if enabled else 'off'}: the battery's reserve is {f.percent(reserve)}{until}."
        case NothingToChange():
            return "There is nothing to change: give enabled, reserve_soc_pct, battery_goal, wish, trial or apply."
        case GoalInPast(by):
            return f"The battery's goal lies in the past ({f.moment(by)}): give a later moment."
        case CarsNotPlannable(cars, plannable):
            here = f.listed(plannable) or "none"
            return f"Cannot be planned: {f.listed(cars)}; plugged in, or with a loadpoint in the settings: {here}."
        case WishSet(wish, when, trial, about):
            return f"{_named(wish, about)} is set for {when}{', priced but not obeyed yet' if trial else ''}."
        case WishRemoved(wish, about):
            return f"{_named(wish, about)} is removed."
        case NoSuchWish(wish, about):
            return f"{_named(wish, about)}: there was nothing to remove."
        case WishesApplied(wishes=()):
            return "Nothing was tried, so nothing changes."
        case WishesApplied(wishes, about):
            return f"Obeyed from now on: {f.listed(all_called(wishes, about, WISH_NAMES))}."
        case TooManyWishes(most):
            return f"There are {most} wishes already: remove one first."
        case UnknownVehicle(vehicle, known):
            return f"Nobody knows the vehicle {vehicle}: known are {f.listed(known) or 'none'}."
        case BatteryUnable(needed):
            return f"The battery cannot do that: battery.modes in the settings has no {needed}."
        case WishNotUnderstood(_, detail):
            return f"Not understood: {detail}."
        case WishOver(when):
            return f"That is over already: {when}."
        case CannotBeKept(why):
            return f"Nothing was changed, because the disk takes nothing: {why}."
    assert_never(answer)
