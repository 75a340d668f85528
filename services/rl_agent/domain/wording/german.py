"""German sentences."""

from typing import assert_never

from ems.contract.control import Choice
from ems.contract.site import BatteryMode, LoadpointMode
from ems.i18n.formatter import Formatter
from rl_agent.domain.judge.gate import Cause
from rl_agent.domain.wording.reasons import (
    AnyReason,
    BatteryWanted,
    CarWanted,
    Gathering,
    HandedBack,
    LearnerSteers,
    LearningFailed,
    LearntFrom,
    NothingJudged,
    NothingLearnt,
    PersonChose,
    SkilledButDearer,
    Training,
    WaitsForHistory,
)

_LEARNERS = {"apprentice": "der Lehrling", "tabular": "der Tabellenlerner"}
_CHOSEN = {
    Choice.AUTO: "die Belege entscheiden",
    Choice.LP: "der Plan steuert",
    Choice.RL: "der Lerner steuert",
    Choice.OFF: "evcc steuert allein",
}
_BATTERY = {
    BatteryMode.NORMAL: "die Batterie dem Haus folgen lassen",
    BatteryMode.HOLD: "die Batterie nicht entladen lassen",
    BatteryMode.CHARGE: "die Batterie aus dem Netz laden",
    BatteryMode.HOLDCHARGE: "die Batterie nicht laden lassen",
}
_CAR = {
    LoadpointMode.OFF: "das Auto nicht laden",
    LoadpointMode.PV: "das Auto mit Sonne laden",
    LoadpointMode.MINPV: "das Auto langsam und mit Sonne laden",
    LoadpointMode.NOW: "das Auto mit voller Leistung laden",
}
_LOST = {
    Cause.MISSED_GOAL: "er ein Ziel verfehlte, das der Plan erreichte",
    Cause.COST_MORE: "er mehr gekostet hat als der Plan",
    Cause.SKILL_LOST: "er schlechter vorhersah als der Plan",
}


def sentence(reason: AnyReason, say: Formatter) -> str:
    """The reason as one sentence."""
    match reason:
        case PersonChose(choice):
            return f"Jemand hat gewählt: {_CHOSEN[choice]}."
        case NothingJudged(days, needed) if days < needed:
            return (
                f"Der Plan steuert: {_days(days, say)} von {needed} Tagen sind gemessen, mit denen das Lernen beginnt."
            )
        case NothingJudged():
            return "Der Plan steuert: Noch kein Lerner wurde mit ihm verglichen."
        case Gathering(learner, days, e_value, needed, to_go):
            return (
                f"Der Plan steuert: Nach {_count(days)} stehen die Belege für {_accusative(learner)} bei "
                f"{say.number(e_value, 1)}, nötig sind {say.number(needed, 0)}{_to_go(to_go)}."
            )
        case SkilledButDearer(learner, days, saving):
            return (
                f"Der Plan steuert: {_begun(learner)} sieht besser vorher, war aber in "
                f"{_count(days)} um {say.amount(-saving)} am Tag teurer."
            )
        case LearnerSteers(learner, since, days, saving, skill):
            told = f"{_begun(learner)} steuert seit {say.date(since)}"
            parts = [f"{say.amount(saving)} am Tag billiger als der Plan"] if saving is not None and saving > 0 else []
            parts += (
                [f"{say.percent(skill)} weniger Fehler in der Vorhersage"] if skill is not None and skill > 0 else []
            )
            return (
                f"{told}: {say.listed(parts)} in {_count(days)}."
                if parts and days
                else f"{told}: Er ist nachweislich besser."
            )
        case HandedBack(learner, cause, since, e_value, needed, to_go):
            return (
                f"Der Plan steuert seit {say.date(since)}: {_begun(learner)} gab ab, weil {_LOST[cause]}; "
                f"neue Belege: {say.number(e_value, 1)} von {say.number(needed, 0)}{_to_go(to_go)}."
            )
        case BatteryWanted(learner, mode):
            return f"{_begun(learner)} würde jetzt {_BATTERY[mode]}."
        case CarWanted(learner, mode):
            return f"{_begun(learner)} würde jetzt {_CAR[mode]}."
        case WaitsForHistory(days, needed):
            return f"Noch ist nichts gelernt: {_days(days, say)} von {needed} Tagen sind gemessen."
        case Training(progress):
            return f"Lernt: {say.percent(progress)} geschafft."
        case LearntFrom(days, at):
            return f"Aus {_days(days, say)} Tagen gelernt, {say.moment(at)}."
        case NothingLearnt(following):
            return f"Noch ist nichts gelernt: Zu wenig ist gemessen; der nächste Versuch ist {say.begin(following)}."
        case LearningFailed(following):
            return f"Das Lernen ist gescheitert; der nächste Versuch ist {say.begin(following)}."
    assert_never(reason)


def _name(learner: str) -> str:
    return _LEARNERS.get(learner, learner)


def _begun(learner: str) -> str:
    name = _name(learner)
    return name[:1].upper() + name[1:]


def _accusative(learner: str) -> str:
    return _name(learner).replace("der ", "den ", 1)


def _count(days: int) -> str:
    return "1 Tag" if days == 1 else f"{days} Tagen"


def _days(days: float, say: Formatter) -> str:
    return say.number(days, 0 if days >= 10 else 1)


def _to_go(days: int | None) -> str:
    return "" if days is None else f"; noch etwa {days} {'Tag' if days == 1 else 'Tage'}"
