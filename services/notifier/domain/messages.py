"""Every sentence that people read, in English and German."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ems.contract.currency import currency
from ems.contract.message import Text
from ems.contract.people import Goal, Question
from ems.house.calendar import SHORT_MONTHS_EN, SHORT_WEEKDAYS
from notifier.domain.cars import KnownCar
from notifier.domain.goal_rules import GoalRequest
from notifier.domain.language.understood import Unclear, Understood
from notifier.domain.people import Language

MAX_SHOWN = 200
"""Most characters of somebody's words that are shown to them again."""


def t(en: str, de: str) -> Text:
    """A text in both languages."""
    return Text(en=en, de=de)


def moment(at: datetime, zone: ZoneInfo, language: Language) -> str:
    """An absolute time in the site's zone that cannot be misunderstood: ``Sun 29 Mar 07:00`` or ``So 29.03. 07:00``."""
    local = at.astimezone(zone)
    day = SHORT_WEEKDAYS[language][local.weekday()]
    if language == "de":
        words = f"{day} {local:%d.%m. %H:%M}"
    else:
        words = f"{day} {local.day} {SHORT_MONTHS_EN[local.month - 1]} {local:%H:%M}"
    # In the hour that comes twice, the clock alone does not tell which.
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{words} {local.tzname()}" if twice else words


def both(at: datetime, zone: ZoneInfo) -> Text:
    """An absolute time in both languages."""
    return t(moment(at, zone, "en"), moment(at, zone, "de"))


def goal_is(car: str, goal: Goal | None, zone: ZoneInfo) -> Text:
    """What a car's goal is now."""
    if goal is None:
        return t(f"{car}: no goal", f"{car}: kein Ziel")
    who = goal.asked_by
    if goal.departure is None:
        return t(
            f"{car}: {goal.soc_pct:g} %, whenever it is cheap ({who})",
            f"{car}: {goal.soc_pct:g} %, wenn es günstig ist ({who})",
        )
    by = both(goal.departure, zone)
    return t(
        f"{car}: {goal.soc_pct:g} % by {by.en} ({who})",
        f"{car}: {goal.soc_pct:g} % bis {by.de} ({who})",
    )


EXPIRED = t("No answer came; nothing was changed.", "Es kam keine Antwort; nichts wurde geändert.")
NOTHING_CHANGED = t("All right, nothing is changed.", "In Ordnung, es bleibt, wie es ist.")
THANKS = t("Thank you!", "Danke!")
OTHER = t("Another value.", "Ein anderer Wert.")
NO_HURRY = t("No hurry.", "Keine Eile.")
NO_CODE = t("A code has 4 to 16 letters and digits.", "Ein Code hat 4 bis 16 Buchstaben und Ziffern.")
ALREADY = t("This question is closed already.", "Diese Frage ist schon erledigt.")
PLUGGED_IN = t("It was plugged in meanwhile.", "Es wurde inzwischen eingesteckt.")
LEFT = t("The car has left.", "Das Auto ist weg.")
REPLACED = t("Another question takes its place.", "Eine andere Frage tritt an ihre Stelle.")
CORRECTED = t("It was corrected.", "Es wurde berichtigt.")
OVERTAKEN = t("A newer message takes its place.", "Eine neuere Nachricht tritt an ihre Stelle.")
YES, NO = t("Yes", "Ja"), t("No", "Nein")
NOT_ANYMORE = t("No; nothing is changed.", "Nein; es bleibt, wie es ist.")
PRESSED_LATE = t(
    "Pressed while I was away. Is it still wanted? Then please press once more.",
    "Gedrückt, als ich weg war. Noch gewünscht? Dann bitte noch einmal drücken.",
)
WRITTEN_LATE = t(
    "Answered while I was away. Is it still wanted? Then please say so once more.",
    "Beantwortet, als ich weg war. Noch gewünscht? Dann bitte noch einmal sagen.",
)
CODE_TOO_OLD = t(
    "That code was written while I was away, and is too old. Please ask for a new one.",
    "Dieser Code wurde geschrieben, als ich weg war, und ist zu alt. Bitte einen neuen anfordern.",
)
CODE_SENT = t("A code was asked for.", "Ein Code wurde angefordert.")
NOBODY = t("Nobody answered; please try again later.", "Niemand hat geantwortet; bitte später noch einmal versuchen.")
EXAMPLES = t("80 %, in 3h, tomorrow 7am, Friday 6:30", "80 %, in 3h, morgen früh, Freitag 6:30")
UNCLEAR = {
    Unclear.NONSENSE: t(
        f"I did not understand that. Examples: {EXAMPLES.en}",
        f"Das habe ich nicht verstanden. Beispiele: {EXAMPLES.de}",
    ),
    Unclear.PAST: t("That moment has passed.", "Dieser Zeitpunkt ist vorbei."),
    Unclear.TOO_FAR: t("That is too far ahead; at most 31 days.", "Das ist zu weit weg; höchstens 31 Tage."),
    Unclear.NOT_A_SOC: t("Between 10 and 100 %, please.", "Bitte zwischen 10 und 100 %."),
    Unclear.RECURRING: t(
        "One day at a time, please; what is wanted every week stands in the settings (weekly_goals).",
        "Bitte einen Tag nach dem anderen; was jede Woche gilt, steht in den Einstellungen (weekly_goals).",
    ),
    Unclear.NOT_A_RANGE: t(
        "How full in percent, please; kilometres and kilowatt-hours are no goal.",
        "Bitte in Prozent; Kilometer und Kilowattstunden sind kein Ziel.",
    ),
}
SEVERAL = t("That can be meant in more than one way.", "Das kann mehreres heißen.")


