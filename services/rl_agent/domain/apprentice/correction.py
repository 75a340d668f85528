"""The correction itself: half of what the ridge foresees of the residual, for the next day and a half."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ems.forecast.history_grid import Floats, Ints
from rl_agent.domain.apprentice.features import COUNT, LEADS_H, features
from rl_agent.domain.apprentice.residuals import Residuals

WEIGHT = 0.5
"""How much of the foreseen residual is believed: the look-ahead's levels carry a part of it already."""


@dataclass(frozen=True, slots=True, eq=False)
class RidgeCorrection:
    """What one night's coefficients say."""

    of: Residuals
    coefficients: Floats
    """(hours ahead, features)."""

    def ahead_kw(self, slot: int, expected_kw: Floats) -> Floats:
        """See :class:`ems.forecast.correction.Correction`."""
        found = np.zeros(len(expected_kw))
        reach = min(len(expected_kw), LEADS_H * self.of.per_day // 24)
        found[:reach] = self.corrections_kw(np.array([slot]), expected_kw[None, :reach])[0]
        return found

    def corrections_kw(self, origins: Ints, expected_kw: Floats) -> Floats:
        """The same for many origins at once, (origins, slots); at most :data:`LEADS_H` ahead."""
        by_slot = np.repeat(self.coefficients, self.of.per_day // 24, axis=0)[: expected_kw.shape[1]]
        found: Floats = WEIGHT * np.einsum("osf,sf->os", features(self.of, origins, expected_kw), by_slot)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class NightlyCorrection:
    """Each day's correction with the coefficients of the night before it; none on days without any."""

    of: Residuals
    nights: Mapping[int, Floats]
    """By day (slot divided by slots a day)."""

    def ahead_kw(self, slot: int, expected_kw: Floats) -> Floats:
        """See :class:`ems.forecast.correction.Correction`."""
        coefficients = self.nights.get(slot // self.of.per_day)
        if coefficients is None:
            return np.zeros(len(expected_kw))
        return RidgeCorrection(self.of, coefficients).ahead_kw(slot, expected_kw)

    def corrections_kw(self, day: int, origins: Ints, expected_kw: Floats) -> Floats:
        """The same for many origins of one day."""
        return RidgeCorrection(self.of, self.nights.get(day, np.zeros((LEADS_H, COUNT)))).corrections_kw(
            origins, expected_kw
        )
