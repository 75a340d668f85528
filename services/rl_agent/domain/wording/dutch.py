"""Dutch sentences."""

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

_LEARNERS = {"apprentice": "de leerling", "tabular": "de tabelleerder"}
_CHOSEN = {
    Choice.AUTO: "het bewijs beslist",
    Choice.LP: "het plan stuurt",
    Choice.RL: "de leerling stuurt",
    Choice.OFF: "evcc stuurt alleen",
}
_BATTERY = {
    BatteryMode.NORMAL: "de batterij het huis laten volgen",
    BatteryMode.HOLD: "de batterij niet laten ontladen",
    BatteryMode.CHARGE: "de batterij van het net laden",
    BatteryMode.HOLDCHARGE: "de batterij niet laten laden",
}
_CAR = {
    LoadpointMode.OFF: "de auto niet laden",
    LoadpointMode.PV: "de auto met zon laden",
    LoadpointMode.MINPV: "de auto langzaam en met zon laden",
    LoadpointMode.NOW: "de auto op vol vermogen laden",
}
_LOST = {
    Cause.MISSED_GOAL: "hij een doel miste dat het plan haalde",
    Cause.COST_MORE: "hij meer kostte dan het plan",
    Cause.SKILL_LOST: "hij slechter voorspelde dan het plan",
}


def sentence(reason: AnyReason, say: Formatter) -> str:
    """The reason as one sentence."""
    match reason:
        case PersonChose(choice):
            return f"Iemand heeft gekozen: {_CHOSEN[choice]}."
        case NothingJudged(days, needed) if days < needed:
            return f"Het plan stuurt: {_days(days, say)} van {needed} dagen zijn gemeten waarmee het leren begint."
        case NothingJudged():
            return "Het plan stuurt: er is nog geen leerling mee vergeleken."
        case Gathering(learner, days, e_value, needed, to_go):
            return (
                f"Het plan stuurt: na {_count(days)} is het bewijs voor {_name(learner)} {say.number(e_value, 1)}, "
                f"nodig is {say.number(needed, 0)}{_to_go(to_go)}."
            )
        case SkilledButDearer(learner, days, saving):
            return (
                f"Het plan stuurt: {_name(learner)} voorspelt beter, maar was in {_count(days)} "
                f"{say.amount(-saving)} per dag duurder."
            )
        case LearnerSteers(learner, since, days, saving, skill):
            told = f"{_name(learner).capitalize()} stuurt sinds {say.date(since)}"
            parts = (
                [f"{say.amount(saving)} per dag goedkoper dan het plan"] if saving is not None and saving > 0 else []
            )
            parts += [f"{say.percent(skill)} minder fout in de voorspelling"] if skill is not None and skill > 0 else []
            return f"{told}: {say.listed(parts)} in {_count(days)}." if parts and days else f"{told}: bewezen beter."
        case HandedBack(learner, cause, since, e_value, needed, to_go):
            return (
                f"Het plan stuurt sinds {say.date(since)}: {_name(learner)} gaf terug omdat {_LOST[cause]}; "
                f"nieuw bewijs: {say.number(e_value, 1)} van {say.number(needed, 0)}{_to_go(to_go)}."
            )
        case BatteryWanted(learner, mode):
            return f"{_name(learner).capitalize()} zou nu {_BATTERY[mode]}."
        case CarWanted(learner, mode):
            return f"{_name(learner).capitalize()} zou nu {_CAR[mode]}."
        case WaitsForHistory(days, needed):
            return f"Nog niets geleerd: {_days(days, say)} van {needed} dagen zijn gemeten."
        case Training(progress):
            return f"Leert: {say.percent(progress)} gedaan."
        case LearntFrom(days, at):
            return f"Geleerd van {_days(days, say)} dagen, {say.moment(at)}."
        case NothingLearnt(following):
            return f"Nog niets geleerd: er is te weinig gemeten; de volgende poging is {say.begin(following)}."
        case LearningFailed(following):
            return f"Het leren is mislukt; de volgende poging is {say.begin(following)}."
    assert_never(reason)


def _name(learner: str) -> str:
    return _LEARNERS.get(learner, learner)


def _count(days: int) -> str:
    return "1 dag" if days == 1 else f"{days} dagen"


def _days(days: float, say: Formatter) -> str:
    return say.number(days, 0 if days >= 10 else 1)


def _to_go(days: int | None) -> str:
    return "" if days is None else f"; nog ongeveer {_count(days)}"
