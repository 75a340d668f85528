"""What was saved this month against evcc alone, and what may be staked of it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ems.contract.site import BatteryMode
from ems.virtual_house.live import HomeState, live
from ems.virtual_house.month_saving import MonthSaving
from ems.virtual_house.policies import EvccAlone
from support.homes import reference

BEGIN = datetime(2024, 5, 30, tzinfo=UTC)
WORLD = reference(BEGIN, BEGIN + timedelta(days=4))
ALONE = live(WORLD, EvccAlone(WORLD))


def _state(row: int, *, less_eur: float = 0.0, more_kwh: float = 0.0) -> HomeState:
    """What evcc alone has paid and holds then, and what differs."""
    kwh = float(ALONE.stored_kwh["battery"][0][row])
    return HomeState(kwh + more_kwh, BatteryMode.NORMAL, None, float(ALONE.cost_eur[:row].sum()) - less_eur)


def test_what_was_paid_less_and_what_is_stored_more_is_saved() -> None:
    saving = MonthSaving(WORLD, ALONE)
    assert saving.eur(WORLD.first, _state(0)) == pytest.approx(0)
    assert saving.eur(WORLD.first + 20, _state(20, less_eur=0.5)) == pytest.approx(0.5)
    slot = WORLD.first + 30
    worth = 0.95 * float(np.mean(WORLD.import_eur_per_kwh[slot : WORLD.known[slot]]))
    assert saving.eur(slot, _state(30, less_eur=0.5, more_kwh=2)) == pytest.approx(0.5 + 2 * worth)


def test_a_new_month_begins_with_nothing_saved() -> None:
    saving = MonthSaving(WORLD, ALONE)
    saving.eur(WORLD.first, _state(0))
    last, first = (WORLD.past.index(datetime(2024, 5, 31, hour, tzinfo=UTC)) for hour in (21, 22))
    found = [saving.eur(slot, _state(slot - WORLD.first, less_eur=0.7)) for slot in (last, first)]
    assert found == pytest.approx([0.7, 0.0])
