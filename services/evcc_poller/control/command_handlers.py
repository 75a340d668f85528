"""Handles the commands of people to devices, and answers them."""

from ems.bus.api import Bus, Names, Refused
from ems.contract.control import Boost, Choice, Release, SetBatteryMode, SetChoice, SetLimitSoc, SetMode, SetVehicle
from ems.contract.site import Loadpoint, LoadpointKind
from ems.contract.topics import (
    BOOST,
    RELEASE,
    SET_BATTERY_MODE,
    SET_CHOICE,
    SET_LIMIT_SOC,
    SET_MODE,
    SET_VEHICLE,
)
from evcc_poller.control.device_runner import DeviceRunner, MachineStep
from evcc_poller.control.device_scheduler import DeviceScheduler
from evcc_poller.domain.control.battery import machine as battery_machine
from evcc_poller.domain.control.battery.state import DEVICE, BatteryState
from evcc_poller.domain.control.effects import Outcome, Written
from evcc_poller.domain.control.loadpoint import commands as loadpoint_commands
from evcc_poller.domain.control.loadpoint.state import LoadpointState

NOT_YET_ASKED = "evcc was just started and has not asked this charger yet: try again in a moment"
OFF = "this device is left to evcc (off): choose auto or lp first"


def answer_commands(bus: Bus, scheduler: DeviceScheduler) -> None:
    """Registers a handler for every command to a device."""
    handlers = CommandHandlers(scheduler)
    bus.on_command(SET_MODE, handlers.set_mode)
    bus.on_command(SET_LIMIT_SOC, handlers.set_limit_soc)
    bus.on_command(SET_VEHICLE, handlers.set_vehicle)
    bus.on_command(BOOST, handlers.boost)
    bus.on_command(SET_BATTERY_MODE, handlers.set_battery_mode)
    bus.on_command(RELEASE, handlers.release)
    bus.on_command(SET_CHOICE, handlers.set_choice)


