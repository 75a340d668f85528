"""What the learner would do now: published as a proposal for each device, for the gateway and for people to compare."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import structlog

from ems.bus.api import Bus
from ems.contract.control import BatteryAction, ControllerName, LoadpointAction, Proposal
from ems.contract.topics import PROPOSAL
from ems.i18n.health import troubles
from ems.virtual_house.live import ModePair
from rl_agent.domain.columns import SLOT, Column, MeasuredColumns
from rl_agent.domain.home_world import home_world
from rl_agent.domain.judge.lives import BATTERY
from rl_agent.domain.learner import Learner, Trained
from rl_agent.domain.wording.reasons import BatteryWanted, CarWanted
from rl_agent.domain.wording.renderer import Renderer
from rl_agent.house_view import HomeNow, HouseView
from rl_agent.settings import Settings

_log = structlog.get_logger(__name__)

LOOKS_BACK = timedelta(days=90)
"""How much of the past a decision is made from: more than the forecast looks at; what was learnt carries the rest."""


class TooLittleMeasured(Exception):
    """Nothing can be decided from what was measured; the text says why."""


class Decider:
    """Remembers what it proposed, to withdraw what no longer holds."""

    def __init__(self, bus: Bus, settings: Settings, view: HouseView) -> None:
        self._bus, self._settings, self._view = bus, settings, view
        self._proposed: set[str] = set()
        self._odd = ""

    async def decide(
        self, measured: MeasuredColumns, leaders: Mapping[str, str], learnt: Mapping[str, Trained],
        learners: Sequence[Learner],
    ) -> None:  # fmt: skip
        """Proposes for every device that has a leader (by device, a learner's name) and can be decided about now."""
        now = self._bus.clock.now()
        home = self._view.now(now)
        if isinstance(home, str):
            self._bus.health.degraded("proposal", troubles.NoProposal(home))
            self._publish({})
            return
        wanted = {d: name for d, name in leaders.items() if d in home.devices and name in learnt}
        asked = [at for at in learners if at.name in wanted.values()]
        recent = measured.since(now - LOOKS_BACK)
        try:
            pairs = await asyncio.to_thread(
                lambda: {at.name: decided(recent, home, now, at, learnt[at.name]) for at in asked}
            )
        except TooLittleMeasured as why:
            self._bus.health.degraded("proposal", troubles.NoProposal(str(why)))
            self._publish({})
            return
        except (ArithmeticError, LookupError, ValueError) as odd:
            # Facts that no check foresaw cost a proposal, not the service; the gateway falls back to the plan.
            if str(odd) != self._odd:
                self._odd = str(odd)
                _log.exception("facts that cannot be decided with", why=self._odd)
            self._bus.health.degraded("proposal", troubles.NoProposal(str(odd)))
            self._publish({})
            return
        self._bus.health.ok("proposal")
        self._publish({d: self._proposal(d, name, pairs[name], now) for d, name in wanted.items()})

    def withdraw(self) -> None:
        """Takes back every proposal."""
        self._publish({})

    def _proposal(self, device: str, learner: str, pair: ModePair, now: datetime) -> Proposal:
        say = Renderer(self._settings.zone, now, self._view.currency).text
        battery = device == BATTERY
        reason = BatteryWanted(learner, pair.battery) if battery else CarWanted(learner, pair.car)
        vehicle = None if battery or self._settings.car is None else self._settings.car.vehicle
        return Proposal(
            device=device,
            controller=ControllerName.RL,
            at=now,
            valid_until=now + 2 * timedelta(seconds=self._settings.decision_interval_s),
            action=BatteryAction(mode=pair.battery) if battery else LoadpointAction(mode=pair.car, vehicle=vehicle),
            reason=say(reason),
        )

    def _publish(self, wanted: Mapping[str, Proposal]) -> None:
        for device in self._proposed - set(wanted):
            self._bus.clear(PROPOSAL, controller=ControllerName.RL, device=device)
        for device, proposal in wanted.items():
            self._bus.publish(PROPOSAL, proposal, controller=ControllerName.RL, device=device)
        self._proposed = set(wanted)


def decided(measured: MeasuredColumns, home: HomeNow, now: datetime, learner: Learner, learnt: Trained) -> ModePair:
    """What ``learner`` wants in the running slot.

    Raises:
        TooLittleMeasured: nothing was measured, or the running slot lies too far beyond it.
    """
    if not np.isfinite(measured.values[[Column.LOAD_KW, Column.IMPORT_EUR_PER_KWH]]).all(axis=0).any():
        raise TooLittleMeasured("no load is measured with a price yet")
    stage = home_world(measured, home.terms, home.ahead)
    slot = (now - stage.past.start) // SLOT
    if not 0 < slot < len(stage.past.load_kw) - 1:
        raise TooLittleMeasured(f"the history ends at {measured.end:%Y-%m-%d %H:%M} UTC")
    stage = replace(stage, first=slot)
    return learner.policy(stage, learnt).decide(slot, home.state)
