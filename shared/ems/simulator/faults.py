"""What can go wrong between evcc and a client, for tests. Faults of the battery itself are the home's."""

import re
from dataclasses import dataclass, field
from enum import StrEnum


class RatesFault(StrEnum):
    """Tariffs that are gone (404), outdated (404), or not what they should be (200)."""

    GONE = "gone"
    OUTDATED = "outdated"
    GARBAGE = "garbage"


@dataclass(slots=True)
class Fault:
    """For the next ``times`` requests whose "METHOD /path" it matches. Fields that are not set do nothing."""

    pattern: str
    times: int
    status: int | None = None
    """Answered in place of evcc, which does not see the request."""
    lose_reply: bool = False
    """Evcc does what was asked, and the connection ends before the reply."""
    lose_request: bool = False
    """The connection ends before evcc sees the request."""
    delay_s: float = 0.0
    """Of the real clock, before evcc sees the request."""


@dataclass(slots=True)
class Faults:
    """The faults in force.

    ``not_ready``: every path is 404. ``fatal``: a broken configuration, in evcc's words.
    ``optimizer``: evcc's own optimizer is in charge and answers 409 to what it decides itself.
    ``automatic``: what evcc shows of it, where it does: ``off``, ``battery``, ``full``, or true and false before.
    ``mqtt_topic``: evcc's own root on a broker; None where it has no broker.
    """

    not_ready: bool = False
    fatal: str | None = None
    optimizer: bool = False
    automatic: str | bool | None = None
    mqtt_topic: str | None = None
    rates: RatesFault | None = None
    listed: list[Fault] = field(default_factory=list)

    def answer(self, status: int, pattern: str = "", times: int = 1) -> None:
        """Answers with ``status`` in place of evcc."""
        self.listed.append(Fault(pattern, times, status=status))

    def lose_reply(self, pattern: str = "", times: int = 1) -> None:
        """Lets evcc act and loses its reply."""
        self.listed.append(Fault(pattern, times, lose_reply=True))

    def lose_request(self, pattern: str = "", times: int = 1) -> None:
        """Loses the request."""
        self.listed.append(Fault(pattern, times, lose_request=True))

    def delay(self, seconds: float, pattern: str = "", times: int = 1) -> None:
        """Answers late, by seconds of the real clock."""
        self.listed.append(Fault(pattern, times, delay_s=seconds))

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that meets this request, counted as used."""
        fault = next((f for f in self.listed if re.search(f.pattern, f"{method} {path}")), None)
        if fault is not None:
            fault.times -= 1
            self.listed = [f for f in self.listed if f.times > 0]
        return fault

    def clear(self) -> None:
        """Everything works again."""
        self.not_ready, self.fatal, self.optimizer, self.rates, self.listed = False, None, False, None, []
        self.automatic, self.mqtt_topic = None, None
