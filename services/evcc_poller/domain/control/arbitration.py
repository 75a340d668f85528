"""Which controller is in charge of a device, and what it wishes now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ems.contract.control import BatteryAction, Choice, Controller, ControllerName, LoadpointAction, Proposal
from ems.contract.message import Text
from evcc_poller.domain.control import reasons as words
from evcc_poller.domain.control.effects import DesiredAction
from evcc_poller.domain.control.settings import ControlSettings

LP, RL = ControllerName.LP, ControllerName.RL


@dataclass(frozen=True, slots=True)
class ControllerInputs:
    """What is heard on the bus about one device."""

    proposals: Mapping[ControllerName, Proposal] = field(default_factory=dict)
    controller: Controller | None = None
    """Who is in charge, as the learner publishes it; None while nobody does: then it is the plan."""
    silent_since: Mapping[ControllerName, datetime] = field(default_factory=dict)
    """Since when a controller's service has been offline; absent while it is online, or never was heard of."""


def wish(
    kind: type[BatteryAction | LoadpointAction],
    voices: ControllerInputs,
    choice: Choice,
    now: datetime,
    started_at: datetime,
    rules: ControlSettings,
) -> DesiredAction:
    """What the controller in charge wishes of a device whose actions are of ``kind``; without one, why not."""
    if choice is Choice.OFF:
        return DesiredAction(words.LEFT_TO_EVCC)
    wanted = _in_charge(voices, choice)
    if wanted is Choice.OFF:
        return DesiredAction(words.LEFT_BY_LEARNER)
    reasons: list[Text] = []
    # The learner may be away: then the plan stands in.
    for name in (RL, LP) if wanted is Choice.RL else (LP,):
        proposal = voices.proposals.get(name)
        why_not = _unusable(name, proposal, kind, voices.silent_since.get(name), now, rules)
        if why_not is None and proposal is not None:
            return DesiredAction(proposal.reason, proposal.action, name)
        if why_not is not None:
            reasons.append(why_not)
    if now - started_at < timedelta(seconds=rules.startup_grace_s):
        return DesiredAction(words.WAITING, settled=False)
    return DesiredAction(reasons[-1], planless=True)


def _in_charge(voices: ControllerInputs, choice: Choice) -> Choice:
    if choice is not Choice.AUTO:
        return choice
    return voices.controller.controller if voices.controller is not None else Choice.LP


def _unusable(
    name: ControllerName,
    proposal: Proposal | None,
    kind: type[BatteryAction | LoadpointAction],
    silent_since: datetime | None,
    now: datetime,
    rules: ControlSettings,
) -> Text | None:
    """Why ``proposal`` cannot be followed now; None when it can."""
    if proposal is None or not isinstance(proposal.action, kind):
        return words.no_proposal(name)
    if now >= proposal.valid_until or now - proposal.at > timedelta(seconds=2 * rules.decision_interval_s):
        return words.stale(name, proposal.at)
    if silent_since is not None and now - silent_since >= timedelta(seconds=rules.offline_grace_s):
        return words.offline(name)
    return None
