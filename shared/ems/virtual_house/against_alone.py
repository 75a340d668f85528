"""How a policy stands this month against evcc alone, up to now: it may stake what it has saved, and a little more.

On average what is expected to pay does pay. But a month is short, and people see its bill beside that of evcc alone.
"""

from datetime import date

import numpy as np

from ems.forecast.history_grid import Floats
from ems.lookahead.cars import cheap_worth
from ems.lookahead.dynamic_program import MonthSoFar
from ems.virtual_house.live import HomeState, Life
from ems.virtual_house.world import World


class AgainstAlone:
    """The month so far at each slot of a world, asked for in their order."""

    def __init__(self, world: World, alone: Life) -> None:
        """Compares with evcc ``alone`` in the same ``world``; of its life only what is past is looked at."""
        self._world, self._alone = world, alone
        self._alone_paid = np.concatenate([[0.0], np.cumsum(alone.cost_eur)])
        self._month: tuple[date, float] | None = None

    def month(self, slot: int, state: HomeState) -> MonthSoFar:
        """How the local month stands at the start of ``slot``, since its first decision."""
        world, row = self._world, slot - self._world.first
        first_day = world.moment(slot).astimezone(world.house.tz()).date().replace(day=1)
        battery, prices = world.house.battery, world.import_eur_per_kwh[slot : int(world.known[slot])]
        prices = prices[np.isfinite(prices)]
        paid_less = float(self._alone_paid[row]) - state.paid_eur + self._car_eur(row, state, prices)
        alone_kwh, more_eur = None, 0.0
        if battery is not None and state.battery_kwh is not None:
            alone_kwh = float(self._alone.stored_kwh["battery"][0][row])
            more_eur = (state.battery_kwh - alone_kwh) * battery.discharge_efficiency * float(prices.mean())
        if self._month is None or self._month[0] != first_day:
            self._month = (first_day, paid_less + more_eur)
        return MonthSoFar(paid_less - self._month[1], alone_kwh)

    def _car_eur(self, row: int, state: HomeState, prices: Floats) -> float:
        """What the car's energy is worth beyond that of evcc alone: the cheap hours that it saves."""
        car = self._world.house.car
        if car is None or state.car_kwh is None:
            return 0.0
        worth = cheap_worth(car.scheduled(), car.goal_kwh, prices)[0][1]
        return (state.car_kwh - float(self._alone.stored_kwh["car"][0][row])) * worth
