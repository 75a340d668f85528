"""Pictures of a report as SVG, with the page's colours."""

from collections.abc import Mapping, Sequence

import numpy as np

from ems.forecast.history_grid import Floats

WIDTH, HEIGHT = 760, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 12, 26


def bars(groups: Mapping[str, Sequence[float]], colours: Sequence[str]) -> str:
    """Groups of bars side by side, in EUR."""
    values = [v for group in groups.values() for v in group]
    low, high = bounds(values)
    parts = rules(low, high)
    wide = (WIDTH - LEFT - RIGHT) / len(groups)
    bar = min(26.0, wide / (len(colours) + 1))
    for number, (name, group) in enumerate(groups.items()):
        middle = LEFT + (number + 0.5) * wide
        for place, (value, colour) in enumerate(zip(group, colours, strict=True)):
            x = middle + (place - len(colours) / 2) * bar
            top, base = sorted((y_of(value, low, high), y_of(0, low, high)))
            parts.append(
                f'<rect x="{x + 1:.1f}" y="{top:.1f}" width="{bar - 2:.1f}" height="{max(base - top, 0.8):.1f}" rx="2" '
                f'fill="var(--{colour})"/>'
            )
        parts.append(f'<text class="mid" x="{middle:.1f}" y="{HEIGHT - 8}">{name}</text>')
    return svg(parts)


def lines(series: Mapping[str, Floats], along: str = "days") -> str:
    """Lines by colour, over what ``along`` says."""
    low, high = bounds([float(v) for values in series.values() for v in values])
    parts = rules(low, high)
    for colour, values in series.items():
        # One value is a level line.
        shown = np.repeat(values, 2) if len(values) == 1 else values
        parts.append(line(np.linspace(LEFT, WIDTH - RIGHT, len(shown)), y_of(shown, low, high), colour))
    return svg([*parts, f'<text class="end" x="{WIDTH - RIGHT}" y="{HEIGHT - 8}">{along}</text>'])


def heat(rows: Sequence[Sequence[str | None]], names: Sequence[str], columns: Sequence[str]) -> str:
    """A field of squares by colour, a row each; None for one that is empty. Names stand left, columns below."""
    left = 170
    wide, high = (WIDTH - left - RIGHT) / len(columns), (HEIGHT - TOP - BOTTOM) / len(rows)
    parts = []
    for y, (name, row) in enumerate(zip(names, rows, strict=True)):
        top = TOP + y * high
        parts.append(f'<text class="end" x="{left - 8}" y="{top + high / 2 + 4:.1f}">{name}</text>')
        parts += [
            f'<rect x="{left + x * wide + 1:.1f}" y="{top + 1:.1f}" width="{wide - 2:.1f}" height="{high - 2:.1f}" '
            f'rx="2" fill="var(--{colour or "rule"})"/>'
            for x, colour in enumerate(row)
        ]
    parts += [
        f'<text class="mid" x="{left + (x + 0.5) * wide:.1f}" y="{HEIGHT - 8}">{name}</text>'
        for x, name in enumerate(columns)
    ]
    return svg(parts)


def svg(parts: Sequence[str]) -> str:
    """A picture of the page's width."""
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(parts)}</svg>'


def bounds(values: Sequence[float]) -> tuple[float, float]:
    """The least and the greatest that a picture shows; 0 is always there."""
    return min(0.0, *values), max(0.1, *values) * 1.05


def y_of[T: (float, Floats)](value: T, low: float, high: float) -> T:
    """Pixels from the top."""
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low))


def rules(low: float, high: float) -> list[str]:
    """Horizontal rules with their values."""
    step = next(m * 10**e for e in range(-2, 5) for m in (1, 2, 5) if m * 10**e * 6 >= high - low)
    ticks = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    return [
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="var(--rule)"/>'
        f'<text class="end" x="{LEFT - 6}" y="{y + 4:.1f}">{tick:g}</text>'
        for tick in ticks.tolist()
        for y in (y_of(tick, low, high),)
    ]


def line(x: Floats, y: Floats, colour: str, style: str = "") -> str:
    """From point to point, in pixels."""
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    return f'<polyline points="{points}" fill="none" stroke="var(--{colour})" stroke-width="2" style="{style}"/>'
