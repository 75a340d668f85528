"""Any planning problem that passes validation, for hypothesis to draw."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tariff_planner.domain.problem.problem import (
    CapacityPrice,
    Loadpoint,
    PreviousSlot,
    Problem,
    Step,
)
from tariff_planner.domain.problem.storage import (
    Battery,
    Car,
    EnergyGoal,
    Inverter,
    TerminalValue,
    Trip,
)

START = datetime(2026, 3, 29, 0, 7, tzinfo=UTC)

price = st.floats(-0.2, 0.6).map(lambda x: round(x, 3))
share = st.sampled_from([0.0, 0.5, 1.0])
energy = st.floats(0, 3).map(lambda x: round(x, 2))


@st.composite
def steps(draw: st.DrawFn) -> tuple[Step, ...]:
    made, at = [], START
    for minutes in draw(st.lists(st.sampled_from([8, 15, 30, 60]), min_size=2, max_size=10)):
        end = at + timedelta(minutes=minutes)
        limits = st.none() | st.floats(0, 12)
        buy, sell = draw(price), draw(price)
        limited = draw(limits), draw(st.none() | limits), draw(st.none() | st.none() | limits)
        made.append(Step(at, end, draw(energy), draw(energy), buy, sell, *limited, swap=draw(st.booleans())))
        at = end
    return tuple(made)


@st.composite
def battery_goals(draw: st.DrawFn, capacity: float) -> tuple[EnergyGoal, ...]:
    goals = draw(st.lists(st.tuples(st.floats(0, 1.2), st.integers(-60, 1000)), max_size=1))
    return tuple(EnergyGoal(share * capacity, START + timedelta(minutes=m), 5.0) for share, m in goals)


@st.composite
def batteries(draw: st.DrawFn, name: str = "battery", inverters: tuple[str, ...] = ()) -> Battery:
    capacity = draw(st.floats(1, 20))
    return Battery(
        name,
        draw(st.floats(0, 1)) * capacity,
        capacity,
        draw(st.floats(0, 6)),
        draw(st.floats(0, 6)),
        min_kwh=draw(st.floats(0, 1)) * capacity,
        max_kwh=draw(st.none() | st.floats(0, 1).map(lambda x: x * capacity)),
        charge_efficiency=draw(st.floats(0.7, 1)),
        discharge_efficiency=draw(st.floats(0.7, 1)),
        wear_eur_per_kwh=draw(st.sampled_from([0.0, 0.05])),
        can_charge_from_grid=draw(st.booleans()),
        can_discharge_to_grid=draw(st.booleans()),
        feeds_cars=draw(st.booleans()),
        inverter=draw(st.sampled_from([None, *inverters])),
        taper_from_kwh=draw(st.none() | st.floats(0, 1).map(lambda x: x * capacity)),
        taper_to=draw(st.sampled_from([0.0, 0.2, 1.0])),
        min_charge_kw=draw(st.sampled_from([0.0, 0.0, 1.38])),
        worth=(TerminalValue(capacity, draw(st.floats(0, 0.4))),),
        goals=draw(battery_goals(capacity)),
    )


@st.composite
def trips(draw: st.DrawFn) -> tuple[Trip, ...]:
    if draw(st.booleans()):
        return ()
    leave = START + timedelta(minutes=draw(st.integers(-60, 300)))
    return (Trip(leave, leave + timedelta(minutes=draw(st.integers(5, 300))), draw(st.floats(0, 30))),)


@st.composite
def cars(draw: st.DrawFn, name: str = "zoe", loadpoint: str = "loadpoint-1", *, plugged: bool = True) -> Car:
    soc = draw(st.floats(0, 60))
    goals = draw(st.lists(st.tuples(st.floats(0, 60), st.integers(-60, 1000)), max_size=2))
    return Car(
        name,
        loadpoint,
        soc,
        60.0,
        max_kw=draw(st.sampled_from([0.0, 3.7, 11.0])),
        plugged=plugged,
        limit_kwh=draw(st.none() | st.floats(0, 60)),
        taper_from_kwh=draw(st.none() | st.just(48.0)),
        goals=tuple(EnergyGoal(kwh, START + timedelta(minutes=m)) for kwh, m in goals),
        trips=draw(trips()),
        worth=(TerminalValue(draw(st.floats(0, 60)), draw(st.floats(0, 0.3))),),
    )


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Up to two batteries, and up to three cars: alone at a loadpoint, or two that share one, plugged in or not."""
    plugged = draw(st.booleans())
    several = [
        draw(cars("zoe", plugged=plugged)),
        draw(cars("kona", plugged=False)),
        draw(cars("mini", "loadpoint-2")),
    ]
    chosen = draw(st.sets(st.sampled_from([0, 1, 2])))
    names = draw(st.sampled_from([(), ("battery",), ("battery", "second")]))
    inverters = draw(st.sampled_from([(), ("hybrid",)]))
    slots = draw(steps())
    before = draw(st.booleans())
    return Problem(
        slots,
        tuple(draw(batteries(name, inverters)) for name in names),
        tuple(several[i] for i in sorted(chosen)),
        tuple(
            Loadpoint(
                name,
                min_kw=draw(st.sampled_from([0.0, 1.38, 4.14])),
                max_kw=11.04,
                min_on_minutes=draw(st.sampled_from([0, 0, 30])),
            )
            for name in ("loadpoint-1", "loadpoint-2")
        ),
        draw(st.none() | st.just(CapacityPrice(0.5, 3.0))),
        tuple(PreviousSlot(s.start, s.end, frozenset({"zoe", "battery"})) for s in slots[::2]) if before else (),
        inverters=tuple(draw(st.builds(Inverter, st.just(name), st.floats(0, 8), share)) for name in inverters),
        curtailable=draw(st.booleans()),
    )


@st.composite
def wished_problems(draw: st.DrawFn) -> Problem:
    """The same in which people wish what devices do in some of the steps."""
    problem = draw(problems())
    by_step = st.lists(st.booleans(), min_size=len(problem.steps), max_size=len(problem.steps)).map(tuple)
    return replace(
        problem,
        batteries=tuple(replace(battery, held=draw(by_step)) for battery in problem.batteries),
        cars=tuple(replace(car, paused=draw(by_step), pushed=draw(by_step)) for car in problem.cars),
    )
