"""What a policy has saved this month against evcc alone, up to now: it may stake that, and a little more.

On average what is expected to pay does pay. But a month is short, and people see its bill beside that of evcc alone.
"""

from datetime import date

import numpy as np

from ems.lookahead.cars import cheap_worth
from ems.virtual_house.live import HomeState, Life
from ems.virtual_house.world import World


class MonthSaving:
    """The saving at each slot of a world, asked in their order."""

    def __init__(self, world: World, alone: Life) -> None:
        """Compares with evcc ``alone`` in the same ``world``; of its life only what is past is looked at."""
        self._world, self._alone = world, alone
        self._alone_paid = np.concatenate([[0.0], np.cumsum(alone.cost_eur)])
        self._month: tuple[date, float] | None = None

    def eur(self, slot: int, state: HomeState) -> float:
        """What was saved from the local month's first decision to the start of ``slot``, with what is stored more."""
        month = self._world.moment(slot).astimezone(self._world.house.tz()).date().replace(day=1)
        ahead = self._ahead_eur(slot, state)
        if self._month is None or self._month[0] != month:
            self._month = (month, ahead)
        return ahead - self._month[1]

    def _ahead_eur(self, slot: int, state: HomeState) -> float:
        world, row = self._world, slot - self._world.first
        battery, car = world.house.battery, world.house.car
        prices = world.import_eur_per_kwh[slot : int(world.known[slot])]
        ahead = float(self._alone_paid[row]) - state.paid_eur
        if battery is not None and state.battery_kwh is not None:
            more_kwh = state.battery_kwh - float(self._alone.stored_kwh["battery"][0][row])
            ahead += more_kwh * battery.discharge_efficiency * float(np.nanmean(prices))
        if car is not None and state.car_kwh is not None:
            worth = cheap_worth(car.scheduled(), car.goal_kwh, prices[np.isfinite(prices)])[0][1]
            ahead += (state.car_kwh - float(self._alone.stored_kwh["car"][0][row])) * worth
        return ahead
