"""What a plan means, in English and German: what happens now and next, which requirement falls short, by how much."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ems.contract.control import BatteryAction, LoadpointAction
from ems.contract.message import Text
from ems.contract.plan import DevicePlan, Explanation, PlanSlot, Shortfall
from ems.contract.site import BatteryMode, LoadpointMode
from tariff_planner.domain.explain.phrases import amount, begins, joined, kwh, price, say, since, span, when
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import Requirement, Solution, Unmet

_BATTERY = {
    BatteryMode.NORMAL: Text(en="the battery follows the house", de="die Batterie folgt dem Haus"),
    BatteryMode.HOLD: Text(
        en="the battery keeps its energy for dearer hours", de="die Batterie spart für teurere Stunden"
    ),
    BatteryMode.CHARGE: Text(en="the battery charges from the grid", de="die Batterie lädt aus dem Netz"),
    BatteryMode.HOLDCHARGE: Text(
        en="the battery leaves room for later sun", de="die Batterie lässt Platz für spätere Sonne"
    ),
}
_KEPT = Text(en="the battery is held", de="die Batterie wird gehalten")
_CAR = {
    LoadpointMode.OFF: Text(en="{} waits", de="{} wartet"),
    LoadpointMode.PV: Text(en="{} takes only surplus sun", de="{} nimmt nur überschüssige Sonne"),
    LoadpointMode.MINPV: Text(en="{} charges slowly", de="{} lädt langsam"),
    LoadpointMode.NOW: Text(en="{} charges", de="{} lädt"),
}

_SOME_SUN_KWH = 0.1
"""Less sun that cannot be used is not worth a word."""
_NOTHING_BOUGHT_KWH = 0.01
"""Less than this in a slot is not bought."""
MIN_SHORTFALL_KWH = 0.05
"""Shortfalls below this, in kWh, are not reported."""
SAME_EUR = 0.005
"""Differences below this are described as the same cost, where a kWh costs as usual."""


def summary(
    slots: Sequence[PlanSlot],
    zone: ZoneInfo,
    titles: Mapping[str, str],
    currency: str = "EUR",
    *,
    held: Text | None = None,
) -> Text:
    """What every device does now, until when and at which price; what is bought next; which sun cannot be used.

    Args:
        slots: the plan's.
        zone: the site's.
        titles: by vehicle, where people call it otherwise.
        currency: its code.
        held: why the battery is held, where that is not for dearer hours.
    """
    if not slots:
        return Text(en="Nothing is planned.", de="Nichts ist geplant.")
    now = slots[0]
    costs = price(now.import_eur_per_kwh, currency)
    parts = [
        _KEPT if held and isinstance(device.action, BatteryAction) else _device(name, device, titles)
        for name, device in now.devices.items()
    ]
    until = when(_until(slots), now.start, zone)
    en = "; ".join(p.en for p in parts) or "nothing to plan"
    de = "; ".join(p.de for p in parts) or "nichts zu planen"
    told = Text(
        en=f"{en[0].upper()}{en[1:]}, until {until.en} ({costs.en}).",
        de=f"{de[0].upper()}{de[1:]}, bis {until.de} ({costs.de}).",
    )
    return joined([told, *next_purchase(slots, zone, titles, currency), *unused_sun(slots, zone)], Text(en=" ", de=" "))


def next_purchase(
    slots: Sequence[PlanSlot], zone: ZoneInfo, titles: Mapping[str, str], currency: str
) -> Iterator[Text]:
    """What is next bought to keep by a device that buys nothing now, when and at which price."""
    buying = [{name for name in slot.devices if _buys(slot, name)} for slot in slots]
    later = ((t, name) for t, names in enumerate(buying) for name in slots[t].devices if name in names - buying[0])
    first, name = next(later, (0, ""))
    if not first:
        return
    end = next((t for t in range(first, len(slots)) if name not in buying[t]), len(slots))
    stretch = slots[first:end]
    bought = sum(s.import_kwh for s in stretch)
    mean = sum(s.import_kwh * s.import_eur_per_kwh for s in stretch) / bought
    device = slots[first].devices[name]
    yield say(
        "Next, {who} from {span} at {price}.",
        "Als Nächstes {who} von {span} für {price}.",
        who=_purchase(name, device, titles),
        span=span(stretch[0].start, stretch[-1].end, slots[0].start, zone),
        price=price(mean, currency),
    )


def unused_sun(slots: Sequence[PlanSlot], zone: ZoneInfo) -> Iterator[Text]:
    """How much sun can be neither used nor fed in, and when: no alarm, inverters do that by themselves."""
    left = [slot for slot in slots if slot.curtailed_kwh > 0]
    total = sum(slot.curtailed_kwh for slot in left)
    if total < _SOME_SUN_KWH:
        return
    yield say(
        "From {span} {kwh} of sun cannot be used.",
        "Von {span} können {kwh} Sonne nicht genutzt werden.",
        span=span(left[0].start, left[-1].end, slots[0].start, zone),
        kwh=kwh(total),
    )


def _buys(slot: PlanSlot, name: str) -> bool:
    """Whether a device is told to take energy that is bought."""
    match slot.devices[name].action:
        case BatteryAction(mode=mode):
            told = mode is BatteryMode.CHARGE
        case LoadpointAction(mode=mode):
            told = mode in {LoadpointMode.NOW, LoadpointMode.MINPV}
    return told and slot.import_kwh > _NOTHING_BOUGHT_KWH


def _purchase(name: str, device: DevicePlan, titles: Mapping[str, str]) -> Text:
    if isinstance(device.action, BatteryAction):
        return Text(en="the battery charges from the grid", de="lädt die Batterie aus dem Netz")
    who = titles.get(device.vehicle or "", device.vehicle or name)
    return Text(en=f"{who} charges", de=f"lädt {who}")


def chosen_by_lookahead(
    explanation: Explanation,
    mode: BatteryMode,
    gain_eur: Mapping[BatteryMode, float],
    currency: str = "EUR",
    scale: float = 1.0,
) -> Explanation:
    """The battery's explanation where the look-ahead over likely loads chose ``mode`` against the single forecast.

    Args:
        explanation: of the battery.
        mode: what the look-ahead chose.
        gain_eur: what each mode is expected to earn against ``normal``.
        currency: its code.
        scale: of money.
    """
    others = [m for m in gain_eur if m is not mode]
    second = max(others, key=lambda m: gain_eur[m])
    eur = max(0.0, gain_eur[mode] - gain_eur[second])
    does = _BATTERY[mode]
    return explanation.model_copy(
        update={
            "text": Text(
                en=f"Weighing the loads that are likely, {does.en}.",
                de=f"Über die wahrscheinlichen Lasten gewogen: {does.de}.",
            ),
            "alternative": _expected(second, None if eur < SAME_EUR * scale else amount(eur, currency)),
            "alternative_cost_eur": round(eur, 4),
            "limits": (),
        }
    )


def kept(explanation: Explanation, why: Text) -> Explanation:
    """The battery's explanation where it is held because people want that: nothing else is to be weighed."""
    return explanation.model_copy(update={"text": why, "alternative": None, "alternative_cost_eur": None, "limits": ()})


