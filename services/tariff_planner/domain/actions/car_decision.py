"""What a car's loadpoint is told now, where that is not the plan's own first step."""

from dataclasses import dataclass

from ems.contract.site import LoadpointMode


@dataclass(frozen=True, slots=True)
class CarDecision:
    """The mode from now on: the cheapest that can be switched, together with house and battery, or one in time."""

    mode: LoadpointMode
    power_kw: float
    """What the car is expected to take in it, at the wall."""
    planned: LoadpointMode
    """The mode that comes nearest to the plan."""
    more_eur: float | None
    """What that is expected to cost more; None where it would be too late for a goal."""
