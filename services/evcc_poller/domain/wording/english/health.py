"""English: what keeps the gateway from doing all of its job."""

from typing import assert_never

from ems.i18n.formatter import Formatter
from evcc_poller.domain.wording.health import EvccSilent, HealthReason, OptimizerSteers, RatesMissing


def sentence(record: HealthReason, _: Formatter) -> str:
    """What ``record`` says."""
    match record:
        case EvccSilent(detail):
            return detail
        case OptimizerSteers(whole=True):
            return "evcc's own optimizer steers battery and loadpoints: they are left to it until it is switched off"
        case OptimizerSteers():
            return "evcc's own optimizer steers the battery: it is left to it until that is switched off"
        case RatesMissing(tariff, detail):
            return f"{tariff} rates: {detail}"
    assert_never(record)
