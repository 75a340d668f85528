"""A folder of homes: for each NAME.csv its past, NAME.yaml the house, NAME-trips.csv the car's trips."""

from collections.abc import Mapping
from pathlib import Path

from ems.home_files.home import HomeFiles
from ems.runtime.errors import PermanentError

TRIPS = "-trips"


def homes(folder: Path, house: Path | None) -> Mapping[str, HomeFiles]:
    """The homes in ``folder`` by name, in order; ``house`` serves those that have no NAME.yaml.

    Raises:
        PermanentError: there is none, or one has no house.
    """
    found: dict[str, HomeFiles] = {}
    for past in sorted(folder.glob("*.csv")):
        if past.stem.endswith(TRIPS):
            continue
        own = past.with_suffix(".yaml")
        if not own.exists() and house is None:
            raise PermanentError(f"{past}: neither {own.name} nor --config HOUSE.yaml says what the house has")
        trips = past.with_name(f"{past.stem}{TRIPS}.csv")
        chosen = own if own.exists() or house is None else house
        found[past.stem] = HomeFiles(past, chosen, trips if trips.exists() else None)
    if not found:
        raise PermanentError(f"{folder}: holds no home; for each there is a NAME.csv, as for one FILE.csv")
    return found
