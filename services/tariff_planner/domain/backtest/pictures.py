"""The backtest's own picture: a day. Those that other reports have too are in ``ems.report``."""

import numpy as np

from ems.forecast.history_grid import Ints
from ems.report.pictures import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, bounds, line, rules, svg, y_of
from ems.virtual_house.live import Life
from ems.virtual_house.world import World
from tariff_planner.domain.backtest.score import ALONE, BEST, INFORMED, PLAN

COLOURS = {ALONE: "alone", PLAN: "plan", INFORMED: "informed", BEST: "best"}


def day(world: World, alone: Life, plan: Life, rows: Ints) -> str:
    """One day: the battery's energy under both policies, the price, and when the plan held or charged."""
    x = LEFT + (WIDTH - LEFT - RIGHT) * np.arange(len(rows) + 1) / len(rows)
    parts = []
    for i, row in enumerate(rows):
        shade = {"hold": "hold", "holdcharge": "hold", "charge": "charge"}.get(plan.modes[row].split("/")[0])
        if shade:
            parts.append(
                f'<rect x="{x[i]:.1f}" y="{TOP}" width="{x[i + 1] - x[i] + 0.3:.1f}" height="{HEIGHT - TOP - BOTTOM}" '
                f'fill="var(--{shade})"/>'
            )
    high = max(float(life.stored_kwh["battery"][side].max()) for life in (alone, plan) for side in (0, 1))
    low, high = bounds([0.0, high])
    parts += rules(low, high)
    price = world.import_eur_per_kwh[world.first + rows]
    spread = max(float(np.nanmax(price) - np.nanmin(price)), 1e-6)
    scaled = (np.nan_to_num(price) - float(np.nanmin(price))) / spread * (high - low) * 0.9 + low
    parts.append(
        line(np.repeat(x, 2)[1:-1], y_of(np.repeat(scaled, 2), low, high), "price", "stroke-dasharray:4 3;opacity:.8")
    )
    for life, colour in ((alone, "alone"), (plan, "plan")):
        before, after = life.stored_kwh["battery"]
        energy = np.append(before[rows], after[rows[-1]])
        parts.append(line(x, y_of(energy, low, high), colour))
    zone = world.house.tz()
    for i, row in enumerate(rows):
        local = world.moment(world.first + int(row)).astimezone(zone)
        if local.minute == 0 and local.hour % 3 == 0:
            parts.append(f'<text class="mid" x="{x[i]:.1f}" y="{HEIGHT - 8}">{local.hour}</text>')
    ends = f"{np.nanmin(price) * 100:.0f} to {np.nanmax(price) * 100:.0f} ct/kWh"
    parts.append(f'<text x="{LEFT + 4}" y="{TOP + 12}">kWh</text>')
    parts.append(f'<text class="end" x="{WIDTH - RIGHT}" y="{TOP + 12}">{ends}</text>')
    return svg(parts)
