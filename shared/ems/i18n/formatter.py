"""Numbers with their unit, money, moments and spans, as one language writes them in one zone."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ems.contract.currency import Currency, currency
from ems.i18n.locale import Locale

_DAY = timedelta(days=1)
_WEEK_DAYS = 7
_HOUR_MIN = 60
_NIGHT_ENDS = 4
"""The hour before which "tomorrow" is, to who is still awake, the day that has begun: then the day has its name."""


class Formatter:
    """Writes for one reader: in a language, in the zone that the reader's clock shows, with the site's money."""

    def __init__(self, locale: Locale, zone: ZoneInfo, now: datetime, code: str = "EUR") -> None:
        """Takes what every text of one occasion has in common.

        Args:
            locale: the reader's language.
            zone: the site's, or the reader's own.
            now: what "tomorrow" is counted from.
            code: the currency's.
        """
        self._locale, self._zone, self._today = locale, zone, now.astimezone(zone)
        self._currency = currency(code)

    @property
    def currency(self) -> Currency:
        """The site's money."""
        return self._currency

    def number(self, value: float, digits: int) -> str:
        """``value`` with the language's decimal sign; what rounds to nothing has no minus."""
        written = f"{value:.{digits}f}"
        if not float(written):
            written = written.removeprefix("-")
        return written.replace(".", self._locale.decimal)

    def plain(self, value: float) -> str:
        """``value`` with the digits that it has: ``80``, ``82.5``; at most two after the decimal sign."""
        digits = next((n for n in (0, 1) if round(value, n) == round(value, 2)), 2)
        return self.number(value, digits)

    def price(self, per_kwh: float) -> str:
        """The price of a kWh in what people say it in: ``30.0 ct``, ``60.0 HUF``."""
        of = self._currency
        return f"{self.number(per_kwh * of.price_factor, of.price_digits)} {of.price_unit}"

    def amount(self, money: float) -> str:
        """An amount of money: ``2.20 EUR``, ``440 HUF``."""
        return f"{self.number(money, self._currency.digits)} {self._currency.code}"

    def energy(self, kwh: float) -> str:
        """An energy; a small one with a digit more, so that something never reads as nothing."""
        digits = 1 if abs(kwh) >= 0.05 or not kwh else 2
        return f"{self.number(kwh, digits)} kWh"

    def power(self, kw: float) -> str:
        """A power."""
        return f"{self.number(kw, 1)} kW"

    def percent(self, pct: float) -> str:
        """A share, from 0 to 100."""
        # What was computed to be 57.5 is that, on whichever side of it the computer's digits end.
        return f"{self.number(round(pct, 3), 0)} %"

    def percents(self, one: float, other: float | None) -> tuple[str, str | None]:
        """Two shares, with as many digits as it takes to tell them apart: ``79.7 %`` and ``80 %``."""
        if other is None:
            return self.percent(one), None
        digits = next((n for n in (0, 1, 2) if round(one, n) != round(other, n)), 0)
        if not digits:
            return self.percent(one), self.percent(other)
        first, second = (self.plain(round(pct, digits)) for pct in (one, other))
        return f"{first} %", f"{second} %"

    def duration(self, length: timedelta) -> str:
        """A length of time in its largest units: ``45 s``, ``20 min``, ``3 h 20 min``."""
        seconds = length.total_seconds()
        if seconds < _HOUR_MIN:
            return f"{seconds:.0f} s"
        hours, minutes = divmod(round(seconds / 60), _HOUR_MIN)
        return " ".join(f"{n} {unit}" for n, unit in ((hours, "h"), (minutes, "min")) if n)

    def weekday(self, moment: datetime) -> str:
        """The day of the week."""
        return self._locale.weekdays[moment.astimezone(self._zone).weekday()]

    def short_weekday(self, moment: datetime) -> str:
        """The same, short enough for an axis."""
        return self._locale.short_weekdays[moment.astimezone(self._zone).weekday()]

    def date(self, moment: datetime) -> str:
        """Weekday and date: ``Sat 21 Nov``."""
        local = moment.astimezone(self._zone)
        month = self._locale.months[local.month - 1]
        day = self._locale.date.format(day=local.day, month=month, number=local.month)
        return f"{self.short_weekday(moment)} {day}"

    def moment(self, moment: datetime) -> str:
        """When something ends: its time of day alone today (and at the midnight that ends it), else with its day."""
        return self._with_day(moment, self._locale.clock)

    def begin(self, moment: datetime) -> str:
        """When something begins: the same, but at midnight it is the next day's."""
        return self._with_day(moment, self._locale.clock, begins=True)

    def span(self, start: datetime, end: datetime) -> str:
        """``02:00 to 05:00``, with the day once where both moments have the same."""
        same = start.astimezone(self._zone).date() == end.astimezone(self._zone).date()
        until = self._clock(end, self._locale.clock) if same else self.moment(end)
        return self._locale.span.format(start=self._with_day(start, "{time}", begins=True), end=until)

    def listed(self, parts: Sequence[str]) -> str:
        """``a, b and c``."""
        if len(parts) <= 1:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self._locale.both} {parts[-1]}"

    def _with_day(self, moment: datetime, clock: str, *, begins: bool = False) -> str:
        day = self._day(moment, begins=begins)
        return f"{day} {self._clock(moment, clock)}" if day else self._clock(moment, clock)

    def _day(self, moment: datetime, *, begins: bool) -> str:
        """What names the day; empty today."""
        local = moment.astimezone(self._zone)
        days = (local.date() - self._today.date()).days
        if days == 0 or (days == 1 and not begins and not (local.hour or local.minute)):
            return ""
        if days == 1 and self._today.hour >= _NIGHT_ENDS:
            return self._locale.tomorrow
        if days == -1:
            return self._locale.yesterday
        return self.weekday(moment) if 0 < days < _WEEK_DAYS else self.date(moment)

    def _clock(self, moment: datetime, clock: str) -> str:
        """The time of day; in the hour that an autumn night has twice, with which of both it is."""
        local = moment.astimezone(self._zone)
        written = clock.format(time=local.strftime("%H:%M"))
        if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
            return written
        # By fold, not by dst(): Ireland's clocks call the winter the exception.
        return f"{written} {self._locale.winter_time if local.fold else self._locale.summer_time}"
