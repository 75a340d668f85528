"""The demo's day: a real home from Sunday, 2 June 2024, three in the afternoon, with a battery and two cars added.

A day was chosen on which there is something to see: so much sun in the whole country that power is cheap when it
begins, and dear on Monday. What planning saves on all days, good and bad, is told by the backtest.
"""

import csv
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

from ems.house.battery import BatterySpec
from ems.house.car import CarSpec, Charger
from ems.simulator.environment import Conditions, Recorded
from ems.simulator.home import CarTrip, SimulatedCar, SimulatedHome
from ems.simulator.meter import Meter
from ems.simulator.settings_store import StoredPlan

ZONE = ZoneInfo("Europe/Berlin")
START = datetime(2024, 6, 2, 15, tzinfo=ZONE).astimezone(UTC)
"""Start of the demo's day; tomorrow's prices are known by then."""
HISTORY = timedelta(weeks=3)
"""Length of the measured past, which the load forecast rests on."""

GOALS = {
    "limo": StoredPlan(80, datetime(2024, 6, 3, 7, 15, tzinfo=ZONE).astimezone(UTC)),
    "mini": StoredPlan(80, datetime(2024, 6, 3, 12, 30, tzinfo=ZONE).astimezone(UTC)),
}
"""How full each car should be, in %, and by when; the same every day."""


def real_home() -> Recorded:
    """Load, PV, forecast and prices as recorded; see ``data/README.md`` for whose they are."""
    with files("ems.demo").joinpath("data/home-a.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    starts = [datetime.fromisoformat(row["start_utc"]) for row in rows]
    conditions = [
        Conditions(
            load_w=float(row["load_w"]),
            pv_w=float(row["pv_w"] or 0),  # the inverter sleeps at night
            import_eur_per_kwh=round(float(row["spot_eur_per_kwh"]) * 1.19 + 0.18, 4),
            export_eur_per_kwh=0.08,
            pv_forecast_w=float(row["pv_forecast_w"] or 0),
        )
        for row in rows
    ]
    return Recorded(starts, conditions, starts[-1] + timedelta(minutes=30), ZONE)


def demo_home(now: datetime) -> SimulatedHome:
    """The home at ``now``, which lies before the cars' trips, with three weeks of measured past."""
    home = SimulatedHome(
        now=now - HISTORY,
        environment=real_home(),
        battery=BatterySpec(capacity_kwh=10, charge_kw=5, discharge_kw=5),
        # The big car's charger may go down to one phase for a small surplus; the small car has only one.
        chargers={"1": Charger(switchable=True), "2": Charger(phases=1)},
    )
    home.advance(now, {})
    home.meter = Meter(slots=home.meter.slots)
    home.battery_kwh = 3.0
    home.cars = {
        "limo": SimulatedCar(
            "limo",
            "Limousine",
            CarSpec(60, max_kw=11),
            energy_kwh=33,
            parks_at="1",
            on=CarTrip(_at(2, "08:00"), _at(2, "17:30"), kwh=12),
            trips=(CarTrip(_at(3, "07:15"), _at(3, "17:30"), kwh=14),),
        ),
        "mini": SimulatedCar(
            "mini",
            "Kleiner Flitzer",
            CarSpec(28, max_kw=3.7),
            energy_kwh=11,
            loadpoint="2",
            parks_at="2",
            trips=(CarTrip(_at(3, "12:30"), _at(3, "14:30"), kwh=5),),
        ),
    }
    home.observe({})
    return home


def _at(day: int, clock: str) -> datetime:
    return datetime.fromisoformat(f"2024-06-{day:02d}T{clock}").replace(tzinfo=ZONE).astimezone(UTC)
