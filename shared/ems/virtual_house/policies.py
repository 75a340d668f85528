"""Who decides: evcc alone, the plan with what was known, the plan with load and PV as they came."""

from dataclasses import dataclass, replace

import numpy as np

from ems.contract.site import LoadpointMode
from ems.forecast.correction import Correction
from ems.forecast.history_grid import Floats
from ems.forecast.scenarios import (
    CHAIN_DAYS,
    Scenarios,
    corrected,
    levelled,
    levels,
)
from ems.forecast.similar_days import loads_kw, samples
from ems.forecast.solar import expected_kw, samples_kw
from ems.lookahead.battery_task import FullBy, Task, worth_at_end_eur_per_kwh
from ems.lookahead.car_schedule import SHORT_EUR_PER_KWH
from ems.lookahead.cars import CarAhead, HomeAhead, car_modes, cheap_worth
from ems.lookahead.dynamic_program import battery_mode
from ems.virtual_house.against_alone import AgainstAlone
from ems.virtual_house.evcc_plan import CarNeed, cheapest_now
from ems.virtual_house.live import POINT, HomeState, ModePair
from ems.virtual_house.world import World

CAR_MINUTES = 30
"""The car is planned on slots of at least this length, and as often."""
HORIZON_H = 36
"""As far as day-ahead prices reach at their best; beyond them lies the expected tail."""


@dataclass(frozen=True, slots=True, eq=False)
class EvccAlone:
    """evcc by itself: battery normal, car on surplus, and its own planner for the car's goal."""

    world: World

    def decide(self, slot: int, state: HomeState) -> ModePair:
        """See :class:`ModePolicy`."""
        world = self.world
        if world.house.car is None or state.car_kwh is None:
            return ModePair()
        part = slice(slot, int(world.known[slot]))
        prices, home, goal = world.import_eur_per_kwh[part], world.home[part], world.goal_at[part]
        task = CarNeed(world.house.car, state.car_kwh, world.hours, prices, home, goal)
        return ModePair(car=LoadpointMode.NOW if cheapest_now(task) else LoadpointMode.PV)


