"""Decides which controller is in charge of a device, and what the device should do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ems.contract.control import BatteryAction, Choice, Controller, ControllerName, LoadpointAction, Proposal
from evcc_poller.domain.control.effects import DesiredAction
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.wording.control import (
    ControllerOffline,
    ControlReason,
    Left,
    LeftToEvcc,
    NoProposal,
    ProposalTooOld,
    Proposed,
)


@dataclass(frozen=True, slots=True)
class ControllerInputs:
    """What the bus holds about one device."""

    proposals: Mapping[ControllerName, Proposal] = field(default_factory=dict)
    controller: Controller | None = None
    """The controller in charge, as the learner publishes it; None stands for the planner."""
    offline_since: Mapping[ControllerName, datetime] = field(default_factory=dict)
    """Since when a controller's service has been offline; absent while it is online or was never heard of."""


def desired_action(
    kind: type[BatteryAction | LoadpointAction],
    inputs: ControllerInputs,
    choice: Choice,
    now: datetime,
    started_at: datetime,
    rules: ControlSettings,
) -> DesiredAction:
    """The action of the controller in charge for a device whose actions are of ``kind``; without one, why not."""
    if choice is Choice.OFF:
        return DesiredAction(LeftToEvcc(Left.PERSON))
    wanted = _in_charge(inputs, choice)
    if wanted is Choice.OFF:
        return DesiredAction(LeftToEvcc(Left.LEARNER))
    failures: list[ControlReason] = []
    # While the learner is away the planner stands in.
    for name in (ControllerName.RL, ControllerName.LP) if wanted is Choice.RL else (ControllerName.LP,):
        proposal = inputs.proposals.get(name)
        why_not = _unusable(name, proposal, kind, inputs.offline_since.get(name), now, rules)
        if why_not is None and proposal is not None:
            return DesiredAction(Proposed(name, proposal.reason), proposal.action, name)
        if why_not is not None:
            failures.append(why_not)
    if now - started_at < timedelta(seconds=rules.startup_grace_s):
        return DesiredAction(LeftToEvcc(Left.STARTING), settled=False)
    return DesiredAction(failures[-1], planless=True)


def _in_charge(inputs: ControllerInputs, choice: Choice) -> Choice:
    if choice is not Choice.AUTO:
        return choice
    return inputs.controller.controller if inputs.controller is not None else Choice.LP


def _unusable(
    name: ControllerName,
    proposal: Proposal | None,
    kind: type[BatteryAction | LoadpointAction],
    offline_since: datetime | None,
    now: datetime,
    rules: ControlSettings,
) -> ControlReason | None:
    """Why ``proposal`` cannot be followed now; None when it can."""
    if proposal is None or not isinstance(proposal.action, kind):
        return NoProposal(name)
    if now >= proposal.valid_until or now - proposal.at > timedelta(seconds=2 * rules.decision_interval_s):
        return ProposalTooOld(name, proposal.at)
    if offline_since is not None and now - offline_since >= timedelta(seconds=rules.offline_grace_s):
        return ControllerOffline(name)
    return None
