"""Load and PV ahead, from the site's own past: quantiles to publish, and samples for the look-ahead.

With 120 days of history at 15 min it takes some 0.1 s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from ems.contract.plan import Accuracy, Forecast, ForecastKind, ForecastSlot
from ems.contract.site import Rate
from ems.forecast.calibration import (
    PUBLISHED_DAYS,
    ForecastRecord,
    accuracy,
    levels,
    record,
)
from ems.forecast.correction import Correction
from ems.forecast.day_totals import DaySpans
from ems.forecast.history_grid import (
    AHEAD_DAYS,
    Floats,
    Ints,
    Past,
)
from ems.forecast.scenarios import (
    Scenarios,
    SlotMeans,
    corrected,
    last_levels,
    levelled,
    on_slots,
)
from ems.forecast.similar_days import (
    Days,
    days,
    loads_kw,
    samples,
)
from ems.forecast.solar import (
    DARK_KW,
    RATIO_DAYS,
    SolarModel,
    expected_kw,
    recency,
    samples_kw,
    solar_model,
)
from ems.forecast.weighted_samples import mean, quantiles
from ems.house.slots import Slot


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What is foreseen for the plan's slots."""

    load: Forecast
    pv: Forecast
    scenarios: Scenarios | None
    """Net load for the look-ahead; None while nothing at all is known of the load."""
    skill: "Skill"
    """To be handed in again: what it is made from hardly changes within hours, and most of the time goes there."""


@dataclass(frozen=True, slots=True, eq=False)
class Skill:
    """How good the forecasts of the last days were; None where nothing was measured."""

    load: ForecastRecord | None
    pv: ForecastRecord | None


def outlook(
    known: Past,
    solar: Sequence[Rate],
    slots: Sequence[Slot],
    zone: ZoneInfo,
    *,
    present_w: float | None = None,
    record_days: int = max(PUBLISHED_DAYS),
    skill: Skill | None = None,
    correction: Correction | None = None,
    learned: SolarModel | None = None,
) -> Outlook:
    """Forecasts load and PV for ``slots`` (they follow each other; the first begins now).

    Args:
        known: the past up to now; with less than a day of it the forecast is poor and says so in ``method``.
        solar: evcc's solar rates in W, as known now.
        slots: what to forecast, at most 8 days.
        zone: the site's, for weekends and DST.
        present_w: the home's power now; used only where there is no past at all.
        record_days: over how many days the accuracy is computed; 0 for none, which is faster.
        skill: as computed some hours ago, instead of computing it again.
        correction: what a learner adds to the net load of the look-ahead; the published forecasts stay as they are.
        learned: of a past that begins with ``known`` and may go on: whoever looks at many of its slots learns it once.

    Raises:
        ValueError: the slots reach too far or begin before the past ends.
    """
    origin, count = _reach(known, slots)
    learned = learned or solar_model(days(known, zone))
    of, now = learned.of, len(known.load_kw)
    spans = DaySpans.at(slots[0].start, zone)
    # People want to know of all of tomorrow, which may be more than the plan's slots.
    reach = max(count, known.index(spans.tomorrow_ends) - origin)
    targets = np.arange(origin, origin + reach)
    origins = np.full(reach, now)
    rates = _rates(known, solar, targets)
    like, weights = samples(of, origins, targets)
    load, load_weights = loads_kw(of, now, like, weights, present_w)
    expected = expected_kw(learned, origins, targets, rates)
    pv_like, pv_weights = recency(learned, origins, targets)
    pv = samples_kw(learned, origins, targets, expected, pv_like)
    # Without any sample the expectation stands alone.
    pv_weights = np.where(pv_weights.sum(axis=1, keepdims=True) > 0, pv_weights, 1)
    both = on_slots(known, origin, count, slots)
    skill = skill or _skill(of, learned, record_days, now)
    first, known_load = slots[0].start, bool(load_weights.any())
    load_today, load_tomorrow = spans.energies_kwh(known, origin, mean(load, load_weights))
    pv_today, pv_tomorrow = spans.energies_kwh(known, origin, mean(pv, pv_weights))
    load, load_weights, pv, pv_weights = load[:count], load_weights[:count], pv[:count], pv_weights[:count]
    load_forecast = Forecast(
        kind=ForecastKind.LOAD,
        at=first,
        method=_load_method(known, present_w),
        slots=_slots(slots, both, load, load_weights, skill.load) if known_load else (),
        rest_of_today_kwh=load_today,
        tomorrow_kwh=load_tomorrow,
        accuracy=_accuracies(skill.load),
    )
    pv_forecast = Forecast(
        kind=ForecastKind.PV,
        at=first,
        method=_pv_method(known, solar, learned),
        slots=_slots(slots, both, pv, pv_weights, skill.pv),
        rest_of_today_kwh=pv_today,
        tomorrow_kwh=pv_tomorrow,
        accuracy=_accuracies(skill.pv),
    )
    if not known_load:
        return Outlook(load_forecast, pv_forecast, None, skill)
    net = load - samples_kw(learned, origins, targets, expected, like)[:count]
    net = corrected(net, load_weights, correction, origin)
    found = levelled(both(net), both.first(load_weights), last_levels(learned, now), both.begin + 1)
    return Outlook(load_forecast, pv_forecast, found, skill)


