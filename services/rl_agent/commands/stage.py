"""The home that ``train`` and ``evaluate`` are given, as arguments and as the world that they live in."""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from ems.home_files.command_line import given_home
from ems.virtual_house.world import World


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
    return given_home(args).world(since, until)


def say(words: str) -> None:
    """Tells whoever sits before the terminal how far it is; files and pipes are spared."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{words}")
        sys.stderr.flush()
