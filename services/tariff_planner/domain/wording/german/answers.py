"""German: what the planner's commands are answered."""

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
            until = "" if goal is None or by is None else f", ihr Ziel sind {f.percent(goal)} bis {f.moment(by)}"
            on = "an" if enabled else "aus"
            return f"Die Planung ist {on}: Die Reserve der Batterie ist {f.percent(reserve)}{until}."
        case NothingToChange():
            return "Es gibt nichts zu ändern: Anzugeben ist enabled, reserve_soc_pct oder battery_goal."
        case GoalInPast(by):
            return f"Das Ziel der Batterie liegt in der Vergangenheit ({f.moment(by)}): bitte einen späteren Moment."
        case CarsNotPlannable(cars, plannable):
            here = f.listed(plannable) or "keines"
            return f"Nicht planbar: {f.listed(cars)}; eingesteckt oder mit Ladepunkt in den Einstellungen: {here}."
    assert_never(answer)
