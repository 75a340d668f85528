"""``notifier --config FILE [--check]``."""

import sys
from collections.abc import Iterable

from ems.contract.service import Service
from ems.service import runner
from notifier.app import run
from notifier.config_loader import load
from notifier.settings import Settings


def main() -> int:
    """The program."""
    return runner.main(Service.NOTIFIER, Settings, run, describe=describe)


def describe(settings: Settings) -> Iterable[str]:
    """What the service would do, a line each."""
    loaded = load(settings)
    for person in loaded.people.drivers:
        cars = ", ".join(person.vehicles) or "no car"
        how = "in Telegram" if person.chat_id and loaded.token else "on MQTT only"
        yield f"{person.title} drives {cars}, is asked {how}, reads {person.language}"
    if not loaded.people.drivers:
        yield "knows no drivers: questions are on MQTT only"
    for vehicle, entries in loaded.week.entries.items():
        for entry in entries:
            yield f"{vehicle} shall have {entry.soc_pct:g} % by {entry.by:%H:%M} on {', '.join(entry.days)}"
    yield from (f"understood otherwise: {note}" for note in loaded.notes)
    yield "talks to Telegram" if loaded.token else "does not talk to Telegram: it has no token"


if __name__ == "__main__":
    sys.exit(main())
