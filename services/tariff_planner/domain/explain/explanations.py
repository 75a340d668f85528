"""Why each device does what it does, segment by segment, and what else it could do at which cost.

Nothing here guesses: what an alternative costs is the difference of two solved models (:class:`WhatIf`), a limit is
named where its shadow price is worth something, and what would help a goal that is missed is tried.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ems.contract.control import BatteryAction, LoadpointAction
from ems.contract.plan import Explanation, PlanSlot
from ems.contract.site import BatteryMode, LoadpointMode
from tariff_planner.domain.actions.battery_decision import (
    AsPlanned,
    AtReserve,
    BatteryDecision,
    KeptFromCars,
    OnWish,
    Weighed,
)
from tariff_planner.domain.actions.car_decision import CarDecision
from tariff_planner.domain.explain.alternatives import priced, same_or_more
from tariff_planner.domain.explain.battery import battery_reason
from tariff_planner.domain.explain.binding_limits import binding_limits
from tariff_planner.domain.explain.missed_goals import in_the_way
from tariff_planner.domain.explain.segments import Case, Segment, SegmentReason, segments
from tariff_planner.domain.explain.vehicle import PAUSE, car_reason
from tariff_planner.domain.milp.whatif import WhatIf
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import Solution
from tariff_planner.domain.problem.storage import Car
from tariff_planner.domain.wording.alternatives import Alternative, Instead
from tariff_planner.domain.wording.battery import (
    BatteryKeepsReserve,
    BatteryNotForCars,
    BatteryOnWish,
    BatteryWeighed,
)
from tariff_planner.domain.wording.limits import Limit, LimitReason, PowerLimited, TimeTooShort
from tariff_planner.domain.wording.reasons import DeviceReason
from tariff_planner.domain.wording.renderer import Renderer, published
from tariff_planner.domain.wording.vehicle import (
    CarAway,
    CarCharges,
    CarFull,
    CarHasGoal,
    CarNotCharged,
    CarOnWish,
    CarWaits,
    CarWeighed,
)

_OF_THE_CONNECTION = frozenset({Limit.IMPORT, Limit.EXPORT, Limit.PEAK})


def explain(
    problem: Problem,
    solution: Solution,
    slots: Sequence[PlanSlot],
    renderer: Renderer,
    battery: BatteryDecision | None = None,
    cars: Mapping[str, CarDecision] | None = None,
) -> tuple[Explanation, ...]:
    """Each segment of each planned device, device by device and by start.

    Every slot of every planned device lies in exactly one of them. Takes some 0.1 s for 48 h and four devices.

    Args:
        problem: what was planned.
        solution: its plan.
        slots: the same as they are published.
        renderer: makes the sentences.
        battery: what the first battery is told now, where that was decided.
        cars: by car what is told now, where that is not what was planned.
    """
    try:
        case = Case(problem, solution, WhatIf(problem), renderer.currency)
    except RuntimeError:
        return ()  # a plan without words is still a plan
    reasons: dict[Segment, SegmentReason] = {}

    def why(segment: Segment) -> SegmentReason:
        if segment not in reasons:
            reasons[segment] = _why(case, segment, battery, cars or {})
        return reasons[segment]

    found = segments(
        slots,
        lambda one, other: _same(why(one).reason, why(other).reason),
        lambda one, pause, other: (
            one.first > 0 and _resumes(case, pause, *(why(s).reason for s in (one, pause, other)))
        ),
    )
    first = {segment.vehicle or segment.device: segment for segment in reversed(found)}
    limits = _told_once((s, _limits(case, s, why(s).reason, first=first[s.vehicle or s.device] is s)) for s in found)
    return tuple(
        _explanation(case, segment, why(segment), of_segment, renderer)
        for segment, of_segment in zip(found, limits, strict=True)
    )


def _told_once(
    of_segments: Iterable[tuple[Segment, Sequence[LimitReason]]],
) -> Iterator[tuple[LimitReason, ...]]:
    """Each segment's limits, without those of the connection that the device was told of before."""
    told: set[tuple[str, Limit, float]] = set()
    for segment, limits in of_segments:
        new = []
        for limit in limits:
            if isinstance(limit, PowerLimited) and limit.limit in _OF_THE_CONNECTION:
                said = segment.device, limit.limit, limit.kw
                if said in told:
                    continue
                told.add(said)
            new.append(limit)
        yield tuple(new)


def _explanation(
    case: Case, segment: Segment, why: SegmentReason, limits: Sequence[LimitReason], renderer: Renderer
) -> Explanation:
    steps = case.problem.steps
    alternative, cost_eur = _alternative(case, segment, why)
    return Explanation(
        device=segment.device,
        vehicle=segment.vehicle,
        start=steps[segment.first].start,
        end=steps[segment.end - 1].end,
        action=segment.action,
        text=renderer.text(why.reason),
        reason=published(why.reason),
        alternative=renderer.text(alternative) if alternative else None,
        alternative_cost_eur=cost_eur,
        limits=tuple(renderer.text(limit) for limit in limits),
    )


def _why(
    case: Case, segment: Segment, decided: BatteryDecision | None, cars: Mapping[str, CarDecision]
) -> SegmentReason:
    if (wished := _on_wish(case, segment)) is not None:
        return SegmentReason(wished)
    if segment.vehicle is not None:
        return _why_car(case, segment, case.car(segment.vehicle), None if segment.first else cars.get(segment.vehicle))
    battery = case.battery(segment.device)
    if decided is None or segment.first or battery is not case.problem.batteries[0]:
        return battery_reason(case, segment, battery)
    return _decided(case, segment, decided)


