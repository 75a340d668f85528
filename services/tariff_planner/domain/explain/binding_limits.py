"""Which limits bind in a segment: those that the plan stands at and that are worth something by their shadow price."""

from collections.abc import Callable, Iterator, Sequence

from tariff_planner.domain.explain.segments import NOTHING_KWH, Case, Segment
from tariff_planner.domain.milp.vehicle import fastest_kw
from tariff_planner.domain.milp.whatif import SOME_KWH
from tariff_planner.domain.problem.storage import Battery, Car
from tariff_planner.domain.wording.limits import Bound, BoundReached, Limit, LimitReason, PowerLimited

_WORTH_EUR_PER_KWH = 0.001
"""A limit that is worth less is no reason, where a kWh costs as usual."""
_BRIM_PCT = 99.5
"""A limit from here on is none."""
_AT = 0.99
"""From this share of a limit on, it is reached."""


def binding_limits(case: Case, segment: Segment) -> tuple[LimitReason, ...]:
    """The limits that keep the device of ``segment`` from doing more, or less, and when."""
    if segment.vehicle is None:
        battery = case.battery(segment.device)
        return (*_meter(case, segment, battery), *_battery(case, segment, battery))
    car = case.car(segment.vehicle)
    return (*_meter(case, segment, car), *_car(case, segment, car))


def _meter(case: Case, segment: Segment, device: Battery | Car) -> Iterator[LimitReason]:
    """The connection's limits and the priced peak, where they change what the device does."""
    steps, solution, what_if = case.problem.steps, case.solution, case.what_if
    bought, sold = solution.import_kwh, solution.export_kwh
    wants = [t for t in segment.slots if _wants(case, device, t)]
    used = [t for t in wants if what_if.import_limit(t) > _worth(case) and _used_up(case, device, t)]
    if used:
        yield _limited(case, segment, used, Limit.IMPORT, steps[used[0]].import_limit_kw or 0.0)
    dimmed = [t for t in wants if _dimmed(case, device, t)]
    if dimmed:
        who = device.called if isinstance(device, Car) else None
        yield _limited(case, segment, dimmed, Limit.DEVICE, steps[dimmed[0]].device_limit_kw or 0.0, who)
    capacity = case.problem.capacity_price
    if capacity is not None:
        peak_kw = max([capacity.peak_kw, *(b / s.hours for b, s in zip(bought, steps, strict=True))])
        at_peak = [t for t in wants if bought[t] >= _AT * peak_kw * steps[t].hours]
        raised = [t for t in at_peak if what_if.peak(t) > _worth(case)]
        if raised:
            yield _limited(case, segment, raised, Limit.PEAK, peak_kw)
    allowed = [(t, steps[t].export_limit_kw) for t in segment.slots if what_if.export_limit(t) > _worth(case)]
    cut = [t for t, limit_kw in allowed if limit_kw is not None and sold[t] >= _AT * limit_kw * steps[t].hours]
    # Where nothing is left over, nothing would be fed in without a limit either.
    cut = [t for t in cut if steps[t].pv_kwh > steps[t].load_kwh + NOTHING_KWH]
    if cut:
        yield _limited(case, segment, cut, Limit.EXPORT, steps[cut[0]].export_limit_kw or 0.0)


def _worth(case: Case) -> float:
    return _WORTH_EUR_PER_KWH * case.problem.weights.money_scale


def _wants(case: Case, device: Battery | Car, t: int) -> bool:
    """Whether more energy in step ``t`` would be worth its price: a limit of the meter is then in the device's way."""
    worth, price = case.what_if.stored(device.name, t), case.problem.steps[t].import_eur_per_kwh
    if isinstance(device, Battery) and case.flows(case.solution.batteries[device.name].discharge_kwh[t], t):
        # It helps out: without the limit a kWh from the grid would be cheaper than one from it.
        return worth / device.discharge_efficiency + device.wear_eur_per_kwh > price + _worth(case)
    more = case.charge_kwh(device.name)[t] < _AT * case.what_if.most_charge_kwh(device.name, t)
    return more and worth * device.charge_efficiency > price + _worth(case)


def _used_up(case: Case, device: Battery | Car, t: int) -> bool:
    """Whether the connection gives nothing more; for a car that does not charge: less than its charger needs."""
    step, bought = case.problem.steps[t], case.solution.import_kwh[t]
    if step.import_limit_kw is None:
        return False
    left = step.import_limit_kw * step.hours - bought
    waits = isinstance(device, Car) and not case.flows(case.charge_kwh(device.name)[t], t)
    if waits and isinstance(device, Car) and left < case.problem.loadpoint(device.loadpoint).min_kw * step.hours:
        return True
    return left <= (1 - _AT) * step.import_limit_kw * step.hours


