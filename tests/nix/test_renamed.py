"""An option's name outlives its renaming: nobody's configuration breaks because a word was bettered."""

import json

from nix.flake import flake, with_module
from nix.test_options_page import EVER

GONE: dict[str, str] = {}
"""Names whose two releases are over, and the release that took them away."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MACHINE = "nixosConfigurations.evcc-01.config"
OLD = """services.evcc-ems.tariff-planner.settings.vehicles.bmw.goals = [ { soc_pct = 70; by = "06:00"; } ];
    services.evcc-ems.tariff-planner.settings.vehicles.zoe.goals = [ { soc_pct = 60; by = "08:00"; } ];"""


def lost(ever: list[str], shown: dict[str, bool]) -> list[str]:
    """The names that no option has now, nor lies below an option that is kept for its earlier name."""
    kept = tuple(f"{name}." for name, is_shown in shown.items() if not is_shown)
    return [name for name in ever if name not in shown and not name.startswith(kept) and name not in GONE]


def test_every_name_that_an_option_ever_had_still_works() -> None:
    shown = flake().evaluate("lib.options.names")
    ever = EVER.read_text().split()
    assert lost(ever, shown) == [], "rename it as nix/modules/services/evcc-ems/renamed.nix says"
    assert sorted(name for name, is_shown in shown.items() if is_shown and name not in ever) == [], "make docs"


def test_a_name_that_was_taken_away_is_noticed() -> None:
    assert lost(["a.b", "a.c", "a.d.e"], {"a.b": True, "a.d": False}) == ["a.c"]
    assert lost(["a.b"], {"a": True}) == ["a.b"], "a set that is there keeps nothing that was in it"


def test_goals_under_the_planners_name_are_the_notifiers_and_are_warned_of() -> None:
    changed = with_module(f"{{ {OLD} }}")
    written = json.loads(changed.text(changed.evaluate(f"{MACHINE}.services.evcc-ems.notifier.configFile")))
    assert written["weekly_goals"]["zoe"] == [{"soc_pct": 60, "by": "08:00", "days": [*DAYS]}]
    # house.nix says bmw's by its new name.
    assert written["weekly_goals"]["bmw"][0]["by"] == "07:00"
    planner = json.loads(changed.text(changed.evaluate(f"{MACHINE}.services.evcc-ems.tariff-planner.configFile")))
    assert all("goals" not in car for car in planner["vehicles"].values())
    warnings = changed.evaluate(f"{MACHINE}.warnings")
    assert [warning.partition(";")[0] for warning in warnings] == [
        f"services.evcc-ems.tariff-planner.settings.vehicles.{car}.goals is "
        f"services.evcc-ems.notifier.settings.weekly_goals.{car} since 0.1.0" for car in ("bmw", "zoe")
    ]  # fmt: skip


def test_who_says_no_earlier_name_is_not_warned() -> None:
    assert flake().evaluate(f"{MACHINE}.warnings") == []
