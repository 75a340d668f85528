"""What keeps the gateway from doing all of its job."""

from dataclasses import dataclass
from typing import ClassVar

from ems.contract.site import TariffKind


@dataclass(frozen=True, slots=True)
class EvccSilent:
    """evcc gives no usable answer; ``detail`` is the code's, in English."""

    kind: ClassVar = "evcc_silent"
    detail: str


@dataclass(frozen=True, slots=True)
class OptimizerSteers:
    """evcc's own optimizer steers the battery, or the ``whole`` home."""

    kind: ClassVar = "optimizer_steers"
    whole: bool


@dataclass(frozen=True, slots=True)
class RatesMissing:
    """A tariff has no new rates; ``detail`` is the code's, in English."""

    kind: ClassVar = "rates_missing"
    tariff: TariffKind
    detail: str


type HealthReason = EvccSilent | OptimizerSteers | RatesMissing
