"""The whole of a backtest: four policies through one world, judged."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ems.forecast.history_grid import Floats
from ems.virtual_house.against_alone import AgainstAlone
from ems.virtual_house.live import Life, live
from ems.virtual_house.policies import EvccAlone, Planned
from ems.virtual_house.world import World
from tariff_planner.domain.backtest.foresight import Foresight, foresight
from tariff_planner.domain.backtest.score import ALONE, BEST, INFORMED, POLICIES, SERVICE, Judgement, judge
from tariff_planner.domain.backtest.service import AsService
from tariff_planner.domain.backtest.skill import ForecastSkill, skills


@dataclass(frozen=True, slots=True, eq=False)
class BacktestResult:
    """Everything that was found out about a home."""

    world: World
    lives: Mapping[str, Life]
    judgements: Mapping[str, Judgement]
    skills: Mapping[str, ForecastSkill]
    worth_eur_per_kwh: Mapping[str, Floats]


def lived(world: World, policy: str) -> Life | Foresight:
    """One of :data:`POLICIES`, or the service, lived through; each can run in a process of its own."""
    if policy == BEST:
        return foresight(world)
    if policy == INFORMED:
        return live(world, Planned(world, perfect=True))
    alone = live(world, EvccAlone(world))
    if policy == ALONE:
        return alone
    against = AgainstAlone(world, alone)
    return live(world, AsService(world, against) if policy == SERVICE else Planned(world, against_alone=against))


def result(world: World, lived_by: Mapping[str, Life | Foresight]) -> BacktestResult:
    """Judges what :func:`lived` returned for each policy."""
    best = lived_by[BEST]
    if not isinstance(best, Foresight):
        raise TypeError("perfect foresight comes with the worth of energy")
    order = [p for p in (*POLICIES, SERVICE) if p in lived_by]
    lives = {p: best.life if isinstance(life := lived_by[p], Foresight) else life for p in order}
    worth = best.worth_eur_per_kwh
    return BacktestResult(world, lives, judge(world, lives, worth), skills(world), worth)


def figures(of: BacktestResult) -> dict[str, Any]:
    """The same as plain numbers for machines; money in EUR, rounded to a hundredth of a cent."""
    world = of.world
    judged = slice(world.first, world.end)
    return {
        "from": world.moment(world.first).isoformat(),
        "to": world.moment(world.end).isoformat(),
        "slots": world.end - world.first,
        "slots_without_measurement": int(world.idle[judged].sum()),
        "slot_minutes": world.past.minutes,
        "mean_import_eur_per_kwh": round(world.mean_import_eur_per_kwh, 6),
        "stored_at_end_kwh": {
            p: {s: round(float(after[-1]), 4) for s, (_, after) in life.stored_kwh.items()}
            for p, life in of.lives.items()
        },
        "policies": {name: _rounded(asdict(j)) for name, j in of.judgements.items()},
        "forecasts": {name: _rounded(asdict(s)) for name, s in of.skills.items()},
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    return round(float(value), 4) if isinstance(value, float | np.floating) else value