class CommandHandlers:
    """One handler per command; each answers what was done, or raises :class:`Refused`."""

    def __init__(self, scheduler: DeviceScheduler) -> None:
        self._scheduler, self._devices = scheduler, scheduler.devices

    async def set_mode(self, command: SetMode, names: Names) -> str:
        """A person sets a loadpoint's mode."""
        device = self._loadpoint(names["id"])
        shown = self._shown(device)
        if shown is not None and command.mode not in shown.modes:
            raise Refused(f"this loadpoint cannot {command.mode}; it can {', '.join(shown.modes)}")
        now, rules = self._scheduler.clock.steady(), self._scheduler.rules
        done = await self._apply(device, lambda s: loadpoint_commands.set_mode(s, command.mode, now, rules))
        return f"{command.mode}: yours until the car leaves, for {rules.override_hours:g} h, or until released{done}"

    async def set_limit_soc(self, command: SetLimitSoc, names: Names) -> str:
        """A person sets a loadpoint's SoC limit."""
        device, limit = self._loadpoint(names["id"]), round(command.limit_soc_pct)
        match self._facts(device).kind:
            case LoadpointKind.HEATER:
                raise Refused("this loadpoint heats: its limit is a temperature, to be set in evcc")
            case LoadpointKind.DEVICE:
                raise Refused("this loadpoint is no charger of a car: it has no limit")
        now = self._scheduler.clock.steady()
        done = await self._apply(device, lambda s: loadpoint_commands.set_limit(s, limit, now))
        return (f"limit {limit} %" if limit else "no limit") + f" until the car leaves or released{done}"

    async def set_vehicle(self, command: SetVehicle, names: Names) -> str:
        """A person names the vehicle that is plugged in."""
        device, known = self._loadpoint(names["id"]), self._vehicles()
        if command.vehicle is not None and command.vehicle not in known:
            raise Refused(f"evcc knows no vehicle {command.vehicle!r}; it knows {', '.join(known) or 'none'}")
        done = await self._apply(device, lambda s: loadpoint_commands.set_vehicle(s, command.vehicle))
        return f"{command.vehicle or 'a guest'} is at the loadpoint{done}"

    async def boost(self, command: Boost, names: Names) -> str:
        """A person wants full power for a while."""
        device, now = self._loadpoint(names["id"]), self._scheduler.clock.steady()
        if device.state.kept.choice is Choice.OFF:
            raise Refused(OFF)
        if command.minutes > 0 and not self._facts(device).connected:
            raise Refused("nothing is plugged in: a boost needs a car")
        if command.minutes <= 0 and device.state.kept.boost is None:
            return "there is no boost"
        done = await self._apply(device, lambda s: loadpoint_commands.boost(s, command.minutes, now))
        return f"boost for {command.minutes:g} minutes{done}" if command.minutes > 0 else f"the boost is ended{done}"

    async def set_battery_mode(self, command: SetBatteryMode, _: Names) -> str:
        """A person sets the battery's mode."""
        device, now, rules = self._battery(), self._scheduler.clock.steady(), self._scheduler.rules
        if device.state.kept.choice is Choice.OFF:
            raise Refused(OFF)
        able = rules.battery_modes - device.state.refused
        if command.mode != "normal" and command.mode not in able:
            raise Refused(f"this battery cannot {command.mode}; it can {', '.join(sorted(('normal', *able)))}")
        steps = (lambda s: battery_machine.set_mode(s, command.mode, now, rules), self._scheduler.battery_step())
        done = _outcome(await device.step(*steps))
        return f"{command.mode}: yours for {rules.override_hours:g} h, or until released{done}"

    async def release(self, _: Release, names: Names) -> str:
        """A person gives a device back."""
        if names["device"] == DEVICE:
            device = self._battery()
            return f"released{_outcome(await device.step(battery_machine.release, self._scheduler.battery_step()))}"
        lp, now = self._by_name(names["device"]), self._scheduler.clock.steady()
        return f"released{await self._apply(lp, lambda s: loadpoint_commands.release(s, now))}"

    async def set_choice(self, command: SetChoice, names: Names) -> str:
        """A person chooses who controls a device."""
        choice, now = command.controller, self._scheduler.clock.steady()
        if choice is Choice.RL and not self._scheduler.desired.rl_online():
            raise Refused("the learner (rl-agent) is not online; auto, lp and off can be chosen")
        if names["device"] == DEVICE:
            steps = (lambda s: battery_machine.choose(s, choice), self._scheduler.battery_step())
            return f"{choice}{_outcome(await self._battery().step(*steps))}"
        lp = self._by_name(names["device"])
        return f"{choice}{await self._apply(lp, lambda s: loadpoint_commands.choose(s, choice, now))}"

    async def _apply(self, device: DeviceRunner[LoadpointState], step: MachineStep[LoadpointState]) -> str:
        return _outcome(await device.step(step, self._scheduler.loadpoint_step(device)))

    def _battery(self) -> DeviceRunner[BatteryState]:
        seen = self._devices.seen
        if seen is None or seen.site.battery is None:
            raise Refused("evcc shows no home battery")
        return self._devices.battery

    def _by_name(self, name: str) -> DeviceRunner[LoadpointState]:
        if self._devices.seen is None:
            raise Refused("evcc has not been seen yet: try again in a moment")
        known = {d.name: d for d in self._devices.loadpoints.values()}
        if name in {f"loadpoint-{number}" for number in self._devices.seen.unasked} - known.keys():
            raise Refused(NOT_YET_ASKED)
        if name not in known:
            raise Refused(f"there is no device {name!r}; there are {', '.join((DEVICE, *known))}")
        return known[name]

    def _loadpoint(self, number: str) -> DeviceRunner[LoadpointState]:
        return self._by_name(f"loadpoint-{number}")

    def _shown(self, device: DeviceRunner[LoadpointState]) -> Loadpoint | None:
        seen = self._devices.seen
        lps = seen.loadpoints if seen is not None else ()
        return next((lp for lp in lps if lp.id == device.state.id), None)

    def _facts(self, device: DeviceRunner[LoadpointState]) -> Loadpoint:
        if (shown := self._shown(device)) is not None:
            return shown
        seen = self._devices.seen
        if seen is not None and seen.site.evcc.reachable:
            raise Refused(NOT_YET_ASKED)
        raise Refused("evcc cannot be reached now")

    def _vehicles(self) -> list[str]:
        return [v.name for v in self._devices.seen.site.vehicles] if self._devices.seen else []


def _outcome(results: tuple[Written, ...]) -> str:
    """Words for outcomes that are not final.

    Raises:
        Refused: evcc refused a write.
    """
    for result in results:
        if result.outcome in {Outcome.REFUSED, Outcome.CONFLICT, Outcome.UNABLE}:
            raise Refused(result.words)
        if result.outcome is Outcome.LOST:
            return f" (evcc gave no answer, it is tried again: {result.words})"
    return ""
