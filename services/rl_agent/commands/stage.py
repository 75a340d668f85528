"""The home that ``train`` and ``evaluate`` are given, as arguments and as the world that they live in."""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from ems.home_files.csv_files import read_home, read_trips
from ems.home_files.house_file import read_house
from ems.runtime.errors import PermanentError
from ems.virtual_house.world import World, world


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments that both have; ``--config HOUSE.yaml`` is the one that every subcommand has."""
    parser.add_argument(
        "file", type=Path, metavar="FILE.csv", help="the home's past (docs/backtest.md has its columns)"
    )
    parser.add_argument("--trips", type=Path, metavar="TRIPS.csv", help="the car's trips: leave, back, kwh")


def read(args: argparse.Namespace, since: datetime | None = None, until: datetime | None = None) -> World:
    """The world of the files.

    Raises:
        PermanentError: a file cannot be used; says what is wrong with it.
    """
    if args.config is None:
        raise PermanentError("--config HOUSE.yaml is missing")
    house = read_house(args.config)
    trips = read_trips(args.trips) if args.trips else ()
    try:
        return world(read_home(args.file), house, trips, since, until)
    except ValueError as error:
        raise PermanentError(str(error)) from error


def moment(text: str) -> datetime:
    """A time of the command line."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} needs its offset from UTC, such as 2024-03-08T00:00:00Z")
    return found


def say(words: str) -> None:
    """Tells whoever sits before the terminal how far it is; files and pipes are spared."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{words}")
        sys.stderr.flush()
