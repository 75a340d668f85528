"""The report's pictures, as SVG with the page's colours."""

from collections.abc import Mapping, Sequence

import numpy as np

from ems.forecast.history_grid import Floats, Ints
from ems.virtual_house.live import Life
from ems.virtual_house.world import World
from tariff_planner.domain.backtest.score import ALONE, BEST, INFORMED, PLAN

COLOURS = {ALONE: "alone", PLAN: "plan", INFORMED: "informed", BEST: "best"}
WIDTH, HEIGHT = 760, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 12, 26


def bars(groups: Mapping[str, Sequence[float]], colours: Sequence[str]) -> str:
    """Groups of bars side by side, in EUR."""
    values = [v for group in groups.values() for v in group]
    low, high = _bounds(values)
    parts = _rules(low, high)
    wide = (WIDTH - LEFT - RIGHT) / len(groups)
    bar = min(26.0, wide / (len(colours) + 1))
    for number, (name, group) in enumerate(groups.items()):
        middle = LEFT + (number + 0.5) * wide
        for place, (value, colour) in enumerate(zip(group, colours, strict=True)):
            x = middle + (place - len(colours) / 2) * bar
            top, base = sorted((_y(value, low, high), _y(0, low, high)))
            parts.append(
                f'<rect x="{x + 1:.1f}" y="{top:.1f}" width="{bar - 2:.1f}" height="{max(base - top, 0.8):.1f}" rx="2" '
                f'fill="var(--{colour})"/>'
            )
        parts.append(f'<text class="mid" x="{middle:.1f}" y="{HEIGHT - 8}">{name}</text>')
    return _svg(parts)


def lines(series: Mapping[str, Floats]) -> str:
    """Lines over days, in EUR, by colour."""
    low, high = _bounds([float(v) for values in series.values() for v in values])
    parts = _rules(low, high)
    for colour, values in series.items():
        x = np.linspace(LEFT, WIDTH - RIGHT, max(2, len(values)))
        parts.append(_line(x, _y(values, low, high), colour))
    return _svg([*parts, f'<text class="end" x="{WIDTH - RIGHT}" y="{HEIGHT - 8}">days</text>'])


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
    low, high = _bounds([0.0, high])
    parts += _rules(low, high)
    price = world.import_eur_per_kwh[world.first + rows]
    spread = max(float(np.nanmax(price) - np.nanmin(price)), 1e-6)
    scaled = (np.nan_to_num(price) - float(np.nanmin(price))) / spread * (high - low) * 0.9 + low
    parts.append(
        _line(np.repeat(x, 2)[1:-1], _y(np.repeat(scaled, 2), low, high), "price", "stroke-dasharray:4 3;opacity:.8")
    )
    for life, colour in ((alone, "alone"), (plan, "plan")):
        before, after = life.stored_kwh["battery"]
        energy = np.append(before[rows], after[rows[-1]])
        parts.append(_line(x, _y(energy, low, high), colour))
    zone = world.house.tz()
    for i, row in enumerate(rows):
        local = world.moment(world.first + int(row)).astimezone(zone)
        if local.minute == 0 and local.hour % 3 == 0:
            parts.append(f'<text class="mid" x="{x[i]:.1f}" y="{HEIGHT - 8}">{local.hour}</text>')
    ends = f"{np.nanmin(price) * 100:.0f} to {np.nanmax(price) * 100:.0f} ct/kWh"
    parts.append(f'<text x="{LEFT + 4}" y="{TOP + 12}">kWh</text>')
    parts.append(f'<text class="end" x="{WIDTH - RIGHT}" y="{TOP + 12}">{ends}</text>')
    return _svg(parts)


def _svg(parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(parts)}</svg>'


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    return min(0.0, *values), max(0.1, *values) * 1.05


def _y[T: (float, Floats)](value: T, low: float, high: float) -> T:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low))


def _rules(low: float, high: float) -> list[str]:
    step = next(m * 10**e for e in range(-2, 5) for m in (1, 2, 5) if m * 10**e * 6 >= high - low)
    ticks = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    return [
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="var(--rule)"/>'
        f'<text class="end" x="{LEFT - 6}" y="{y + 4:.1f}">{tick:g}</text>'
        for tick in ticks.tolist()
        for y in (_y(tick, low, high),)
    ]


def _line(x: Floats, y: Floats, colour: str, style: str = "") -> str:
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    return f'<polyline points="{points}" fill="none" stroke="var(--{colour})" stroke-width="2" style="{style}"/>'
