"""Computes 15-minute means of what was measured: time-weighted, with how much of the slot was observed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import Field

from ems.contract.message import Part
from ems.contract.requests import HistoryRow, LoadpointMean
from ems.contract.site import LoadpointKind
from ems.contract.units import Instant
from ems.house.slots import floor_to
from evcc_poller.domain.observation import Observation

SLOT = timedelta(minutes=15)
"""Length of a slot of the history."""
FIELDS = ("grid_w", "pv_w", "home_w", "battery_w", "battery_soc_pct", "import_eur_per_kwh", "export_eur_per_kwh")
"""Fields of the site that are averaged."""


class RunningMean(Part):
    """A time-weighted mean in the making."""

    integral: float = 0
    seconds: float = 0

    def plus(self, value: float | None, seconds: float) -> "RunningMean":
        """With ``value`` observed for ``seconds`` more."""
        if value is None:
            return self
        return RunningMean(integral=self.integral + value * seconds, seconds=self.seconds + seconds)

    @property
    def value(self) -> float | None:
        """The mean, or None when nothing was observed."""
        return round(self.integral / self.seconds, 6) if self.seconds > 0 else None


class LoadpointRunningMeans(Part):
    """A loadpoint's means in the making; the SoC is of the car that was there last."""

    power_w: RunningMean = RunningMean()
    soc_pct: RunningMean = RunningMean()
    vehicle: str | None = None


class OpenSlot(Part):
    """A slot that is not over yet: what a restart must not lose."""

    start: Instant
    coverage_s: float = 0
    means: dict[str, RunningMean] = Field(default_factory=dict)
    loadpoints: dict[str, LoadpointRunningMeans] = Field(default_factory=dict)
    pv_forecast_w: float | None = None

    def row(self) -> HistoryRow:
        """The slot as it is kept."""
        values = {field: mean.value for field, mean in self.means.items()}
        return HistoryRow(
            start=self.start,
            seconds=SLOT.total_seconds(),
            coverage_s=round(min(self.coverage_s, SLOT.total_seconds()), 3),
            pv_forecast_w=self.pv_forecast_w,
            loadpoints={
                key: LoadpointMean(power_w=power, vehicle=means.vehicle, soc_pct=means.soc_pct.value)
                for key, means in self.loadpoints.items()
                if (power := means.power_w.value) is not None
            },
            **values,
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """What one observation measured."""

    at: datetime
    values: Mapping[str, float | None]
    loadpoints: Mapping[str, tuple[float | None, str | None, float | None]]
    """By id: power in W, vehicle, SoC in %."""


def sample(seen: Observation) -> Sample:
    """The measurements in ``seen`` that are averaged."""
    site, battery = seen.site, seen.site.battery
    values = {
        "grid_w": site.grid_w,
        "pv_w": site.pv_w,
        "home_w": site.home_w,
        "battery_w": battery.power_w if battery else None,
        "battery_soc_pct": battery.soc_pct if battery else None,
        "import_eur_per_kwh": site.import_eur_per_kwh,
        "export_eur_per_kwh": site.export_eur_per_kwh,
    }
    loadpoints = {
        str(lp.id): (lp.power_w, lp.vehicle, lp.soc_pct if lp.kind is LoadpointKind.CAR else None)
        for lp in seen.loadpoints
    }
    return Sample(at=seen.at, values=values, loadpoints=loadpoints)


def grow(
    open_slot: OpenSlot | None, before: Sample | None, now: datetime, hold: timedelta
) -> tuple[OpenSlot, tuple[HistoryRow, ...]]:
    """Lets ``before`` count up to ``now``, but for no longer than ``hold``: then nothing was observed.

    Returns:
        The slot that ``now`` lies in, and the rows of those that are over (none for slots without a measurement).
    """
    rows: list[HistoryRow] = []
    current = open_slot or OpenSlot(start=floor_to(before.at if before else now, 15))
    until = min(now, before.at + hold) if before else now
    at = before.at if before else now
    this = floor_to(now, 15)
    while current.start < this:
        end = current.start + SLOT
        if before and current.start <= at < min(end, until):
            step = min(end, until)
            current = _observed(current, before, (step - at).total_seconds())
            at = step
        if current.coverage_s > 0:
            rows.append(current.row())
        # Straight to the slot in which there is something again: an outage may have lasted for weeks.
        following = floor_to(at, 15) if before and at < until else this
        current = OpenSlot(start=max(current.start + SLOT, following))
    if before and current.start <= at < until:
        current = _observed(current, before, (until - at).total_seconds())
    return current, tuple(rows)


def _observed(slot: OpenSlot, seen: Sample, seconds: float) -> OpenSlot:
    means = {field: slot.means.get(field, RunningMean()).plus(seen.values.get(field), seconds) for field in FIELDS}
    loadpoints = dict(slot.loadpoints)
    for key, (power_w, vehicle, soc_pct) in seen.loadpoints.items():
        known = loadpoints.get(key, LoadpointRunningMeans())
        another = vehicle is not None and vehicle != known.vehicle
        loadpoints[key] = LoadpointRunningMeans(
            power_w=known.power_w.plus(power_w, seconds),
            soc_pct=(RunningMean() if another else known.soc_pct).plus(soc_pct, seconds),
            vehicle=vehicle or known.vehicle,
        )
    return slot.model_copy(update={"coverage_s": slot.coverage_s + seconds, "means": means, "loadpoints": loadpoints})


def page(rows: list[HistoryRow], limit: int, max_bytes: int) -> tuple[tuple[HistoryRow, ...], datetime | None]:
    """As many of ``rows`` as fit, and the start of the first that does not."""
    size = 0
    for count, row in enumerate(rows):
        size += len(row.model_dump_json(exclude_none=True)) + 1
        if count == limit or (size > max_bytes and count):
            return tuple(rows[:count]), row.start
    return tuple(rows), None
