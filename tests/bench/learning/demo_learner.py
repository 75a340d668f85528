"""What rl-agent has learnt in the demo's home before the demo's day begins: made anew by ``make demo-learner``.

``python tests/bench/learning/demo_learner.py``: the home's spring (tests/fixtures/homes/home-a.csv, at the demo's
prices) is learnt from until four weeks before the demo's day, these weeks are judged by what was learnt then, and all
of it is learnt from, by the service's own night's work. The result is what ``rl-agent export`` would write, without the
steps that the tabular agent remembers: the demo only asks for decisions. About two CPU minutes.
"""

import argparse
import csv
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from ems.contract.requests import HistoryRow
from ems.demo import day
from ems.demo.services import LEARNT
from ems.virtual_house.house import VirtualBattery
from rl_agent.adapters.agent_db import AgentDb
from rl_agent.adapters.model_files import ModelFiles
from rl_agent.commands import carry
from rl_agent.domain.columns import SLOT, MeasuredColumns
from rl_agent.domain.home_world import HouseTerms
from rl_agent.domain.learner import Trained
from rl_agent.domain.night import NightJob, NightResult, night
from rl_agent.learners import LEARNERS
from support.homes import HOMES

JUDGED = timedelta(weeks=4)
"""How long before the demo's day the first training was: so many days are judged."""
DAYS = 400
"""As rl-agent's ``history_days``."""
MEMORY = ("taken", "reward", "next")
"""Of the tabular agent's arrays, those that only a training needs."""


def rows() -> Iterator[HistoryRow]:
    """What a gateway would have recorded in the home until the demo's day begins."""
    with (HOMES / "home-a.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            for start in (at := datetime.fromisoformat(row["start_utc"]), at + SLOT):
                if start < day.START:
                    yield HistoryRow(
                        start=start,
                        seconds=SLOT.total_seconds(),
                        coverage_s=SLOT.total_seconds(),
                        home_w=float(row["load_w"]) if row["load_w"] else None,
                        pv_w=float(row["pv_w"] or 0) if row["load_w"] else None,
                        pv_forecast_w=float(row["pv_forecast_w"]) if row["pv_forecast_w"] else None,
                        import_eur_per_kwh=round(float(row["spot_eur_per_kwh"]) * 1.19 + 0.18, 4),
                        export_eur_per_kwh=0.08,
                    )


def nights(measured: MeasuredColumns) -> Iterator[NightResult]:
    """The training before the judged weeks, then the one with which the demo begins."""
    battery = VirtualBattery(capacity_kwh=10, min_kwh=0.5, charge_kw=5, discharge_kw=5)
    terms = HouseTerms(day.ZONE, battery, None, export_eur_per_kwh=0.08)
    early = MeasuredColumns(DAYS)
    early.add(row for row in rows() if row.start < day.START - JUDGED)
    first = night(NightJob(early, terms, ("battery",), day.START - JUDGED), LEARNERS, told)
    yield first
    yield night(NightJob(measured, terms, ("battery",), day.START, trainings=first.trainings), LEARNERS, told)


def told(learner: str, share: float, so_far: Trained | None = None) -> None:
    """Says how far it is."""
    del so_far
    sys.stderr.write(f"\r\x1b[K{learner} {share:.0%}")


def without_memory(trained: Trained) -> Trained:
    """The same, as far as decisions need it."""
    return replace(
        trained,
        arrays={
            name: values[:0] if name.split("_")[-1] in MEMORY else np.ascontiguousarray(values)
            for name, values in trained.arrays.items()
        },
    )


def main(to: Path) -> int:
    """Learns, and writes the archive."""
    measured = MeasuredColumns(DAYS)
    measured.add(rows())
    with tempfile.TemporaryDirectory() as name:
        state, settings = Path(name, "state"), Path(name, "rl-agent.json")
        state.mkdir()
        settings.write_text(f'{{"state_dir": "{state}"}}', encoding="utf-8")
        with AgentDb.open(state, sys.exit) as db:
            files = ModelFiles(state, sys.exit)
            for result in nights(measured):
                if result.failed:
                    sys.exit(f"learning failed: {dict(result.failed)}")
                db.add(result)
                for kept in result.trainings.values():
                    files.save(replace(kept, trained=without_memory(kept.trained)))
        sys.stderr.write("\n")
        return carry.EXPORT.run(argparse.Namespace(config=settings, archive=to))


if __name__ == "__main__":
    sys.exit(main(Path(str(LEARNT))))
