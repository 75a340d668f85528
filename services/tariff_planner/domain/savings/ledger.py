"""The days that were judged, and what today, a month and all of them come to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ems.contract.savings import ChargingSession, LoadpointUse, SavingsPeriod
from ems.house.battery import BatterySpec
from ems.house.calendar import utc
from tariff_planner.domain.savings.day import AloneBatteries, DaySavings, judge_day
from tariff_planner.domain.savings.measured_day import MeasuredSlot
from tariff_planner.domain.savings.sessions import continued, summed

MAX_SESSIONS = 20
"""How many charging sessions are remembered."""


@dataclass(frozen=True, slots=True)
class SavingsLedger:
    """Days that are over, oldest first, and the batteries with which evcc alone goes on. Kept on disk."""

    began: date | None = None
    """The first day that counts; None before the first count."""
    days: tuple[DaySavings, ...] = ()
    batteries: AloneBatteries | None = None
    sessions: tuple[ChargingSession, ...] = ()
    """Newest first."""

    def first_open(self, today: date) -> date:
        """The first day that is not closed yet: today where counting begins."""
        return self.days[-1].day + timedelta(days=1) if self.days else self.began or today

    def closed(
        self, until: date, slots: Sequence[MeasuredSlot], battery: BatterySpec | None, zone: ZoneInfo
    ) -> "SavingsLedger":
        """With every day before ``until`` judged by its slots; days without any are there, with nothing in them."""
        ledger = replace(self, began=self.began or until)
        by_day = slots_by_day(slots, zone)
        day = self.first_open(until)
        while day < until:
            of_day = by_day.get(day, [])
            sums, batteries = ledger.judged(day, of_day, battery)
            charged = ledger.sessions_with(by_day.get(day - timedelta(days=1), []), of_day)
            ledger = replace(ledger, days=(*ledger.days, sums), batteries=batteries, sessions=charged)
            day += timedelta(days=1)
        return ledger

    def judged(
        self, day: date, slots: Sequence[MeasuredSlot], battery: BatterySpec | None, worth: float | None = None
    ) -> tuple[DaySavings, AloneBatteries]:
        """The day after the last one, and the batteries with which evcc alone goes on; see :func:`judge_day`."""
        sums, batteries = judge_day(day, slots, battery, self.batteries, worth)
        if not slots and self.days:
            # Nothing was measured: what the batteries differ by is still there.
            sums = replace(sums, more_stored_eur=self.days[-1].more_stored_eur)
        return sums, batteries

    def sessions_with(
        self, before: Sequence[MeasuredSlot], of_day: Sequence[MeasuredSlot]
    ) -> tuple[ChargingSession, ...]:
        """The last sessions with those of another day, ``before`` which lies; one that goes on over midnight is one."""
        return newest_first(continued(self.sessions, before, of_day))


def slots_by_day(slots: Sequence[MeasuredSlot], zone: ZoneInfo) -> Mapping[date, list[MeasuredSlot]]:
    """The slots of each local day."""
    found: dict[date, list[MeasuredSlot]] = {}
    for slot in slots:
        found.setdefault(slot.start.astimezone(zone).date(), []).append(slot)
    return found


def period(all_days: Sequence[DaySavings], first: int, end: int, zone: ZoneInfo) -> SavingsPeriod | None:
    """What the days from index ``first`` to ``end`` (exclusive) come to; None where nothing was measured."""
    days = all_days[max(0, first) : end]
    if not any(day.measured_h for day in days):
        return None
    before = all_days[first - 1] if first > 0 else None
    cost_eur = sum(day.cost_eur for day in days)
    alone_eur = [sum(parts) for parts in zip(*(day.alone_eur for day in days), strict=True)]
    begun = before.more_stored_eur if before else (0.0,) * len(alone_eur)
    saved = [
        a - cost_eur + end - start for a, end, start in zip(alone_eur, days[-1].more_stored_eur, begun, strict=True)
    ]
    pv_kwh, export_kwh = sum(day.pv_kwh for day in days), sum(day.export_kwh for day in days)
    used_kwh, import_kwh = sum(day.used_kwh for day in days), sum(day.import_kwh for day in days)
    return SavingsPeriod(
        since=start_of(days[0].day, zone),
        measured_h=round(sum(day.measured_h for day in days), 2),
        cost_eur=round(cost_eur, 4),
        evcc_alone_eur=round(alone_eur[0], 4),
        saving_eur=round(saved[0], 4),
        saving_low_eur=round(min(saved), 4),
        saving_high_eur=round(max(saved), 4),
        stored_eur=round(days[-1].more_stored_eur[0] - begun[0], 4),
        import_kwh=round(import_kwh, 3),
        export_kwh=round(export_kwh, 3),
        pv_kwh=round(pv_kwh, 3),
        used_kwh=round(used_kwh, 3),
        self_consumption=_share(pv_kwh - export_kwh, pv_kwh),
        solar_share=_share(pv_kwh - export_kwh, used_kwh),
        loadpoints=_loadpoints(days),
    )


def _loadpoints(days: Sequence[DaySavings]) -> dict[str, LoadpointUse]:
    """What was charged at each loadpoint in all of the days."""
    found = {}
    for loadpoint in sorted({loadpoint for day in days for loadpoint in day.loadpoints}):
        of = summed(day.loadpoints[loadpoint] for day in days if loadpoint in day.loadpoints)
        found[loadpoint] = LoadpointUse(
            energy_kwh=round(of.energy_kwh, 3),
            cost_eur=round(of.cost_eur, 4),
            mean_eur_per_kwh=of.mean_eur_per_kwh,
            solar_share=of.solar_share,
            charging_h=round(of.hours, 2),
        )
    return found


def nothing_yet(day: date, zone: ZoneInfo) -> SavingsPeriod:
    """What a stretch of time comes to that begins with ``day``, and of which nothing was measured yet."""
    return SavingsPeriod(
        since=start_of(day, zone),
        measured_h=0,
        cost_eur=0,
        evcc_alone_eur=0,
        saving_eur=0,
        saving_low_eur=0,
        saving_high_eur=0,
        stored_eur=0,
        import_kwh=0,
        export_kwh=0,
        pv_kwh=0,
        used_kwh=0,
    )


def newest_first(found: Iterable[ChargingSession]) -> tuple[ChargingSession, ...]:
    """The last sessions."""
    return tuple(sorted(found, key=lambda session: session.start, reverse=True)[:MAX_SESSIONS])


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """When a local day begins, in UTC."""
    return utc(day, time(), zone)


def _share(part: float, whole: float) -> float | None:
    return None if whole <= 0 else round(min(1.0, max(0.0, part / whole)), 4)
