"""One local day of the ledger: what was paid and what evcc alone would have paid, under three batteries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from ems.contract.site import Rate
from ems.house.battery import BatterySpec
from ems.house.slots import Slot
from tariff_planner.domain.savings.evcc_alone import alone, cars_alone
from tariff_planner.domain.savings.measured_day import MeasuredSlot
from tariff_planner.domain.savings.sessions import Charged, charged_by_loadpoint

UNSURE = (0.0, 0.03, -0.03)
"""How far a battery's two efficiencies may be from what is set: as set, better, worse."""


@dataclass(frozen=True, slots=True)
class AloneBatteries:
    """What the battery of evcc alone would hold, in kWh, by :data:`UNSURE`; None without a battery."""

    kwh: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class DaySavings:
    """Sums over a day's measured slots. Energies in kWh, money in the site's currency."""

    day: date
    measured_h: float = 0.0
    cost_eur: float = 0.0
    alone_eur: tuple[float, ...] = (0.0,) * len(UNSURE)
    """By :data:`UNSURE`."""
    import_kwh: float = 0.0
    export_kwh: float = 0.0
    pv_kwh: float = 0.0
    used_kwh: float = 0.0
    more_stored_eur: tuple[float, ...] = (0.0,) * len(UNSURE)
    """What the energy is worth that the real battery holds more than that of evcc alone at the day's end."""
    loadpoints: Mapping[str, Charged] = field(default_factory=dict)
    """What was charged at each; none in days that were kept before this was counted."""


def judge_day(
    day: date,
    slots: Sequence[MeasuredSlot],
    battery: BatterySpec | None,
    before: AloneBatteries | None,
    worth_eur_per_kwh: float | None = None,
) -> tuple[DaySavings, AloneBatteries]:
    """The day's sums, and the batteries with which evcc alone goes into the next.

    Args:
        day: the site's local one.
        slots: its measured ones, oldest first.
        battery: as it is set; None where the site has none, or its size is not known.
        before: the batteries at its start; None where counting begins: both then hold what was measured.
        worth_eur_per_kwh: what stored energy will replace: the mean price of the whole day, of which ``slots`` may
            be the beginning; None: the mean over ``slots``.
    """
    if not slots:
        return DaySavings(day), before or AloneBatteries((None,) * len(UNSURE))
    cars, lives = cars_alone(slots), []
    for index, off in enumerate(UNSURE):
        start_kwh = None if before is None else before.kwh[index]
        spec = None if battery is None else _off_by(battery, off)
        lives.append(alone(slots, cars, spec, _measured_kwh(slots[0], battery) if start_kwh is None else start_kwh))
    real_kwh = _measured_kwh(slots[-1], battery)
    mean = mean_price(slots, (), slots[-1].end) if worth_eur_per_kwh is None else worth_eur_per_kwh
    worth = mean * (battery.discharge_efficiency if battery else 0)
    sums = DaySavings(
        day,
        measured_h=sum(s.hours for s in slots),
        cost_eur=sum(s.cost_eur for s in slots),
        alone_eur=tuple(life.cost_eur for life in lives),
        import_kwh=sum(max(0.0, s.grid_kw) * s.hours for s in slots),
        export_kwh=sum(max(0.0, -s.grid_kw) * s.hours for s in slots),
        pv_kwh=sum(s.pv_kw * s.hours for s in slots),
        used_kwh=sum((s.house_kw + sum(s.cars_kw.values())) * s.hours for s in slots),
        more_stored_eur=tuple(
            0.0 if real_kwh is None or life.battery_kwh is None else worth * (real_kwh - life.battery_kwh)
            for life in lives
        ),
        loadpoints=charged_by_loadpoint(slots),
    )
    return sums, AloneBatteries(tuple(life.battery_kwh for life in lives))


def mean_price(slots: Sequence[MeasuredSlot], rates: Iterable[Rate], end: datetime) -> float:
    """The mean import price of a day in EUR/kWh: as measured in ``slots``, then as known from ``rates`` up to ``end``.

    What was stored in a cheap night is worth what the day will cost, not what the night did.
    """
    since = slots[-1].end
    priced = [(slot.hours, slot.import_eur_per_kwh) for slot in slots]
    priced += [(hours, r.value) for r in rates if (hours := Slot(r.start, r.end).overlap_hours(since, end)) > 0]
    return sum(hours * price for hours, price in priced) / sum(hours for hours, _ in priced)


def _measured_kwh(slot: MeasuredSlot, battery: BatterySpec | None) -> float | None:
    if battery is None or slot.battery_soc_pct is None:
        return None
    return slot.battery_soc_pct / 100 * battery.capacity_kwh


def _off_by(battery: BatterySpec, off: float) -> BatterySpec:
    return replace(
        battery,
        charge_efficiency=min(1.0, battery.charge_efficiency + off),
        discharge_efficiency=min(1.0, battery.discharge_efficiency + off),
    )
