"""A solved problem as the messages that the bus carries: the plan, and what each device should do now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2s

from ems.contract.control import BatteryAction, ControllerName, LoadpointAction, Proposal
from ems.contract.message import Text
from ems.contract.plan import (
    BatteryShare,
    DevicePlan,
    Explanation,
    Plan,
    PlanSlot,
    PlanStatus,
    Shortfall,
    SolverFacts,
    Window,
)
from ems.contract.site import BatteryMode, LoadpointMode
from ems.house.battery import BatteryFlow
from tariff_planner.domain.actions.battery_shares import battery_flows
from tariff_planner.domain.actions.car_decision import CarDecision
from tariff_planner.domain.actions.evcc_modes import (
    SlotFlow,
    battery_action,
    battery_slot_flow,
    car_action,
    car_slot_flow,
    weighed_action,
)
from tariff_planner.domain.actions.planned_charging import planned_charging
from tariff_planner.domain.problem.problem import PreviousSlot, Problem
from tariff_planner.domain.problem.solution import Solution
from tariff_planner.domain.problem.storage import Battery

_ROUNDED_KWH = 1e-3
"""Energies that differ by less differ by their rounding alone."""


@dataclass(frozen=True, slots=True)
class SeparateBatteries:
    """Several batteries as they are planned, which stand in a plan's slots beside what they do together."""

    problem: Problem
    solution: Solution
    names: Mapping[str, str]
    """What people call each."""
    capacity_kwh: Mapping[str, float]
    following: Mapping[str, Sequence[BatteryFlow]]
    """What those do, by step, that evcc cannot steer."""


@dataclass(frozen=True, slots=True)
class PlanContext:
    """Everything that the messages of one decision are made from."""

    at: datetime
    valid_until: datetime
    problem: Problem
    """As ``banked``: with the batteries that are told the same as one."""
    solution: Solution
    alone_eur: float
    battery_now: BatteryMode | None
    """The battery's mode in the first slot, when the look-ahead has decided it."""
    shortfalls: tuple[Shortfall, ...]
    problems: tuple[Text, ...]
    cars_now: Mapping[str, CarDecision] = field(default_factory=dict)
    """By car, what was decided otherwise than planned for the first slot."""
    currency: str = "EUR"
    separate: SeparateBatteries | None = None
    """Where there are several batteries."""


def plan_slots(context: PlanContext) -> tuple[PlanSlot, ...]:
    """What every device does in every slot."""
    return tuple(_slot(context, t) for t in range(len(context.problem.steps)))


def plan_message(
    context: PlanContext, slots: tuple[PlanSlot, ...], summary: Text, explanations: tuple[Explanation, ...]
) -> Plan:
    """The plan as people and services see it: its slots (:func:`plan_slots`), and in words what they mean."""
    solution = context.solution
    proof = solution.proof
    return Plan(
        id=plan_id(context.at, slots),
        at=context.at,
        valid_until=context.valid_until,
        status=PlanStatus.OPTIMAL if proof.proven else PlanStatus.FEASIBLE,
        currency=context.currency,
        slots=slots,
        cost_eur=solution.cost_eur,
        evcc_alone_eur=context.alone_eur,
        saving_eur=context.alone_eur - solution.cost_eur,
        next_charge=_next_charge(slots),
        summary=summary,
        explanations=explanations,
        shortfalls=context.shortfalls,
        problems=context.problems,
        titles=titles(context.problem),
        charging=planned_charging(slots),
        loadpoints={p.name: p.title for p in context.problem.loadpoints if p.title},
        solver=SolverFacts(
            name="HiGHS",
            seconds=proof.seconds,
            bound_eur=proof.bound_eur,
            gap_eur=proof.gap_eur,
            binaries=proof.binaries,
            rows=proof.rows,
        ),
    )


def titles(problem: Problem) -> dict[str, str]:
    """What people call the vehicles, where that is not their name."""
    return {c.name: c.title for c in problem.cars if c.title}


