"""A small service as its own process: publishes a goal, says what it is asked to, fails in the way it is told to."""

import argparse
import asyncio
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from ems.bus.api import Bus
from ems.contract.people import Goal
from ems.contract.service import Service
from ems.contract.topics import GOAL
from ems.runtime import credentials
from ems.runtime.errors import PermanentError
from ems.runtime.settings import CredentialRef, ServiceSettings
from ems.runtime.systemd import progress
from ems.service.runner import Subcommand, main


class Settings(ServiceSettings):
    """How to behave."""

    behave: str = "well"
    """well, crash, give_up, hang, or stick"""
    token_credential: CredentialRef | None = None
    """A secret to stumble over."""


async def run(bus: Bus, settings: Settings) -> None:
    """Behaves."""
    token = settings.token_credential and credentials.read(settings.token_credential, "token_credential")
    goal = Goal(vehicle="zoe", soc_pct=50, asked_by="anna", asked_at=datetime(2026, 11, 21, tzinfo=UTC))
    bus.publish(GOAL, goal, vehicle="zoe")
    if settings.behave == "crash":
        raise RuntimeError(f"could not log in with {token.get_secret_value() if token else 'nothing'}")
    if settings.behave == "give_up":
        raise PermanentError("the account is locked; unlock it at its maker's")
    if settings.behave == "stick":
        progress("step", within_s=0.2)
    try:
        await asyncio.Event().wait()
    finally:
        while settings.behave == "hang":
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue
        sys.stdout.write("tidied up\n")


def describe(settings: Settings) -> Iterable[str]:
    """Says it."""
    yield f"behaves {settings.behave}"


def configure(parser: argparse.ArgumentParser) -> None:
    """Of the subcommand."""
    parser.add_argument("name")


def greet(args: argparse.Namespace) -> int:
    """The subcommand."""
    sys.stdout.write(f"hello {args.name}, {args.config}\n")
    return 3


if __name__ == "__main__":
    greeting = Subcommand("greet", "says hello", configure, greet)
    sys.exit(main(Service.NOTIFIER, Settings, run, describe=describe, commands=lambda: [greeting]))
