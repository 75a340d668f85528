"""The worker with a learner that takes its time: ``python -m support.stub_worker SECONDS EPISODES``."""

import sys
import time
from dataclasses import dataclass
from typing import override

from ems.virtual_house.world import World
from rl_agent.domain.learner import Progress, Trained
from rl_agent.worker import main
from support.learning import KnownWorth


@dataclass(frozen=True)
class Slow(KnownWorth):
    """Sleeps in every episode."""

    seconds: float = 0.0

    @override
    def train(self, world: World, before: Trained | None, progress: Progress) -> Trained | None:
        def slowly(share: float, so_far: Trained | None = None) -> None:
            progress(share, so_far)
            time.sleep(self.seconds)

        return super().train(world, before, slowly)


if __name__ == "__main__":
    sys.exit(main((Slow(episodes=int(sys.argv[2]), seconds=float(sys.argv[1])),)))
