"""How a month stands against evcc alone: what was paid less since it began, whatever is stored."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ems.contract.site import BatteryMode
from ems.virtual_house.against_alone import AgainstAlone
from ems.virtual_house.live import HomeState, live
from ems.virtual_house.policies import EvccAlone
from support.homes import reference

BEGIN = datetime(2024, 5, 30, tzinfo=UTC)
WORLD = reference(BEGIN, BEGIN + timedelta(days=4))
ALONE = live(WORLD, EvccAlone(WORLD))


def _state(row: int, *, less_eur: float = 0.0, more_kwh: float = 0.0) -> HomeState:
    """What evcc alone has paid and holds then, and what differs."""
    return HomeState(_kwh(row) + more_kwh, BatteryMode.NORMAL, None, float(ALONE.cost_eur[:row].sum()) - less_eur)


def _kwh(row: int) -> float:
    return float(ALONE.stored_kwh["battery"][0][row])


def test_what_was_paid_less_counts_beside_what_evcc_alone_would_hold() -> None:
    against = AgainstAlone(WORLD, ALONE)
    assert against.month(WORLD.first, _state(0)).paid_less_eur == pytest.approx(0)
    later = against.month(WORLD.first + 20, _state(20, less_eur=0.5, more_kwh=2))
    assert later.paid_less_eur == pytest.approx(0.5)
    assert later.alone_kwh == _kwh(20)


def test_a_new_month_begins_with_what_is_stored_at_the_mean_price() -> None:
    against = AgainstAlone(WORLD, ALONE)
    against.month(WORLD.first, _state(0))
    last, first = (WORLD.past.index(datetime(2024, 5, 31, hour, tzinfo=UTC)) for hour in (21, 22))
    both = [against.month(slot, _state(slot - WORLD.first, less_eur=0.7, more_kwh=2)) for slot in (last, first)]
    worth = 0.95 * float(np.mean(WORLD.import_eur_per_kwh[first : WORLD.known[first]]))
    assert [month.paid_less_eur for month in both] == pytest.approx([0.7, -2 * worth])
