"""Segments: stretches of time in which a device does the same, and what is asked of the plan about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ems.contract.control import Action
from ems.contract.currency import Currency
from ems.contract.plan import PlanSlot
from tariff_planner.domain.milp.whatif import Forced, WhatIf
from tariff_planner.domain.problem.problem import NOTHING_KW, Problem
from tariff_planner.domain.problem.solution import Solution
from tariff_planner.domain.problem.storage import Battery, Car
from tariff_planner.domain.wording.alternatives import Alternative, Instead
from tariff_planner.domain.wording.parts import Stretch
from tariff_planner.domain.wording.reasons import DeviceReason

MAX_A_DEVICE = 24
"""More segments than these are drawn together: a plan must stay far below what a broker carries, and be read."""
NOTHING_KWH = 0.01
"""Energies below this are none."""
SAME_EUR_PER_KWH = 0.0005
"""Prices that differ by less are written the same, where a kWh costs as usual."""
_MOST = 1.5
"""Multiple of the most expensive hour above which a worth comes from a requirement, not from money."""
NONE = (0.0, 0.0)
"""No energy at least and at most."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Consecutive slots ``first`` to (without) ``end`` in which ``device`` does the same."""

    device: str
    vehicle: str | None
    action: Action
    first: int
    end: int
    mixed: bool = False
    """Shorter segments with another action were drawn in."""

    @property
    def slots(self) -> range:
        """The slots, by number."""
        return range(self.first, self.end)


@dataclass(frozen=True, slots=True)
class SegmentReason:
    """Why a device does what it does in a segment, and what it could do instead."""

    reason: DeviceReason
    otherwise: Alternative | None = None
    """The alternative, its cost not yet known."""
    forced: Forced | None = None
    """What the alternative makes the device do."""
    if_same: Instead | None = None
    """What the alternative is called where it costs the same: who need not charge now charges in other hours."""
    if_priced: Instead | None = None
    """The same where it costs more, and no requirement suffers."""


@dataclass(frozen=True, slots=True)
class Case:
    """A plan whose segments are explained."""

    problem: Problem
    solution: Solution
    what_if: WhatIf
    currency: Currency

    @property
    def same_per_kwh(self) -> float:
        """Prices that differ by less are written the same."""
        return SAME_EUR_PER_KWH * self.problem.weights.money_scale

    def need_kwh(self, t: int) -> float:
        """What house and cars take beyond the sun in step ``t``; negative: what is left over."""
        step = self.problem.steps[t]
        return step.load_kwh - step.pv_kwh + sum(c.charge_kwh[t] for c in self.solution.cars.values())

    def buys_at(self, slots: Sequence[int], weights: Sequence[float]) -> float:
        """The mean import price."""
        prices = [self.problem.steps[t].import_eur_per_kwh for t in slots]
        return sum(p * w for p, w in zip(prices, weights, strict=True)) / sum(weights)

    def worth_more(self, eur_per_kwh: float, than: float) -> float | None:
        """What a kWh is worth in money: above nothing, above a price, and no requirement's; else None.

        Where both are written the same, it is no reason.
        """
        most = _MOST * max(step.import_eur_per_kwh for step in self.problem.steps)
        return eur_per_kwh if self.same_per_kwh <= eur_per_kwh <= most and self.above(eur_per_kwh, than) else None

    def above(self, per_kwh: float, other_per_kwh: float) -> bool:
        """Whether a price is above another one, and is written differently."""
        factor, digits = self.currency.price_factor, self.currency.price_digits
        written = round(per_kwh * factor, digits), round(other_per_kwh * factor, digits)
        return per_kwh >= other_per_kwh + self.same_per_kwh and written[0] != written[1]

    def battery(self, name: str) -> Battery:
        """The battery of that name."""
        return next(b for b in self.problem.batteries if b.name == name)

    def called(self, name: str) -> str:
        """What people call a car; other names are what they are."""
        return next((c.called for c in self.problem.cars if c.name == name), name)

    def car(self, name: str) -> Car:
        """The car of that name."""
        return next(c for c in self.problem.cars if c.name == name)

    def charge_kwh(self, device: str) -> Sequence[float]:
        """What a battery or a car charges, by step."""
        cars, batteries = self.solution.cars, self.solution.batteries
        return cars[device].charge_kwh if device in cars else batteries[device].charge_kwh

    def flows(self, energy_kwh: float, t: int) -> bool:
        """Whether an energy in step ``t`` is one: less is none for the modes either."""
        return energy_kwh > NOTHING_KW * self.problem.steps[t].hours

    def stored_kwh(self, device: str, t: int) -> float:
        """What a battery or a car holds when step ``t`` starts."""
        cars, batteries = self.solution.cars, self.solution.batteries
        if t:
            return cars[device].energy_kwh[t - 1] if device in cars else batteries[device].energy_kwh[t - 1]
        return self.car(device).energy_kwh if device in cars else self.battery(device).energy_kwh

    def past(self, segment: Segment, device: str) -> tuple[int, float] | None:
        """What it holds when the segment starts, as planned."""
        first = segment.first
        return (first - 1, self.stored_kwh(device, first)) if first else None

    def at(self, t: int) -> datetime:
        """When step ``t`` starts."""
        return self.problem.steps[t].start

    def begins(self, segment: Segment) -> datetime | None:
        """When the segment starts; None for now."""
        return self.at(segment.first) if segment.first else None

    def stretch(self, segment: Segment) -> Stretch:
        """When the segment is. Its end is left out where the plan ends with it."""
        last = segment.end == len(self.problem.steps)
        return Stretch(self.begins(segment), None if last else self.at(segment.end), mostly=segment.mixed)


