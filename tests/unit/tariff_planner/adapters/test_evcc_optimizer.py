"""evcc-io/optimizer's own requests, answered in its words: at least its money, nothing violated more."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tariff_planner.adapters import problem_file
from tariff_planner.commands.solve import COMMAND

CASES = sorted((Path(__file__).parents[3] / "fixtures" / "evcc-optimizer").glob("*.json"))
ANY_WH = 2.0
REQUESTS = Path(__file__).parents[3] / "fixtures" / "planner-requests"
BEST_EUR = {
    "dyn-48h-2024-03-20": 15.6659,
    "dyn-48h-2024-06-10": 12.8293,
    "flat-48h-2024-03-20": 23.5597,
    "flat-48h-2024-06-10": 28.2139,
    "dyn-96h-2024-03-20": 3.6566,
    "dyn-96h-2024-06-10": 14.2530,
    "flat-96h-2024-03-20": 17.7939,
    "flat-96h-2024-06-10": 29.2378,
}
"""What each request's best plan earns, to 0.3 ct: by a model of our own in bare HiGHS that shares nothing with this."""


def account(request: dict[str, Any], answer: dict[str, Any]) -> tuple[float, dict[str, float]]:
    """Money, and Wh by which wishes and bounds are missed, recomputed from the schedules alone."""
    series = request["time_series"]
    net = [g - f for g, f in zip(series["gt"], series["ft"], strict=True)]
    money, missed = 0.0, dict.fromkeys(("goal", "demand", "import", "export", "least", "most"), 0.0)
    for store, plan in zip(request["batteries"], answer["batteries"], strict=True):
        stored = store["s_initial"]
        for t, seconds in enumerate(series["dt"]):
            charge, discharge, hours = plan["charging_power"][t], plan["discharging_power"][t], seconds / 3600
            net[t] += charge - discharge
            stored += request.get("eta_c", 0.95) * charge - discharge / request.get("eta_d", 0.95)
            missed["most"] += max(0.0, charge - store["c_max"] * hours) + max(0.0, discharge - store["d_max"] * hours)
            missed["most"] += max(0.0, stored - max(store["s_max"], store["s_initial"]))
            if charge > 0.5:
                missed["least"] += max(0.0, store.get("c_min", 0) * hours - charge)
            missed["goal"] += max(0.0, (store.get("s_goal") or [0] * len(net))[t] - stored)
            wanted = (store.get("p_demand") or [0] * len(net))[t]
            missed["demand"] += max(0.0, min(wanted, store["c_max"] * hours) - charge)
        money += store["p_a"] * stored
    limits = request.get("grid") or {}
    for t, wh in enumerate(net):
        hours = series["dt"][t] / 3600
        money -= wh * series["p_N"][t] if wh > 0 else wh * series["p_E"][t]
        for key, name, flow in (("p_max_imp", "import", wh), ("p_max_exp", "export", -wh)):
            if limits.get(key) is not None:
                missed[name] += max(0.0, flow - limits[key] * hours)
    return money, missed


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_the_answer_earns_at_least_as_much_and_misses_no_more(path: Path) -> None:
    case = json.loads(path.read_text())
    request = case["request"]
    answer = problem_file.solve(json.dumps(request), 10.0)
    ours, ours_missed = account(request, answer)
    theirs, theirs_missed = account(request, case["expected_response"])
    assert ours >= theirs - 1e-4
    assert all(wh <= theirs_missed[name] + ANY_WH for name, wh in ours_missed.items())
    assert answer["objective_value"] == pytest.approx(ours, abs=1e-3)
    assert answer["status"] == "Optimal"


@pytest.mark.parametrize("name", BEST_EUR)
def test_a_request_of_48_or_96_hours_is_answered_with_what_the_independent_model_earns(name: str) -> None:
    text = (REQUESTS / f"{name}.json").read_text()
    answer = problem_file.solve(text, 60.0)
    earned, missed = account(json.loads(text), answer)
    assert answer["status"] == "Optimal"
    assert BEST_EUR[name] - 0.01 <= earned <= BEST_EUR[name] + 0.004
    assert max(missed.values()) <= ANY_WH


def request(**store: object) -> dict[str, Any]:
    base = {"s_min": 0, "s_max": 10_000, "s_initial": 0, "c_min": 0, "c_max": 4_000, "d_max": 0, "p_a": 0.0}
    return {
        "batteries": [{"charge_from_grid": True, **base, **store}],
        "time_series": {"dt": [3600] * 4, "gt": [0] * 4, "ft": [0] * 4, "p_N": [3e-4] * 4, "p_E": [1e-4] * 4},
    }


def charging(content: dict[str, Any]) -> list[float]:
    charged: list[float] = problem_file.solve(json.dumps(content), 10.0)["batteries"][0]["charging_power"]
    return charged


