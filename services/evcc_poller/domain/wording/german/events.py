"""German: what happens to cars at a loadpoint."""

from typing import assert_never

from ems.i18n.formatter import Formatter
from evcc_poller.domain.wording.events import CarEvent, Charged, PluggedIn, Unplugged


def sentence(event: CarEvent, f: Formatter) -> str:
    """What ``event`` says, as a whole sentence."""
    who = event.who or "Ein Auto"
    match event:
        case PluggedIn(_, place):
            return f"{who} wurde an {place} eingesteckt."
        case Unplugged(_, place):
            return f"{who} hat {place} verlassen."
        case Charged(_, soc_pct):
            return f"{who} ist geladen: {f.percent(soc_pct)}."
    assert_never(event)
