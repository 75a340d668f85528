"""How large money is: all that is weighed against a bill scales with what a kWh costs there.

The model's weights are made for a tariff of some 0.3 a kWh. Where a kWh costs 60 (in forint) a missing kWh at 10
would be cheaper than a charged one, and a hysteresis of 0.002 would be none.
"""

from collections.abc import Iterable, Sequence

from tariff_planner.domain.problem.problem import Weights

USUAL_PER_KWH = 0.3
"""The price that the weights are made for."""
_USUAL = (0.02, 2.0)
"""Mean prices between these are of that size: a cheap day is no other currency."""
_WISH_PER_KWH = 10.0
"""What a kWh is priced at that people want and do not get, where a kWh costs as usual."""
_ABOVE_DEAREST = 3.0
"""A wish is worth so many times the dearest hour: a kWh that is charged with losses, too."""


_LIMIT = 10.0
"""How much more a kWh beyond a limit weighs than one that is missing for a wish."""


def money_scale(prices_per_kwh: Sequence[float], hours: Sequence[float]) -> float:
    """How many units of money are what 1 is where a kWh costs some 0.3: 1 for euros and their like.

    Args:
        prices_per_kwh: of a horizon; may be negative.
        hours: how long each of them holds.
    """
    mean = sum(abs(price) * h for price, h in zip(prices_per_kwh, hours, strict=True)) / sum(hours)
    low, high = _USUAL
    if mean <= 0 or low <= mean <= high:
        return 1.0
    return mean / USUAL_PER_KWH


def wish_per_kwh(scale: float, prices_per_kwh: Iterable[float]) -> float:
    """What a kWh is priced at that people want and do not get: above every price, no larger than needed."""
    return max(_WISH_PER_KWH * scale, _ABOVE_DEAREST * max(abs(price) for price in prices_per_kwh))


def weights(scale: float, wish: float) -> Weights:
    """The model's weights at this scale; a kWh beyond the connection's limits weighs far more than a wish.

    Otherwise a charger's least power, most of which the connection has, would be worth breaking its limit for the rest.
    """
    usual = Weights()
    return Weights(
        limit_eur_per_kwh=_LIMIT * wish,
        start_penalty=usual.start_penalty,
        swap_eur=usual.swap_eur * scale,
        churn_eur_per_kwh=usual.churn_eur_per_kwh * scale,
        haste_eur_per_kwh=usual.haste_eur_per_kwh * scale,
        money_scale=scale,
    )
