"""What holds for every explanation, whatever the home: found by hypothesis."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.contract.control import BatteryAction
from ems.contract.message import Reason, Text
from ems.contract.plan import DevicePlan, Explanation, Plan, PlanSlot, PlanStatus
from ems.contract.site import BatteryMode
from support.drawn_problems import problems
from support.evening import BERLIN
from support.examples import few
from support.explained import START, solved, steps, told, with_battery, with_car
from support.said import MAX_CHARACTERS
from tariff_planner.domain.explain.explanations import explain
from tariff_planner.domain.explain.segments import MAX_A_DEVICE, segments
from tariff_planner.domain.milp.relaxation import Relaxation
from tariff_planner.domain.milp.solve import model_parts
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.wording.renderer import Renderer

often = few(15)


def texts(explanations: Sequence[Explanation]) -> list[Text]:
    """All that is said."""
    return [t for e in explanations for t in (e.text, e.alternative, *e.limits) if t is not None]


@often
@given(problems())
def test_every_slot_of_every_device_is_explained_once_in_order(problem: Problem) -> None:
    solution, slots = solved(problem)
    explained = explain(problem, solution, slots, Renderer(BERLIN, problem.start))
    devices = dict.fromkeys(e.device for e in explained)
    assert [e.device for e in explained] == [d for d in devices for e in explained if e.device == d]
    for slot in slots:
        for device, planned in slot.devices.items():
            (one,) = (e for e in explained if e.device == device and e.start <= slot.start < e.end)
            assert one.vehicle == planned.vehicle
            assert one.start < slot.start or one.action == planned.action
    for device in devices:
        own = [e for e in explained if e.device == device]
        assert own == sorted(own, key=lambda e: e.start)


@often
@given(problems())
def test_texts_are_whole_sentences_and_no_alternative_is_cheaper_than_the_plan(problem: Problem) -> None:
    explained = told(problem)
    for text in texts(explained):
        for words in (text.en, text.de, text.nl or ""):
            assert words.endswith(".")
            assert len(words) <= MAX_CHARACTERS
            assert not any(odd in words for odd in ("  ", " ,", " .", "{", "None", "nan", "inf"))
    for one in explained:
        assert one.alternative_cost_eur is None or one.alternative_cost_eur >= 0
        assert one.alternative_cost_eur is None or one.alternative is not None
        if one.alternative_cost_eur is not None and one.alternative is not None:
            assert ("cost the same" in one.alternative.en) is (one.alternative_cost_eur < 0.005)


@often
@given(problems())
def test_no_two_neighbours_say_the_same_of_a_car(problem: Problem) -> None:
    explained = told(problem)
    for one, after in pairwise(explained):
        if one.device == after.device and one.vehicle == after.vehicle and one.vehicle and one.reason and after.reason:
            same = one.reason.kind == after.reason.kind
            assert not (same and one.reason.kind in {"car_full", "car_has_goal"})
            assert not (same and one.reason.parameters == after.reason.parameters)


@few(15)
@given(problems())
def test_the_same_problem_is_explained_the_same(problem: Problem) -> None:
    assert told(problem) == told(problem)


@often
@given(problems(), st.data())
def test_what_is_forced_costs_what_a_model_of_its_own_says_and_leaves_nothing_behind(
    problem: Problem, data: st.DataObject
) -> None:
    build, batteries, cars = model_parts(problem)
    charges = [var for v in batteries for var in v.charge] + [var for v in cars for var in v.charge]
    if not charges:
        return
    living = Relaxation(build.lp)
    other, var = data.draw(st.sampled_from(charges)), data.draw(st.sampled_from(charges))
    living.again({other: (float(other.upBound), float(other.upBound))}, [])
    low = data.draw(st.floats(0, 1)) * float(var.upBound)
    found = living.again({var: (low, float(var.upBound))}, [var])
    build.lp.at_least({var: 1.0}, low)
    try:
        alone = Relaxation(build.lp).objective
    except RuntimeError:
        assert found is None
        return
    assert found is not None
    assert found[0] == pytest.approx(alone, abs=1e-5)
    assert found[0] >= living.objective - 1e-6
    assert found[1][0] >= low - 1e-6


@often
@given(problems())
def test_what_a_relaxed_model_leaves_out_of_itself_changes_nothing(problem: Problem) -> None:
    lean, _, _ = model_parts(problem)
    # Steps in blocks keep every switch, and no block has two steps here.
    places = tuple(replace(place, min_on_minutes=place.min_on_minutes or 1) for place in problem.loadpoints)
    whole, _, _ = model_parts(replace(problem, loadpoints=places))
    assert Relaxation(lean.lp).objective == pytest.approx(Relaxation(whole.lp).objective, abs=1e-6)


def test_what_comes_first_is_what_is_done_now() -> None:
    for one in told(with_battery(steps([0.2, 0.2, 0.5, 0.5])))[:1] + told(with_car(steps([0.4, 0.2])))[:1]:
        assert one.start == START


def flickering(hours: int) -> tuple[PlanSlot, ...]:
    """A plan whose battery does something else in every quarter of an hour."""
    quarter, modes = timedelta(minutes=15), (BatteryMode.NORMAL, BatteryMode.HOLD, BatteryMode.CHARGE)
    return tuple(
        PlanSlot(
            start=START + i * quarter,
            end=START + (i + 1) * quarter,
            import_eur_per_kwh=0.3,
            export_eur_per_kwh=0.08,
            load_kwh=0.1,
            pv_kwh=0.0,
            import_kwh=0.1,
            export_kwh=0.0,
            cost_eur=0.03,
            devices={"battery": DevicePlan(power_w=0, action=BatteryAction(mode=modes[i % 3]), soc_pct=10)},
        )
        for i in range(hours * 4)
    )


def test_too_many_stretches_are_drawn_together_but_not_the_first_and_none_is_lost() -> None:
    slots = flickering(72)
    found = segments(slots)
    assert len(found) <= MAX_A_DEVICE
    assert (found[0].first, found[0].end, found[0].mixed) == (0, 1, False)
    assert [t for segment in found for t in segment.slots] == list(range(len(slots)))


def test_the_most_that_can_be_said_stays_far_below_what_a_broker_carries() -> None:
    words = Text(en="x" * 160, de="ä" * 160, nl="ë" * 160)
    one = Explanation(
        device="loadpoint-1",
        start=START,
        end=START,
        action=BatteryAction(mode=BatteryMode.HOLD),
        text=words,
        reason=Reason(kind="k" * 20, parameters={f"{'p' * 20}{i}": {"from": "2026-01-14T21:00:00Z"} for i in range(4)}),
        alternative=words,
        limits=(words, words, words),
    )
    plan = Plan(
        id="1",
        at=START,
        valid_until=START,
        status=PlanStatus.OPTIMAL,
        slots=flickering(72),
        summary=words,
        explanations=(one,) * MAX_A_DEVICE * 5,
    )
    assert len(plan.payload()) < 700_000
