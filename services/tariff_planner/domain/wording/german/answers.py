"""German: what the planner's commands are answered."""

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
from tariff_planner.domain.wording.german.wishes import EXAMPLE_WORDS, WISH_NAMES
from tariff_planner.domain.wording.wishes import all_called, called, translated

_named = partial(called, names=WISH_NAMES)


def sentence(answer: PlannerAnswer, f: Formatter) -> str:
    """What ``answer`` says, as a whole sentence."""
    match answer:
        case PlanningSet(enabled, reserve, goal, by):
            until = "" if goal is None or by is None else f", ihr Ziel sind {f.percent(goal)} bis {f.moment(by)}"
            on = "an" if enabled else "aus"
            return f"Die Planung ist {on}: Die Reserve der Batterie ist {f.percent(reserve)}{until}."
        case NothingToChange():
            return "Nichts zu ändern: Anzugeben ist enabled, reserve_soc_pct, battery_goal, wish, trial oder apply."
        case GoalInPast(by):
            return f"Das Ziel der Batterie liegt in der Vergangenheit ({f.moment(by)}): bitte einen späteren Moment."
        case CarsNotPlannable(cars, plannable):
            here = f.listed(plannable) or "keines"
            return f"Nicht planbar: {f.listed(cars)}; eingesteckt oder mit Ladepunkt in den Einstellungen: {here}."
        case WishSet(wish, when, trial, about):
            return f"{_named(wish, about)} gilt für {when}{', mit Preis, aber noch nicht befolgt' if trial else ''}."
        case WishRemoved(wish, about):
            return f"{_named(wish, about)} ist entfernt."
        case NoSuchWish(wish, about):
            return f"{_named(wish, about)}: Es gab nichts zu entfernen."
        case WishesApplied(wishes=()):
            return "Es wurde nichts ausprobiert, also ändert sich nichts."
        case WishesApplied(wishes, about):
            return f"Ab jetzt befolgt: {f.listed(all_called(wishes, about, WISH_NAMES))}."
        case TooManyWishes(most):
            return f"Es gibt schon {most} Wünsche: bitte erst einen entfernen."
        case UnknownVehicle(vehicle, known):
            return f"Niemand kennt das Fahrzeug {vehicle}: bekannt sind {f.listed(known) or 'keine'}."
        case BatteryUnable(needed):
            return f"Das kann die Batterie nicht: In den Einstellungen fehlt {needed} bei battery.modes."
        case WishNotUnderstood(examples):
            return f"Nicht verstanden, möglich ist etwa: {translated(examples, EXAMPLE_WORDS)}."
        case WishOver(when):
            return f"Das ist schon vorbei: {when}."
        case CannotBeKept(why):
            return f"Nichts wurde geändert, weil sich nichts speichern lässt: {why}."
    assert_never(answer)
