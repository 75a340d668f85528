"""Executes one write against evcc and reports its outcome."""

from ems.runtime.clock import Clock
from ems.runtime.errors import PermanentError, TransientError
from evcc_poller.adapters.errors import NotControllable, OptimizerActive, RefusedByEvcc
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.domain.control.effects import (
    Outcome,
    ReleaseBattery,
    Write,
    WriteBatteryMode,
    WriteLimitSoc,
    WriteMode,
    WriteVehicle,
    Written,
)
from evcc_poller.domain.wording.troubles import EvccRefused, NoAnswer, NothingControllable, OptimizerInCharge


async def execute(write: Write, evcc: Evcc, clock: Clock) -> Written:
    """The outcome of ``write``; never raises for what evcc may answer."""
    try:
        await _send(write, evcc)
    except OptimizerActive:
        return Written(write, Outcome.CONFLICT, clock.steady(), OptimizerInCharge())
    except NotControllable:
        return Written(write, Outcome.UNABLE, clock.steady(), NothingControllable())
    except TransientError as error:
        return Written(write, Outcome.LOST, clock.steady(), NoAnswer(str(error)))
    except PermanentError as error:
        words = error.words if isinstance(error, RefusedByEvcc) else None
        return Written(write, Outcome.REFUSED, clock.steady(), EvccRefused(str(error), words))
    return Written(write, Outcome.DONE, clock.steady())


async def _send(write: Write, evcc: Evcc) -> None:
    match write:
        case WriteBatteryMode(mode=mode):
            await evcc.set_battery_mode(mode)
        case ReleaseBattery():
            await evcc.clear_battery_mode()
        case WriteMode(loadpoint=loadpoint, mode=lp_mode, always_charge=always):
            await evcc.set_mode(loadpoint, lp_mode, always)
        case WriteLimitSoc(loadpoint=loadpoint, limit_soc_pct=limit):
            await evcc.set_limit_soc(loadpoint, limit)
        case WriteVehicle(loadpoint=loadpoint, vehicle=vehicle):
            await evcc.set_vehicle(loadpoint, vehicle)
