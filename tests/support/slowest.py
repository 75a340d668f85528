"""The twenty slowest files of tests, and why they are: they start first, so that none of them runs alone at the end."""

from pathlib import Path

TESTS = Path(__file__).parents[1]

SLOWEST = {
    "e2e/vehicle_soc/test_trips.py": "an hour and a half of three services at 60 times the speed; waits, and plans",
    "e2e/test_demo.py": "the demo as people start it, twenty processes from nothing, and hours of it at 720 times",
    "homeassistant/running/test_coming_and_going.py": "Home Assistant boots twice; each service goes and comes twice",
    "homeassistant/running/test_controls.py": "Home Assistant boots; every kind of control down to evcc and back",
    "homeassistant/running/test_shown.py": "Home Assistant boots twice; notices wait for what they tell of",
    "nix/test_machine.py": "systemd boots with all units; a watchdog's and a secret's time pass",
    "e2e/test_getting_started.py": "the page's commands start six programs from nothing",
    "faults/test_hostile_bus.py": "five times gateway and planner from nothing to a plan, at 10 times the speed",
    "e2e/vehicle_soc/test_service.py": "fourteen times the service as people start it, with a login at the keyboard",
    "e2e/test_check.py": "ems check once as people start it; who never answers is waited for, as long as people are",
    "unit/rl_agent/tabular/test_tabular.py": "each test lets a learner learn",
    "unit/tariff_planner/backtest/test_backtest.py": "days of plans, one after the other",
    "unit/ems/simulator/test_over_time.py": "four times half an hour, looked at every second, field by field",
    "unit/evcc_poller/control/test_controlled_loadpoint.py": "hours beside evcc, looked at every five seconds",
    "unit/tariff_planner/milp/test_reference.py": "the same problems solved by a plain MILP",
    "unit/tariff_planner/decision/test_words.py": "each test decides, some for every value that could be said wrongly",
    "unit/tariff_planner/test_planner.py": "each test plans several times, in a time of its own",
    "unit/tariff_planner/adapters/test_evcc_optimizer.py": "requests of up to four days, solved until it is proven",
    "unit/tariff_planner/commands/test_backtest_homes.py": "a folder of homes lives through days, on a cluster, too",
    "broker/test_rl_agent.py": "two weeks of nights are learnt from",
}
"""Below ``tests``, and what the time goes into."""

_RANK = {TESTS / file: rank for rank, file in enumerate(SLOWEST)}


def rank(file: Path) -> int:
    """The place of a file in the order of a run: as it was found, after the slowest."""
    return _RANK.get(file, len(_RANK))