def proposals(plan: Plan, reasons: Mapping[str, Text]) -> dict[str, Proposal]:
    """What each planned device should do now, by device; the reason is its explanation, else the plan's summary."""
    return {
        device: Proposal(
            device=device,
            controller=ControllerName.LP,
            at=plan.at,
            valid_until=plan.valid_until,
            action=planned.action,
            power_w=planned.power_w,
            plan_id=plan.id,
            reason=reasons.get(device, plan.summary),
        )
        for device, planned in (plan.slots[0].devices.items() if plan.slots else ())
    }


def previous_slots(plan: Plan | None) -> tuple[PreviousSlot, ...]:
    """Which devices the last plan wanted to charge in which slot: a new plan differs only for a cause."""
    if plan is None:
        return ()
    return tuple(PreviousSlot(s.start, s.end, frozenset(_charging(s))) for s in plan.slots)


def plan_id(at: datetime, slots: Sequence[PlanSlot]) -> str:
    """Short, the same for the same decision: lets proposals and decisions be traced to their plan."""
    digest = blake2s(digest_size=4)
    digest.update(at.isoformat().encode())
    for slot in slots:
        digest.update(slot.model_dump_json().encode())
    return digest.hexdigest()


def _slot(context: PlanContext, t: int) -> PlanSlot:
    step = context.problem.steps[t]
    devices = {**_batteries(context, t), **_loadpoints(context, t)}
    imported, exported, curtailed = _meter(context, t, devices)
    return PlanSlot(
        start=step.start,
        end=step.end,
        import_eur_per_kwh=step.import_eur_per_kwh,
        export_eur_per_kwh=step.export_eur_per_kwh,
        price_known=step.price_known,
        load_kwh=step.load_kwh,
        pv_kwh=step.pv_kwh,
        import_kwh=imported,
        export_kwh=exported,
        curtailed_kwh=curtailed,
        cost_eur=imported * step.import_eur_per_kwh - exported * step.export_eur_per_kwh,
        devices=devices,
    )


def _meter(context: PlanContext, t: int, devices: Mapping[str, DevicePlan]) -> tuple[float, float, float]:
    """What is imported, exported and left unused in kWh; in the running slot with what the devices are told."""
    problem, solution = context.problem, context.solution
    curtailed = solution.curtailed_kwh[t] if solution.curtailed_kwh else 0.0
    imported, exported = solution.import_kwh[t], solution.export_kwh[t]
    if t:
        return imported, exported, curtailed
    step = problem.steps[0]
    more_kwh = _cars_kwh(context) - sum(p.charge_kwh[0] for p in solution.cars.values())
    for battery in problem.batteries[:1]:
        planned_kwh = battery_slot_flow(solution, battery, problem.steps, 0).power_kw * step.hours
        more_kwh += planned_kwh - devices[battery.name].power_w / 1000 * step.hours
    if abs(more_kwh) < _ROUNDED_KWH:
        return imported, exported, curtailed
    net = imported - exported - curtailed + more_kwh
    left = max(0.0, -net)
    limit_kw = problem.feed_in_limit_kw(step)
    # Without a limit it is an inverter that lets no more through.
    fed_in = max(0.0, left - curtailed) if limit_kw is None else min(left, limit_kw * step.hours)
    return max(0.0, net), fed_in, left - fed_in


def _batteries(context: PlanContext, t: int) -> dict[str, DevicePlan]:
    problem, solution = context.problem, context.solution
    if not problem.batteries:
        return {}
    battery = problem.batteries[0]
    flow = battery_slot_flow(solution, battery, problem.steps, t)
    each = _each(context, t)
    action = battery_action(problem, solution, battery, t)
    now = context.battery_now if t == 0 else None
    if now is None and t == 0 and context.cars_now:
        now = action.mode
    told_otherwise = context.cars_now or now is not action.mode or (now is BatteryMode.HOLD and flow.power_kw > 0)
    if now is not None and told_otherwise:
        action = BatteryAction(mode=now)
        told = _as_chosen(context, battery, action.mode)
        flow = SlotFlow(sum(f.power_kw for f in told.values()), sum(f.energy_kwh for f in told.values()))
        each |= told
    return {
        battery.name: DevicePlan(
            power_w=round(flow.power_kw * 1000, 1),
            action=action,
            soc_pct=_pct(flow.energy_kwh, battery.capacity_kwh),
            batteries=_shares(context.separate, each) if context.separate else None,
        )
    }


