"""Dutch."""

from ems.contract.message import Language
from ems.i18n.locale import Locale

DUTCH = Locale(
    language=Language.NL,
    decimal=",",
    weekdays=("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    short_weekdays=("ma", "di", "wo", "do", "vr", "za", "zo"),
    months=("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
    date="{day} {month}",
    clock="{time} uur",
    tomorrow="morgen",
    yesterday="gisteren",
    span="{start} tot {end}",
    both="en",
    summer_time="zomertijd",
    winter_time="wintertijd",
)
