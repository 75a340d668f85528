"""Dutch: what keeps the gateway from doing all of its job."""

from typing import assert_never

from ems.contract.site import TariffKind
from ems.i18n.formatter import Formatter
from evcc_poller.domain.wording.health import EvccSilent, HealthReason, OptimizerSteers, RatesMissing

_TARIFFS = {
    TariffKind.GRID: "Stroomprijzen",
    TariffKind.FEEDIN: "Terugleverprijzen",
    TariffKind.SOLAR: "Zonneverwachting",
    TariffKind.CO2: "CO2-waarden",
}


def sentence(record: HealthReason, _: Formatter) -> str:
    """What ``record`` says."""
    match record:
        case EvccSilent():
            return "evcc antwoordt niet"
        case OptimizerSteers(whole=True):
            return "De optimizer van evcc zelf stuurt batterij en laadpunten: die doet dat tot hij uitstaat"
        case OptimizerSteers():
            return "De optimizer van evcc zelf stuurt de batterij: die doet dat tot hij uitstaat"
        case RatesMissing(tariff):
            return f"{_TARIFFS[tariff]}: evcc heeft geen nieuwe, of ze zijn niet bruikbaar"
    assert_never(record)
