"""English sentences."""

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

_LEARNERS = {"apprentice": "the apprentice", "tabular": "the table learner"}
_CHOSEN = {
    Choice.AUTO: "the evidence decides",
    Choice.LP: "the plan steers",
    Choice.RL: "the learner steers",
    Choice.OFF: "evcc steers alone",
}
_BATTERY = {
    BatteryMode.NORMAL: "leave the battery to follow the home",
    BatteryMode.HOLD: "keep the battery from discharging",
    BatteryMode.CHARGE: "charge the battery from the grid",
    BatteryMode.HOLDCHARGE: "keep the battery from charging",
}
_CAR = {
    LoadpointMode.OFF: "not charge the car",
    LoadpointMode.PV: "charge the car from the sun",
    LoadpointMode.MINPV: "charge the car slowly, and from the sun",
    LoadpointMode.NOW: "charge the car at full power",
}
_LOST = {
    Cause.MISSED_GOAL: "it missed a goal the plan reached",
    Cause.COST_MORE: "it cost more than the plan",
    Cause.SKILL_LOST: "it foresaw worse than the plan",
}


def sentence(reason: AnyReason, say: Formatter) -> str:
    """The reason as one sentence."""
    match reason:
        case PersonChose(choice):
            return f"Somebody chose: {_CHOSEN[choice]}."
        case NothingJudged(days, needed) if days < needed:
            return f"The plan steers: {_days(days, say)} of {needed} days are measured that learning begins with."
        case NothingJudged():
            return "The plan steers: no learner has been compared with it yet."
        case Gathering(learner, days, e_value, needed, to_go):
            return (
                f"The plan steers: after {_count(days)} the evidence for {_name(learner)} is {say.number(e_value, 1)}, "
                f"and {say.number(needed, 0)} is needed{_to_go(to_go)}."
            )
        case SkilledButDearer(learner, days, saving):
            return (
                f"The plan steers: {_name(learner)} foresees better, but in {_count(days)} it cost "
                f"{say.amount(-saving)} a day more."
            )
        case LearnerSteers(learner, since, days, saving, skill):
            told = f"{_name(learner).capitalize()} steers since {say.date(since)}"
            parts = [f"{say.amount(saving)} a day cheaper than the plan"] if saving is not None and saving > 0 else []
            parts += [f"{say.percent(skill)} less error in what is foreseen"] if skill is not None and skill > 0 else []
            return (
                f"{told}: {say.listed(parts)} in {_count(days)}."
                if parts and days
                else f"{told}: it has proven better."
            )
        case HandedBack(learner, cause, since, e_value, needed, to_go):
            return (
                f"The plan steers since {say.date(since)}: {_name(learner)} handed back because {_LOST[cause]}; "
                f"new evidence: {say.number(e_value, 1)} of {say.number(needed, 0)}{_to_go(to_go)}."
            )
        case BatteryWanted(learner, mode):
            return f"{_name(learner).capitalize()} would {_BATTERY[mode]} now."
        case CarWanted(learner, mode):
            return f"{_name(learner).capitalize()} would {_CAR[mode]} now."
        case WaitsForHistory(days, needed):
            return f"Nothing is learnt yet: {_days(days, say)} of {needed} days are measured."
        case Training(progress):
            return f"Learning: {say.percent(progress)} done."
        case LearntFrom(days, at):
            return f"Learnt from {_days(days, say)} days at {say.moment(at)}."
        case NothingLearnt(following):
            return f"Nothing is learnt yet: too little is measured; it is tried again at {say.begin(following)}."
        case LearningFailed(following):
            return f"Learning failed; it is tried again at {say.begin(following)}."
    assert_never(reason)


def _name(learner: str) -> str:
    return _LEARNERS.get(learner, learner)


def _count(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _days(days: float, say: Formatter) -> str:
    return say.number(days, 0 if days >= 10 else 1)


def _to_go(days: int | None) -> str:
    return "" if days is None else f"; about {_count(days)} to go"
