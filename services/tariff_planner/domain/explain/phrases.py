"""Sentences in English and German: numbers with their unit, moments and segments of time on the site's clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ems.contract.currency import currency
from ems.contract.message import Text

NOTHING = Text(en="", de="")
BATTERY = Text(en="the battery", de="die Batterie")
_DAY = timedelta(days=1)
_WEEKDAYS = (
    Text(en="Monday", de="Montag"),
    Text(en="Tuesday", de="Dienstag"),
    Text(en="Wednesday", de="Mittwoch"),
    Text(en="Thursday", de="Donnerstag"),
    Text(en="Friday", de="Freitag"),
    Text(en="Saturday", de="Samstag"),
    Text(en="Sunday", de="Sonntag"),
)


def say(en: str, de: str, **parts: Text | str) -> Text:
    """Both sentences with their parts put in."""
    english = {name: part.en if isinstance(part, Text) else part for name, part in parts.items()}
    german = {name: part.de if isinstance(part, Text) else part for name, part in parts.items()}
    return Text(en=en.format(**english), de=de.format(**german))


def joined(parts: Sequence[Text], between: Text) -> Text:
    """The parts, with ``between`` between each two of them."""
    return Text(en=between.en.join(p.en for p in parts), de=between.de.join(p.de for p in parts))


def sentence(text: Text) -> Text:
    """With a capital, as a sentence begins. Not for names of cars, which stay as they are written."""
    return Text(en=text.en[:1].upper() + text.en[1:], de=text.de[:1].upper() + text.de[1:])


def number(value: float, digits: int) -> Text:
    """A number as it is written in each language."""
    written = f"{value:.{digits}f}"
    if not float(written):
        written = written.removeprefix("-")
    return Text(en=written, de=written.replace(".", ","))


def price(per_kwh: float, code: str) -> Text:
    """A price of a kWh in what people say it in: ``30.0 ct``, ``60.0 HUF``; ``code`` is the currency's."""
    of = currency(code)
    return say("{n} {unit}", "{n} {unit}", n=number(per_kwh * of.price_factor, of.price_digits), unit=of.price_unit)


def amount(money: float, code: str) -> Text:
    """An amount of money in the currency of that code."""
    return say("{n} {unit}", "{n} {unit}", n=number(money, currency(code).digits), unit=code)


def kwh(energy: float) -> Text:
    """An energy."""
    return say("{n} kWh", "{n} kWh", n=number(energy, 1))


def kw(power: float) -> Text:
    """A power."""
    return say("{n} kW", "{n} kW", n=number(power, 1))


def pct(share: float) -> Text:
    """A share, from 0 to 1."""
    return say("{n} %", "{n} %", n=number(share * 100, 0))


def when(moment: datetime, now: datetime, zone: ZoneInfo) -> Text:
    """When something ends: its time of day alone today (and at the midnight that ends it), then with its day."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    clock = _clock(local)
    if local.date() == today.date() or (local.date() == (today + _DAY).date() and not (local.hour or local.minute)):
        return clock
    if local.date() == (today + _DAY).date():
        return say("tomorrow {clock}", "morgen {clock}", clock=clock)
    return say("{day} {clock}", "{day} {clock}", day=_WEEKDAYS[local.weekday()], clock=clock)


def begins(moment: datetime, now: datetime, zone: ZoneInfo) -> Text:
    """When a stretch begins: at midnight it is the next day's."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.date() == (today + _DAY).date():
        return say("tomorrow {clock}", "morgen {clock}", clock=_clock(local))
    return when(moment, now, zone)


def since(moment: datetime, now: datetime, zone: ZoneInfo) -> Text:
    """A moment before ``now``: its time of day alone today, else with its day."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return _clock(local)
    if local.date() == (today - _DAY).date():
        return say("yesterday {clock}", "gestern {clock}", clock=_clock(local))
    return say("{day} {clock}", "{day} {clock}", day=_WEEKDAYS[local.weekday()], clock=_clock(local))


def span(start: datetime, end: datetime, now: datetime, zone: ZoneInfo) -> Text:
    """``02:00 to 05:00``, with the day once where both moments have the same."""
    until = when(end, now, zone)
    if start.astimezone(zone).date() == end.astimezone(zone).date():
        until = _clock(end.astimezone(zone))
    return say("{start} to {end}", "{start} bis {end}", start=begins(start, now, zone), end=until)


def _clock(local: datetime) -> Text:
    """The time of day; in the hour that an autumn night has twice, with which of both it is."""
    written = local.strftime("%H:%M")
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return Text(en=written, de=written)
    summer = bool(local.dst())
    return Text(
        en=f"{written} {'summer' if summer else 'winter'} time",
        de=f"{written} {'Sommerzeit' if summer else 'Winterzeit'}",
    )
