"""The ``ems`` command."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from ems.demo.commands.check import check
from ems.demo.commands.dashboard import NoHome, dashboard_of_broker
from ems.demo.commands.demo import NoPlan, run_demo
from ems.demo.commands.watch import mqtt_settings, watch
from ems.demo.day import ZONE
from ems.demo.processes import ProcessDied
from ems.demo.settings import DemoSettings
from ems.demo.terminal.display import print_line
from ems.runtime import logs
from ems.runtime.errors import causes
from ems.runtime.settings import SettingsError
from ems.runtime.signals import until_signal
from ems.service.runner import EXIT_FAILED, EXIT_SETTINGS

INTERRUPTED = 130
"""As shells have it after Ctrl-C."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    args = _parser().parse_args(argv)
    logs.configure("ems", "error")  # what goes on is in the view
    try:
        status: int = args.run(args)
    except SettingsError as error:
        sys.stderr.write(f"ems: {error}\n")
        return EXIT_SETTINGS
    except (ProcessDied, NoHome, NoPlan, OSError, ExceptionGroup) as error:
        found = list(causes(error))
        if not all(isinstance(cause, ProcessDied | NoHome | NoPlan | OSError) for cause in found):
            raise
        sys.stderr.writelines(f"ems: {cause}\n" for cause in found)
        return EXIT_FAILED
    return status


def _demo(args: argparse.Namespace) -> int:
    settings = DemoSettings.load(
        args.config, speed=args.speed, hours=args.hours, evcc=args.evcc, language=args.language
    )
    return _run(run_demo(settings, once=args.once, plain=args.plain, chart=args.chart))


def _watch(args: argparse.Namespace) -> int:
    mqtt = mqtt_settings(args.config, args.host, args.port)
    return _run(watch(mqtt, zone=ZONE, language=args.language or "en", plain=args.plain))


def _dashboard(args: argparse.Namespace) -> int:
    mqtt = mqtt_settings(args.config, args.host, args.port)
    return _run(dashboard_of_broker(mqtt, args.language or "en"))


def _run(work: Coroutine[Any, Any, str | None]) -> int:
    """Carries out ``work`` and prints what it returns; Ctrl-C and the like end it in order."""
    try:
        text = asyncio.run(until_signal(work, signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
    except asyncio.CancelledError:
        return INTERRUPTED
    if text:
        print_line(text)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ems", description="A home with foresight, before your eyes.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    showing = argparse.ArgumentParser(add_help=False)
    showing.add_argument("--language", choices=("en", "de"), help="of what is shown")
    showing.add_argument("--plain", action="store_true", help="lines instead of a live view")

    sub = commands.add_parser("demo", parents=[showing], help="a real day in a simulated home, planned and steered")
    sub.add_argument("--speed", type=float, metavar="N", help="how much faster time passes (288: a day in 5 minutes)")
    sub.add_argument("--hours", type=float, metavar="H", help="how much of the day (24)")
    sub.add_argument("--evcc", help="the version of evcc that is played (0.313)")
    sub.add_argument("--once", action="store_true", help="one decision, and out")
    sub.add_argument("--chart", type=Path, metavar="FILE", help="where the picture of the last plan goes")
    sub.add_argument("--config", type=Path, metavar="FILE", help="settings of the demo, YAML")
    sub.set_defaults(run=_demo)

    broker = argparse.ArgumentParser(add_help=False)
    broker.add_argument("--config", type=Path, metavar="FILE", help="a service's settings: its mqtt part is used")
    broker.add_argument("--host", help="the broker")
    broker.add_argument("--port", type=int)

    sub = commands.add_parser("watch", parents=[showing, broker], help="the live view, on any broker")
    sub.set_defaults(run=_watch)

    sub = commands.add_parser("dashboard", parents=[broker], help="a Home Assistant dashboard for the home on a broker")
    sub.add_argument("--language", choices=("en", "de"), help="of the dashboard")
    sub.set_defaults(run=_dashboard)

    sub = commands.add_parser("check", help="every service checks its settings, and what they name")
    sub.add_argument("folder", type=Path, nargs="?", default=Path("/etc/evcc-ems"), help="where the files are")
    sub.add_argument("--offline", action="store_true", help="only the settings, nobody is asked")
    sub.set_defaults(run=lambda args: check(args.folder, offline=args.offline))
    return parser


if __name__ == "__main__":
    sys.exit(main())
