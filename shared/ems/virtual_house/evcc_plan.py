"""evcc's own planner for the car: what "evcc alone" does."""

from dataclasses import dataclass

import numpy as np

from ems.forecast.history_grid import Bools, Floats
from ems.virtual_house.house import VirtualCar


@dataclass(frozen=True, slots=True, eq=False)
class CarNeed:
    """A car before the slots whose prices are known; arrays have one value a slot."""

    config: VirtualCar
    stored_kwh: float
    hours: float
    import_eur_per_kwh: Floats
    home: Bools
    goal_at: Bools


def cheapest_now(task: CarNeed) -> bool:
    """Whether evcc's planner charges in the first slot: it takes the cheapest slots before the goal, at full power.

    The arrays end with the known prices; a goal beyond them is not planned for yet.
    """
    due = np.flatnonzero(task.goal_at[1:])
    if not len(due):
        return False
    before = slice(0, int(due[0]) + 1)
    config = task.config
    missing = max(0.0, config.goal_kwh - task.stored_kwh) / config.charge_efficiency
    power = min(config.max_kw, config.charger().max_kw)
    wanted = int(np.ceil(missing / (power * task.hours) - 1e-9))
    prices = np.where(task.home[before], task.import_eur_per_kwh[before], np.inf)
    # Ties go to the later slot, as evcc's do.
    chosen = np.lexsort((-np.arange(len(prices)), prices))[:wanted]
    return bool(0 in chosen)
