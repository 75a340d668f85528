"""The twenty slowest files of tests, and why they are: they start first, so that none of them runs alone at the end."""

from pathlib import Path

TESTS = Path(__file__).parents[1]

SLOWEST = {
    "e2e/vehicle_soc/test_trips.py": "an hour and a half of three services at 60 times the speed; waits, hardly works",
    "e2e/test_demo.py": "the demo as people start it, twenty processes from nothing, and hours of it at 720 times",
    "homeassistant/running/test_coming_and_going.py": "Home Assistant boots twice; each service goes and comes twice",
    "homeassistant/running/test_controls.py": "Home Assistant boots; every kind of control down to evcc and back",
    "nix/test_machine.py": "systemd boots with all units; a watchdog's and a secret's time pass",
    "homeassistant/running/test_shown.py": "Home Assistant boots twice; notices wait for what they tell of",
    "e2e/test_getting_started.py": "the page's commands start six programs from nothing",
    "e2e/vehicle_soc/test_docs.py": "the page's commands start three programs from nothing, one waits for a silent car",
    "faults/test_hostile_bus.py": "five times gateway and planner from nothing to a plan, at 10 times the speed",
    "e2e/test_check.py": "ems check once as people start it; who never answers is waited for, as long as people are",
    "unit/ems/simulator/test_over_time.py": "four times half an hour, looked at every second, field by field",
    "unit/evcc_poller/control/test_control_machine.py": "six random lives of the gateway beside evcc",
    "unit/tariff_planner/milp/test_solve_properties.py": "eight properties on fifteen random homes, each solved",
    "unit/tariff_planner/backtest/test_backtest.py": "days of plans, one after the other",
    "unit/tariff_planner/decision/test_words.py": "each test decides, some for every value that could be said wrongly",
    "unit/tariff_planner/test_planner.py": "each test plans several times, in a time of its own",
    "unit/tariff_planner/milp/test_reference.py": "the same problems solved by a plain MILP",
    "broker/test_rl_agent.py": "two weeks of nights are learnt from",
    "nix/test_machine_config.py": "the package is built from its expression",
}
"""Below ``tests``, and what the time goes into."""

_RANK = {TESTS / file: rank for rank, file in enumerate(SLOWEST)}


def rank(file: Path) -> int:
    """The place of a file in the order of a run: as it was found, after the slowest."""
    return _RANK.get(file, len(_RANK))