def _decided(case: Case, segment: Segment, decided: BatteryDecision) -> SegmentReason:
    """Why the battery does now what was decided of it."""
    match decided.cause:
        case AsPlanned() | OnWish():
            return battery_reason(case, segment, case.battery(segment.device))
        case KeptFromCars():
            return SegmentReason(BatteryNotForCars(case.stretch(segment)))
        case AtReserve(reserve_soc_pct):
            return SegmentReason(BatteryKeepsReserve(case.stretch(segment), reserve_soc_pct))
        case Weighed(second, more_eur):
            other = Alternative(Instead.OTHER_MODE, mode=second, more_eur=more_eur, expected=True)
            return SegmentReason(BatteryWeighed(case.stretch(segment), decided.mode), other)


def _why_car(case: Case, segment: Segment, car: Car, decided: CarDecision | None) -> SegmentReason:
    if decided is None:
        return car_reason(case, segment, car)
    if decided.more_eur is None:
        return SegmentReason(CarWeighed(case.stretch(segment), car.called, decided.mode, in_time=True))
    as_planned = Alternative(Instead.OTHER_MODE, mode=decided.planned, more_eur=decided.more_eur, expected=True)
    return SegmentReason(CarWeighed(case.stretch(segment), car.called, decided.mode), as_planned)


def _on_wish(case: Case, segment: Segment) -> BatteryOnWish | CarOnWish | None:
    """That people wish what a device does in most of the segment; None where they do not."""
    during, steps, here = case.stretch(segment), case.problem.steps, segment.slots

    def mostly(wished: Callable[[int], bool]) -> bool:
        return 2 * sum(steps[t].hours for t in here if wished(t)) > sum(steps[t].hours for t in here)

    match segment.action:
        case LoadpointAction(mode=mode) if segment.vehicle is not None:
            car = case.car(segment.vehicle)
            if mode is LoadpointMode.OFF and mostly(car.is_paused):
                return CarOnWish(during, car.called, charges=False)
            pushed = mode is LoadpointMode.NOW and mostly(car.is_pushed)
            return CarOnWish(during, car.called, charges=True) if pushed else None
        case BatteryAction(mode=mode):
            battery = case.battery(segment.device)
            if mode is BatteryMode.CHARGE:
                return BatteryOnWish(during, charges=True) if mostly(battery.is_demanded) else None
            return BatteryOnWish(during, charges=False) if mostly(battery.is_held) else None
    return None


def _alternative(case: Case, segment: Segment, why: SegmentReason) -> tuple[Alternative | None, float | None]:
    """What else could be done, and its cost; the look-ahead has weighed its alternative itself."""
    if why.otherwise is not None and why.otherwise.more_eur is not None:
        return same_or_more(case, why, why.otherwise.more_eur), round(why.otherwise.more_eur, 4)
    return priced(case, why, case.at(segment.first))


def _limits(case: Case, segment: Segment, reason: DeviceReason, *, first: bool) -> Sequence[LimitReason]:
    """What keeps a car from its goal, told once, and what binds; not what the model does not know."""
    if isinstance(reason, BatteryKeepsReserve | BatteryNotForCars | BatteryWeighed | BatteryOnWish | CarOnWish):
        return ()
    missed = tuple(in_the_way(case, segment.vehicle)) if first and segment.vehicle else ()
    if isinstance(reason, CarWeighed):
        return missed
    too_slow = any(isinstance(limit, TimeTooShort) for limit in missed)
    binding = (limit for limit in binding_limits(case, segment) if not (too_slow and _full_power(limit)))
    return (*missed, *binding)


def _full_power(limit: LimitReason) -> bool:
    """Whether it says how much a car takes at most: so does that even full power is not enough."""
    return isinstance(limit, PowerLimited) and limit.limit in {Limit.CAR, Limit.CHARGER}


def _same(one: DeviceReason, other: DeviceReason) -> bool:
    """Whether two neighbours say the same, whatever the amounts: they are then told as one."""
    return _cause(one) == _cause(other)


def _resumes(case: Case, pause: Segment, one: DeviceReason, wait: DeviceReason, other: DeviceReason) -> bool:
    """Whether a car goes on charging as before after a short wait: people are told of one charge with pauses.

    What it does now is told by itself.
    """
    steps = case.problem.steps
    short = steps[pause.end - 1].end - steps[pause.first].start <= PAUSE
    match one, wait, other:
        case CarCharges(), CarWaits(), CarCharges():
            return short and (one.goal, one.mix.eur_per_kwh is None) == (other.goal, other.mix.eur_per_kwh is None)
    return False


def _cause(reason: DeviceReason) -> tuple[object, ...]:
    """What makes a reason another one."""
    match reason:
        case CarCharges(mix=mix, goal=goal, worth_eur_per_kwh=worth):
            return reason.kind, mix.sun, mix.battery, mix.eur_per_kwh is None, goal, worth is None
        case CarWaits(until=until, goal=goal):
            return reason.kind, until, goal
        case CarAway(back=back):
            return reason.kind, back
        case CarNotCharged(goal=cause) | CarOnWish(charges=cause):
            return reason.kind, cause
        case CarFull() | CarHasGoal() | CarWeighed():
            return (reason.kind,)
        case _:
            return (reason.kind, reason.during.start)  # a battery's mode is its reason: another mode, another reason
