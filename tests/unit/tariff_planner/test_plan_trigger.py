"""What a new plan is worth making for."""

from dataclasses import replace
from datetime import timedelta

from ems.contract.site import Tariff, TariffKind
from support.evening import NIGHT, NOW, rates
from tariff_planner.plan_trigger import PlanTrigger

QUARTER = timedelta(minutes=15)


def told(*left_out: int) -> PlanTrigger:
    known = [rate for number, rate in enumerate(rates(NIGHT)) if number not in left_out]
    tariff = Tariff(kind=TariffKind.GRID, unit="EUR/kWh", fetched_at=NOW, rates=tuple(known))
    return PlanTrigger.of(None, {}, {TariffKind.GRID: tariff}, {}, {}, {})


def test_the_first_facts_are_news() -> None:
    assert told().is_news(None, NOW)


def test_that_evcc_no_longer_tells_a_slot_that_is_over_is_no_news() -> None:
    first = told().rates[TariffKind.GRID][0]
    assert not told(0).is_news(told(), first.end)
    assert not told(0).is_news(told(), first.end + timedelta(seconds=1)), "nor a little later"


def test_a_running_slot_whose_beginning_is_cut_off_is_no_news() -> None:
    first, *others = told().rates[TariffKind.GRID]
    now = first.start + (first.end - first.start) / 2
    cut = replace(told(), rates={TariffKind.GRID: (first.model_copy(update={"start": now}), *others)})
    assert not cut.is_news(told(), now)


def test_a_slot_ahead_that_is_gone_new_or_priced_otherwise_is_news() -> None:
    first, *others = told().rates[TariffKind.GRID]
    assert told(5).is_news(told(), first.start)
    assert told().is_news(told(5), first.start)
    dearer = replace(told(), rates={TariffKind.GRID: (first.model_copy(update={"value": 9.0}), *others)})
    assert dearer.is_news(told(), first.start)