def test_a_demand_is_met_in_every_step_until_the_car_is_full_and_the_last_bit_may_be_small() -> None:
    falling = request(s_max=5_000, c_min=1_500, p_demand=[2_000] * 4)
    falling["time_series"]["p_N"] = [4e-4, 3e-4, 2e-4, 1e-4]
    assert charging(falling) == pytest.approx([2_000, 2_000, 5_000 / 0.95 - 4_000, 0], abs=1)


def test_more_than_the_demand_is_taken_while_it_is_cheap_and_a_full_car_is_asked_nothing() -> None:
    rising = request(s_max=5_000, c_min=1_500, p_demand=[2_000] * 4)
    rising["time_series"]["p_N"] = [1e-4, 2e-4, 3e-4, 4e-4]
    assert charging(rising) == pytest.approx([4_000, 5_000 / 0.95 - 4_000, 0, 0], abs=1)


def test_a_battery_is_not_emptied_where_something_is_demanded_of_it() -> None:
    dear = request(s_initial=10_000, d_max=4_000, p_demand=[1_000] * 4)
    dear["time_series"]["gt"] = [2_000] * 4
    answer = problem_file.solve(json.dumps(dear), 10.0)["batteries"][0]
    assert answer["discharging_power"] == [0, 0, 0, 0]


def test_a_goal_beyond_reach_is_approached_as_far_as_possible() -> None:
    assert charging(request(s_goal=[0, 9_000, 0, 0]))[:2] == pytest.approx([4_000, 4_000], abs=1)


def test_a_store_that_may_not_charge_from_the_grid_does_not() -> None:
    assert charging(request(charge_from_grid=False, p_a=1e-3)) == pytest.approx([0, 0, 0, 0], abs=0.1)


def test_a_price_per_watt_beyond_the_limit_spreads_the_charging() -> None:
    priced = request(s_goal=[0, 0, 0, 7_600]) | {"grid": {"p_max_imp": 1_000, "prc_p_exc_imp": 0.001}}
    assert max(charging(priced)) == pytest.approx(2_000, abs=1)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda r: r["batteries"][0].update(s_goals=[0] * 4), "batteries.0.s_goals: unknown (did you mean 's_goal'?)"),
        (lambda r: r["batteries"][0].update(charge_form_grid=True), "(did you mean 'charge_from_grid'?)"),
        (lambda r: r["time_series"].update(p_n=[0] * 4), "time_series.p_n: unknown (did you mean 'p_N'?)"),
        (lambda r: r["time_series"].update(p_e=[0] * 4), "time_series.p_e: unknown (did you mean 'p_E'?)"),
        (lambda r: r.update(grid={"p_max_import": 1}), "grid.p_max_import: unknown (did you mean 'p_max_imp'?)"),
        (lambda r: r.update(eta=0.9), "eta: unknown (did you mean 'eta_"),
        (lambda r: r.update(time_serie=r.pop("time_series")), "time_serie: unknown (did you mean 'time_series'?)"),
        (lambda r: r.update(strategy={"charging_strategy": "charge_before_exprt"}), "strategy.charging_strategy: "),
        (lambda r: r.update(horizon=3), "horizon: unknown; known are M, batteries"),
        (lambda r: r["batteries"][0].pop("s_max"), "batteries.0.s_max: "),
    ],
)
def test_what_a_request_does_not_know_is_refused_with_the_nearest_key(
    wrong: Callable[[dict[str, Any]], object], words: str
) -> None:
    content = request()
    wrong(content)
    with pytest.raises(ValueError, match=re.escape(words)):
        problem_file.solve(json.dumps(content), 10.0)


def test_the_keys_that_only_the_service_itself_needs_are_known() -> None:
    usual = charging(request(s_goal=[0, 0, 0, 7_600]))
    assert charging(request(s_goal=[0, 0, 0, 7_600], c_priority=2) | {"M": 1_000_000}) == usual


def test_series_of_different_lengths_are_refused_in_words() -> None:
    wrong = request()
    wrong["time_series"]["gt"] = [0]
    with pytest.raises(ValueError, match="same length"):
        problem_file.solve(json.dumps(wrong), 10.0)


def test_our_own_format_is_described_by_its_schema_and_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import argparse  # noqa: PLC0415  only here

    assert set(problem_file.schema()["properties"]) >= {"steps", "batteries", "cars", "loadpoints"}
    file = tmp_path / "home.json"
    step = {"start": "2026-01-14T18:00:00+01:00", "end": "2026-01-14T19:00:00+01:00", "load_kwh": 1.0, "pv_kwh": 0.0}
    file.write_text(json.dumps({"steps": [step | {"import_eur_per_kwh": 0.3, "export_eur_per_kwh": 0.08}]}))
    parser = argparse.ArgumentParser()
    COMMAND.configure(parser)
    assert COMMAND.run(parser.parse_args([str(file)])) == 0
    assert json.loads(capsys.readouterr().out)["cost_eur"] == pytest.approx(0.3)
    file.write_text('{"steps": []}')
    assert COMMAND.run(parser.parse_args([str(file)])) == 1
    assert "at least one step" in capsys.readouterr().err
