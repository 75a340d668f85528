"""The backtest as a page that a person likes to read: one HTML text, pictures inside, light and dark."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from html import escape

import numpy as np

from ems.forecast.history_grid import Floats
from ems.report.page import document, section, table
from ems.report.pictures import bars, lines
from ems.virtual_house.world import World
from tariff_planner.domain.backtest.pictures import COLOURS, day
from tariff_planner.domain.backtest.run import BacktestResult
from tariff_planner.domain.backtest.score import ALONE, BEST, INFORMED, PLAN, POLICIES, Judgement
from tariff_planner.domain.backtest.skill import ForecastSkill

NAMES = {
    ALONE: "evcc alone",
    PLAN: "the plan",
    INFORMED: "the plan, load and PV known",
    BEST: "perfect foresight",
}


def page(found: BacktestResult, title: str) -> str:
    """The whole document."""
    world, plan = found.world, found.judgements[PLAN]
    days = (world.end - world.first) * world.hours / 24
    parts = [
        f"<h1>{escape(title)}: what the plan would have been worth</h1>",
        f'<p class="soft">{_span(world)}, {days:.0f} days, decided every {world.past.minutes} min as of then</p>',
        section("", f"{_lead(plan, days)}{_big(found, days)}"),
        section("Cost of each policy", _policies(found.judgements)),
        section("Saved against evcc alone, by month", _months(found)),
        section("Saved so far", _key((PLAN, INFORMED, BEST)) + lines(_daily(found, (PLAN, INFORMED, BEST)))),
    ]
    if world.house.battery is not None:
        parts.append(section("The day on which the plan saved most", _best_day(found)))
    parts += [
        section("How good the forecasts were", _skills(found.skills)),
        section("How to read this", _notes(found)),
    ]
    return document(title, parts)


def _span(world: World) -> str:
    zone = world.house.tz()
    first = world.moment(world.first).astimezone(zone)
    last = (world.moment(world.end) - timedelta(minutes=1)).astimezone(zone)
    return f"{first:%d %b %Y} to {last:%d %b %Y}"


def _lead(plan: Judgement, days: float) -> str:
    saved = plan.whole.saving_eur
    if plan.whole.regret_share is None:
        return '<p class="lead">There was nothing to save here: perfect foresight is no cheaper than evcc alone.</p>'
    verb = "saved" if saved >= 0 else "lost"
    return (
        f'<p class="lead">The plan would have {verb} <b>{abs(saved):.2f} EUR</b> in {days:.0f} days against evcc '
        f"alone, {max(0.0, plan.whole.captured or 0):.0%} of what anybody could have saved.</p>"
    )


def _big(found: BacktestResult, days: float) -> str:
    plan = found.judgements[PLAN]
    share = plan.whole.regret_share
    figures = [
        (f"{plan.whole.saving_eur / days * 365:.0f} EUR", "a year at this pace"),
        ("-" if share is None else f"{share:.2f}", f"regret share, 90 %: {_interval(plan)}"),
        (f"{plan.changes_a_day:.1f}", "changes of the battery's mode a day"),
    ]
    return f'<div class="big">{"".join(f"<div><b>{a}</b><span>{b}</span></div>" for a, b in figures)}</div>'


def _interval(of: Judgement) -> str:
    low, high = ("unbounded" if v is None else f"{v:.2f}" for v in (of.regret_low, of.regret_high))
    return f"{low} to {high}"


def _policies(of: Mapping[str, Judgement]) -> str:
    rows = [
        (
            NAMES[name],
            f"{j.whole.cost_eur:.2f}",
            f"{j.whole.saving_eur:.2f}",
            "" if j.whole.captured is None else f"{j.whole.captured:.0%}",
            "" if j.whole.regret_share is None else f"{j.whole.regret_share:.2f}",
            "" if name in (ALONE, BEST) else _interval(j),
            f"{j.short_kwh:.1f}",
        )
        for name, j in of.items()
    ]
    return table(("", "cost, EUR", "saving", "captured", "regret share", "90 %", "goals missed, kWh"), rows)


def _months(found: BacktestResult) -> str:
    shown = (PLAN, INFORMED, BEST)
    months = {m: [found.judgements[p].months[m].saving_eur for p in shown] for m in found.judgements[PLAN].months}
    rows = [
        (month, *(f"{v:.2f}" for v in values), _share(found.judgements[PLAN].months[month].regret_share))
        for month, values in months.items()
    ]
    head = ("", *(NAMES[p] for p in shown), "regret share of the plan")
    return _key(shown) + bars(months, [COLOURS[p] for p in shown]) + table(head, rows)


def _share(value: float | None) -> str:
    return "nothing to save" if value is None else f"{value:.2f}"


def _key(shown: Sequence[str]) -> str:
    marks = "".join(f'<i style="background:var(--{COLOURS[p]})"></i>{NAMES[p]}' for p in shown)
    return f'<p class="key soft">EUR{marks}</p>'


def _daily(found: BacktestResult, shown: Sequence[str]) -> Mapping[str, Floats]:
    """Savings added up, one value a day."""
    per_day = found.world.past.per_day
    cost = {p: found.lives[p].true_cost_eur(found.worth_eur_per_kwh) for p in POLICIES}
    return {COLOURS[p]: np.cumsum(cost[ALONE] - cost[p])[per_day - 1 :: per_day] for p in shown}


def _best_day(found: BacktestResult) -> str:
    world = found.world
    cost = {p: found.lives[p].true_cost_eur(found.worth_eur_per_kwh) for p in (ALONE, PLAN)}
    local = [world.moment(s).astimezone(world.house.tz()) for s in range(world.first, world.end)]
    dates = np.array([t.toordinal() for t in local])
    saved = {d: float((cost[ALONE] - cost[PLAN])[dates == d].sum()) for d in np.unique(dates)}
    rows = np.flatnonzero(dates == max(saved, key=lambda d: saved[d]))
    words = f"<p>{local[rows[0]]:%A, %d %B %Y}: {max(saved.values()):.2f} EUR. Shaded: it holds, or is charged.</p>"
    marks = '<p class="key soft"><i style="background:var(--alone)"></i>battery, evcc alone'
    marks += '<i style="background:var(--plan)"></i>battery, the plan<i style="background:var(--price)"></i>price</p>'
    return words + marks + day(world, found.lives[ALONE], found.lives[PLAN], rows)


def _skills(of: Mapping[str, ForecastSkill]) -> str:
    rows = [
        (
            {"load": "load", "pv": "PV by daylight"}[name],
            f"{s.nmae:.3f}",
            f"{s.naive_nmae:.3f}",
            "-" if s.better is None else f"{s.better:+.1%}",
            f"{s.below_p10:.1%}",
            f"{s.below_p50:.1%}",
            f"{s.below_p90:.1%}",
        )
        for name, s in of.items()
    ]
    head = ("next 24 h", "nMAE", "30-day mean's", "better by", "below p10", "below p50", "below p90")
    return table(head, rows)


def _notes(found: BacktestResult) -> str:
    world = found.world
    idle = int(world.idle[world.first : world.end].sum())
    price, published = world.mean_import_eur_per_kwh * 100, world.house.prices_published
    notes = [
        "Regret share = (cost - perfect foresight) / (evcc alone - perfect foresight): 0 is perfect, 1 is evcc alone.",
        "The interval is a bootstrap over whole weeks.",
        f"Energy left at the end is valued at the mean import price, {price:.1f} ct/kWh.",
        "Energy stored at the border of a day, week or month is valued at what it was worth under perfect foresight.",
        f"Prices of the next local day are known from {published:%H:%M} on.",
        "Solar rates in the file count as known for the whole horizon; all else is learned from the past alone.",
        "The battery is told modes, in which it follows the meter.",
        "Perfect foresight sets powers freely, with no least power for a car: it is out of reach for any controller.",
        f"{idle} of {world.end - world.first} slots have no measured load: nothing happens in them, for nobody.",
    ]
    if world.house.car is not None:
        notes += [
            "evcc alone charges the car on surplus and, before a trip, in the cheapest slots.",
            "A goal that is missed is not in the cost, but in the last column.",
        ]
    return f"<ul>{''.join(f'<li>{n}</li>' for n in notes)}</ul>"
