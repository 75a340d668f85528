"""The process in which a night's work is done, so that the service's event loop and memory know nothing of it.

It reads a job from its input, says how far it is in lines of JSON on its output, and ends with the result. Unfinished
trainings go to the state directory at once. It is no command of its own: the service starts it.
"""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from rl_agent.adapters.model_files import ModelFiles
from rl_agent.adapters.night_pack import pack_result, unpack_job
from rl_agent.domain.learner import Learner, Trained
from rl_agent.domain.night import night
from rl_agent.learners import LEARNERS

NICE = 10
"""The house's services go first."""


def main(learners: Sequence[Learner] = LEARNERS) -> int:
    """Does one job; returns the exit status."""
    with suppress(OSError):
        os.nice(NICE)
    job, state_dir = unpack_job(sys.stdin.buffer.read())
    files = ModelFiles(state_dir, lambda words: _say({"said": words}))
    trainings = {at.name: kept for at in learners if (kept := files.load(at.name)) is not None}
    unfinished = {at.name: left for at in learners if (left := files.load_partial(at.name)) is not None}

    def report(learner: str, share: float, so_far: Trained | None = None) -> None:
        if so_far is not None:
            files.save_partial(so_far)
        _say({"learner": learner, "share": round(share, 4)})

    try:
        result = night(replace(job, trainings=trainings, partial=unfinished), learners, report)
    except ValueError as why:
        _say({"failed": str(why)})
        return 1
    block = pack_result(result)
    _say({"result": len(block)})
    sys.stdout.buffer.write(block)
    sys.stdout.buffer.flush()
    return 0


def _say(words: dict[str, str | float]) -> None:
    sys.stdout.buffer.write(json.dumps(words).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
