"""Counts energies in kWh since counting began, from the same observations as the history; they only grow."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ems.contract.site import Energy
from evcc_poller.domain.recording.history import Sample

FLOWS = {
    "import_kwh": ("grid_w", 1),
    "export_kwh": ("grid_w", -1),
    "pv_kwh": ("pv_w", 1),
    "home_kwh": ("home_w", 1),
    "battery_charge_kwh": ("battery_w", -1),
    "battery_discharge_kwh": ("battery_w", 1),
}
"""Power and sign that each counter counts; the other sign, including a meter's noise, adds nothing."""
MAX_W = 1e6
"""Largest plausible power in W; one wrong reading must not spoil a counter for ever."""


@dataclass(frozen=True, slots=True)
class Counters:
    """In kWh; a counter is there from the first time that its power was seen."""

    since: datetime
    site: Mapping[str, float] = field(default_factory=dict)
    loadpoints: Mapping[str, float] = field(default_factory=dict)

    def as_fact(self, at: datetime) -> Energy:
        """The counters as a fact, rounded to 1 Wh."""
        site = {name: round(kwh, 3) for name, kwh in self.site.items()}
        loadpoints = {key: round(kwh, 3) for key, kwh in self.loadpoints.items()}
        return Energy.model_validate({"at": at, "since": self.since, "loadpoints": loadpoints, **site})


def count(counters: Counters, before: Sample, now: datetime, hold: timedelta) -> Counters:
    """Lets ``before`` count up to ``now``, but for no longer than ``hold``: a gap is not filled."""
    hours = max(timedelta(0), min(now - before.at, hold)) / timedelta(hours=1)
    powers = {name: (before.values.get(of), sign) for name, (of, sign) in FLOWS.items()}
    at_loadpoints = {key: (power_w, 1) for key, (power_w, _, _) in before.loadpoints.items()}
    return replace(
        counters,
        site=_grown(counters.site, powers, hours),
        loadpoints=_grown(counters.loadpoints, at_loadpoints, hours),
    )


def _grown(
    counters: Mapping[str, float], powers: Mapping[str, tuple[float | None, int]], hours: float
) -> Mapping[str, float]:
    flowed_kwh = {
        name: max(0.0, sign * power_w) * hours / 1000
        for name, (power_w, sign) in powers.items()
        if power_w is not None and abs(power_w) <= MAX_W
    }
    return {**counters, **{name: counters.get(name, 0.0) + kwh for name, kwh in flowed_kwh.items()}}
