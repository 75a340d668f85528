"""Why each device does what it does now, and what the opposite would cost: computed by planning again with it forced.

Nothing here guesses: the alternative's cost is the difference of two solved models (:func:`alternative_eur`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ems.contract.message import Text
from ems.contract.plan import Explanation, PlanSlot
from tariff_planner.domain.model import Alternative, alternative_eur
from tariff_planner.domain.problem import Battery, Car, Problem
from tariff_planner.domain.solution import Solution
from tariff_planner.domain.words import clock

_NOTHING_KWH = 0.01
_MOSTLY = 0.2
"""Where less than this share is bought, the price is not what matters."""
_SAME_EUR = 0.005
"""Alternatives that cost less than half a cent more are as good."""


@dataclass(frozen=True, slots=True)
class _Why:
    device: str
    text: Text
    alternative: Alternative | None
    otherwise: Text


def explain(problem: Problem, solution: Solution, slots: Sequence[PlanSlot], zone: ZoneInfo) -> tuple[Explanation, ...]:
    """One explanation a device that is planned, for what it does now; ``slots`` are the plan's."""
    whys = [_battery(problem, solution, b, zone) for b in problem.batteries if b.name in slots[0].devices]
    whys += [_car(problem, solution, c, zone) for c in problem.cars if solution.cars[c.name].plugged[0]]
    whys = [w for w in whys if w.device in slots[0].devices]
    asked = [w.alternative for w in whys if w.alternative is not None]
    costs = dict(zip(asked, alternative_eur(problem, asked), strict=True)) if asked else {}
    return tuple(_explanation(w, costs.get(w.alternative) if w.alternative else None, slots) for w in whys)


def _explanation(why: _Why, cost_eur: float | None, slots: Sequence[PlanSlot]) -> Explanation:
    now = slots[0].devices[why.device].action
    end = slots[0].end
    for slot in slots:
        if why.device not in slot.devices or slot.devices[why.device].action != now:
            break
        end = slot.end
    alternative = None
    if cost_eur is not None:
        alternative = _priced(why.otherwise, cost_eur)
    return Explanation(
        device=why.device,
        start=slots[0].start,
        end=end,
        action=now,
        text=why.text,
        alternative=alternative,
        alternative_cost_eur=None if cost_eur is None else round(cost_eur, 4),
    )


def _priced(otherwise: Text, cost_eur: float) -> Text:
    if cost_eur < _SAME_EUR:
        return Text(en=f"{otherwise.en} would cost the same.", de=f"{otherwise.de} würde gleich viel kosten.")
    return Text(
        en=f"{otherwise.en} would cost {cost_eur:.2f} EUR more.",
        de=f"{otherwise.de} würde {cost_eur:.2f} EUR mehr kosten.".replace(f"{cost_eur:.2f}", _comma(cost_eur, 2)),
    )


def _car(problem: Problem, solution: Solution, car: Car, zone: ZoneInfo) -> _Why:
    charge = solution.cars[car.name].charge_kwh
    first, hours = problem.steps[0], problem.steps[0].hours
    most = min(car.max_kw, problem.loadpoint(car.loadpoint).max_kw) * hours
    full = min(most, max(0.0, car.ceiling_kwh - car.energy_kwh) / car.charge_efficiency)
    goal = _goal(car, zone)
    if charge[0] > _NOTHING_KWH:
        price, komma = _ct(first.import_eur_per_kwh)
        bought = charge[0] > max(0.0, first.pv_kwh - first.load_kwh) + _NOTHING_KWH
        en = f"{car.name} charges now" + (f" at {price} ct" if bought else " from the sun") + goal.en
        de = f"{car.name} lädt jetzt" + (f" für {komma} ct" if bought else " mit Sonne") + goal.de
        waiting = Alternative(car.name, 0.0, 0.0)
        return _Why(car.loadpoint, Text(en=f"{en}.", de=f"{de}."), waiting, Text(en="Waiting", de="Warten"))
    charging = Alternative(car.name, full, most) if full > _NOTHING_KWH else None
    now = Text(en="Charging now", de="Jetzt zu laden")
    later = next((t for t, kwh in enumerate(charge) if kwh > _NOTHING_KWH), None)
    if later is None:
        full_enough = full <= _NOTHING_KWH
        en = "is as full as it may be" if full_enough else "is not charged: no hour is worth it"
        de = "ist so voll, wie er sein darf" if full_enough else "wird nicht geladen: keine Stunde lohnt sich"
        return _Why(car.loadpoint, Text(en=f"{car.name} {en}.", de=f"{car.name} {de}."), charging, now)
    at = _when(problem, later, zone)
    how = _how(_bought_at(problem, solution, charge))
    text = Text(
        en=f"{car.name} waits until {at}: it then charges {how.en}{goal.en}.",
        de=f"{car.name} wartet bis {at} und lädt dann {how.de}{goal.de}.",
    )
    return _Why(car.loadpoint, text, charging, now)