def _reach(known: Past, slots: Sequence[Slot]) -> tuple[int, int]:
    """The first grid slot of the forecast and how many."""
    if not slots:
        raise ValueError("a forecast needs at least one slot")
    origin = known.index(slots[0].start)
    last = known.index(slots[-1].end)
    aligned = known.start.timestamp() + last * known.minutes * 60 == slots[-1].end.timestamp()
    count = last - origin + (0 if aligned else 1)
    if origin < len(known.load_kw):
        raise ValueError("a forecast begins where the past ends")
    if origin + count > len(known.load_kw) + AHEAD_DAYS * known.per_day:
        raise ValueError(f"a forecast reaches at most {AHEAD_DAYS} days beyond the past")
    return origin, count


def _rates(known: Past, solar: Sequence[Rate], targets: Ints) -> Floats:
    """The rates' mean kW on the grid, NaN where there is none."""
    hours, found = np.zeros(len(targets)), np.zeros(len(targets))
    length = known.minutes * 60
    begin = known.start.timestamp() + targets * length
    for rate in solar:
        start, end = rate.start.timestamp(), rate.end.timestamp()
        overlap = np.clip(np.minimum(begin + length, end) - np.maximum(begin, start), 0, None)
        hours += overlap
        found += overlap * rate.value / 1000
    return np.where(hours > length / 2, found / np.where(hours > 0, hours, 1), np.nan)


def _slots(
    slots: Sequence[Slot], both: SlotMeans, values: Floats, weights: Floats, of: ForecastRecord | None
) -> tuple[ForecastSlot, ...]:
    """Watts with the quantiles, corrected by the record, in ascending order."""
    on, weight = both(values), both.first(weights)
    at = levels(of.ranks if of else np.zeros(0))
    found = np.column_stack([mean(on, weight), quantiles(on, weight, at)]) * 1000
    return tuple(
        ForecastSlot(start=s.start, end=s.end, mean_w=m, p10_w=low, p50_w=mid, p90_w=high)
        for s, (m, low, mid, high) in zip(slots, np.round(found, 1).tolist(), strict=True)
    )


def _skill(of: Days, learned: SolarModel, count: int, now: int) -> Skill:
    if not count or not now:
        return Skill(None, None)
    return Skill(load_record(of, count, now), pv_record(learned, count, now))


def load_record(of: Days, count: int, until: int | None = None) -> ForecastRecord:
    """The load forecasts of the last ``count`` days (before slot ``until``) as they would have been issued."""

    def issue(origins: Ints, targets: Ints) -> tuple[Floats, Floats]:
        like, weights = samples(of, origins, targets)
        return np.nan_to_num(of.past.load_kw[like]), weights

    return record(issue, of.past.load_kw[:until], of.past.per_day, count)


def pv_record(learned: SolarModel, count: int, until: int | None = None) -> ForecastRecord:
    """The PV forecasts of the last ``count`` days, likewise, without the nights."""
    past = learned.of.past

    def issue(origins: Ints, targets: Ints) -> tuple[Floats, Floats]:
        like, weights = recency(learned, origins, targets)
        expected = expected_kw(learned, origins, targets, past.solar_kw[targets])
        return samples_kw(learned, origins, targets, expected, like), weights

    return record(issue, past.pv_kw[:until], past.per_day, count, least_kw=5 * DARK_KW)


def _accuracies(of: ForecastRecord | None) -> tuple[Accuracy, ...]:
    return tuple(a for d in PUBLISHED_DAYS if of and (a := accuracy(of, d)))


def _load_method(known: Past, present_w: float | None) -> str:
    if known.known_days >= 14:
        return f"weighted like days out of {min(known.known_days, 42):.0f} measured"
    if known.known_days >= 1:
        return f"weighted like days, only {known.known_days:.1f} days measured so far"
    if known.known_days > 0:
        return f"the distribution of the {known.known_days * 24:.0f} h measured so far, at every time of day"
    return "no history yet: the present power, held" if present_w is not None else "no history yet: none"


def _pv_method(known: Past, solar: Sequence[Rate], learned: SolarModel) -> str:
    seen = np.isfinite(known.pv_kw).any()
    if not solar:
        return (
            "mean of the last days at the same time, no solar rates" if seen else "no solar rates, no measured PV: zero"
        )
    if not seen:
        return "evcc's solar rates, uncorrected and without a spread: no measured PV yet"
    return f"evcc's solar rates x {learned.ratio[len(known.load_kw)]:.2f} (measured over forecast in {RATIO_DAYS} days)"
