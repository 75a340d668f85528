"""Reads the bus and resolves what each device should do."""

from datetime import datetime, timedelta

from ems.bus.api import Bus
from ems.contract.control import PROPOSERS, BatteryAction, Choice, ControllerName, LoadpointAction, Owner, Proposal
from ems.contract.service import Service, Status
from ems.contract.site import BatteryMode
from ems.contract.topics import CONTROLLER, PLAN, PROPOSAL, STATUS
from evcc_poller.control.device_registry import DeviceRegistry
from evcc_poller.domain.control.arbitration import ControllerInputs, desired_action
from evcc_poller.domain.control.battery.state import DEVICE
from evcc_poller.domain.control.effects import DesiredAction
from evcc_poller.domain.control.loadpoint.state import LoadpointState
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.wording.control import HeldForBoost, Left, LeftToEvcc

MAX_AHEAD = timedelta(minutes=1)
"""How far the clock of who made a proposal may be ahead of ours."""


class DesiredActions:
    """What the controllers in charge want of the devices, from proposals, choices and who is online."""

    def __init__(self, bus: Bus, rules: ControlSettings, devices: DeviceRegistry) -> None:
        self._rules, self._devices = rules, devices
        self.started_at = bus.clock.steady()
        """Since when proposals are waited for."""
        self._proposals, self._controllers = bus.watch(PROPOSAL), bus.watch(CONTROLLER)
        self._statuses, self._plan = bus.watch(STATUS), bus.watch(PLAN)
        self._last: dict[str, tuple[Proposal, datetime]] = {}
        """The newest proposals, and when each was last there."""

    def for_battery(self, choice: Choice, now: datetime) -> DesiredAction:
        """What the battery should do, holding it during a boost where the settings say so."""
        boosting = any(d.state.kept.boost is not None for d in self._devices.loadpoints.values())
        holds = boosting and self._rules.boost_holds_battery and choice is not Choice.OFF
        if holds and not self.optimizer_has(BatteryAction):
            return DesiredAction(HeldForBoost(), BatteryAction(mode=BatteryMode.HOLD), owner=Owner.BOOST)
        return self.planned_for_battery(choice, now)

    def planned_for_battery(self, choice: Choice, now: datetime) -> DesiredAction:
        """What the controller in charge wants of the battery, whatever is boosted."""
        return self._resolve(BatteryAction, DEVICE, choice, now)

    def for_loadpoint(self, state: LoadpointState, now: datetime) -> DesiredAction:
        """What the controller in charge wants of a loadpoint."""
        return self._resolve(LoadpointAction, state.device, state.kept.choice, now)

    def optimizer_has(self, kind: type[BatteryAction | LoadpointAction]) -> bool:
        """Whether evcc's own optimizer steers the devices whose actions are of ``kind``."""
        if (seen := self._devices.seen) is None:
            return False
        evcc = seen.site.evcc
        return evcc.optimizer_has_battery if kind is BatteryAction else evcc.optimizer_has_loadpoints

    def rl_online(self) -> bool:
        """Whether a learner is there to be chosen."""
        return self._statuses.get(Service.RL_AGENT) is Status.ONLINE

    def _resolve(
        self, kind: type[BatteryAction | LoadpointAction], device: str, choice: Choice, now: datetime
    ) -> DesiredAction:
        if self.optimizer_has(kind):
            return DesiredAction(LeftToEvcc(Left.OPTIMIZER), planless=True)
        proposals = {c: p for c in ControllerName if (p := self._proposal(f"{c}/{device}", now)) is not None}
        offline_since = {
            c: now - timedelta(seconds=self._statuses.age_s(s) or 0)
            for c, s in PROPOSERS.items()
            if self._statuses.get(s) is Status.OFFLINE
        }
        inputs = ControllerInputs(proposals, self._controllers.get(device), offline_since)
        return desired_action(kind, inputs, choice, now, self.started_at, self._rules)

    def _proposal(self, key: str, now: datetime) -> Proposal | None:
        """A proposal with its moments on the time of ``now``, by when it came; None when it was dated in the future.

        One that was erased still counts for as long as its maker might be offline: a wiped broker is no decision.
        """
        proposal, came = self._proposals.get(key), self._proposals.received_at(key)
        if proposal is None and key in self._last:
            return self._erased(key, now)
        if proposal is None or came is None or proposal.at - came > MAX_AHEAD:
            return None
        age = max(came - proposal.at, timedelta()) + timedelta(seconds=self._proposals.age_s(key) or 0)
        at = now - age
        proposal = proposal.model_copy(update={"at": at, "valid_until": at + (proposal.valid_until - proposal.at)})
        self._last[key] = (proposal, now)
        return proposal

    def _erased(self, key: str, now: datetime) -> Proposal | None:
        """The proposal that was there; None once its time is over, or when a newer plan says nothing of the device."""
        proposal, there = self._last[key]
        plan = self._plan.get()
        planned = proposal.controller is ControllerName.LP
        withdrawn = planned and plan is not None and plan.id != proposal.plan_id
        if withdrawn or now - there >= timedelta(seconds=self._rules.offline_grace_s):
            del self._last[key]
            return None
        return proposal
