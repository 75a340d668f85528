"""Random homes of the hard kinds: limits, capacity prices, negative feed-in, several batteries, shared loadpoints."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tariff_planner.domain.problem.problem import CapacityPrice, Loadpoint, Problem, Step, Weights
from tariff_planner.domain.problem.storage import Battery, Car, EnergyGoal, TerminalValue

START = datetime(2026, 3, 14, 17, tzinfo=UTC)
KINDS = ("export limit", "capacity price", "import limit", "negative feed-in", "prices", "batteries", "shared", "mixed")


def problem(seed: int) -> tuple[Problem, float]:
    """A home, and the scale of its prices (1 is EUR)."""
    draw = random.Random(seed)  # the same homes in every run
    kind = KINDS[seed % len(KINDS)]
    mixed = kind == "mixed"
    minutes = draw.choice((5, 15, 15, 30, 60))
    count = {5: 72, 15: draw.choice((48, 96)), 30: 48, 60: 36}[minutes]
    base = [0.2 + 0.15 * draw.random() + (0.1 if 7 <= h < 10 or 17 <= h < 21 else 0.0) for h in range(24)]
    feed_in = draw.choice((0.0, 0.05, 0.08, 0.12))
    negative = kind == "negative feed-in" or (mixed and draw.random() < 0.5)
    sun_kw, load_kw = draw.choice((0.0, 4.0, 8.0, 12.0)), draw.uniform(0.2, 1.2)
    limit = draw.choice((0.0, 1.0, 3.0, 5.0)) if kind == "export limit" or mixed else None
    gives = draw.uniform(2.0, 6.0) if kind == "import limit" or (mixed and draw.random() < 0.5) else None
    steps = []
    for i in range(count):
        at = START + timedelta(minutes=minutes * i)
        hour = (at.hour + at.minute / 60) % 24
        hours = minutes / 60
        sun = max(0.0, 1 - ((hour - 12.5) / 5.5) ** 2) * sun_kw * draw.uniform(0.5, 1.0)
        sells = -0.06 if negative and 10 <= hour < 15 else feed_in
        load = load_kw * draw.uniform(0.5, 1.5)
        steps.append(
            Step(at, at + timedelta(hours=hours), load * hours, sun * hours, base[at.hour], sells, gives, limit)
        )
    batteries = []
    for n in range(draw.choice((1, 1, 2)) if kind != "batteries" else draw.choice((2, 3))):
        size = draw.choice((3.84, 5.0, 10.0))
        worth = TerminalValue(size, 0.2)
        batteries.append(
            Battery(f"battery-{n}", size * draw.uniform(0.1, 0.9), size, size / 2, size / 2, worth=(worth,))
        )
    shared = kind == "shared" or (mixed and draw.random() < 0.5)
    by = START + timedelta(minutes=minutes * draw.randrange(count // 3, count))
    cars = [
        Car(
            f"car-{n}",
            "loadpoint-0" if shared else f"loadpoint-{n}",
            draw.uniform(10, 30),
            60.0,
            plugged=not shared or n == 0,
            goals=(EnergyGoal(draw.uniform(32, 45), by),) if draw.random() < 0.8 else (),
            worth=(TerminalValue(60.0, draw.choice((0.0, 0.09, 0.12))),),
        )
        for n in range(2 if shared else draw.choice((1, 1, 2)))
    ]
    least = draw.choice((1.38, 4.14, 4.14))
    loadpoints = [Loadpoint(name, min_kw=least) for name in dict.fromkeys(c.loadpoint for c in cars)]
    peak = None
    if kind == "capacity price" or (mixed and gives is None):
        peak = CapacityPrice(draw.choice((1.0, 40 / 12, 10.0)), draw.choice((2.5, 4.0)))
    home = Problem(
        tuple(steps), tuple(batteries), tuple(cars), tuple(loadpoints), peak, curtailable=draw.random() < 0.5
    )
    scale = draw.choice((0.01, 0.1, 10.0, 40.0, 400.0)) if kind == "prices" else 1.0
    return scaled(home, scale), scale


def scaled(home: Problem, scale: float) -> Problem:
    """The same home with all its money times ``scale``."""
    steps = tuple(
        replace(s, import_eur_per_kwh=s.import_eur_per_kwh * scale, export_eur_per_kwh=s.export_eur_per_kwh * scale)
        for s in home.steps
    )

    def worth(tiers: tuple[TerminalValue, ...]) -> tuple[TerminalValue, ...]:
        return tuple(replace(w, eur_per_kwh=w.eur_per_kwh * scale) for w in tiers)

    batteries = tuple(replace(b, worth=worth(b.worth)) for b in home.batteries)
    cars = tuple(
        replace(
            c,
            worth=worth(c.worth),
            goals=tuple(replace(g, eur_per_kwh=g.eur_per_kwh * scale) for g in c.goals),
        )
        for c in home.cars
    )
    weights = Weights(
        limit_eur_per_kwh=home.weights.limit_eur_per_kwh * scale,
        swap_eur=home.weights.swap_eur * scale,
        churn_eur_per_kwh=home.weights.churn_eur_per_kwh * scale,
    )
    return replace(home, steps=steps, batteries=batteries, cars=cars, weights=weights)
