"""English: what the planner's commands are answered."""

from typing import assert_never

from ems.i18n.formatter import Formatter
from tariff_planner.domain.wording.answers import (
    CarsNotPlannable,
    GoalInPast,
    NothingToChange,
    PlannerAnswer,
    PlanningSet,
)


def sentence(answer: PlannerAnswer, f: Formatter) -> str:
    """What ``answer`` says, as a whole sentence."""
    match answer:
        case PlanningSet(enabled, reserve, goal, by):
            until = "" if goal is None or by is None else f", and its goal is {f.percent(goal)} by {f.moment(by)}"
            return f"Planning is {'on' if enabled else 'off'}: the battery's reserve is {f.percent(reserve)}{until}."
        case NothingToChange():
            return "There is nothing to change: give enabled, reserve_soc_pct or battery_goal."
        case GoalInPast(by):
            return f"The battery's goal lies in the past ({f.moment(by)}): give a later moment."
        case CarsNotPlannable(cars, plannable):
            here = f.listed(plannable) or "none"
            return f"Cannot be planned: {f.listed(cars)}; plugged in, or with a loadpoint in the settings: {here}."
    assert_never(answer)
