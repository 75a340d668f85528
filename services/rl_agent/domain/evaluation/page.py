"""The evaluation as a page: what it would have been worth, the skill, the gate, and what the tabular agent does."""

from html import escape

import numpy as np

from ems.forecast.history_grid import Floats
from ems.report.page import document, section, table
from ems.report.pictures import heat, lines
from rl_agent.domain.evaluation.walk_forward import ALONE, APPRENTICE, PLAN, TABULAR, Evaluation, by_week
from rl_agent.domain.tabular import battery_task
from rl_agent.domain.tabular.learner import tables_of

COLOURS = {PLAN: "plan", APPRENTICE: "informed", TABULAR: "alone"}
ACTION_COLOURS = ("hold", "charge", "charge", "charge", "charge", "alone", "best")
"""Of the battery's actions, in their order."""
_BOUNDS = [f"{bound:g}" for bound in battery_task.WORTH.tolist()]
WORTHS = (f"below {_BOUNDS[0]}", *(f"from {bound}" for bound in _BOUNDS))
"""The table's rows and columns: what the last stored kWh will replace, in multiples of the present price."""
RESAMPLES = 4000
SEED = 20_240_308


def page(found: Evaluation, title: str) -> str:
    """The whole document."""
    world = found.world
    days = (world.end - world.first) * world.hours / 24
    first, last = (world.moment(slot).astimezone(world.house.tz()) for slot in (world.first, world.end - 1))
    parts = [
        f"<h1>{escape(title)}: what learning would have been worth</h1>",
        f'<p class="soft">{first:%d %b %Y} to {last:%d %b %Y}, {days:.0f} days, learnt from what lay before</p>',
        section("Saved against evcc alone", _savings(found)),
        section("Saved so far, EUR", _key(COLOURS) + lines(_daily(found))),
        section("Against the plan, by week, EUR", _paired(found)),
        section("The forecast's squared error that the apprentice avoids, in %, by hours ahead", _skill(found)),
        section("The gate: evidence for the apprentice, by week", _gate(found)),
    ]
    if found.returns:
        parts.append(section("The tabular agent's learning", _learning(found)))
    if found.tabular is not None and world.house.battery is not None:
        parts.append(section("What it does with the battery", _policy(found)))
    parts.append(section("How to read this", _notes()))
    return document(title, parts)


def paired_interval(found: Evaluation, policy: str) -> tuple[float, float, float]:
    """What a policy saved against the plan in EUR, and its 90 % interval by a bootstrap over whole weeks."""
    weekly = by_week(found.world, found.saved_eur(policy) - found.saved_eur(PLAN))
    drawn = np.random.default_rng(SEED).integers(0, len(weekly), (RESAMPLES, len(weekly)))
    low, high = np.percentile(weekly[drawn].sum(axis=1), (5, 95)).tolist()
    return float(weekly.sum()), low, high


def _savings(found: Evaluation) -> str:
    rows = []
    for name in found.lives:
        if name == ALONE:
            continue
        more, low, high = paired_interval(found, name)
        against = "" if name == PLAN else f"{more:+.2f} ({low:+.2f} to {high:+.2f})"
        short = f"{found.lives[name].short_kwh:.1f}"
        rows.append((name, f"{found.saved_eur(name).sum():.2f}", against, short))
    return table(("", "saved, EUR", "against the plan, 90 %", "goals missed, kWh"), rows)


def _key(names: dict[str, str]) -> str:
    marks = "".join(f'<i style="background:var(--{colour})"></i>{name}' for name, colour in names.items())
    return f'<p class="key soft">{marks}</p>'


def _daily(found: Evaluation) -> dict[str, Floats]:
    per_day = found.world.past.per_day
    return {colour: np.cumsum(found.saved_eur(name))[per_day - 1 :: per_day] for name, colour in COLOURS.items()}


def _paired(found: Evaluation) -> str:
    shown = {name: COLOURS[name] for name in (APPRENTICE, TABULAR)}
    weekly = {
        colour: by_week(found.world, found.saved_eur(name) - found.saved_eur(PLAN)) for name, colour in shown.items()
    }
    return _key(shown) + lines(weekly, "weeks")


def _skill(found: Evaluation) -> str:
    if not found.errors:
        return "<p>Too few days were measured for the apprentice to learn from.</p>"
    plan, learner = (sum(getattr(e, n) for e in found.errors) for n in ("plan_kw2", "learner_kw2"))
    words = f"<p>Over all leads and {len(found.errors)} days: <b>{1 - learner / plan if plan else 0:+.1%}</b>.</p>"
    return words + lines({"informed": 100 * found.skill_by_lead}, "hours ahead")


def _gate(found: Evaluation) -> str:
    standing, charge = found.standing, found.days_in_charge
    if charge:
        words = f"It would have steered on {len(charge)} days, the first time on {charge[0]:%d %b %Y}."
    else:
        words = "It would never have steered."
    curve = np.log10(np.maximum([e for _, e in standing.curve], 1e-3)) if standing.curve else np.zeros(2)
    needed = np.full(len(curve), np.log10(20.0))
    return f"<p>{words} As powers of ten; the level line is what a promotion asks for.</p>" + lines(
        {"informed": curve, "best": needed}, "weeks"
    )


def _learning(found: Evaluation) -> str:
    words = "<p>Mean return of a week in each round, while it still tries things: EUR against the best course.</p>"
    return words + lines({"alone": np.array(found.returns)}, "rounds")


def _policy(found: Evaluation) -> str:
    """The whole table: a row for each worth on sampled days, a column for each on the expected day."""
    table_of_it = tables_of(found.tabular)["battery"]
    cells = (np.arange(len(WORTHS))[:, None] * len(WORTHS) + np.arange(len(WORTHS))) * 2
    seen, best = table_of_it.visits[cells].sum(axis=2) > 0, table_of_it.proven(cells.reshape(-1)).reshape(cells.shape)
    classes = range(len(WORTHS))
    rows = [[ACTION_COLOURS[int(best[y, x])] if seen[y, x] else None for x in classes] for y in classes]
    marks = {"holds": "hold", "charges": "charge", "gives only": "alone", "left to evcc": "best", "never seen": "rule"}
    words = (
        "<p>What the last stored kWh will replace, as a multiple of the present price, while no car charges. Left: the "
        "mean over past days that may come again. Below: on the expected day. Keeping pays above 1, charging above "
        "what losses take (1.11).</p>"
    )
    return words + _key(marks) + heat(rows, WORTHS, WORTHS)


def _notes() -> str:
    notes = (
        "Every decision is made with what was known then.",
        "The apprentice is trained every night, the tabular agent every four weeks (by the service every night).",
        "Energy left at the end is valued at the mean import price. The intervals are bootstraps over whole weeks.",
        "Gated: the plan, and the apprentice on the days on which the service's gate would have let it steer.",
        f"The battery's actions: {', '.join(battery_task.ACTIONS)}.",
    )
    return f"<ul>{''.join(f'<li>{note}</li>' for note in notes)}</ul>"
