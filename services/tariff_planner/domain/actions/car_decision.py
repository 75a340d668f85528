"""What a car's loadpoint is told now, where that is not the plan's own first step."""

from dataclasses import dataclass

from ems.contract.site import LoadpointMode


@dataclass(frozen=True, slots=True)
class CarDecision:
    """The mode from now on: of all that can be switched the cheapest, together with house and battery."""

    mode: LoadpointMode
    power_kw: float
    """What the car is expected to take in it, at the wall."""
    planned: LoadpointMode
    """The mode that comes nearest to the plan."""
    more_eur: float
    """What that is expected to cost more."""
