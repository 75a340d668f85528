"""Problems in files: what is wrong with one is said with its place and what to write; never a traceback or silence."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ems.service.runner import Subcommand
from tariff_planner.adapters.problem_file import solve
from tariff_planner.commands.solve import COMMAND

CASES = Path(__file__).parents[3] / "fixtures" / "planner-cases"


def problem() -> dict[str, Any]:
    hours = [
        {
            "start": f"2026-01-14T{h:02}:00:00+00:00",
            "end": f"2026-01-14T{h + 1:02}:00:00+00:00",
            "load_kwh": 0.5,
            "pv_kwh": 0.0,
            "import_eur_per_kwh": 0.3,
            "export_eur_per_kwh": 0.08,
        }
        for h in range(6)
    ]
    car = {
        "name": "car",
        "loadpoint": "lp",
        "energy_kwh": 20,
        "capacity_kwh": 60,
        "goals": [{"energy_kwh": 30, "by": "2026-01-14T05:00:00+00:00"}],
        "trips": [{"leave": "2026-01-14T05:30:00+00:00", "back": "2026-01-14T05:45:00+00:00"}],
    }
    battery = {"name": "battery", "energy_kwh": 3, "capacity_kwh": 10, "charge_kw": 5, "discharge_kw": 5}
    return {"steps": hours, "batteries": [battery], "cars": [car], "loadpoints": [{"name": "lp"}]}


def refused(content: Any) -> str:
    with pytest.raises(ValueError) as error:  # noqa: PT011  # the caller looks at the words
        solve(content if isinstance(content, str) else json.dumps(content), 10)
    return str(error.value)


def test_a_right_problem_is_planned() -> None:
    assert solve(json.dumps(problem()), 10)["missing"] == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            lambda p: p["batteries"][0].update(max_kwH=4),
            "batteries.0.max_kwH: unknown (did you mean 'max_kwh'?)",
        ),
        (
            lambda p: p["steps"][3].update(import_limit=4),
            "import_limit: unknown (did you mean 'import_limit_kw'",
        ),
        (lambda p: p["cars"][0].update(goal=[]), "cars.0.goal: unknown (did you mean 'goals'?)"),
        (lambda p: p["cars"][0]["goals"][0].update(until="x"), "cars.0.goals.0.until: unknown"),
        (lambda p: p.update(weights={"swap": 1}), "weights.swap: unknown (did you mean 'swap_eur'?)"),
        (lambda p: p.update(car=[]), "car: unknown (did you mean 'cars'?)"),
        (lambda p: p.update(inverters=[{"name": "i", "ac": 3}]), "inverters.0.ac: unknown (did you mean 'ac_kw'?)"),
        (lambda p: p.update(capacity_price={"eur_per_kW": 3}), "capacity_price.eur_per_kW: unknown"),
        (
            lambda p: p["cars"][0]["goals"][0].update(by="2026-01-14T05:00:00"),
            "0.by: '2026-01-14T05:00:00' needs its offset",
        ),
        (
            lambda p: p["cars"][0]["goals"][0].update(by="2026-01-14"),
            "goals.0.by: '2026-01-14' needs its offset",
        ),
        (
            lambda p: p["cars"][0]["trips"][0].update(back="2026-01-14T05:45"),
            "trips.0.back: '2026-01-14T05:45' needs its",
        ),
        (lambda p: p["steps"][0].update(start="2026-01-14T00:00:00"), "steps.0.start: '2026-01-14T00:00:00' needs its"),
        (lambda p: p["steps"][0].update(start="soon"), "steps.0.start: "),
        (lambda p: p["steps"][0].update(load_kwh="much"), "steps.0.load_kwh: "),
        (lambda p: p["steps"][0].update(load_kwh=-1), "load_kwh is finite and not negative"),
        (lambda p: p["steps"][0].pop("load_kwh"), "steps.0.load_kwh: "),
        (lambda p: p["batteries"][0].update(energy_kwh=12), "battery: needs a capacity above 0"),
        (lambda p: p["cars"][0].update(loadpoint="garage"), "car: no loadpoint 'garage'"),
        (lambda p: p.update(steps={}), "steps: "),
        (lambda p: p.update(steps=[]), "at least one step"),
        (lambda p: p.update(cars=[None]), "cars.0: "),
        (lambda p: p.update(cars="car"), "cars: "),
        (
            lambda p: p["steps"][0].update(start=1768348800),
            "steps.0.start: 1768348800 is a number; a time is text such",
        ),
        (lambda p: p["cars"][0]["goals"][0].update(by="14.01.2026"), "by: '14.01.2026' is no time such as 2026-01-14T"),
        (lambda p: p.update(exact="12h"), "exact: '12h' is no duration such as PT12H"),
        (lambda p: p.update(exact=12), "exact: 12 needs its unit: a duration is text such as PT12H"),
        (
            lambda p: p["steps"][0].update(load_kwh="0,5"),
            'load_kwh: "0,5" is no number; a number stands without quotes',
        ),
        (lambda p: p["steps"][0].update(load_kwh=True), "load_kwh: true is no number"),
        (lambda p: p["steps"][0].update(pv_kwh=1e300), "steps.0.pv_kwh: 1e+300 is too large to be meant"),
        (lambda p: p["batteries"][0].update(min_kwh=9, max_kwh=3), "batteries.0.min_kwh: 9 is above max_kwh 3"),
        (lambda p: p["batteries"][0].update(min_kwh=12), "batteries.0.min_kwh: 12 is above capacity_kwh 10"),
        (
            lambda p: p["steps"].pop(2),
            "steps.2: steps follow each other without gaps; this one starts at 2026-01-14T03",
        ),
        (lambda p: p["batteries"].append(p["batteries"][0]), "there is more than one 'battery'"),
        (lambda p: p["cars"][0].update(paused=[True]), "car: paused has one value a step: 6, not 1"),
        (lambda p: [s.update(start=s["start"][:19]) for s in p["steps"]], "; and 3 more"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(wrong: Callable[[dict[str, Any]], object], words: str) -> None:
    content = problem()
    wrong(content)
    assert words in refused(content)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Expecting value"),
        ("[]", "must be a JSON object"),
        ("{}", "steps: "),
        ('{"steps": [], "steps": []}', "steps: given twice"),
        (json.dumps(problem()).replace("0.08", "NaN"), "NaN is no number"),
        (json.dumps(problem()).replace("0.08", "1e999"), "finite"),
    ],
)
def test_what_is_no_problem_at_all_is_said(text: str, words: str) -> None:
    assert words in refused(text)


@pytest.mark.parametrize("by", ["2026-01-13T22:00:00+00:00", "2026-01-11T06:00:00+00:00"])
def test_a_car_that_is_late_goes_on_and_what_it_lacks_is_told(by: str) -> None:
    content = problem()
    content["cars"][0]["goals"][0]["by"] = by
    answer = solve(json.dumps(content), 10)
    charged = answer["cars"]["car"]["charge_kwh"]
    assert sum(charged[:2]) == sum(charged) == pytest.approx(10 / 0.9, abs=0.01), "at once"
    ((kwh, device, due),) = [(m["kwh"], m["device"], m["by"]) for m in answer["missing"]]
    assert (kwh, device, due) == (10, "car", by.replace("+00:00", "Z"))
    content["cars"][0]["energy_kwh"] = 31
    assert solve(json.dumps(content), 10)["missing"] == [], "who has it is not late"


def test_a_file_that_windows_wrote_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(problem()), "utf-8-sig")
    assert run(COMMAND, str(path)) == 0
    assert json.loads(capsys.readouterr().out)["missing"] == []


def test_the_given_files_are_refused_on_the_command_line_in_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    for name, words in (("21-unknown-key", "did you mean 'max_kwh'?"), ("22-naive-goal", "needs its offset from UTC")):
        assert run(COMMAND, str(CASES / f"{name}.json")) == 1
        said = capsys.readouterr().err
        assert words in said
        assert said.count("\n") == 1


def run(command: Subcommand, *arguments: str) -> int:

    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(arguments))
