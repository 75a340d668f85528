"""The files of one home, and the world that they are together."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ems.home_files.csv_files import read_home, read_trips
from ems.home_files.house_file import read_house
from ems.runtime.errors import PermanentError
from ems.virtual_house.world import World, world


@dataclass(frozen=True, slots=True)
class HomeFiles:
    """Where a home's past, its house and its car's trips stand."""

    past: Path
    house: Path
    trips: Path | None = None

    def world(self, since: datetime | None = None, until: datetime | None = None) -> World:
        """What happened there, to be judged from ``since`` to ``until``.

        Raises:
            PermanentError: a file cannot be used, or there is nothing to judge; says what is wrong.
        """
        house = read_house(self.house)
        trips = read_trips(self.trips) if self.trips else ()
        try:
            return world(read_home(self.past), house, trips, since, until)
        except ValueError as error:
            raise PermanentError(str(error)) from error
