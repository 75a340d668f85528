"""``tariff-planner backtest HOMES/``: many homes, on this machine's processes or on a Dask cluster."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from datetime import datetime
from statistics import fmean
from typing import Any

from ems.home_files.home import HomeFiles
from ems.runtime.errors import PermanentError
from ems.virtual_house.world import World
from tariff_planner.adapters.homes_folder import homes
from tariff_planner.adapters.results_folder import MONTH, ResultsFolder
from tariff_planner.commands.side_by_side import side_by_side
from tariff_planner.domain.backtest.run import figures, lived, result
from tariff_planner.domain.backtest.score import ALONE, BEST, POLICIES, SERVICE

type Rows = list[dict[str, Any]]
"""A row a policy."""
NEEDS_CLUSTER = "--cluster needs Dask: install evcc-ems[cluster], here and on the workers"


def run(args: argparse.Namespace) -> int:
    """Judges every home of the folder; the exit status is 1 when one could not be, with the reasons in words.

    Raises:
        PermanentError: nothing could be begun.
    """
    found = homes(args.file, args.config)
    out = ResultsFolder(args.out) if args.out else None
    policies = _lived_through(args)
    done = {name: _kept(out, name, policies) for name in found if out and out.has(name)}
    failed: list[str] = []
    todo = {name: home for name, home in found.items() if name not in done}
    for name, rows in _judged_homes(todo, policies, args):
        if isinstance(rows, str):
            failed.append(f"{name}: {rows}\n")
            continue
        done[name] = rows
        if out is not None:
            out.write(name, rows)
    every = [row for _, rows in sorted(done.items()) for row in rows]
    sys.stdout.write("\n".join(_table(every, policies[1])) + "\n")
    sys.stderr.writelines(failed)
    return 1 if failed else 0


def judged(home: str, stage: World, policies: Sequence[str]) -> Rows:
    """A row a policy: what it was worth in the home; it runs wherever a worker is.

    Args:
        home: its name.
        stage: what happened there.
        policies: what to live through; ``evcc_alone`` and ``perfect_foresight``, which judge the others, among them.
    """
    found = figures(result(stage, {name: lived(stage, name) for name in policies}))
    of_home = {key: found[key] for key in ("from", "to", "slots", "slots_without_measurement", "slot_minutes")}
    of_home |= {f"{name}_nmae": skill["nmae"] for name, skill in found["forecasts"].items()}
    return [
        {
            "home": home,
            "policy": policy,
            **judgement["whole"],
            **{key: value for key, value in judgement.items() if key not in {"whole", "months"}},
            **of_home,
            "months": [
                {"month": month, **{key: of[key] for key in MONTH}} for month, of in judgement["months"].items()
            ],
        }
        for policy, judgement in found["policies"].items()
    ]


def _kept(out: ResultsFolder, name: str, policies: Sequence[str]) -> Rows:
    """A home's rows from an earlier run.

    Raises:
        PermanentError: they are of other policies: a table of both would compare what is not alike.
    """
    rows = out.rows(name)
    if {row["policy"] for row in rows} != set(policies):
        raise PermanentError(f"{name} was judged there with other policies; give another --out")
    return rows


def _judged_homes(
    todo: Mapping[str, HomeFiles], policies: Sequence[str], args: argparse.Namespace
) -> Iterator[tuple[str, list[dict[str, Any]] | str]]:
    """Each home's rows, or why there are none, in the order in which they are ready."""
    # Homes are read one after the other while others are judged: a thousand do not fit into memory at once.
    tasks = ((name, _read(home, args.since, args.until), policies) for name, home in todo.items())
    with _cluster(args.cluster) if args.cluster else nullcontext():
        yield from side_by_side(_rows, tasks, len(todo), -1 if args.cluster else args.jobs)


def _cluster(address: str) -> AbstractContextManager[Any]:
    """Has joblib hand its work to the Dask workers behind ``address``, for a while."""
    try:
        from dask.distributed import Client  # noqa: PLC0415  an extra
        from joblib import parallel_config  # noqa: PLC0415
    except ImportError as error:
        raise PermanentError(NEEDS_CLUSTER) from error
    stack = ExitStack()
    try:
        stack.enter_context(Client(address, timeout=10))  # type: ignore[no-untyped-call]  # not annotated
    except (OSError, ValueError) as error:
        raise PermanentError(f"--cluster {address}: no Dask scheduler answers there: {error}") from error
    stack.enter_context(parallel_config(backend="dask", wait_for_workers_timeout=60))
    return stack


def _read(home: HomeFiles, since: datetime | None, until: datetime | None) -> World | str:
    """What happened there, or why that cannot be known: one bad file does not end the others."""
    try:
        return home.world(since, until)
    except PermanentError as error:
        return str(error)


def _rows(home: str, stage: World | str, policies: Sequence[str]) -> tuple[str, Rows | str]:
    return home, stage if isinstance(stage, str) else judged(home, stage, policies)


def _lived_through(args: argparse.Namespace) -> Sequence[str]:
    """The policies in the order in which they are told: the first and the last judge those between."""
    return (ALONE, *(args.policies or POLICIES[1:-1]), BEST, *([SERVICE] if args.service else []))


def _table(rows: Sequence[Mapping[str, Any]], told: str) -> Sequence[str]:
    """What the policy ``told`` was worth in each home."""
    head = f"{'home':<24}{'evcc alone EUR':>16}{f'{told} saves':>{max(12, len(told) + 8)}}{'regret share, 90 %':>24}"
    alone = {row["home"]: row["cost_eur"] for row in rows if row["policy"] == ALONE}
    plans = [row for row in rows if row["policy"] == told]
    lines = [head, *(_line(row, alone[row["home"]]) for row in plans)]
    if shares := [row["regret_share"] for row in plans if row["regret_share"] is not None]:
        lines += ["", f"{len(plans)} homes; mean regret share {fmean(shares):.3f}"]
    return lines


def _line(row: Mapping[str, Any], alone_eur: float) -> str:
    low, high = ("?" if row[key] is None else f"{row[key]:.2f}" for key in ("regret_low", "regret_high"))
    share = "nothing to save" if row["regret_share"] is None else f"{row['regret_share']:.2f} ({low} to {high})"
    return f"{row['home']:<24}{alone_eur:>16.2f}{row['saving_eur']:>{max(12, len(row['policy']) + 8)}.2f}{share:>24}"
