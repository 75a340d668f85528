"""Dutch: what the planner's commands are answered."""

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
            until = "" if goal is None or by is None else f" en haar doel {f.percent(goal)} om {f.moment(by)}"
            on = "aan" if enabled else "uit"
            return f"De planning staat {on}: de reserve van de batterij is {f.percent(reserve)}{until}."
        case NothingToChange():
            return "Er valt niets te wijzigen: geef enabled, reserve_soc_pct of battery_goal op."
        case GoalInPast(by):
            return f"Het doel van de batterij ligt in het verleden ({f.moment(by)}): geef een later moment op."
        case CarsNotPlannable(cars, plannable):
            here = f.listed(plannable) or "geen"
            return f"Niet in te plannen: {f.listed(cars)}; aangesloten of met een laadpunt in de instellingen: {here}."
    assert_never(answer)
