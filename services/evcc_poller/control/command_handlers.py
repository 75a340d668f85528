"""Handles the commands of people to devices, and answers them."""

from datetime import timedelta

from ems.bus.api import Bus, Names, Refused
from ems.contract.control import Boost, Choice, Release, SetBatteryMode, SetChoice, SetLimitSoc, SetMode, SetVehicle
from ems.contract.site import BatteryMode, Loadpoint, LoadpointKind
from ems.contract.topics import (
    BOOST,
    RELEASE,
    SET_BATTERY_MODE,
    SET_CHOICE,
    SET_LIMIT_SOC,
    SET_MODE,
    SET_VEHICLE,
)
from ems.i18n.records import CommandAnswer
from evcc_poller.control.device_runner import DeviceRunner, MachineStep
from evcc_poller.control.device_scheduler import DeviceScheduler
from evcc_poller.domain.control.battery import machine as battery_machine
from evcc_poller.domain.control.battery.state import DEVICE, BatteryState
from evcc_poller.domain.control.effects import Outcome, Write, WriteLimitSoc, WriteMode, WriteVehicle, Written
from evcc_poller.domain.control.loadpoint import commands as loadpoint_commands
from evcc_poller.domain.control.loadpoint.state import LoadpointMemory, LoadpointState
from evcc_poller.domain.control.transition import StepResult
from evcc_poller.domain.wording.answers import (
    BatteryCannotMode,
    BatteryModeSet,
    BoostStarted,
    BoostStopped,
    CannotMode,
    CommandOutcome,
    ControllerChosen,
    Impossible,
    LimitSet,
    ModePassedOn,
    ModeSet,
    NoBoost,
    NoSuchDevice,
    NoSuchVehicle,
    NotPossible,
    Refusal,
    Released,
    VehicleNamed,
)


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

    async def set_mode(self, command: SetMode, names: Names) -> CommandAnswer:
        """A person sets a loadpoint's mode."""
        device, mode = self._loadpoint(names["id"]), command.mode
        shown = self._shown(device)
        if shown is not None and mode not in shown.modes:
            raise self._refused(CannotMode(mode, shown.modes))
        now, rules = self._scheduler.clock.steady(), self._scheduler.rules
        retried = await self._apply(device, lambda s: loadpoint_commands.set_mode(s, mode, now, rules), WriteMode)
        if device.state.kept.choice is Choice.OFF:
            return self._answer(ModePassedOn(mode, retried))
        return self._answer(ModeSet(mode, timedelta(hours=rules.override_hours), retried))

    async def set_limit_soc(self, command: SetLimitSoc, names: Names) -> CommandAnswer:
        """A person sets a loadpoint's SoC limit."""
        device, limit = self._loadpoint(names["id"]), round(command.limit_soc_pct)
        match self._facts(device).kind:
            case LoadpointKind.HEATER:
                raise self._refused(Impossible(NotPossible.HEATER_LIMIT))
            case LoadpointKind.DEVICE:
                raise self._refused(Impossible(NotPossible.DEVICE_LIMIT))
        now = self._scheduler.clock.steady()
        retried = await self._apply(device, lambda s: loadpoint_commands.set_limit(s, limit, now), WriteLimitSoc)
        return self._answer(LimitSet(limit or None, retried))

    async def set_vehicle(self, command: SetVehicle, names: Names) -> CommandAnswer:
        """A person names the vehicle that is plugged in."""
        device, known = self._loadpoint(names["id"]), self._vehicles()
        if command.vehicle is not None and command.vehicle not in known:
            raise self._refused(NoSuchVehicle(command.vehicle, known))
        if not self._facts(device).connected:
            # evcc would take it for whoever comes next.
            raise self._refused(Impossible(NotPossible.NO_CAR))
        retried = await self._apply(device, lambda s: loadpoint_commands.set_vehicle(s, command.vehicle), WriteVehicle)
        return self._answer(VehicleNamed(command.vehicle, retried))

    async def boost(self, command: Boost, names: Names) -> CommandAnswer:
        """A person wants full power for a while."""
        device, now = self._loadpoint(names["id"]), self._scheduler.clock.steady()
        if device.state.kept.choice is Choice.OFF:
            raise self._refused(Impossible(NotPossible.SWITCHED_OFF))
        if command.minutes > 0 and not self._facts(device).connected:
            raise self._refused(Impossible(NotPossible.NO_CAR))
        if command.minutes <= 0 and device.state.kept.boost is None:
            return self._answer(NoBoost())
        retried = await self._apply(device, lambda s: loadpoint_commands.boost(s, command.minutes, now), WriteMode)
        if command.minutes <= 0:
            return self._answer(BoostStopped(retried))
        return self._answer(BoostStarted(timedelta(minutes=command.minutes), retried))

    async def set_battery_mode(self, command: SetBatteryMode, _: Names) -> CommandAnswer:
        """A person sets the battery's mode."""
        device, now, rules = self._battery(), self._scheduler.clock.steady(), self._scheduler.rules
        if device.state.kept.choice is Choice.OFF:
            raise self._refused(Impossible(NotPossible.SWITCHED_OFF))
        able = (BatteryMode.NORMAL, *sorted(rules.battery_modes - device.state.refused - {BatteryMode.NORMAL}))
        if command.mode not in able:
            raise self._refused(BatteryCannotMode(command.mode, able))
        user = device.state.kept.user
        try:
            retried = await self._apply_to_battery(lambda s: battery_machine.set_mode(s, command.mode, now, rules))
        except Refused:
            await device.step(battery_machine.withdrawn(user), self._scheduler.battery_step())
            raise
        return self._answer(BatteryModeSet(command.mode, timedelta(hours=rules.override_hours), retried))

    async def release(self, _: Release, names: Names) -> CommandAnswer:
        """A person gives a device back."""
        if names["device"] == DEVICE:
            return self._answer(Released(await self._apply_to_battery(battery_machine.release)))
        lp, now = self._by_name(names["device"]), self._scheduler.clock.steady()
        return self._answer(Released(await self._apply(lp, lambda s: loadpoint_commands.release(s, now))))

    async def set_choice(self, command: SetChoice, names: Names) -> CommandAnswer:
        """A person chooses who controls a device."""
        choice, now = command.controller, self._scheduler.clock.steady()
        if choice is Choice.RL and not self._scheduler.desired.rl_online():
            raise self._refused(Impossible(NotPossible.LEARNER_OFFLINE))
        if names["device"] == DEVICE:
            retried = await self._apply_to_battery(lambda s: battery_machine.choose(s, choice))
        else:
            lp = self._by_name(names["device"])
            retried = await self._apply(lp, lambda s: loadpoint_commands.choose(s, choice, now))
        return self._answer(ControllerChosen(choice, retried))

    def _answer(self, outcome: CommandOutcome) -> CommandAnswer:
        return self._scheduler.wording.answers.answer(outcome, self._scheduler.clock.now())

    def _refused(self, why: Refusal) -> Refused:
        return Refused(self._answer(why))

    async def _apply(
        self,
        device: DeviceRunner[LoadpointState],
        step: MachineStep[LoadpointState],
        of: type[Write] | None = None,
    ) -> bool:
        """Takes ``step`` and what follows from it.

        Args:
            device: whose.
            step: what a person asked for.
            of: the write that it is for. If evcc refuses that, it does not become the person's; None: any write counts,
                and what was asked for stays.
        """
        before: list[LoadpointMemory] = []

        def noted(state: LoadpointState) -> StepResult[LoadpointState]:
            before.append(state.kept)
            return step(state)

        results = await device.step(noted, self._scheduler.loadpoint_step(device))
        try:
            return self._retried(results, of)
        except Refused:
            if of is not None:
                withdrawn = loadpoint_commands.withdrawn(before[-1])
                await device.step(withdrawn, self._scheduler.loadpoint_step(device))
            raise

    async def _apply_to_battery(self, step: MachineStep[BatteryState]) -> bool:
        return self._retried(await self._battery().step(step, self._scheduler.battery_step()))

    def _retried(self, results: tuple[Written, ...], of: type[Write] | None = None) -> bool:
        """Whether evcc gave no answer to a write (``of`` that kind, if given), so that it is tried again.

        Raises:
            Refused: evcc refused it.
        """
        counted = [r for r in results if of is None or isinstance(r.write, of)]
        for result in counted:
            if result.trouble is not None and result.outcome is not Outcome.LOST:
                raise self._refused(result.trouble)
        return any(result.outcome is Outcome.LOST for result in counted)

    def _battery(self) -> DeviceRunner[BatteryState]:
        seen = self._devices.seen
        if seen is None or seen.site.battery is None:
            raise self._refused(Impossible(NotPossible.NO_BATTERY))
        return self._devices.battery

    def _by_name(self, name: str) -> DeviceRunner[LoadpointState]:
        if self._devices.seen is None:
            raise self._refused(Impossible(NotPossible.NOT_SEEN))
        known = {d.name: d for d in self._devices.loadpoints.values()}
        if name in {f"loadpoint-{number}" for number in self._devices.seen.unasked} - known.keys():
            raise self._refused(Impossible(NotPossible.NOT_ASKED))
        if name not in known:
            raise self._refused(NoSuchDevice(name, (DEVICE, *known)))
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
            raise self._refused(Impossible(NotPossible.NOT_ASKED))
        raise self._refused(Impossible(NotPossible.UNREACHABLE))

    def _vehicles(self) -> tuple[str, ...]:
        return tuple(v.name for v in self._devices.seen.site.vehicles) if self._devices.seen else ()
