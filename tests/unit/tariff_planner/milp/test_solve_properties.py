"""What holds for every plan, whatever the home: found by hypothesis."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.drawn_problems import problems, wished_problems
from support.examples import few
from support.reference_milp import best, cost_of
from tariff_planner.domain.decision.evcc_baseline import evcc_alone_eur
from tariff_planner.domain.milp.battery import burning_eur_per_kwh
from tariff_planner.domain.milp.solve import plan
from tariff_planner.domain.milp.solver.branch_and_bound import Effort
from tariff_planner.domain.problem.problem import Problem

QUICK = Effort(gap_eur=0.005, seconds=5)
often = few(15)
SIMPLE: dict[str, Any] = {
    "max_kwh": None,
    "min_kwh": 0.0,
    "goals": (),
    "inverter": None,
    "taper_from_kwh": None,
    "min_charge_kw": 0.0,
}


@often
@given(problems())
def test_every_valid_problem_has_a_plan_that_balances_and_stays_within_bounds(problem: Problem) -> None:
    found = plan(problem, QUICK)
    for t, step in enumerate(problem.steps):
        taken = sum(c.charge_kwh[t] for c in found.cars.values())
        taken += sum(b.charge_kwh[t] - b.discharge_kwh[t] for b in found.batteries.values())
        net = step.load_kwh - step.pv_kwh + taken + found.curtailed_kwh[t]
        assert found.import_kwh[t] - found.export_kwh[t] == pytest.approx(net, abs=1e-5)
        assert min(found.import_kwh[t], found.export_kwh[t]) == 0
    for battery in problem.batteries:
        one, before = found.batteries[battery.name], battery.energy_kwh
        for t, step in enumerate(problem.steps):
            gain = one.charge_kwh[t] * battery.charge_efficiency - one.discharge_kwh[t] / battery.discharge_efficiency
            assert one.energy_kwh[t] == pytest.approx(before + gain, abs=1e-5)
            assert one.energy_kwh[t] <= max(battery.ceiling_kwh, battery.energy_kwh) + 1e-5
            assert one.energy_kwh[t] >= min(battery.floor_kwh, battery.energy_kwh) - 1e-5
            assert one.charge_kwh[t] <= battery.charge_kw * step.hours + 1e-5
            assert min(one.charge_kwh[t], one.discharge_kwh[t]) < 1e-3
            if not battery.can_charge_from_grid:
                only_sun = one.charge_kwh[t] - problem.beyond_ac_kwh(battery, t)
                assert min(only_sun, found.import_kwh[t]) < 1e-3
            if not battery.can_discharge_to_grid:
                assert min(one.discharge_kwh[t], found.export_kwh[t]) < 1e-3
            before = one.energy_kwh[t]
    for car in problem.cars:
        filled, before = found.cars[car.name], car.energy_kwh
        for t, step in enumerate(problem.steps):
            gain = filled.charge_kwh[t] * car.charge_efficiency
            # What a trip needs beyond what is there comes from elsewhere.
            assert filled.energy_kwh[t] >= max(0.0, before + gain - car.used_kwh(step)) - 1e-5
            assert filled.energy_kwh[t] <= before + gain + 1e-5
            assert filled.charge_kwh[t] <= car.max_kw * step.hours * car.at_home(step) * filled.plugged[t] + 1e-5
            before = filled.energy_kwh[t]
        assert max(filled.energy_kwh) <= max(car.ceiling_kwh, car.energy_kwh) + 1e-5
    for t in range(len(problem.steps)):
        there = [c.loadpoint for c in problem.cars if found.cars[c.name].plugged[t]]
        assert len(there) == len(set(there))
    for car in problem.cars:
        assert found.cars[car.name].plugged[0] is car.plugged


@often
@given(problems())
def test_sun_is_left_unused_only_at_a_limit_of_export_and_never_while_one_buys(problem: Problem) -> None:
    found = plan(problem, QUICK)
    for t, step in enumerate(problem.steps):
        lost = sum(i.beyond_ac_kwh(step.pv_kwh, step.hours) for i in problem.inverters)
        if found.curtailed_kwh[t] > lost + 1e-3 and not (problem.curtailable and step.export_eur_per_kwh < 0):
            assert step.export_limit_kw is not None
            assert found.import_kwh[t] < 1e-3
            full_kwh = step.export_limit_kw * step.hours
            assert step.export_eur_per_kwh == 0 or found.export_kwh[t] == pytest.approx(full_kwh, abs=1e-3)


@often
@given(problems())
def test_no_plan_is_worse_than_doing_nothing_under_its_own_forecast(problem: Problem) -> None:
    # Goals and limits are wishes with a price of their own; without them a plan can only save.
    plain = replace(
        problem,
        steps=tuple(replace(s, import_limit_kw=None, export_limit_kw=None) for s in problem.steps),
        cars=tuple(replace(c, goals=(), trips=()) for c in problem.cars),
        batteries=tuple(replace(b, goals=(), inverter=None) for b in problem.batteries),
        inverters=(),
        capacity_price=None,
    )
    nothing = sum(
        max(0.0, s.load_kwh - s.pv_kwh) * s.import_eur_per_kwh - max(0.0, s.pv_kwh - s.load_kwh) * s.export_eur_per_kwh
        for s in plain.steps
    )
    idle = sum(b.worth[0].eur_per_kwh * b.energy_kwh for b in plain.batteries)
    idle += sum(min(c.worth[0].upto_kwh, c.energy_kwh) * c.worth[0].eur_per_kwh for c in plain.cars)
    assert plan(plain, QUICK).cost_eur <= nothing - idle + QUICK.gap_eur + 1e-3


@often
@given(problems(), st.floats(0.001, 0.2))
def test_a_dearer_import_never_makes_a_plan_cheaper(problem: Problem, more: float) -> None:
    dearer = replace(
        problem, steps=tuple(replace(s, import_eur_per_kwh=s.import_eur_per_kwh + more) for s in problem.steps)
    )
    cheap, dear = plan(problem, QUICK), plan(dearer, QUICK)
    # While one is paid for losing energy, emptying a battery has a price of its own.
    given_up = sum(
        burning_eur_per_kwh(b, s) * b.discharge_kw * s.hours for b in problem.batteries for s in problem.steps
    )
    assert dear.proof.objective_eur >= cheap.proof.bound_eur - given_up - 1e-4


@often
@given(problems())
def test_the_proof_holds_its_own_words(problem: Problem) -> None:
    found = plan(problem, QUICK)
    assert found.proof.proven is (found.proof.objective_eur - found.proof.bound_eur <= QUICK.gap_eur + 1e-9)


@often
@given(problems())
def test_with_ordinary_prices_a_plan_is_not_dearer_than_evcc_alone_but_for_its_gap(problem: Problem) -> None:
    ordinary = replace(
        problem,
        steps=tuple(
            replace(
                s,
                import_eur_per_kwh=abs(s.import_eur_per_kwh) + 0.1,
                export_eur_per_kwh=0.08,
                import_limit_kw=None,
                export_limit_kw=None,
            )
            for s in problem.steps
        ),
        cars=(),
        capacity_price=None,
        inverters=(),
        # The sum of several batteries is not simulated: evcc alone is told for one, without taper and least power.
        batteries=tuple(replace(b, **SIMPLE) for b in problem.batteries[:1]),
    )
    assert plan(ordinary, QUICK).cost_eur <= evcc_alone_eur(ordinary) + QUICK.gap_eur + 1e-3


@often
@given(problems())
def test_no_bound_is_above_the_plain_milps_optimum_and_a_plan_costs_there_what_it_says(problem: Problem) -> None:
    found = plan(problem, QUICK)
    price = problem.capacity_price
    paid = 0.0 if price is None else price.peak_kw * price.eur_per_kw
    right, low = best(problem, 1e-5, 20.0)
    assert found.proof.bound_eur - paid <= right + 1e-3
    assert low - 1e-3 <= found.proof.objective_eur - paid <= right + QUICK.gap_eur + 1e-3
    assert cost_of(problem, found) == pytest.approx(found.proof.objective_eur - paid, abs=0.01)


@often
@given(wished_problems())
def test_what_people_wish_of_steps_is_obeyed_and_still_the_cheapest_plan_is_found(problem: Problem) -> None:
    found = plan(problem, QUICK)
    for battery in problem.batteries:
        gives = found.batteries[battery.name].discharge_kwh
        assert not any(kwh for t, kwh in enumerate(gives) if battery.is_held(t))
    for car in problem.cars:
        takes = found.cars[car.name].charge_kwh
        assert not any(kwh for t, kwh in enumerate(takes) if car.is_paused(t))
    price = problem.capacity_price
    paid = 0.0 if price is None else price.peak_kw * price.eur_per_kw
    right, low = best(problem, 1e-5, 20.0)
    assert found.proof.bound_eur - paid <= right + 1e-3
    assert low - 1e-3 <= found.proof.objective_eur - paid <= right + QUICK.gap_eur + 1e-3
