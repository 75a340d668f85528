"""What a car without a departure goes by: cheap hours, and what surplus sun would earn if it were fed in."""

from collections.abc import Sequence
from dataclasses import dataclass

from tariff_planner.domain.problem.money import wish_per_kwh

SUN_MARGIN_EUR_PER_KWH = 0.001
"""How much better than feeding in it is to charge a car that has no goal, where a kWh costs as usual."""


@dataclass(frozen=True, slots=True)
class ReferencePrices:
    """Prices that a car without a departure goes by, in EUR/kWh at the wall."""

    cheap_eur_per_kwh: float
    """Of the cheap hours."""
    sun_eur_per_kwh: float
    """A little more than feeding in earns at best while there is surplus, and than leaving it unused; always less than
    the grid takes."""
    more_eur_per_kwh: tuple[float, ...] = ()
    """By slot: what surplus sun is worth beyond that, where feeding it in earns more. Empty where it never does."""
    margin_eur_per_kwh: float = SUN_MARGIN_EUR_PER_KWH
    wish_eur_per_kwh: float = 10.0
    """What a kWh is priced at that people want and do not get."""


def reference_prices(
    cheap_eur_per_kwh: float,
    import_eur_per_kwh: Sequence[float],
    earns_eur_per_kwh: Sequence[float],
    sunny: Sequence[bool],
    scale: float = 1.0,
) -> ReferencePrices:
    """The prices of a horizon; sequences have one value a slot.

    Args:
        cheap_eur_per_kwh: see :class:`ReferencePrices`.
        import_eur_per_kwh: what the grid takes.
        earns_eur_per_kwh: what feeding in earns.
        sunny: whether there is more sun than the house needs.
        scale: of money, see :func:`tariff_planner.domain.problem.money.money_scale`.
    """
    margin = SUN_MARGIN_EUR_PER_KWH * scale
    wish = wish_per_kwh(scale, [*import_eur_per_kwh, *earns_eur_per_kwh])
    # Where feeding in costs money the inverter may stop: sun that is left unused is still better in a car.
    gives_up = [max(0.0, earns) for earns in earns_eur_per_kwh]
    best = max((earns for earns, there in zip(gives_up, sunny, strict=True) if there), default=-margin) + margin
    # What is in the car does not show where it came from: above the cheapest import it would be bought for this.
    worth = max(0.0, min(best, min(import_eur_per_kwh) - margin))
    # Never more than what the grid takes in that slot, unless feeding in earns as much: the meter's direction counts.
    here = (
        (min(earns + margin, price) if earns < price else earns + margin) if there else 0.0
        for price, earns, there in zip(import_eur_per_kwh, gives_up, sunny, strict=True)
    )
    more = tuple(max(0.0, eur_per_kwh - worth) for eur_per_kwh in here)
    return ReferencePrices(cheap_eur_per_kwh, worth, more if any(more) else (), margin, wish)