def _battery(problem: Problem, solution: Solution, battery: Battery, zone: ZoneInfo) -> _Why:
    plan, first = solution.batteries[battery.name], problem.steps[0]
    cars = sum(c.charge_kwh[0] for c in solution.cars.values())
    need = first.load_kwh + cars - first.pv_kwh
    price, komma = _ct(first.import_eur_per_kwh)
    if plan.charge_kwh[0] > max(0.0, -need) + _NOTHING_KWH:
        text = Text(
            en=f"The battery charges from the grid at {price} ct for dearer hours.",
            de=f"Die Batterie lädt für {komma} ct aus dem Netz, für teurere Stunden.",
        )
        return _Why(battery.name, text, Alternative(battery.name, -need, 0.0), Text(en="Waiting", de="Warten"))
    usable = max(0.0, battery.energy_kwh - battery.floor_kwh) * battery.discharge_efficiency
    could = min(need, usable, battery.discharge_kw * first.hours)
    if could > _NOTHING_KWH and plan.discharge_kwh[0] < could / 2:
        later = next((t for t, kwh in enumerate(plan.discharge_kwh) if kwh > _NOTHING_KWH), None)
        until = "" if later is None else _when(problem, later, zone)
        en = f" until {until}, when a kWh costs more" if until else " for later"
        de = f" bis {until}, wenn die kWh mehr kostet" if until else " für später"
        text = Text(en=f"The battery keeps its energy{en}.", de=f"Die Batterie behält ihre Energie{de}.")
        use = Alternative(battery.name, -battery.discharge_kw * first.hours, -could)
        return _Why(battery.name, text, use, Text(en="Using it now", de="Sie jetzt zu nutzen"))
    text = Text(
        en=f"The battery follows the house: a kWh from the grid would cost {price} ct.",
        de=f"Die Batterie folgt dem Haus: eine kWh aus dem Netz kostet {komma} ct.",
    )
    keep = Alternative(battery.name, 0.0, 0.0) if plan.discharge_kwh[0] > _NOTHING_KWH else None
    return _Why(battery.name, text, keep, Text(en="Keeping its energy", de="Die Energie zu behalten"))


def _goal(car: Car, zone: ZoneInfo) -> Text:
    if not car.goals:
        return Text(en="", de="")
    goal = min(car.goals, key=lambda g: g.by)
    pct, at = f"{goal.energy_kwh / car.capacity_kwh * 100:.0f} %", clock(goal.by, zone)
    return Text(en=f", to have {pct} by {at}", de=f", um bis {at} {pct} zu haben")


def _how(eur_per_kwh: float | None) -> Text:
    if eur_per_kwh is None:
        return Text(en="from the sun", de="mit Sonne")
    ct, komma = _ct(eur_per_kwh)
    return Text(en=f"at {ct} ct on average", de=f"für durchschnittlich {komma} ct")


def _bought_at(problem: Problem, solution: Solution, charge_kwh: Sequence[float]) -> float | None:
    """Mean price of what is bought while the car charges; None when nearly all of it comes from sun and battery."""
    bought = [min(c, i) for c, i in zip(charge_kwh, solution.import_kwh, strict=True)]
    if sum(bought) < _MOSTLY * sum(charge_kwh):
        return None
    return sum(s.import_eur_per_kwh * kwh for s, kwh in zip(problem.steps, bought, strict=True)) / sum(bought)


def _when(problem: Problem, t: int, zone: ZoneInfo) -> str:
    moment: datetime = problem.steps[t].start
    return clock(moment, zone)


def _ct(eur_per_kwh: float) -> tuple[str, str]:
    return f"{eur_per_kwh * 100:.1f}", _comma(eur_per_kwh * 100, 1)


def _comma(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace(".", ",")
