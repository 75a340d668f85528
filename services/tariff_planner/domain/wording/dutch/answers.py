"""Dutch: what the planner's commands are answered."""

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
from tariff_planner.domain.wording.dutch.wishes import EXAMPLE_WORDS, WISH_NAMES
from tariff_planner.domain.wording.wishes import all_called, called, translated

_named = partial(called, names=WISH_NAMES)


def sentence(answer: PlannerAnswer, f: Formatter) -> str:
    """What ``answer`` says, as a whole sentence."""
    match answer:
        case PlanningSet(enabled, reserve, goal, by):
            until = "" if goal is None or by is None else f" en haar doel {f.percent(goal)} om {f.moment(by)}"
            on = "aan" if enabled else "uit"
            return f"De planning staat {on}: de reserve van de batterij is {f.percent(reserve)}{until}."
        case NothingToChange():
            return "Er valt niets te wijzigen: geef enabled, reserve_soc_pct, battery_goal, wish, trial of apply op."
        case GoalInPast(by):
            return f"Het doel van de batterij ligt in het verleden ({f.moment(by)}): geef een later moment op."
        case CarsNotPlannable(cars, plannable):
            here = f.listed(plannable) or "geen"
            return f"Niet in te plannen: {f.listed(cars)}; aangesloten of met een laadpunt in de instellingen: {here}."
        case WishSet(wish, when, trial, about):
            return f"{_named(wish, about)} geldt voor {when}{', met prijs maar nog niet gevolgd' if trial else ''}."
        case WishRemoved(wish, about):
            return f"{_named(wish, about)} is verwijderd."
        case NoSuchWish(wish, about):
            return f"{_named(wish, about)}: er was niets om te verwijderen."
        case WishesApplied(wishes=()):
            return "Er werd niets uitgeprobeerd, dus er verandert niets."
        case WishesApplied(wishes, about):
            return f"Vanaf nu gevolgd: {f.listed(all_called(wishes, about, WISH_NAMES))}."
        case TooManyWishes(most):
            return f"Er zijn al {most} wensen: verwijder er eerst een."
        case UnknownVehicle(vehicle, known):
            return f"Niemand kent het voertuig {vehicle}: bekend zijn {f.listed(known) or 'er geen'}."
        case BatteryUnable(needed):
            return f"Dat kan de batterij niet: in de instellingen ontbreekt {needed} bij battery.modes."
        case WishNotUnderstood(examples):
            return f"Niet begrepen, mogelijk is bijvoorbeeld: {translated(examples, EXAMPLE_WORDS)}."
        case WishOver(when):
            return f"Dat is al voorbij: {when}."
        case CannotBeKept(why):
            return f"Er is niets gewijzigd, omdat er niets opgeslagen kan worden: {why}."
    assert_never(answer)
