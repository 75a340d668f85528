"""A home as arguments of a command: ``FILE.csv``, ``--trips TRIPS.csv``, and the ``--config`` of every subcommand."""

import argparse
from datetime import datetime

from ems.home_files.home import HomeFiles
from ems.runtime.errors import PermanentError


def given_home(args: argparse.Namespace) -> HomeFiles:
    """The home that ``args`` name.

    Raises:
        PermanentError: nobody says what the house has.
    """
    if args.config is None:
        raise PermanentError("--config HOUSE.yaml is missing")
    return HomeFiles(args.file, args.config, args.trips)


def moment(text: str) -> datetime:
    """A time of the command line.

    Raises:
        ArgumentTypeError: it is none, or has no offset from UTC.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2024-03-08T00:00:00Z") from None
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} needs its offset from UTC, such as 2024-03-08T00:00:00Z")
    return found


def count(text: str) -> int:
    """A number of things of the command line.

    Raises:
        ArgumentTypeError: it is not 1 or more.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 up")
    return int(text)
