"""The demo's home moved to the present, for what cannot be told another time: Home Assistant, evcc."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ems.demo import day
from ems.house.slots import floor_to
from ems.simulator.environment import Recorded
from ems.simulator.home import CarTrip, SimulatedHome


def afternoon_zone(now: datetime) -> ZoneInfo:
    """A zone in which it is three in the afternoon now, as it is when the demo's day begins."""
    # As POSIX has it: Etc/GMT-3 is three hours ahead of Greenwich. They reach from -14 to +12.
    behind_h = (now.hour - day.START.astimezone(day.ZONE).hour + 12) % 24 - 12
    return ZoneInfo(f"Etc/GMT{behind_h:+d}" if behind_h else "Etc/GMT")


def home_today(now: datetime, zone: ZoneInfo) -> SimulatedHome:
    """The demo's home; what happens there from Sunday, 15:00 on begins in the quarter of an hour of ``now``."""
    shift = floor_to(now, 15) - day.START
    home = day.demo_home(day.START)
    recorded = home.environment
    assert isinstance(recorded, Recorded)
    home.environment = Recorded([s + shift for s in recorded.starts], recorded.rows, recorded.end + shift, zone)
    home.now += shift
    home.meter.slots = {start + shift: slot for start, slot in home.meter.slots.items()}
    for car in home.cars.values():
        car.trips = tuple(_moved(trip, shift) for trip in car.trips)
        car.on = car.on and _moved(car.on, shift)
    return home


def _moved(trip: CarTrip, shift: timedelta) -> CarTrip:
    return replace(trip, leave=trip.leave + shift, back=trip.back + shift)
