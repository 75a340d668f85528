"""Which devices evcc has: the battery and the loadpoints, each with its runner."""

from ems.bus.api import Bus
from ems.contract.topics import CONTROL
from evcc_poller.adapters.control_store import ControlStore
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.control.device_runner import DeviceRunner, Looks, Machine
from evcc_poller.domain.control.battery import machine as battery_machine
from evcc_poller.domain.control.battery import writes as battery_writes
from evcc_poller.domain.control.battery.state import DEVICE, BatteryState
from evcc_poller.domain.control.loadpoint import machine as loadpoint_machine
from evcc_poller.domain.control.loadpoint import writes as loadpoint_writes
from evcc_poller.domain.control.loadpoint.state import LoadpointState
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.control.timing import begun_by
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.wording.renderer import GatewayWording

LOADPOINT: Machine[LoadpointState] = Machine(
    loadpoint_writes.written, loadpoint_machine.published, loadpoint_machine.problem
)

type AnyRunner = DeviceRunner[BatteryState] | DeviceRunner[LoadpointState]


class DeviceRegistry:
    """The devices as the newest observation shows them, each with what is remembered of it."""

    def __init__(
        self, bus: Bus, rules: ControlSettings, evcc: Evcc, store: ControlStore, looks: Looks, wording: GatewayWording
    ) -> None:
        self._bus, self._evcc, self._store, self._looks, self._wording = bus, evcc, store, looks, wording
        self._controls = bus.watch(CONTROL)
        self.seen: Observation | None = None
        """The newest observation."""
        machine = Machine[BatteryState](
            lambda s, w: battery_writes.written(s, w, rules), battery_machine.published, battery_machine.problem
        )
        self.battery = DeviceRunner(
            BatteryState(begun_by(store.battery(), bus.clock.now())), machine, bus, evcc, store, looks, wording
        )
        self.loadpoints: dict[int, DeviceRunner[LoadpointState]] = {}

    @property
    def has_battery(self) -> bool:
        """Whether evcc has a battery, or may still hold one for us."""
        shown = self.seen is not None and self.seen.site.battery is not None
        return shown or self.battery.state.kept.lease is not None

    def all(self) -> list[AnyRunner]:
        """The devices that evcc has."""
        return [*((self.battery,) if self.has_battery else ()), *self.loadpoints.values()]

    def update(self, seen: Observation) -> None:
        """Takes over an observation: new and removed loadpoints, and a restart of evcc."""
        self.seen = seen
        for lp in seen.loadpoints:
            if lp.id not in self.loadpoints:
                kept = begun_by(self._store.loadpoint(f"loadpoint-{lp.id}"), self._bus.clock.now())
                state = LoadpointState(lp.id, kept)
                self.loadpoints[lp.id] = DeviceRunner(
                    state, LOADPOINT, self._bus, self._evcc, self._store, self._looks, self._wording
                )
        if seen.loadpoint_count is not None:
            self._forget_loadpoints(seen.loadpoint_count)
        # We write no battery mode to an evcc that we have not seen: one that was touched is the run that we know.
        away_and_back = seen.restarted and seen.external_untouched
        if away_and_back or battery_machine.evcc_restarted(self.battery.state, seen):
            for device in self.all():
                device.restarted = True

    def _forget_loadpoints(self, count: int) -> None:
        """Ends the control of loadpoints that evcc no longer has, and clears their retained facts."""
        for number, device in self.loadpoints.items():
            device.gone = number > count
        there = {DEVICE, *(f"loadpoint-{number + 1}" for number in range(count))}
        for name in set(self._controls.items()) - there:
            self._bus.clear(CONTROL, device=name)