def segments(
    slots: Sequence[PlanSlot],
    same: Callable[[Segment, Segment], bool] = lambda _one, _other: False,
    resumes: Callable[[Segment, Segment, Segment], bool] = lambda _one, _pause, _other: False,
) -> tuple[Segment, ...]:
    """Each device's segments by start, device by device.

    Neighbours with the ``same`` reason are one, and so is what ``resumes`` after a pause with the pause; where there
    are too many, the shortest are drawn together.
    """
    devices = dict.fromkeys(name for slot in slots for name in slot.devices)
    told = (_over_pauses(_merged(_cut(slots, device), same), resumes) for device in devices)
    return tuple(s for of_device in told for s in _fewer(of_device, slots))


def _merged(cut: Sequence[Segment], same: Callable[[Segment, Segment], bool]) -> list[Segment]:
    found: list[Segment] = []
    for segment in cut:
        if found and _one_piece(found[-1], segment) and same(found[-1], segment):
            found[-1] = replace(found[-1], end=segment.end)
        else:
            found.append(segment)
    return found


def _over_pauses(cut: Sequence[Segment], resumes: Callable[[Segment, Segment, Segment], bool]) -> list[Segment]:
    found: list[Segment] = []
    for segment in cut:
        if len(found) > 1 and resumes(found[-2], found[-1], segment):
            one, _ = found[-2:]
            found[-2:] = [replace(one, end=segment.end, mixed=True)]
        else:
            found.append(segment)
    return found


def _cut(slots: Sequence[PlanSlot], device: str) -> list[Segment]:
    found: list[Segment] = []
    plans = [slot.devices.get(device) for slot in slots]
    first = 0
    for t, plan in enumerate(plans):
        after = plans[t + 1] if t + 1 < len(plans) else None
        if plan is not None and after is not None and (after.action, after.vehicle) == (plan.action, plan.vehicle):
            continue
        if plan is not None:
            found.append(Segment(device, plan.vehicle, plan.action, first, t + 1))
        first = t + 1
    return found


def _fewer(cut: Sequence[Segment], slots: Sequence[PlanSlot]) -> list[Segment]:
    """The two that are shortest together, of equals the latest, become one; what is done now stays as it is."""
    found = list(cut)
    while len(found) > MAX_A_DEVICE:
        pairs = [i for i in range(1, len(found) - 1) if _one_piece(found[i], found[i + 1])]
        if not pairs:
            break
        i = min(pairs, key=lambda i: (_seconds(slots, found[i]) + _seconds(slots, found[i + 1]), -i))
        one, two = found[i], found[i + 1]
        longer = one if _seconds(slots, one) >= _seconds(slots, two) else two
        found[i : i + 2] = [replace(longer, first=one.first, end=two.end, mixed=True)]
        for left in (i, i - 1):
            if 0 < left < len(found) - 1 and _one_piece(*found[left : left + 2], same=True):
                found[left : left + 2] = [replace(found[left], end=found[left + 1].end, mixed=True)]
    return found


def _one_piece(one: Segment, two: Segment, *, same: bool = False) -> bool:
    return one.end == two.first and one.vehicle == two.vehicle and (not same or one.action == two.action)


def _seconds(slots: Sequence[PlanSlot], segment: Segment) -> float:
    return (slots[segment.end - 1].end - slots[segment.first].start).total_seconds()