def _dimmed(case: Case, device: Battery | Car, t: int) -> bool:
    """Whether a device takes all that the grid operator allows it; a car that waits: whether its charger needs more."""
    step = case.problem.steps[t]
    if step.device_limit_kw is None:
        return False
    sun_kwh = max(0.0, step.pv_kwh - step.load_kwh)
    most_kwh = step.device_limit_kw * step.hours + sun_kwh
    charge_kwh = case.charge_kwh(device.name)[t]
    if isinstance(device, Car) and not case.flows(charge_kwh, t):
        return most_kwh < case.problem.loadpoint(device.loadpoint).min_kw * step.hours
    given_kwh = sum(p.discharge_kwh[t] for p in case.solution.batteries.values())
    return charge_kwh >= _AT * most_kwh and charge_kwh - given_kwh <= most_kwh * (2 - _AT)


def _battery(case: Case, segment: Segment, battery: Battery) -> Iterator[LimitReason]:
    plan, steps, what_if = case.solution.batteries[battery.name], case.problem.steps, case.what_if
    gains, saves = [], []
    for t in segment.slots:
        stored, home = what_if.stored(battery.name, t), what_if.home(t)
        if stored * battery.charge_efficiency - home > _worth(case):
            gains.append(t)
        if home - stored / battery.discharge_efficiency - battery.wear_eur_per_kwh > _worth(case):
            saves.append(t)
    most_in = [t for t in gains if plan.charge_kwh[t] >= _AT * battery.charge_kw * steps[t].hours > 0]
    if most_in:
        yield _limited(case, segment, most_in, Limit.BATTERY_CHARGE, battery.charge_kw)
    most_out = [t for t in saves if plan.discharge_kwh[t] >= _AT * battery.discharge_kw * steps[t].hours > 0]
    if most_out:
        yield _limited(case, segment, most_out, Limit.BATTERY_DISCHARGE, battery.discharge_kw)
    empty = [t for t in segment.slots if what_if.empty(battery.name, t) > _worth(case)]
    full = [t for t in segment.slots if what_if.full(battery.name, t) > _worth(case)]
    bounds = (
        (_since(case, segment, battery.name, empty, lambda kwh: kwh <= battery.floor_kwh + SOME_KWH), Bound.EMPTY),
        (_since(case, segment, battery.name, full, lambda kwh: kwh >= battery.ceiling_kwh - SOME_KWH), Bound.FULL),
    )
    for t, bound in sorted((t, bound) for t, bound in bounds if t is not None):
        floor_pct = battery.floor_kwh / battery.capacity_kwh * 100
        yield BoundReached(bound, steps[t].end, floor_pct if bound is Bound.EMPTY else None)


def _car(case: Case, segment: Segment, car: Car) -> Iterator[LimitReason]:
    plan, steps, what_if = case.solution.cars[car.name], case.problem.steps, case.what_if
    loadpoint = case.problem.loadpoint(car.loadpoint)
    most_kw = fastest_kw(car, loadpoint)
    least_kw = min(loadpoint.min_kw, most_kw)
    most, least = [], []
    for t in segment.slots:
        hours = steps[t].hours * car.at_home(steps[t])
        worth, charge = what_if.stored(car.name, t) * car.charge_efficiency, plan.charge_kwh[t]
        if charge >= _AT * most_kw * hours > 0 and worth - what_if.home(t) > _worth(case):
            most.append(t)
        buys = case.solution.import_kwh[t] > NOTHING_KWH
        dear = steps[t].import_eur_per_kwh - worth > _worth(case)
        if case.flows(charge, t) and charge <= least_kw * hours / _AT and least_kw < most_kw and buys and dear:
            least.append(t)
    if most and loadpoint.max_kw <= car.max_kw:
        yield _limited(case, segment, most, Limit.CHARGER, most_kw)
    elif most:
        yield _limited(case, segment, most, Limit.CAR, most_kw, car.called)
    if least:
        yield _limited(case, segment, least, Limit.CHARGER_LEAST, least_kw)
    full = [t for t in segment.slots if what_if.full(car.name, t) > _worth(case)]
    since = _since(case, segment, car.name, full, lambda kwh: kwh >= car.ceiling_kwh - SOME_KWH)
    if since is not None:
        limit_pct = car.ceiling_kwh / car.capacity_kwh * 100
        yield BoundReached(Bound.FULL, steps[since].end, limit_pct if limit_pct < _BRIM_PCT else None, car.called)


def _since(
    case: Case, segment: Segment, device: str, binding: Sequence[int], at_bound: Callable[[float], bool]
) -> int | None:
    """The step in which a storage comes to a bound that binds; None where it does not, or was there before."""
    reached = [t for t in binding if at_bound(case.stored_kwh(device, t + 1))]
    if not reached:
        return None
    t = reached[0]
    while t >= segment.first and at_bound(case.stored_kwh(device, t)):
        t -= 1
    return t if t >= segment.first else None


def _limited(
    case: Case, segment: Segment, binding: Sequence[int], limit: Limit, kw: float, who: str | None = None
) -> PowerLimited:
    """The limit, with when it binds unless it is all the time."""
    if len(binding) == len(segment.slots):
        return PowerLimited(limit, kw, who)
    first, last = binding[0], binding[-1]
    at_times = last + 1 - first != len(binding)
    return PowerLimited(limit, kw, who, case.at(first), case.problem.steps[last].end, at_times=at_times)
