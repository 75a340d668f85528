"""Rates as tariffs really tell them: finer than a slot, late by seconds, with holes and doubles."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ems.contract.site import Rate, Tariff, TariffKind
from support.evening import FLAT, NOW, QUARTER, known
from tariff_planner.domain.decision.decide import DecisionInputs, NotPossible, decide
from tariff_planner.domain.inputs.prices.rate_timeline import RateTimeline
from tariff_planner.domain.inputs.prices.statistics import prices

SECOND = timedelta(seconds=1)


def cut(minutes: int, values: list[float], late: timedelta = timedelta(0)) -> tuple[Rate, ...]:
    """Rates of ``minutes`` each from now on."""
    length = timedelta(minutes=minutes)
    return tuple(
        Rate(start=NOW + i * length + late, end=NOW + (i + 1) * length + late, value=value)
        for i, value in enumerate(values)
    )


def told(case: DecisionInputs) -> list[float]:
    """The plan's import prices."""
    return [slot.import_eur_per_kwh for slot in decide(case).plan.slots]


def priced(rates: tuple[Rate, ...], since: timedelta = timedelta(0)) -> DecisionInputs:
    """A house with these prices, as it is ``since`` the evening began."""
    case = known(FLAT, battery=False)
    site = case.facts.site.model_copy(update={"at": NOW + since})
    return replace(case, rates=rates, facts=replace(case.facts, now=NOW + since, site=site))


@pytest.mark.parametrize(("minutes", "most"), [(5, 3), (1, 15), (3, 5)])
def test_rates_finer_than_a_slot_are_averaged_by_time(minutes: int, most: int) -> None:
    values = [0.10 + 0.30 * (i % most == 0) for i in range(1440 // minutes)]
    found = told(priced(cut(minutes, values)))
    assert found[:96] == pytest.approx([0.10 + 0.30 / most] * 96)


def test_rates_of_uneven_lengths_count_by_their_length() -> None:
    uneven = (
        Rate(start=NOW, end=NOW + timedelta(minutes=12), value=0.10),
        Rate(start=NOW + timedelta(minutes=12), end=NOW + timedelta(hours=30), value=0.60),
    )
    assert told(priced(uneven))[:2] == pytest.approx([0.20, 0.60])


def test_of_the_running_slot_only_what_is_left_counts() -> None:
    rates = cut(5, [0.10, 0.20, 0.60] + [0.30] * 300)
    assert told(priced(rates, timedelta(minutes=7)))[0] == pytest.approx((3 * 0.20 + 5 * 0.60) / 8)


def test_what_is_foreseen_is_averaged_too() -> None:
    found = told(priced(cut(5, [0.10, 0.10, 0.40] * 96)))
    assert found[-1] == pytest.approx(0.20)


@pytest.mark.parametrize("late", [SECOND, -SECOND, 29 * SECOND, 0.2 * SECOND, 55 * SECOND])
@pytest.mark.parametrize("since", [timedelta(0), 0.5 * SECOND, 4 * QUARTER, 4 * QUARTER + 0.5 * SECOND])
def test_rates_that_are_seconds_late_belong_to_their_slot(late: timedelta, since: timedelta) -> None:
    values = [0.10 + 0.01 * (i // 4) for i in range(120)]
    case = priced(cut(15, values, late), since)
    begun = since // QUARTER
    assert told(case)[: 120 - begun] == pytest.approx(values[begun:], abs=0.0005)
    tariff = Tariff(kind=TariffKind.GRID, unit="EUR/kWh", fetched_at=NOW, rates=cut(15, values, late))
    found = prices(tariff, NOW + since, "EUR")
    assert found is not None
    assert found.now_eur_per_kwh == pytest.approx(values[begun], abs=0.0101)


def test_a_hole_of_a_second_between_two_rates_is_none() -> None:
    holes = tuple(r.model_copy(update={"end": r.end - SECOND}) for r in cut(15, [0.20] * 120))
    plan = decide(priced(holes, QUARTER - 0.5 * SECOND)).plan
    assert all(slot.price_known for slot in plan.slots[:100])


def test_of_two_rates_that_overlap_the_later_one_holds_from_its_beginning() -> None:
    rates = (Rate(start=NOW, end=NOW + 120 * QUARTER, value=0.5), *cut(15, [0.1] * 4))
    assert told(priced(rates))[:4] == pytest.approx([0.1] * 4)


def test_a_real_hole_stays_one() -> None:
    case = priced(cut(15, [0.20] * 120))
    early = replace(case, facts=replace(case.facts, now=NOW - timedelta(minutes=5)))
    with pytest.raises(NotPossible, match="No price"):
        decide(early)
    half = RateTimeline((*cut(15, [0.20]), *cut(15, [0.30], 4 * QUARTER)))
    assert half.until(NOW) == NOW + QUARTER
    assert half.at(NOW + 2 * QUARTER) is None
