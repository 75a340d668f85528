"""Plans that cost the same and start less often."""

from dataclasses import replace

from support.problems import FINE, WALLBOX, car, charged, steps
from tariff_planner.domain.milp.solve import plan
from tariff_planner.domain.milp.solver.tie_moves import Pattern, runs, starts, with_fewer_starts
from tariff_planner.domain.problem.problem import Loadpoint, Problem
from tariff_planner.domain.problem.storage import EnergyGoal


def pattern(drawn: str) -> Pattern:
    return tuple({"x": True, ".": False, " ": None}[letter] for letter in drawn)


def test_runs_are_the_stretches_in_which_it_is_on() -> None:
    assert runs(pattern(".xx. xx")) == [range(1, 3), range(5, 7)]
    assert starts([pattern(".xx. xx"), pattern("x......")]) == 3


def test_of_two_that_take_turns_neighbouring_turns_are_exchanged() -> None:
    proposed = list(with_fewer_starts([pattern(".x.xx."), pattern("..x..x")]))
    assert (pattern(".xxx.."), pattern("....xx")) in proposed
    assert (pattern("..xxx."), pattern(".x...x")) in proposed
    assert all(starts(one) < 4 for one in proposed)


def test_no_turn_is_exchanged_over_a_break_in_which_nobody_charges() -> None:
    both = (pattern("xx...x."), pattern("...xx.x"))
    assert not any(one[1][:2] == (True, True) for one in with_fewer_starts(both))


def test_a_run_that_stands_alone_is_moved_to_its_neighbour_and_never_to_where_it_has_no_choice() -> None:
    assert (pattern("...xxx."),) in list(with_fewer_starts([pattern(".x..xx.")]))
    assert all(one[0][1:3] == (None, None) for one in with_fewer_starts([pattern("x  xx")]))


def test_that_what_charges_now_goes_on_is_proposed_before_that_it_waits() -> None:
    assert list(with_fewer_starts([pattern("x..xx..")])) == [(pattern("xxx...."),), (pattern("..xxx.."),)]


def test_there_is_nothing_to_propose_for_one_run_each() -> None:
    assert list(with_fewer_starts([pattern("xx...."), pattern("..xx..")])) == []


def test_two_cars_below_a_tight_limit_charge_one_after_the_other() -> None:
    quarters = tuple(replace(s, import_limit_kw=9.0) for s in steps([0.30] * 16, load_kw=0.8, minutes=15))
    by = quarters[-1].end
    cars = tuple(
        replace(car(), name=name, loadpoint=f"at-{name}", goals=(EnergyGoal(20.0 + kwh, by),))
        for name, kwh in (("limo", 13.0), ("zoe", 11.0))
    )
    home = Problem(quarters, cars=cars, loadpoints=(Loadpoint("at-limo"), Loadpoint("at-zoe")))
    found = plan(home, FINE)
    assert found.unmet == ()
    assert starts([tuple(kwh > 0.01 for kwh in charged(found, c.name)) for c in cars]) == 2


def test_a_car_charges_in_one_go_within_hours_of_one_price() -> None:
    night = steps([0.40] * 8 + [0.20] * 4 + [0.10] * 8 + [0.40] * 8, load_kw=0.5, minutes=15)
    home = Problem(night, cars=(car(20.0, 40.0, night[-1].end),), loadpoints=(WALLBOX,))
    found = plan(home, FINE)
    assert starts([tuple(kwh > 0.01 for kwh in charged(found))]) == 1
