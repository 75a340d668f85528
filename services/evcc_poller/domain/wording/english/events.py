"""English: what happens to cars at a loadpoint."""

from typing import assert_never

from ems.i18n.formatter import Formatter
from evcc_poller.domain.wording.events import CarEvent, Charged, PluggedIn, Unplugged


def sentence(event: CarEvent, f: Formatter) -> str:
    """What ``event`` says, as a whole sentence."""
    who = event.who or "A car"
    match event:
        case PluggedIn(_, place):
            return f"{who} was plugged in at {place}."
        case Unplugged(_, place):
            return f"{who} left {place}."
        case Charged(_, soc_pct):
            return f"{who} is charged: {f.percent(soc_pct)}."
    assert_never(event)