def _filled(car: KnownCar) -> Text:
    if car.soc_pct is None:
        return t(car.title, car.title)
    return t(f"{car.title} ({car.soc_pct:.0f} %)", f"{car.title} ({car.soc_pct:.0f} %)")


def price(per_kwh: float, code: str) -> Text:
    """A price as people read it; ``per_kwh`` in the currency of ``code``."""
    of = currency(code)
    number, unit = f"{per_kwh * of.price_factor:.{of.price_digits}f}", f"{of.price_unit}/kWh"
    return t(f"{number} {unit}", f"{number.replace('.', ',')} {unit}")


def charge(car: KnownCar, start: datetime | None, costs: Text, zone: ZoneInfo) -> Text:
    """The charge inquiry; ``start`` None: it is cheap now. ``costs`` is its price."""
    name = _filled(car).en
    en = f"at {moment(start, zone, 'en')}" if start else "now"
    de = f"ab {moment(start, zone, 'de')}" if start else "jetzt"
    plug_en, plug_de = ("", "") if car.loadpoint else (" Please plug it in.", " Bitte einstecken.")
    return t(
        f"Energy is cheap {en} ({costs.en}). How full shall {name} be?{plug_en}",
        f"Strom ist {de} günstig ({costs.de}). Wie voll soll {name} werden?{plug_de}",
    )


def departure(car: KnownCar) -> Text:
    """The question after plugging in."""
    name = _filled(car).en
    return t(
        f"{name} is plugged in. When do you need it? You may also write: {EXAMPLES.en}",
        f"{name} ist eingesteckt. Wann wird es gebraucht? Auch in Worten: {EXAMPLES.de}",
    )


def still_wanted(meant: Text) -> Text:
    """Asks whether an old order still holds; ``meant`` is what it said then."""
    return t(f"{_sentence(meant.en)} Still wanted?", f"{_sentence(meant.de)} Noch gewünscht?")


def read_late(words: str, written: datetime, question: Text, zone: ZoneInfo) -> Text:
    """A question about an old order, with its words."""
    at = both(written, zone)
    shown = words if len(words) <= MAX_SHOWN else f"{words[:MAX_SHOWN]} …"
    return t(
        f"Written {at.en}, read only now: “{shown}”. {question.en}",
        f"Geschrieben {at.de}, erst jetzt gelesen: „{shown}“. {question.de}",
    )


def written_at(written: datetime, why: Text, zone: ZoneInfo) -> Text:
    """Why an old order comes to nothing."""
    at = both(written, zone)
    return t(f"Written {at.en}, read only now: {why.en}", f"Geschrieben {at.de}, erst jetzt gelesen: {why.de}")


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."


def which_is_meant(car: KnownCar, alternatives: int) -> Text:
    """Asks back what was meant; the answers are buttons."""
    if alternatives == 1:
        return t(f"{car.title}: is this meant?", f"{car.title}: Ist das gemeint?")
    return t(f"{car.title}: which is meant?", f"{car.title}: Was ist gemeint?")


def alternative(meant: Understood, zone: ZoneInfo) -> Text:
    """One meaning, short enough for a button."""
    soc_pct = f"{meant.soc_pct:g} %" if meant.soc_pct is not None else ""
    if meant.departure is None:
        return t(soc_pct, soc_pct)
    by = both(meant.departure, zone)
    return t(" ".join(filter(None, (soc_pct, by.en))), " ".join(filter(None, (soc_pct, by.de))))


def how_full(car: KnownCar, when: datetime | None, zone: ZoneInfo) -> Text:
    """The second step."""
    if when is None:
        return t(
            f"How full shall {car.title} be? Choose, or write a number.",
            f"Wie voll soll {car.title} werden? Auswählen oder eine Zahl schreiben.",
        )
    by = both(when, zone)
    return t(f"How full shall {car.title} be by {by.en}?", f"Wie voll soll {car.title} bis {by.de} werden?")


def understood_departure(when: datetime | None, zone: ZoneInfo) -> Text:
    """What was heard as the departure."""
    if when is None:
        return NO_HURRY
    by = both(when, zone)
    return t(f"By {by.en}.", f"Bis {by.de}.")


