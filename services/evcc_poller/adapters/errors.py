"""Errors that evcc may answer, named by what to do next. Raised by :mod:`evcc_poller.adapters.evcc` only."""

from ems.runtime.errors import PermanentError, TransientError


class EvccAway(TransientError):
    """Nobody answered in time, or the network is gone. It says nothing about a restart."""


class EvccDown(EvccAway):
    """The port is closed, or every path is 404 as while evcc starts: what answers next has been restarted."""


class EvccNotWorking(TransientError):
    """evcc answers, but cannot do its job now (a fatal configuration, an internal error)."""


class RefusedByEvcc(PermanentError):
    """evcc understood and said no."""

    def __init__(self, text: str, words: str | None = None) -> None:
        super().__init__(text)
        self.words = words
        """Evcc's own words, where it gave some."""


class NoSuchRoute(RefusedByEvcc):
    """evcc is up and does not know the path: a loadpoint that is not there, or a version without this function."""


class NoRates(TransientError):
    """evcc has no rates of this tariff now: none configured, or outdated. The text is evcc's own, if it gave any."""


class NotControllable(RefusedByEvcc):
    """evcc took the battery mode and answered 0: no battery that it can control."""


class OptimizerActive(PermanentError):
    """409: evcc's own optimizer is in charge of this setting until a person switches its automatic mode off."""
