"""Where the price now stands among the known ones, weighted by time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ems.contract.currency import currency
from ems.contract.plan import Prices, Window
from ems.contract.site import Rate, Tariff
from tariff_planner.domain.inputs.prices.rate_timeline import tidy
from tariff_planner.domain.problem.problem import Step
from tariff_planner.domain.wording.problems import OddPrices, PriceKind


def prices(tariff: Tariff, now: datetime, code: str) -> Prices | None:
    """Percentiles and rank over the known rates from now on; None when none covers now."""
    ahead = [r for r in tidy(tariff.rates) if r.end > now]
    if not ahead or ahead[0].start > now:
        return None
    current = ahead[0].value
    hours = [(r.value, (r.end - max(r.start, now)) / timedelta(hours=1)) for r in ahead]
    total = sum(h for _, h in hours)
    p20, p30, p40, p60, p80 = (percentile(hours, share) for share in (0.2, 0.3, 0.4, 0.6, 0.8))
    return Prices(
        at=now,
        start=max(ahead[0].start, now),
        end=ahead[-1].end,
        fetched_at=tariff.fetched_at,
        now_eur_per_kwh=current,
        p20_eur_per_kwh=p20,
        p30_eur_per_kwh=p30,
        p40_eur_per_kwh=p40,
        p60_eur_per_kwh=p60,
        p80_eur_per_kwh=p80,
        rank=min(1.0, sum(h for value, h in hours if value < current) / total),
        spread_eur_per_kwh=max(v for v, _ in hours) - min(v for v, _ in hours),
        next_cheap=next_window(ahead, p20, now),
        currency=code,
    )


def odd_prices(steps: Sequence[Step], code: str, *, feedin_is_set: bool = False) -> tuple[OddPrices, ...]:
    """That prices look as if they were given in ct.

    Args:
        steps: the horizon.
        code: the currency's.
        feedin_is_set: whether what feeding in earns is set here, because evcc does not tell it.
    """
    of = currency(code)
    if of.kwh_up_to is None:
        return ()
    found = []
    for kind, prices in zip((PriceKind.IMPORT, PriceKind.FEEDIN), _by_direction(steps), strict=True):
        middle = percentile([(abs(price), hours) for price, hours in prices], 0.5)
        if middle > of.kwh_up_to:
            is_set = feedin_is_set and kind is PriceKind.FEEDIN
            found.append(OddPrices(kind, middle, is_set=is_set))
    return tuple(found)


def _by_direction(steps: Sequence[Step]) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    return [(s.import_eur_per_kwh, s.hours) for s in steps], [(s.export_eur_per_kwh, s.hours) for s in steps]


def percentile(hours: Sequence[tuple[float, float]], share: float) -> float:
    """The value below or at which ``share`` of the time lies; ``hours`` are (value, hours) pairs."""
    wanted = share * sum(h for _, h in hours)
    so_far = 0.0
    for value, h in sorted(hours):
        so_far += h
        if so_far >= wanted - 1e-9:
            return value
    raise ValueError("no hours")


def next_window(rates: Sequence[Rate], most: float, now: datetime) -> Window | None:
    """The next stretch of rates at or below ``most``, what is left of it when it runs already."""
    window: list[Rate] = []
    for rate in rates:
        if rate.value <= most:
            if window and window[-1].end != rate.start:
                break
            window.append(rate)
        elif window:
            break
    if not window:
        return None
    start = max(window[0].start, now)
    weighted = sum(r.value * ((r.end - max(r.start, now)) / timedelta(hours=1)) for r in window)
    length = (window[-1].end - start) / timedelta(hours=1)
    return Window(start=start, end=window[-1].end, mean_eur_per_kwh=weighted / length)