def at_reserve(reserve_soc_pct: float) -> Text:
    """That the battery is kept at what people reserved."""
    return Text(
        en=f"The battery is at its reserve of {reserve_soc_pct:.0f} % and keeps that.",
        de=f"Die Batterie ist bei ihrer Reserve von {reserve_soc_pct:.0f} % und behält sie.",
    )


def kept_from_cars() -> Text:
    """That the battery is kept from feeding a car."""
    return Text(
        en="The battery is held while a car takes more than the sun gives: it is not to feed cars.",
        de="Die Batterie wird gehalten, solange ein Auto mehr nimmt, als die Sonne gibt: sie soll keine Autos laden.",
    )


def _expected(second: BatteryMode, more: Text | None) -> Text:
    if more is None:
        return Text(
            en=f"Otherwise ({second}) it would be expected to cost the same.",
            de=f"Anders ({second}) wäre gleich viel zu erwarten.",
        )
    return Text(
        en=f"Otherwise ({second}) it would be expected to cost {more.en} more.",
        de=f"Anders ({second}) wären {more.de} mehr zu erwarten.",
    )


def shortfalls(problem: Problem, solution: Solution, zone: ZoneInfo) -> tuple[Shortfall, ...]:
    """Each requirement that the plan cannot keep, with how much is missing and what is reached instead.

    What a car is late for comes first, as long as it lacks it: that it is charged now does not make it punctual.
    """
    unmet = (missing for missing in solution.unmet if not is_late(problem, missing))
    return (*late_shortfalls(problem, zone), *(shortfall_of(problem, missing, zone) for missing in unmet))


def late_shortfalls(problem: Problem, zone: ZoneInfo) -> Iterator[Shortfall]:
    """What cars are late for: what they lack of it now."""
    for car in problem.cars:
        goal = next((g for g in car.goals if g.due is not None), None)
        if goal is None or goal.due is None:
            continue
        wanted, holds = (kwh / car.capacity_kwh * 100 for kwh in (goal.energy_kwh, car.energy_kwh))
        missing_kwh = goal.energy_kwh - car.energy_kwh
        at, kwh = since(goal.due, problem.start, zone), f"{missing_kwh:.1f}"
        yield Shortfall(
            what=Requirement.GOAL,
            device=car.loadpoint,
            vehicle=car.name,
            missing_kwh=missing_kwh,
            by=goal.due,
            reaches_soc_pct=round(holds, 1),
            text=Text(
                en=f"{car.called} is late: {wanted:.0f} % were wanted by {at.en}, {kwh} kWh are missing.",
                de=f"{car.called} ist verspätet: bis {at.de} sollten es {wanted:.0f} % sein, "
                f"es fehlen {kwh.replace('.', ',')} kWh.",
            ),
        )


