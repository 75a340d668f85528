"""``rl-agent train``: lets every learner learn a home's past, and keeps what it learnt for the service."""

import argparse
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ems.runtime.errors import PermanentError
from ems.service.runner import Subcommand
from rl_agent.adapters.model_files import FOLDER, ModelFiles
from rl_agent.commands import stage
from rl_agent.domain.learner import Trained
from rl_agent.domain.night import KeptTraining
from rl_agent.learners import LEARNERS


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    stage.configure(parser)
    parser.add_argument(
        "--out", type=Path, metavar="DIR", required=True, help="where the state is kept, or a new place"
    )


def run(args: argparse.Namespace) -> int:
    """Does it; the exit status is 0, or 1 with the reason in words."""
    try:
        lines = _train(args)
    except PermanentError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


COMMAND = Subcommand("train", "let the learners learn a home's past", configure, run)


def _train(args: argparse.Namespace) -> list[str]:
    world = stage.read(args)
    # All of it is learnt from, and nothing judged.
    world = replace(world, first=world.end)
    files = ModelFiles(args.out, lambda words: sys.stderr.write(f"{words}\n"))
    lines = []
    for learner in LEARNERS:

        def told(share: float, so_far: Trained | None = None, name: str = learner.name) -> None:
            del so_far
            stage.say(f"{name} {share:.0%}")

        before = files.load(learner.name)
        trained = learner.train(world, before.trained if before else None, told)
        stage.say("")
        if trained is None:
            lines.append(f"{learner.name}: {world.first // world.past.per_day} days are too few to learn from")
            continue
        version = before.version + 1 if before else 1
        try:
            files.save(KeptTraining(trained, version, datetime.now(UTC), world.moment(world.first)))
        except OSError as error:
            raise PermanentError(f"{args.out}: {error.strerror}") from error
        facts = ", ".join(f"{name} {value}" for name, value in trained.facts.items())
        lines.append(f"{learner.name}: version {version} in {args.out / FOLDER} ({facts})")
    return lines
