"""``rl-agent evaluate``: what the learners would have been worth in a home's past, trained on what lay before."""

import argparse
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from ems.home_files.command_line import moment
from ems.home_files.report_file import write_report
from ems.runtime.errors import PermanentError
from ems.service.runner import Subcommand
from rl_agent.commands import stage
from rl_agent.domain.evaluation.page import page, paired_interval
from rl_agent.domain.evaluation.walk_forward import ALONE, PLAN, USED_FROM_DAY, Evaluation, evaluate


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    stage.configure(parser)
    parser.add_argument(
        "--from",
        dest="since",
        type=moment,
        metavar="TIME",
        help=f"judge from then; else from day {USED_FROM_DAY}",
    )
    parser.add_argument("--to", dest="until", type=moment, metavar="TIME", help="judge until then")
    parser.add_argument("--json", action="store_true", help="print the figures for machines")
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write a report to read")


def run(args: argparse.Namespace) -> int:
    """Does it; the exit status is 0, or 1 with the reason in words."""
    try:
        found = _evaluate(args)
        if args.report:
            write_report(args.report, page(found, args.file.stem))
    except PermanentError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    text = json.dumps(figures(found), indent=2) if args.json else "\n".join(_table(found))
    sys.stdout.write(f"{text}\n")
    return 0


COMMAND = Subcommand("evaluate", "what learning would have been worth in a home's past", configure, run)


def figures(found: Evaluation) -> dict[str, Any]:
    """The same as plain numbers for machines; money in EUR."""
    world = found.world
    plan, learner = (sum(getattr(e, name) for e in found.errors) for name in ("plan_kw2", "learner_kw2"))
    policies = {}
    for name, life in found.lives.items():
        if name == ALONE:
            continue
        more, low, high = paired_interval(found, name)
        policies[name] = {
            "saved_eur": round(float(found.saved_eur(name).sum()), 4),
            "against_plan_eur": [round(value, 4) for value in (more, low, high)],
            "short_kwh": round(life.short_kwh, 3),
        }
    return {
        "from": world.moment(world.first).isoformat(),
        "to": world.moment(world.end).isoformat(),
        "policies": policies,
        "skill": round(1 - learner / plan, 4) if plan else None,
        "skill_by_lead": [round(value, 4) for value in found.skill_by_lead.tolist()],
        "e_value": round(found.standing.e_value, 3),
        "in_charge_from": found.days_in_charge[0].isoformat() if found.days_in_charge else None,
        "days_in_charge": len(found.days_in_charge),
    }


def _evaluate(args: argparse.Namespace) -> Evaluation:
    world = stage.read(args, args.since, args.until)
    if args.since is None:
        world = stage.read(args, world.past.start + timedelta(days=USED_FROM_DAY), args.until)
    found = evaluate(world, stage.say)
    stage.say("")
    return found


def _table(found: Evaluation) -> list[str]:
    of = figures(found)
    lines = [f"{'':<20}{'saved EUR':>10}{'against the plan, 90 %':>32}{'short kWh':>11}"]
    for name, policy in of["policies"].items():
        more, low, high = policy["against_plan_eur"]
        against = "" if name == PLAN else f"{more:+.2f} ({low:+.2f} to {high:+.2f})"
        lines.append(f"{name:<20}{policy['saved_eur']:>10.2f}{against:>32}{policy['short_kwh']:>11.1f}")
    skill = "too few days" if of["skill"] is None else f"{of['skill']:+.1%} of the forecast's squared error avoided"
    steers = f"steers from {of['in_charge_from']} on" if of["in_charge_from"] else "never steers"
    return [*lines, "", f"the apprentice: {skill}; evidence {of['e_value']:g}, {steers}"]
