"""The apprentice as the service sees it: trained anew every night on all days there are, the plan's policy by day."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from ems.forecast.history_grid import Floats, Ints
from ems.forecast.net_load import expected_net_kw, measured_net_kw
from ems.forecast.solar import SolarModel
from ems.virtual_house.live import ModePolicy
from ems.virtual_house.policies import Planned
from ems.virtual_house.world import World
from rl_agent.domain.apprentice.correction import RidgeCorrection
from rl_agent.domain.apprentice.features import COUNT, LEADS_H, features
from rl_agent.domain.apprentice.residuals import Residuals, residuals
from rl_agent.domain.apprentice.ridge import NormalEquations
from rl_agent.domain.learner import DayErrors, Progress, Trained

MIN_DAYS = 56
"""Measured days without which nothing is learnt."""
REACH_DAYS = 16
"""How far before a decision the features look."""


class Apprentice:
    """Learns the residual of the plan's net load by ridge regression."""

    @property
    def name(self) -> str:
        """See :class:`rl_agent.domain.learner.Learner`."""
        return "apprentice"

    def train(self, world: World, before: Trained | None, progress: Progress) -> Trained | None:
        """See :class:`rl_agent.domain.learner.Learner`. A year takes seconds: every night starts from nothing."""
        del before
        last = NormalEquations.empty(LEADS_H, COUNT)
        count = max(world.first // world.past.per_day, 1)
        for day, sums in sums_by_day(world.solar_model, residuals(world.solar_model), world.first):
            last = sums
            progress((day + 1) / count)
        days = last.rows // world.past.per_day
        if days < MIN_DAYS:
            return None
        return Trained(self.name, {"coefficients": last.coefficients()}, {"days": days})

    def policy(self, world: World, trained: Trained) -> ModePolicy:
        """See :class:`rl_agent.domain.learner.Learner`."""
        found = trained.arrays.get("coefficients")
        if found is None or found.shape != (LEADS_H, COUNT):
            return Planned(world)
        known = residuals(world.solar_model, world.first - REACH_DAYS * world.past.per_day)
        return Planned(world, correction=RidgeCorrection(known, found))

    def daily_errors(self, world: World, trained: Trained) -> tuple[DayErrors, ...]:
        """See :class:`rl_agent.domain.learner.Learner`. Origins are hourly, leads 0 to 36 h."""
        found = trained.arrays.get("coefficients")
        if found is None or found.shape != (LEADS_H, COUNT):
            return ()
        known = residuals(world.solar_model, world.first - REACH_DAYS * world.past.per_day)
        origins = np.arange(world.first, world.end, world.past.per_day // 24)
        ahead = foreseen(world.solar_model, origins)
        corrected = ahead + RidgeCorrection(known, found).corrections_kw(origins, ahead)
        return paired_errors(world, origins, ahead, corrected)


def sums_by_day(learned: SolarModel, known: Residuals, until: int) -> Iterator[tuple[int, NormalEquations]]:
    """After each day before slot ``until``, what can be learnt of all origins whose whole reach is measured by then."""
    past = learned.of.past
    per_hour, reach = past.per_day // 24, LEADS_H * past.per_day // 24
    sums, done = NormalEquations.empty(LEADS_H, COUNT), 0
    for day in range(until // past.per_day):
        upto = max((day + 1) * past.per_day - reach + 1, 0)
        origins = np.arange(done, upto, per_hour)
        if len(origins):
            ahead = foreseen(learned, origins)
            wanted = measured_net_kw(past)[origins[:, None] + np.arange(reach)] - ahead
            rows = features(known, origins, ahead)
            sums = sums.with_rows(_by_lead(rows), _by_lead(wanted[..., None])[..., 0])
            done = int(origins[-1]) + per_hour
        yield day, sums


def nightly_coefficients(learned: SolarModel, known: Residuals, until: int) -> dict[int, Floats]:
    """The coefficients that each day before slot ``until`` begins with, by its number; none before :data:`MIN_DAYS`."""
    per_day = learned.of.past.per_day
    return {
        day + 1: sums.coefficients()
        for day, sums in sums_by_day(learned, known, until)
        if sums.rows // per_day >= MIN_DAYS
    }


def foreseen(learned: SolarModel, origins: Ints) -> Floats:
    """The plan's expected net load in kW for the slots ahead of each origin: (origins, slots). NaN beyond the past."""
    past = learned.of.past
    targets = origins[:, None] + np.arange(LEADS_H * past.per_day // 24)
    inside = targets < len(past.load_kw)
    ahead = np.full(targets.shape, np.nan)
    ahead[inside] = expected_net_kw(learned, np.broadcast_to(origins[:, None], targets.shape)[inside], targets[inside])
    return ahead


def paired_errors(world: World, origins: Ints, plan_kw: Floats, learner_kw: Floats) -> tuple[DayErrors, ...]:
    """Squared errors of both by the local day of what was foreseen, of days that lie whole in the judged time."""
    past, zone = world.past, world.house.tz()
    local = [world.moment(slot).astimezone(zone).date() for slot in range(world.first, world.end)]
    whole = _whole_days(world, local)
    number = np.array([d.toordinal() for d in local])
    targets = origins[:, None] + np.arange(plan_kw.shape[1])
    inside = (targets >= world.first) & (targets < world.end)
    came = measured_net_kw(past)[np.where(inside, targets, 0)]
    there = inside & np.isfinite(came) & np.isfinite(plan_kw)
    day = number[targets[there] - world.first] - number[0]
    plan, learner = ((kw[there] - came[there]) ** 2 for kw in (plan_kw, learner_kw))
    sums = [np.bincount(day, weights) for weights in (plan, learner, None)]
    return tuple(
        DayErrors(date.fromordinal(int(number[0]) + d), float(a), float(b), int(n))
        for d, (a, b, n) in enumerate(zip(*sums, strict=True))
        if n and date.fromordinal(int(number[0]) + d) in whole
    )


def _whole_days(world: World, local: list[date]) -> set[date]:
    """The first and the last day may have begun before, or end after, what is judged."""
    days = set(local)
    zone = world.house.tz()
    if world.moment(world.first - 1).astimezone(zone).date() == local[0]:
        days.discard(local[0])
    if world.moment(world.end).astimezone(zone).date() == local[-1]:
        days.discard(local[-1])
    return days


def _by_lead(values: Floats) -> Floats:
    """(origins, slots, columns) as (hours ahead, rows, columns)."""
    origins, slots, columns = values.shape
    cut = values.reshape(origins, LEADS_H, slots // LEADS_H, columns)
    return cut.transpose(1, 0, 2, 3).reshape(LEADS_H, -1, columns)
