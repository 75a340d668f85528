"""English."""

from ems.contract.message import Language
from ems.i18n.locale import Locale

ENGLISH = Locale(
    language=Language.EN,
    decimal=".",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    short_weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    date="{day} {month}",
    clock="{time}",
    tomorrow="tomorrow",
    yesterday="yesterday",
    span="{start} to {end}",
    both="and",
    summer_time="summer time",
    winter_time="winter time",
)
