"""The service put together: looks, decides, judges, learns."""

from datetime import timedelta

import structlog

from ems.bus.api import Bus
from ems.contract.control import Choice
from ems.house.slots import floor_to
from rl_agent.adapters.agent_db import AgentDb
from rl_agent.adapters.influx_history import InfluxHistory
from rl_agent.adapters.worker_process import run_night
from rl_agent.controllers import Controllers
from rl_agent.decider import Decider
from rl_agent.domain.judge.goal_watch import WatchedGoal
from rl_agent.domain.learner import Learner
from rl_agent.history_keeper import HistoryKeeper
from rl_agent.house_view import HouseView
from rl_agent.learners import LEARNERS
from rl_agent.nightly import LOOK_S, Nightly, NightRunner
from rl_agent.settings import Settings

_log = structlog.get_logger(__name__)

AFTER_SLOT_S = 5
"""How long after a slot's start is decided, in seconds: the plan goes first."""


class Agent:
    """Its parts, and what each loop does with them once."""

    def __init__(
        self,
        bus: Bus,
        settings: Settings,
        db: AgentDb,
        learners: tuple[Learner, ...] = LEARNERS,
        runner: NightRunner = run_night,
    ) -> None:
        names = [learner.name for learner in learners]
        self._bus, self._settings, self._learners = bus, settings, learners
        self.view = HouseView(bus, settings)
        older = InfluxHistory(settings.influx) if settings.influx else None
        self._history = HistoryKeeper(bus, settings.history_days, self.view.car_place, older)
        self._decider = Decider(bus, settings, self.view)
        self.nightly = Nightly(bus, settings, db, self.view, names, runner)
        self.nightly.on_progress = self.publish_learning
        self._controllers = Controllers(bus, settings, db, self.view, names)
        self._choices: dict[str, Choice] = {}
        self._goal: WatchedGoal | None = None

    async def decide(self) -> None:
        """Looks at what is new, proposes, and says who steers."""
        now = self._bus.clock.now()
        await self._history.refresh(now)
        self._watch_goal()
        self.judge()
        await self._decider.decide(
            self._history.measured, self._controllers.leaders(), self.nightly.learnt, self._learners
        )
        self.publish_learning()

    def judge(self) -> None:
        """Looks at the evidence and says anew who steers."""
        terms = self.view.terms()
        if terms is not None:
            self._controllers.judge(self.view.devices(terms), self.nightly.learnt)
            self._tell()

    def obey(self) -> None:
        """Says who steers when a person has chosen anew; what else the gateway tells is nothing for us."""
        if self._controllers.choices() != self._choices:
            self._tell()

    def _tell(self) -> None:
        self._choices = self._controllers.choices()
        self._controllers.publish(self._history.measured.known_days)

    def steers(self, device: str) -> Choice:
        """Who steers ``device``."""
        return self._controllers.steered_by(device)

    async def learn_when_due(self) -> None:
        """Does the night's work when it is time for it."""
        if self.nightly.due(self._bus.clock.now()):
            await self._history.refresh(self._bus.clock.now())
            if await self.nightly.work(self._history.measured):
                await self.decide()
            else:
                self.publish_learning()

    def publish_learning(self) -> None:
        """Says how far the learners are."""
        self.nightly.publish(self._history.measured)

    def wait_s(self) -> float:
        """How long until the next decision."""
        now = self._bus.clock.now()
        interval = timedelta(seconds=self._settings.decision_interval_s)
        minutes = max(1, round(interval / timedelta(minutes=1)))
        boundary = floor_to(now, minutes) + timedelta(minutes=minutes) if 60 % minutes == 0 else now + interval
        return (boundary - now).total_seconds() + AFTER_SLOT_S

    @property
    def look_s(self) -> float:
        """How often it is looked whether it is time to learn."""
        return LOOK_S

    def _watch_goal(self) -> None:
        """Hands back at once when a goal is missed while the learner steers the car."""
        car, now = self._settings.car, self._bus.clock.now()
        if car is None:
            return
        watched, device = self._goal, f"loadpoint-{car.loadpoint}"
        if watched is not None and now >= watched.departure:
            self._goal = None
            if watched.missed(now) and self._controllers.steered_by(device) is Choice.RL:
                _log.warning("a goal was missed while the learner steered", device=device)
                self._controllers.miss_goal(device, now.astimezone(self._settings.zone).date())
        goal = self.view.goal()
        if goal is not None and goal.departure is not None and goal.departure > now:
            self._goal = WatchedGoal(goal.soc_pct, goal.departure, self.view.car_pct(now), self.view.plan_misses_goal())