def is_late(problem: Problem, missing: Unmet) -> bool:
    """Whether that is of a goal without a moment of its own: one that has passed, or one that is wanted at once."""
    goals = (g for c in problem.cars if c.name == missing.device for g in c.goals if g.soonest or g.due is not None)
    return missing.requirement is Requirement.GOAL and any(goal.by == missing.by for goal in goals)


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """The time of day that people at the site read on their clock."""
    return moment.astimezone(zone).strftime("%H:%M")


def _device(name: str, device: DevicePlan, titles: Mapping[str, str]) -> Text:
    match device.action:
        case BatteryAction(mode=mode):
            return _BATTERY[mode]
        case LoadpointAction(mode=mode):
            who = titles.get(device.vehicle or "", device.vehicle or name)
            return Text(en=_CAR[mode].en.format(who), de=_CAR[mode].de.format(who))


def _until(slots: Sequence[PlanSlot]) -> datetime:
    """When the first thing changes."""
    now = {name: d.action for name, d in slots[0].devices.items()}
    end = slots[0].end
    for slot in slots:
        if {name: d.action for name, d in slot.devices.items()} != now:
            break
        end = slot.end
    return end


def shortfall_of(problem: Problem, missing: Unmet, zone: ZoneInfo) -> Shortfall:
    """A requirement that the plan cannot keep, in words."""
    capacity = {b.name: b.capacity_kwh for b in problem.batteries} | {c.name: c.capacity_kwh for c in problem.cars}
    reaches = None
    if missing.reaches_kwh is not None and missing.device is not None:
        reaches = round(min(100.0, max(0.0, missing.reaches_kwh / capacity[missing.device] * 100)), 1)
    cars = {c.name: c.loadpoint for c in problem.cars}
    who = next((c.called for c in problem.cars if c.name == missing.device), missing.device or "")
    return Shortfall(
        what=missing.requirement,
        device=cars.get(missing.device or "", missing.device),
        vehicle=missing.device if missing.device in cars else None,
        missing_kwh=missing.kwh,
        by=missing.by,
        reaches_soc_pct=reaches,
        text=_words(missing, who, reaches, _moment(problem, missing, zone)),
    )


def _moment(problem: Problem, missing: Unmet, zone: ZoneInfo) -> Text | None:
    """Until when something is missing; of the connection's limits: from when on."""
    if missing.by is None:
        return None
    limits = {Requirement.IMPORT_LIMIT, Requirement.EXPORT_LIMIT}
    spoken = begins if missing.requirement in limits else when
    return spoken(missing.by, problem.start, zone)


def _words(missing: Unmet, who: str, reaches_pct: float | None, by: Text | None) -> Text:
    kwh = f"{missing.kwh:.1f}"
    komma = kwh.replace(".", ",")
    at = by or Text(en="", de="")
    match missing.requirement:
        case Requirement.BATTERY_GOAL:
            return Text(
                en=f"The battery reaches {reaches_pct:.0f} % by {at.en}: {kwh} kWh are missing.",
                de=f"Die Batterie erreicht bis {at.de} {reaches_pct:.0f} %: es fehlen {komma} kWh.",
            )
        case Requirement.GOAL:
            return Text(
                en=f"{who} reaches {reaches_pct:.0f} % by {at.en}: {kwh} kWh are missing.",
                de=f"{who} erreicht bis {at.de} {reaches_pct:.0f} %: es fehlen {komma} kWh.",
            )
        case Requirement.TRIP:
            return Text(
                en=f"{who} has {kwh} kWh too little for its trip.", de=f"{who} hat {komma} kWh zu wenig für die Fahrt."
            )
        case Requirement.DEMAND:
            return Text(
                en=f"{who} gets {kwh} kWh less than it asked for.",
                de=f"{who} bekommt {komma} kWh weniger als verlangt.",
            )
        case Requirement.IMPORT_LIMIT:
            return Text(
                en=f"The house needs {kwh} kWh beyond the connection's limit, from {at.en}.",
                de=f"Das Haus braucht ab {at.de} {komma} kWh über der Anschlussgrenze.",
            )
        case Requirement.EXPORT_LIMIT:
            return Text(
                en=f"{kwh} kWh are fed in beyond the limit, from {at.en}.",
                de=f"Ab {at.de} gehen {komma} kWh über die Einspeisegrenze.",
            )
