"""``tariff-planner backtest``: reads a home's past, lets the policies live through it, prints what they were worth."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ems.contract.currency import currency
from ems.forecast.history_grid import Floats
from ems.home_files.command_line import count, given_home, moment
from ems.home_files.report_file import write_report
from ems.runtime.errors import PermanentError
from ems.service.runner import Subcommand
from ems.virtual_house.live import Life
from ems.virtual_house.world import World
from tariff_planner.adapters.trace_file import write_trace
from tariff_planner.commands import backtest_homes
from tariff_planner.commands.side_by_side import side_by_side
from tariff_planner.domain.backtest.foresight import Foresight
from tariff_planner.domain.backtest.page import page
from tariff_planner.domain.backtest.run import (
    BacktestResult,
    figures,
    lived,
    result,
)
from tariff_planner.domain.backtest.score import POLICIES, SERVICE, Judgement


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's arguments; ``--config HOUSE.yaml`` is the one that every subcommand has."""
    parser.add_argument("file", type=Path, metavar="FILE.csv", help="the home's past, or a folder of homes")
    parser.add_argument("--trips", type=Path, metavar="TRIPS.csv", help="the car's trips: leave, back, kwh")
    parser.add_argument("--from", dest="since", type=moment, metavar="TIME", help="judge from then; learn from before")
    parser.add_argument("--to", dest="until", type=moment, metavar="TIME", help="judge until then")
    parser.add_argument("--jobs", type=count, default=1, metavar="N", help="processes (default 1)")
    parser.add_argument("--service", action="store_true", help="every decision by the service's own code, too: slow")
    parser.add_argument("--json", action="store_true", help="print the figures for machines")
    parser.add_argument("--trace", type=Path, metavar="FILE.csv", help="write every policy's every slot")
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write a report to read")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="of a folder of homes: keep the results as Parquet")
    parser.add_argument(
        "--policies", nargs="+", choices=POLICIES[1:-1], metavar="POLICY",
        help=f"of a folder of homes: only these of {', '.join(POLICIES[1:-1])}, to be sooner done",
    )  # fmt: skip
    parser.add_argument("--cluster", metavar="tcp://HOST:PORT", help="of a folder of homes: on a Dask cluster")


def run(args: argparse.Namespace) -> int:
    """Does it; the exit status is 0, or 1 with the reason in words."""
    try:
        if args.file.is_dir():
            return backtest_homes.run(args)
        if args.out or args.cluster or args.policies:
            raise PermanentError("--out, --cluster and --policies are for a folder of homes")  # noqa: TRY301  one place says it
        found = _backtest(args)
        if args.trace:
            write_trace(args.trace, found.world, found.lives)
        if args.report:
            write_report(args.report, page(found, args.file.stem))
    except PermanentError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if odd := in_ct(found.world.import_eur_per_kwh):
        sys.stderr.write(f"{args.file}: {odd}\n")
    text = json.dumps(figures(found), indent=2) if args.json else "\n".join(_table(found))
    sys.stdout.write(f"{text}\n")
    return 0


COMMAND = Subcommand("backtest", "what the plan would have been worth in a home's past", configure, run)


def in_ct(import_eur_per_kwh: Floats) -> str | None:
    """That prices look as if they were given in ct, with what to change; None where they do not."""
    middle, most = float(np.nanmedian(np.abs(import_eur_per_kwh))), currency("EUR").kwh_up_to
    if most is None or middle <= most:
        return None
    looks = f"the prices look as if they were in ct: a kWh does not cost {middle:.1f} EUR"
    return f"{looks}; give spot_eur_per_kwh and plus_eur_per_kwh in EUR, or spot_factor: 0.01"


def _backtest(args: argparse.Namespace) -> BacktestResult:
    stage = given_home(args).world(args.since, args.until)
    return result(stage, all_lived(stage, args.jobs, service=args.service))


def all_lived(stage: World, jobs: int, *, service: bool = False) -> dict[str, Life | Foresight]:
    """Every policy in a process of its own, with a bar."""
    # The longest first, so that the others fill the second core.
    order = [*([SERVICE] if service else []), POLICIES[1], POLICIES[2], POLICIES[3], POLICIES[0]]
    return dict(side_by_side(_named, ((stage, name) for name in order), len(order), jobs))


def _named(stage: World, policy: str) -> tuple[str, Life | Foresight]:
    return policy, lived(stage, policy)


def _table(found: BacktestResult) -> Sequence[str]:
    head = f"{'policy':<22}{'cost EUR':>10}{'saving':>9}{'captured':>10}{'regret share, 90 %':>24}{'short kWh':>11}"
    lines = [head, *(_line(name, j) for name, j in found.judgements.items()), "", "saving by month, EUR"]
    for month in next(iter(found.judgements.values())).months:
        parts = (f"{name} {j.months[month].saving_eur:.2f}" for name, j in found.judgements.items())
        lines.append(f"  {month}  {'  '.join(parts)}")
    lines.append("")
    lines += [
        f"{name} forecast: nMAE {s.nmae:.3f} ({_better(s.better)}30-day mean's {s.naive_nmae:.3f}); "
        f"below p10 / p50 / p90: {s.below_p10:.1%} / {s.below_p50:.1%} / {s.below_p90:.1%}"
        for name, s in found.skills.items()
    ]
    return lines


def _better(share: float | None) -> str:
    return "against the " if share is None else f"{share:+.1%} against the "


def _line(name: str, of: Judgement) -> str:
    whole = of.whole
    captured = "" if whole.captured is None else f"{whole.captured:.0%}"
    share = "" if whole.regret_share is None else f"{whole.regret_share:.2f}"
    low, high = ("?" if v is None else f"{v:.2f}" for v in (of.regret_low, of.regret_high))
    between = f"{share} ({low} to {high})" if share else "nothing to save"
    return f"{name:<22}{whole.cost_eur:>10.2f}{whole.saving_eur:>9.2f}{captured:>10}{between:>24}{of.short_kwh:>11.1f}"
