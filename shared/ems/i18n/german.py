"""German."""

from ems.contract.message import Language
from ems.i18n.locale import Locale

GERMAN = Locale(
    language=Language.DE,
    decimal=",",
    weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    short_weekdays=("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
    months=("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sep.", "Okt.", "Nov.", "Dez."),
    date="{day}.{number}.",
    clock="{time} Uhr",
    tomorrow="morgen",
    yesterday="gestern",
    span="{start} bis {end}",
    both="und",
    summer_time="Sommerzeit",
    winter_time="Winterzeit",
)
