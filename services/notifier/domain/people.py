"""The drivers: their cars, language, chat and quiet hours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ems.contract.message import Language
from ems.house.calendar import DailyHours


@dataclass(frozen=True, slots=True)
class Person:
    """A driver. ``name`` is the key on the bus, ``title`` what people read."""

    name: str
    title: str
    vehicles: tuple[str, ...]
    language: Language
    chat_id: int | None = None
    quiet: DailyHours | None = None


@dataclass(frozen=True, slots=True)
class People:
    """All drivers, and the house's own quiet hours for cars that have none.

    ``groups`` are chats of several drivers, each as somebody to talk with who drives nothing.
    """

    drivers: tuple[Person, ...] = ()
    quiet: DailyHours | None = None
    groups: tuple[Person, ...] = ()

    def of(self, vehicle: str | None) -> tuple[Person, ...]:
        """Who drives ``vehicle``; everybody when it is about no vehicle."""
        return tuple(d for d in self.drivers if vehicle is None or vehicle in d.vehicles)

    def named(self, name: str) -> Person | None:
        """The driver with this name, if there is one."""
        return next((d for d in self.drivers if d.name == name), None)

    def in_chat(self, chat_id: int) -> Person | None:
        """The driver who writes from this chat, which has the id of their account; None: nobody that we know."""
        return next((d for d in self.drivers if d.chat_id == chat_id), None)

    def language_of(self, name: str) -> Language:
        """What is spoken with a driver, or in a group; English with whom we do not know."""
        return next((p.language for p in (*self.drivers, *self.groups) if p.name == name), Language.EN)

    @property
    def vehicles(self) -> tuple[str, ...]:
        """All their vehicles, each once."""
        return tuple(dict.fromkeys(v for d in self.drivers for v in d.vehicles))


def silent_until(quiets: Iterable[datetime | None]) -> datetime | None:
    """When the first of several people may be spoken to; None: somebody may now, or there is nobody."""
    ends = list(quiets)
    known = [end for end in ends if end is not None]
    return min(known) if known and len(known) == len(ends) else None
