"""The house's battery for many energies, needs and modes at once: the vector twin of ``ems.house.battery.step``.

A test holds the two together.
"""

from collections.abc import Sequence

import numpy as np

from ems.contract.site import BatteryMode
from ems.forecast.history_grid import Bools, Floats
from ems.house.battery import BatterySpec

type Flow = tuple[Floats, Floats]
"""What the battery gives in kWh on the AC side (negative = takes), and what it stores afterwards."""


def flow(
    battery: BatterySpec,
    energy_kwh: Floats,
    modes: Sequence[BatteryMode],
    need_kwh: Floats,
    hours: Floats,
    *,
    holding: Bools | None = None,
) -> Flow:
    """All ``modes`` for broadcastable arrays; the modes become the first axis.

    Args:
        battery: its nature.
        energy_kwh: stored at the beginning.
        modes: what the inverter is told.
        need_kwh: what the rest of the home needs over the stretch, negative = surplus.
        hours: the stretch's length.
        holding: where it gives nothing, whatever the mode.
    """
    most_out = np.minimum(
        battery.discharge_kw * hours, np.maximum(0, energy_kwh - battery.min_kwh) * battery.discharge_efficiency
    )
    if holding is not None:
        most_out = np.where(holding, 0.0, most_out)
    most_in = np.minimum(
        battery.charge_kw * hours, np.maximum(0, battery.capacity_kwh - energy_kwh) / battery.charge_efficiency
    )
    shape = np.broadcast_shapes(np.shape(most_out), np.shape(need_kwh))
    given = np.empty((len(modes), *shape))
    for row, mode in zip(given, modes, strict=True):
        # Minimum and maximum: np.clip takes twice as long.
        least = 0.0 if mode is BatteryMode.HOLDCHARGE else -most_in
        most = 0.0 if mode is BatteryMode.HOLD else most_out
        row[...] = -most_in if mode is BatteryMode.CHARGE else np.minimum(np.maximum(need_kwh, least), most)
    stored = energy_kwh - np.where(given > 0, given / battery.discharge_efficiency, given * battery.charge_efficiency)
    return given, stored