class Planned:
    """The plan: the car by its schedule on the expected net load, the battery by the look-ahead, given the car."""

    def __init__(
        self,
        world: World,
        *,
        perfect: bool = False,
        correction: Correction | None = None,
        against_alone: AgainstAlone | None = None,
    ) -> None:
        """Lives in ``world``.

        Args:
            world: the home and its past.
            perfect: load and PV are known as they came. Prices are known as in reality, either way.
            correction: what a learner adds to the expected net load.
            against_alone: limits what is risked, where no month is told; None: anything may be, for what is won on
                average.
        """
        self.world = world
        self.perfect = perfect
        self.correction = correction
        self.against_alone = against_alone
        # Each slot's level depends on what lies before it alone, so that all can be learned at once, in handy parts.
        # A decision looks at the levels of some weeks before it.
        self._since = max(0, world.first - CHAIN_DAYS * world.past.per_day)
        slots = np.arange(self._since, self._since if perfect else world.end)
        parts = np.array_split(slots, max(1, len(slots) // 4000))
        self._levels = np.concatenate([levels(world.solar_model, part) for part in parts])
        self._memo: tuple[int, LoadpointMode, Floats] = (world.first - 10_000, LoadpointMode.OFF, np.zeros(0))

    def decide(self, slot: int, state: HomeState) -> ModePair:
        """See :class:`ModePolicy`."""
        world = self.world
        end = min(slot + HORIZON_H * 60 // world.past.minutes, world.end)
        buy, sell = world.prices_seen(slot, end)
        hours = np.full(end - slot, world.hours)
        if self.perfect:
            hours = np.where(world.idle[slot:end], 0, hours)
        ahead = self._perfect(slot, end) if self.perfect else self._foreseen(slot, end)
        if ahead is None:
            return ModePair()
        worth = self._worth_eur_per_kwh(buy, end)
        car, car_kw = self._car(slot, state, ahead, hours, (buy, sell), worth)
        if world.house.battery is None or state.battery_kwh is None:
            return ModePair(car=car)
        task = Task(world.house.battery.battery(), state.battery_kwh, hours, buy, sell, worth)
        modes = world.house.battery.modes
        month = state.month if self.against_alone is None else self.against_alone.month(slot, state)
        found = battery_mode(task, ahead, modes=modes, other_kw=car_kw, current=state.mode, month=month)
        return ModePair(found.mode, car)

    def _worth_eur_per_kwh(self, buy: Floats, end: int) -> float:
        """What energy in the battery is worth at the horizon's end; at the world's end what it is valued at there."""
        world = self.world
        if end == world.end or world.house.battery is None:
            return world.mean_import_eur_per_kwh
        hours = np.full(len(buy), world.hours)
        return worth_at_end_eur_per_kwh(buy, hours, world.house.battery.discharge_efficiency)

    def _perfect(self, slot: int, end: int) -> Scenarios:
        past = self.world.past
        net = np.nan_to_num(past.load_kw[slot:end]) - np.nan_to_num(past.pv_kw[slot:end])
        return Scenarios(net[:, None], np.ones((1, 1)), 0)

    def _foreseen(self, slot: int, end: int) -> Scenarios | None:
        of, solar = self.world.days, self.world.solar_model
        targets, origins = np.arange(slot, end), np.full(end - slot, slot)
        like, weights = samples(of, origins, targets)
        load, weights = loads_kw(of, slot, like, weights)
        if not weights.any():
            return None
        # evcc's solar rates reach some days ahead: those in the file count as known.
        expected = expected_kw(solar, origins, targets, of.past.solar_kw[targets])
        net = load - samples_kw(solar, origins, targets, expected, like)
        net = corrected(net, weights, self.correction, slot)
        return levelled(
            net, weights, self._levels[max(0, slot - CHAIN_DAYS * of.past.per_day - self._since) : slot - self._since]
        )

    def _car(
        self, slot: int, state: HomeState, ahead: Scenarios, hours: Floats, prices: tuple[Floats, Floats], worth: float
    ) -> tuple[LoadpointMode, Floats | None]:
        """The car's mode now and its planned kW; planned anew every half hour, when it comes and when it goes."""
        world, car = self.world, self.world.house.car
        if car is None or state.car_kwh is None:
            return LoadpointMode.OFF, None
        every = max(1, CAR_MINUTES // world.past.minutes)
        made, mode, planned = self._memo
        if slot - made < every and world.home[slot] == world.home[made]:
            kept = planned[slot - made :]
            return mode, np.concatenate([kept, np.zeros(len(hours) - len(kept))])
        part = slice(slot, slot + len(hours))
        if not world.home[part].any():
            return LoadpointMode.OFF, None
        battery, scheduled = world.house.battery, car.scheduled()
        net_kw, chances = ahead.likely()
        home = HomeAhead(hours, net_kw, *prices, chances=chances, worth_eur_per_kwh=worth, kept_slots=every)
        if battery is not None and state.battery_kwh is not None:
            home = replace(home, battery=battery.battery(), battery_kwh=state.battery_kwh, battery_modes=battery.modes)
        due = np.flatnonzero(world.goal_at[slot + 1 : slot + len(hours)]).tolist()
        one = CarAhead(
            scheduled,
            state.car_kwh,
            world.home[part].astype(np.float64),
            world.trip_kwh[part],
            np.zeros(len(hours)),
            tuple(FullBy(t, car.goal_kwh, SHORT_EUR_PER_KWH) for t in due),
            cheap_worth(scheduled, car.goal_kwh, prices[0]),
            current=mode,
        )
        choice = car_modes(home, {POINT: one}).get(POINT)
        if choice is None:
            return LoadpointMode.OFF, None
        self._memo = (slot, choice.mode, choice.planned_kw)
        return choice.mode, choice.planned_kw
