"""German: what keeps the gateway from doing all of its job."""

from typing import assert_never

from ems.contract.site import TariffKind
from ems.i18n.formatter import Formatter
from evcc_poller.domain.wording.health import EvccSilent, HealthReason, OptimizerSteers, RatesMissing

_TARIFFS = {
    TariffKind.GRID: "Strompreise",
    TariffKind.FEEDIN: "Einspeisepreise",
    TariffKind.SOLAR: "Solarvorhersage",
    TariffKind.CO2: "CO2-Werte",
}


def sentence(record: HealthReason, _: Formatter) -> str:
    """What ``record`` says."""
    match record:
        case EvccSilent():
            return "evcc antwortet nicht"
        case OptimizerSteers(whole=True):
            return "evccs eigener Optimierer steuert Batterie und Ladepunkte, bis er ausgeschaltet ist"
        case OptimizerSteers():
            return "evccs eigener Optimierer steuert die Batterie, bis er ausgeschaltet ist"
        case RatesMissing(tariff):
            return f"{_TARIFFS[tariff]}: evcc hat keine neuen, oder sie sind nicht brauchbar"
    assert_never(record)
