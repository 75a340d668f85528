"""One day, lived through by whoever decides."""

from dataclasses import replace

import numpy as np
import pytest

from ems.contract.site import BatteryMode, LoadpointMode
from ems.virtual_house.live import ModePair
from ems.virtual_house.policies import EvccAlone
from ems.virtual_house.world import World
from rl_agent.domain.columns import Column
from rl_agent.domain.home_world import day_bounds, home_world
from rl_agent.domain.judge.lives import OneDevice, Stored, day_stage, lived_day, worth_eur_per_kwh
from support.learning import BERLIN, TERMS, Fixed, measured


def sunless_day(days: float = 4) -> tuple[World, int, int]:
    columns = measured(days)
    columns.values[Column.PV_KW] = 0
    stage = home_world(columns, TERMS)
    first, end = day_bounds(stage, BERLIN, columns.end)[-1]
    return stage, first, end


def test_what_happens_after_the_day_changes_nothing_of_it() -> None:
    stage, first, end = sunless_day()
    later = stage.past.load_kw.copy()
    later[end:] = 9.0
    other = replace(stage, past=replace(stage.past, load_kw=later))
    days = [lived_day(day_stage(s, first, end), end, EvccAlone, Stored(5.0)) for s in (stage, other)]
    assert days[0] == days[1]


def test_energy_left_at_midnight_is_credited_at_what_was_known_by_then() -> None:
    stage, first, end = sunless_day()
    full = lived_day(day_stage(stage, first, end), end, lambda _: Fixed(BatteryMode.HOLD), Stored(10.0))
    empty = lived_day(day_stage(stage, first, end), end, lambda _: Fixed(BatteryMode.HOLD), Stored(0.0))
    assert full.left.battery_kwh == 10
    assert full.cost_eur == pytest.approx(empty.cost_eur), "held energy is neither bill nor gain"
    bought = lived_day(day_stage(stage, first, end), end, lambda _: Fixed(BatteryMode.CHARGE), Stored(0.0))
    assert bought.left.battery_kwh == pytest.approx(10)
    paid = bought.cost_eur + 10 * worth_eur_per_kwh(stage, end)
    assert paid > empty.cost_eur


def test_a_day_goes_on_from_what_the_last_one_left_and_never_beyond_what_fits() -> None:
    stage, first, end = sunless_day()
    day = day_stage(stage, first, end)
    assert lived_day(day, end, lambda _: Fixed(BatteryMode.HOLD), Stored(7.0)).left.battery_kwh == pytest.approx(7)
    assert lived_day(day, end, lambda _: Fixed(BatteryMode.HOLD), Stored(99.0)).left.battery_kwh == pytest.approx(10)


def test_worth_is_the_mean_price_of_the_week_before_and_looks_at_nothing_after() -> None:
    stage, _, end = sunless_day()
    dearer = stage.import_eur_per_kwh.copy()
    dearer[end:] = 99.0
    assert worth_eur_per_kwh(replace(stage, import_eur_per_kwh=dearer), end) == worth_eur_per_kwh(stage, end)
    assert worth_eur_per_kwh(stage, end) == pytest.approx(float(np.mean(stage.import_eur_per_kwh[:end])))


def test_one_device_is_the_learners_and_the_others_are_the_plans() -> None:
    class Car:
        def decide(self, slot: int, state: object) -> ModePair:  # noqa: ARG002  as every policy
            return ModePair(BatteryMode.CHARGE, LoadpointMode.NOW)

    plan, state = Fixed(BatteryMode.HOLD), None
    of_battery = OneDevice("battery", Car(), plan).decide(0, state)  # type: ignore[arg-type]  # nobody looks at it
    of_car = OneDevice("loadpoint-1", Car(), plan).decide(0, state)  # type: ignore[arg-type]  # nobody looks at it
    assert of_battery == ModePair(BatteryMode.CHARGE, LoadpointMode.OFF)
    assert of_car == ModePair(BatteryMode.HOLD, LoadpointMode.NOW)
