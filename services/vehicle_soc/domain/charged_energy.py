"""How much energy a car was charged with at the loadpoints, and when: with it a SoC is carried forward."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MAX_SAMPLES = 400
"""Most samples that are kept of a car."""
MAX_GAP_S = 300.0
"""Longest time that a power is trusted for where there is no energy counter, in seconds."""
MIN_STEP_KWH = 0.05
"""Smallest step between two samples, in kWh; smaller ones are merged."""


@dataclass(frozen=True, slots=True)
class Live:
    """The loadpoint that the car is at, as evcc sees it."""

    loadpoint: str
    at: datetime
    charging: bool = False
    soc_pct: float | None = None
    range_km: float | None = None
    power_w: float | None = None
    session_kwh: float | None = None
    connected_s: float | None = None


@dataclass(frozen=True, slots=True)
class Charged:
    """Energy from the wall since a moment, and how far that may be off (one standard deviation)."""

    kwh: float
    uncertain_kwh: float


@dataclass(frozen=True, slots=True)
class EnergyLedger:
    """A rising count of kWh from the wall, sampled. ``last`` is the loadpoint's fact of the last sample."""

    samples: tuple[tuple[datetime, float], ...] = ()
    last: Live | None = None

    def note(self, live: Live) -> "EnergyLedger":
        """The ledger after ``live`` was seen."""
        if self.last is not None and live.at < self.last.at:
            return self
        if not self.samples:
            return EnergyLedger(_opening(live), live)
        gain = _gain(self.last, live) if self.last is not None else max(0.0, live.session_kwh or 0.0)
        total = self.samples[-1][1] + gain
        return EnergyLedger(_appended(self.samples, live.at, total), live)

    def left(self) -> "EnergyLedger":
        """The ledger after the car drove away: the next counter that is seen belongs to another session."""
        return replace(self, last=None)

    def since(self, moment: datetime) -> Charged:
        """What went in after ``moment``; between two samples it is shared out evenly, which adds doubt."""
        if not self.samples or moment >= self.samples[-1][0]:
            return Charged(0.0, 0.0)
        first_at, first_kwh = self.samples[0]
        end_kwh = self.samples[-1][1]
        if moment <= first_at:
            return Charged(end_kwh - first_kwh, 0.0)
        for (t0, kwh0), (t1, kwh1) in zip(self.samples, self.samples[1:], strict=False):
            if t0 <= moment < t1:
                share = (t1 - moment) / (t1 - t0)
                # Anywhere between none and all of the step: a uniform distribution's deviation.
                return Charged(end_kwh - kwh1 + share * (kwh1 - kwh0), (kwh1 - kwh0) / 12**0.5)
        return Charged(0.0, 0.0)


def _opening(live: Live) -> tuple[tuple[datetime, float], ...]:
    """The first samples: what the session had already charged when we came counts from when the car was plugged in."""
    if live.session_kwh and live.connected_s:
        return ((live.at - timedelta(seconds=live.connected_s), 0.0), (live.at, live.session_kwh))
    return ((live.at, 0.0),)


def _gain(before: Live, now: Live) -> float:
    """Energy in kWh between two facts, by the session's counter if there is one, else by power times time."""
    if now.session_kwh is not None:
        same = before.loadpoint == now.loadpoint and before.session_kwh is not None
        if same and before.session_kwh is not None and now.session_kwh >= before.session_kwh:
            return now.session_kwh - before.session_kwh
        return max(0.0, now.session_kwh)
    seconds = min((now.at - before.at).total_seconds(), MAX_GAP_S)
    return max(0.0, before.power_w or 0.0) / 1000 * seconds / 3600


def _appended(
    samples: tuple[tuple[datetime, float], ...], at: datetime, total: float
) -> tuple[tuple[datetime, float], ...]:
    """``samples`` with one more; steps too small to matter move the last one instead."""
    if len(samples) > 1 and total - samples[-2][1] < MIN_STEP_KWH:
        return (*samples[:-1], (at, total))
    return (*samples, (at, total))[-MAX_SAMPLES:]
