"""Reads the bus and resolves what each device should do."""

from datetime import datetime

from ems.bus.api import Bus
from ems.contract.control import PROPOSERS, BatteryAction, Choice, ControllerName, LoadpointAction, Owner
from ems.contract.service import Service, Status
from ems.contract.site import BatteryMode
from ems.contract.topics import CONTROLLER, PROPOSAL, STATUS
from evcc_poller.control.device_registry import DeviceRegistry
from evcc_poller.domain.control import reasons
from evcc_poller.domain.control.arbitration import ControllerInputs, desired_action
from evcc_poller.domain.control.battery.state import DEVICE
from evcc_poller.domain.control.effects import DesiredAction
from evcc_poller.domain.control.loadpoint.state import LoadpointState
from evcc_poller.domain.control.settings import ControlSettings


class DesiredActions:
    """What the controllers in charge want of the devices, from proposals, choices and who is online."""

    def __init__(self, bus: Bus, rules: ControlSettings, devices: DeviceRegistry) -> None:
        self._rules, self._devices = rules, devices
        self.started_at = bus.clock.now()
        """Since when proposals are waited for."""
        self._proposals, self._controllers = bus.watch(PROPOSAL), bus.watch(CONTROLLER)
        self._statuses = bus.watch(STATUS)

    def for_battery(self, choice: Choice, now: datetime) -> DesiredAction:
        """What the battery should do, holding it during a boost where the settings say so."""
        boosting = any(d.state.kept.boost is not None for d in self._devices.loadpoints.values())
        if boosting and self._rules.boost_holds_battery and choice is not Choice.OFF:
            return DesiredAction(reasons.BOOST_HOLD, BatteryAction(mode=BatteryMode.HOLD), owner=Owner.BOOST)
        return self.planned_for_battery(choice, now)

    def planned_for_battery(self, choice: Choice, now: datetime) -> DesiredAction:
        """What the controller in charge wants of the battery, whatever is boosted."""
        return self._resolve(BatteryAction, DEVICE, choice, now)

    def for_loadpoint(self, state: LoadpointState, now: datetime) -> DesiredAction:
        """What the controller in charge wants of a loadpoint."""
        return self._resolve(LoadpointAction, state.device, state.kept.choice, now)

    def rl_online(self) -> bool:
        """Whether a learner is there to be chosen."""
        return self._statuses.get(Service.RL_AGENT) is Status.ONLINE

    def _resolve(
        self, kind: type[BatteryAction | LoadpointAction], device: str, choice: Choice, now: datetime
    ) -> DesiredAction:
        seen = self._devices.seen
        if seen is not None and seen.site.evcc.optimizer_active:
            return DesiredAction(reasons.OPTIMIZER, planless=True)
        proposals = {c: p for c in ControllerName if (p := self._proposals.get(f"{c}/{device}")) is not None}
        offline_since = {
            c: self._statuses.received_at(s) or now
            for c, s in PROPOSERS.items()
            if self._statuses.get(s) is Status.OFFLINE
        }
        inputs = ControllerInputs(proposals, self._controllers.get(device), offline_since)
        return desired_action(kind, inputs, choice, now, self.started_at, self._rules)