def _each(context: PlanContext, t: int) -> dict[str, SlotFlow]:
    """What each of several batteries is planned to do; nothing where there is one."""
    separate = context.separate
    if separate is None:
        return {}
    steps = separate.problem.steps
    planned = {b.name: battery_slot_flow(separate.solution, b, steps, t) for b in separate.problem.batteries}
    return planned | {name: SlotFlow(f[t].power_kw, f[t].energy_kwh) for name, f in separate.following.items()}


def _shares(separate: SeparateBatteries, each: Mapping[str, SlotFlow]) -> tuple[BatteryShare, ...]:
    """Each battery's part, those that cannot be told anything among them."""
    return tuple(
        BatteryShare(
            name=separate.names[name],
            power_w=round(flow.power_kw * 1000, 1),
            soc_pct=_pct(flow.energy_kwh, separate.capacity_kwh[name]),
        )
        for name, flow in each.items()
    )


def _as_chosen(context: PlanContext, battery: Battery, mode: BatteryMode) -> dict[str, SlotFlow]:
    """What the batteries will do now in the mode that the look-ahead chose against the plan's forecast."""
    step = context.problem.steps[0]
    need_kw = (step.load_kwh + _cars_kwh(context) - step.pv_kwh) / step.hours
    told = context.separate.problem.batteries if context.separate else (battery,)
    return dict(zip((b.name for b in told), battery_flows(told, mode, need_kw, step.hours), strict=True))


def _cars_kwh(context: PlanContext) -> float:
    """What all cars take in the first slot, as decided."""
    hours = context.problem.steps[0].hours
    return sum(
        decided.power_kw * hours if (decided := context.cars_now.get(name)) else plan.charge_kwh[0]
        for name, plan in context.solution.cars.items()
    )


def _loadpoints(context: PlanContext, t: int) -> dict[str, DevicePlan]:
    problem, solution = context.problem, context.solution
    made: dict[str, DevicePlan] = {}
    for loadpoint in problem.loadpoints:
        cars = [c for c in problem.cars if c.loadpoint == loadpoint.name]
        car = next((c for c in cars if solution.cars[c.name].plugged[t]), None)
        if car is None:
            continue
        device = car_slot_flow(solution, car, problem.steps, t)
        action = car_action(problem, solution, car, loadpoint, t)
        decided = context.cars_now.get(car.name) if t == 0 else None
        if decided is not None:
            taken_kwh = decided.power_kw * problem.steps[0].hours * car.charge_efficiency
            device = SlotFlow(decided.power_kw, car.energy_kwh + taken_kwh)
            action = weighed_action(problem, car, decided.mode, decided.power_kw)
        made[loadpoint.name] = DevicePlan(
            power_w=round(device.power_kw * 1000, 1),
            action=action,
            soc_pct=_pct(device.energy_kwh, car.capacity_kwh),
            vehicle=car.name,
        )
    return made


def _pct(energy_kwh: float, capacity_kwh: float) -> float:
    return round(min(100.0, max(0.0, energy_kwh / capacity_kwh * 100)), 2)


def _buys(device: DevicePlan) -> bool:
    """Whether a device is told to take energy from the grid."""
    match device.action:
        case BatteryAction(mode=mode):
            return mode is BatteryMode.CHARGE
        case LoadpointAction(mode=mode):
            return mode in {LoadpointMode.NOW, LoadpointMode.MINPV}


def _charging(slot: PlanSlot) -> list[str]:
    names = []
    for name, device in slot.devices.items():
        power = -device.power_w if device.action.kind == "battery" else device.power_w
        if power > 0:
            names.append(device.vehicle or name)
    return names


def _next_charge(slots: Sequence[PlanSlot]) -> Window | None:
    """The next stretch in which something buys energy to keep."""
    window: list[PlanSlot] = []
    for slot in slots:
        if any(_buys(d) for d in slot.devices.values()):
            window.append(slot)
        elif window:
            break
    if not window:
        return None
    hours = [(s.end - s.start).total_seconds() / 3600 for s in window]
    mean = sum(s.import_eur_per_kwh * h for s, h in zip(window, hours, strict=True)) / sum(hours)
    return Window(start=window[0].start, end=window[-1].end, mean_eur_per_kwh=mean)
