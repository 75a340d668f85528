"""The home battery: in every mode the inverter goes on following the meter, within the mode's bounds."""

from dataclasses import dataclass

from ems.contract.site import BatteryMode


@dataclass(frozen=True, slots=True)
class BatterySpec:
    """A battery's size and limits. Powers are on the AC side; losses lie between there and the stored energy."""

    capacity_kwh: float
    charge_kw: float
    discharge_kw: float
    charge_efficiency: float = 0.95
    discharge_efficiency: float = 0.95
    min_kwh: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.min_kwh <= self.capacity_kwh or self.capacity_kwh <= 0:
            raise ValueError("a battery needs 0 <= min_kwh <= capacity_kwh and a capacity above 0")
        if min(self.charge_kw, self.discharge_kw) < 0:
            raise ValueError("a battery's powers are not negative")
        if not (0 < self.charge_efficiency <= 1 and 0 < self.discharge_efficiency <= 1):
            raise ValueError("efficiencies lie above 0 and at most at 1")


@dataclass(frozen=True, slots=True)
class BatteryFlow:
    """What a battery did: mean AC power (positive = discharging) and the energy stored afterwards."""

    power_kw: float
    energy_kwh: float


def step(battery: BatterySpec, energy_kwh: float, mode: BatteryMode, need_kw: float, hours: float) -> BatteryFlow:
    """One stretch of ``hours`` in which the rest of the home needs ``need_kw`` (negative = surplus).

    Full or empty within the stretch means that the mean power is smaller; energy outside the usable range (a reserve
    that was raised, 96 % with a limit of 90 %) is left where it is.
    """
    wanted = {
        BatteryMode.NORMAL: need_kw,
        BatteryMode.HOLD: min(need_kw, 0.0),
        BatteryMode.CHARGE: -battery.charge_kw,
        BatteryMode.HOLDCHARGE: max(need_kw, 0.0),
    }[mode]
    if wanted > 0:
        available_kw = max(0.0, energy_kwh - battery.min_kwh) * battery.discharge_efficiency / hours
        power = min(wanted, battery.discharge_kw, available_kw)
        return BatteryFlow(power, energy_kwh - power * hours / battery.discharge_efficiency)
    room_kw = max(0.0, battery.capacity_kwh - energy_kwh) / battery.charge_efficiency / hours
    power = min(-wanted, battery.charge_kw, room_kw)
    return BatteryFlow(-power, energy_kwh + power * hours * battery.charge_efficiency)