def change(car: KnownCar) -> Text:
    """A goal in one's own words."""
    return t(
        f"{car.title}: how full, and by when? For example: {EXAMPLES.en}",
        f"{car.title}: Wie voll, und bis wann? Zum Beispiel: {EXAMPLES.de}",
    )


def swap(car: KnownCar, other: KnownCar) -> Text:
    """Please change places."""
    return t(
        f"{_filled(other).en} is done, and {_filled(car).en} needs the charger. Can you swap them?",
        f"{_filled(other).de} ist fertig, und {_filled(car).de} braucht den Ladeplatz. Könnt ihr tauschen?",
    )


def swap_for_plan(car: KnownCar, other: KnownCar, at: datetime, zone: ZoneInfo) -> Text:
    """Please change places by then: the plan says so."""
    by = both(at, zone)
    return t(
        f"The plan wants {_filled(car).en} at the charger from {by.en}, instead of {other.title}. Can you swap them?",
        f"Der Plan möchte {_filled(car).de} ab {by.de} am Ladeplatz, statt {other.title}. Könnt ihr tauschen?",
    )


def login(car: KnownCar, why: Text) -> Text:
    """A cloud wants a code."""
    return t(
        f"{car.title}: {why.en} Shall a code be sent to you?",
        f"{car.title}: {why.de} Soll dir ein Code geschickt werden?",
    )


def which_code(car: KnownCar) -> Text:
    """The second step of a login."""
    return t(
        f"{car.title}: the code is on its way. Please write it here.",
        f"{car.title}: Der Code ist unterwegs. Bitte hier eingeben.",
    )


def logged_in(car: KnownCar) -> Text:
    """The end of a login."""
    return t(f"{car.title}: logged in.", f"{car.title}: angemeldet.")


def did_not_work(why: str) -> Text:
    """Another service refused, or did not answer; ``why`` are its words."""
    return t(f"That did not work: {why}", f"Das hat nicht geklappt: {why}")


def no_such_option(question: Question) -> Text:
    """What can be answered."""
    en = ", ".join(f"{o.key} ({o.label.en})" for o in question.options)
    de = ", ".join(f"{o.key} ({o.label.de})" for o in question.options)
    return t(f"Possible answers: {en}", f"Mögliche Antworten: {de}")


def boosted(car: KnownCar, until: datetime, zone: ZoneInfo) -> Text:
    """A boost has begun."""
    at = both(until, zone)
    return t(f"{car.title} charges at full power until {at.en}.", f"{car.title} lädt bis {at.de} mit voller Leistung.")


def not_plugged_in(car: KnownCar) -> Text:
    """Nothing can be charged."""
    return t(f"{car.title} is not plugged in here.", f"{car.title} ist hier nicht eingesteckt.")


def plug_in(car: KnownCar, goal: Goal, start: datetime, costs: Text, zone: ZoneInfo) -> Text:
    """A reminder before the cheap window."""
    at = both(start, zone)
    return t(
        f"Please plug in {_filled(car).en}: {goal.soc_pct:g} % are wanted, and it is cheap from {at.en} on "
        f"({costs.en}).",
        f"Bitte {_filled(car).de} einstecken: {goal.soc_pct:g} % sind gewünscht, und ab {at.de} ist der Strom günstig "
        f"({costs.de}).",
    )


def plug_in_for_plan(car: KnownCar, at: datetime, zone: ZoneInfo) -> Text:
    """A reminder before the plan needs the car."""
    by = both(at, zone)
    return t(
        f"Please plug in {_filled(car).en} by {by.en}: the plan counts on it.",
        f"Bitte {_filled(car).de} bis {by.de} einstecken: der Plan rechnet damit.",
    )


def answered(who: str, outcome: Text) -> Text:
    """What became of a question, for everybody who was asked."""
    return t(f"{who}: {outcome.en}", f"{who}: {outcome.de}")


def digest(lines: list[str], language: Language) -> str:
    """What happened while nobody was to be spoken to."""
    head = "Meanwhile:" if language == "en" else "Inzwischen:"
    return "\n".join([head, *(f"• {line}" for line in lines)])


def goal_requested(car: str, request: GoalRequest, goal: Goal | None, zone: ZoneInfo) -> Text:
    """What was understood, with the absolute time; and what counts, when somebody else needs more or earlier."""
    mine = Goal(
        vehicle=request.vehicle,
        soc_pct=request.soc_pct,
        departure=request.departure,
        asked_by=request.asked_by,
        asked_at=request.asked_at,
    )
    words = goal_is(car, mine, zone)
    if goal is None or (goal.soc_pct, goal.departure) == (mine.soc_pct, mine.departure):
        return words
    counts = goal_is(car, goal, zone)
    return t(f"{words.en}. First counts {counts.en}", f"{words.de}. Zuerst gilt {counts.de}")
