"""A folder of homes: for each NAME.csv its past, NAME.yaml the house, NAME-trips.csv the car's trips."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ems.runtime.errors import PermanentError
from ems.virtual_house.world import World, world
from tariff_planner.adapters.csv_files import read_home, read_trips
from tariff_planner.adapters.house_file import read_house

TRIPS = "-trips"


@dataclass(frozen=True, slots=True)
class HomeFiles:
    """Where a home's past stands."""

    name: str
    past: Path
    house: Path
    trips: Path | None

    def world(self, since: datetime | None, until: datetime | None) -> World:
        """What happened there.

        Raises:
            PermanentError: a file cannot be read, or there is nothing to judge.
        """
        trips = read_trips(self.trips) if self.trips else ()
        try:
            return world(read_home(self.past), read_house(self.house), trips, since, until)
        except ValueError as error:
            raise PermanentError(f"{self.past}: {error}") from error


def homes(folder: Path, house: Path | None) -> Sequence[HomeFiles]:
    """The homes in ``folder``, by name; ``house`` serves those that have no NAME.yaml.

    Raises:
        PermanentError: there is none, or one has no house.
    """
    found = []
    for past in sorted(folder.glob("*.csv")):
        if past.stem.endswith(TRIPS):
            continue
        own = past.with_suffix(".yaml")
        if not own.exists() and house is None:
            raise PermanentError(f"{past}: neither {own.name} nor --config HOUSE.yaml says what the house has")
        trips = past.with_name(f"{past.stem}{TRIPS}.csv")
        chosen = own if own.exists() or house is None else house
        found.append(HomeFiles(past.stem, past, chosen, trips if trips.exists() else None))
    if not found:
        raise PermanentError(f"{folder}: holds no home; for each there is a NAME.csv, as for one FILE.csv")
    return found
