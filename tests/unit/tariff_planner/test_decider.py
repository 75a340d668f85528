"""Who decides: a worker where there are workers, this process where none answers."""

from typing import override

import pytest

from ems.contract.service import HealthState
from support.clocks import StandingClock
from support.days import DAYS
from support.evening import NOW
from support.quiet_bus import QuietBus
from tariff_planner.adapters.order_codec import answer_bytes, read_order
from tariff_planner.decider import Decider
from tariff_planner.domain.decision.decide import NotPossible, PlanningResult, decide
from tariff_planner.domain.decision.order import NotPlanned, Planned, carried_out
from tariff_planner.domain.wording.problems import NoPlan, Obstacle
from tariff_planner.domain.wording.renderer import trouble
from tariff_planner.settings import WorkerSettings

INPUTS = DAYS["winter"]()
NOTHING = b""


class Pool(QuietBus):
    """A bus behind which workers answer: orders that nobody takes run out of time."""

    def __init__(self, *answers: bytes | None) -> None:
        super().__init__(StandingClock(NOW))
        self.answers = list(answers)
        self.orders = 0

    @override
    async def request_bytes(self, whole_topic: str, payload: bytes, *, timeout_s: float) -> bytes:
        self.orders += 1
        answer = self.answers.pop(0)
        if answer is None:
            raise TimeoutError
        return answer_bytes(carried_out(read_order(payload))) if answer == NOTHING else answer


@pytest.mark.parametrize("first", [(), (None,)], ids=["alive", "died with the first order"])
async def test_a_worker_decides_also_when_the_first_one_died(first: tuple[None, ...]) -> None:
    pool = Pool(*first, NOTHING)
    decision = await Decider(pool, WorkerSettings()).decide(INPUTS)
    assert isinstance(decision, Planned)
    assert decision.plan.slots == decide(INPUTS).plan.slots
    assert pool.orders == 1 + len(first)
    assert pool.health.snapshot().state is HealthState.OK


@pytest.mark.parametrize(
    ("answers", "words"), [((None, None), "no worker answers on evcc/planners/order"), ((b"old",), "cannot be read")]
)
async def test_where_no_worker_answers_it_is_decided_here_and_said(
    answers: tuple[bytes | None, ...], words: str
) -> None:
    pool = Pool(*answers)
    assert isinstance(await Decider(pool, WorkerSettings()).decide(INPUTS), PlanningResult)
    assert words in pool.health.snapshot().reasons[0]


async def test_what_a_worker_cannot_plan_is_what_cannot_be_planned_here() -> None:
    words = trouble(NoPlan(Obstacle.NO_PRICE))
    with pytest.raises(NotPossible, match=words.en[:20]):
        await Decider(Pool(answer_bytes(NotPlanned(words))), WorkerSettings()).decide(INPUTS)
    with pytest.raises(ValueError, match="odd"):
        await Decider(Pool(answer_bytes(NotPlanned(None, "odd"))), WorkerSettings()).decide(INPUTS)


async def test_without_workers_nobody_is_asked() -> None:
    pool = Pool()
    await Decider(pool, None).decide(INPUTS)
    assert pool.orders == 0
