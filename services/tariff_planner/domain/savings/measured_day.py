"""A stretch of measured quarter hours: what flowed, at which price, and when which car was charged."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ems.contract.requests import HistoryRow

MIN_COVERAGE = 0.5
"""Share of a slot that must have been observed; a slot with less is left out, for the suite and for evcc alone."""
STAY_GAP = timedelta(hours=1)
"""A car that was not seen at its loadpoint for longer has been away."""
CHARGING_KW = 0.3
"""Mean power of a loadpoint in a slot from which on it counts as charging."""


@dataclass(frozen=True, slots=True)
class MeasuredSlot:
    """One slot as it was. Powers in kW, means over the slot; grid import positive."""

    start: datetime
    hours: float
    grid_kw: float
    pv_kw: float
    house_kw: float
    """Without cars and battery."""
    battery_soc_pct: float | None
    import_eur_per_kwh: float
    export_eur_per_kwh: float
    cars_kw: dict[str, float]
    """By loadpoint with a car, what it is given."""
    vehicles: dict[str, str | None]
    """Which car that is; None for one that nobody knows, but that charges."""

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + timedelta(hours=self.hours)

    @property
    def surplus_kw(self) -> float:
        """Sun that the house leaves; negative when there is none."""
        return self.pv_kw - self.house_kw

    @property
    def cost_eur(self) -> float:
        """What the meter cost; negative is income."""
        return self.priced(self.grid_kw)

    def priced(self, grid_kw: float) -> float:
        """What a mean power at the meter costs over the slot, in EUR."""
        return grid_kw * self.hours * (self.import_eur_per_kwh if grid_kw > 0 else self.export_eur_per_kwh)


@dataclass(frozen=True, slots=True)
class CarStay:
    """A car at a loadpoint and what it was given; ``slots`` are indexes, from when it came to when it was gone."""

    loadpoint: str
    vehicle: str | None
    slots: range
    energy_kwh: float
    max_kw: float


def measured_slots(rows: Iterable[HistoryRow], export_eur_per_kwh: float) -> Iterator[MeasuredSlot]:
    """The rows that tell enough; ``export_eur_per_kwh`` holds where no feed-in price was known."""
    for row in rows:
        price = row.import_eur_per_kwh
        if row.grid_w is None or row.home_w is None or price is None or row.coverage_s < MIN_COVERAGE * row.seconds:
            continue
        there = {key: lp for key, lp in row.loadpoints.items() if lp.vehicle or lp.power_w > CHARGING_KW * 1000}
        yield MeasuredSlot(
            start=row.start,
            hours=row.seconds / 3600,
            grid_kw=row.grid_w / 1000,
            pv_kw=max(0.0, row.pv_w or 0.0) / 1000,
            house_kw=max(0.0, row.home_w) / 1000,
            battery_soc_pct=row.battery_soc_pct,
            import_eur_per_kwh=price,
            export_eur_per_kwh=export_eur_per_kwh if row.export_eur_per_kwh is None else row.export_eur_per_kwh,
            cars_kw={key: max(0.0, lp.power_w) / 1000 for key, lp in there.items()},
            vehicles={key: lp.vehicle for key, lp in there.items()},
        )


def car_stays(slots: Sequence[MeasuredSlot]) -> list[CarStay]:
    """Every stretch in which a car stood at a loadpoint and was charged, by loadpoint and time."""
    found = []
    for loadpoint in sorted({key for slot in slots for key in slot.cars_kw}):
        stretches: list[list[int]] = []
        for index, slot in enumerate(slots):
            if loadpoint not in slot.cars_kw:
                continue
            if not stretches or _another(slots[stretches[-1][-1]], slot, loadpoint):
                stretches.append([])
            stretches[-1].append(index)
        found += [_stay(slots, loadpoint, stretch) for stretch in stretches]
    return [stay for stay in found if stay.energy_kwh > 0]


def _another(before: MeasuredSlot, slot: MeasuredSlot, loadpoint: str) -> bool:
    apart = slot.start - before.start > STAY_GAP
    return apart or slot.vehicles[loadpoint] != before.vehicles[loadpoint]


def _stay(slots: Sequence[MeasuredSlot], loadpoint: str, there: Sequence[int]) -> CarStay:
    return CarStay(
        loadpoint=loadpoint,
        vehicle=slots[there[-1]].vehicles[loadpoint],
        slots=range(there[0], there[-1] + 1),
        energy_kwh=sum(slots[t].cars_kw[loadpoint] * slots[t].hours for t in there),
        max_kw=max(slots[t].cars_kw[loadpoint] for t in there),
    )
