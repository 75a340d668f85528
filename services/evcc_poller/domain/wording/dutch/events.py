"""Dutch: what happens to cars at a loadpoint."""

from typing import assert_never

from ems.i18n.formatter import Formatter
from evcc_poller.domain.wording.events import CarEvent, Charged, PluggedIn, Unplugged


def sentence(event: CarEvent, f: Formatter) -> str:
    """What ``event`` says, as a whole sentence."""
    who = event.who or "Een auto"
    match event:
        case PluggedIn(_, place):
            return f"{who} is aangesloten op {place}."
        case Unplugged(_, place):
            return f"{who} heeft {place} verlaten."
        case Charged(_, soc_pct):
            return f"{who} is geladen: {f.percent(soc_pct)}."
    assert_never(event)
