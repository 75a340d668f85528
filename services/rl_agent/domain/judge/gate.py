"""Who steers a device by the evidence: found anew from all judged days each time, so that nothing can drift apart."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from rl_agent.domain.judge.evidence import EProcess, Interval, RecentEvidence, interval

SKILL_DAYS = 2
"""Days whose errors are one difference of skill: whole weeks hide half of what days tell, and a day is much like the
one before (docs/learning.md has what was measured)."""
SKILL_EFFECT = 0.15
"""Where the test of skill is at its best, in spreads of one such difference."""
MONEY_DAYS = 4
"""Days whose costs are one difference of money: it comes in runs of alike days, which by days look like proof."""


class Court(StrEnum):
    """What a learner has to win by."""

    SKILL = "skill"
    """It foresees better: paired squared errors of the expected net load by two days; its money must not be worse."""
    MONEY = "money"
    """It is cheaper: paired costs by four days."""


class Cause(StrEnum):
    """Why the learner steers, or why the plan does."""

    TOO_FEW = "too_few"
    """Nothing, or too little, was judged yet."""
    NOT_PROVEN = "not_proven"
    DEARER = "dearer"
    """Its skill is proven, but what it saves lies below 0 beyond its interval."""
    PROVEN = "proven"
    MISSED_GOAL = "missed_goal"
    COST_MORE = "cost_more"
    """It steered, and an e-process of its costs spoke against it."""
    SKILL_LOST = "skill_lost"
    """It steered, and foresaw worse than the plan."""


@dataclass(frozen=True, slots=True)
class GateLevels:
    """How much evidence is asked for."""

    promote_alpha: float = 0.05
    demote_alpha: float = 0.05
    decisions: int = 200
    """On so many the learner must have differed from the plan before it may win by money."""
    lost_days: int = 14
    lost_ratio: float = 1.1
    """Skill is lost when the learner's errors of the last ``lost_days`` are above the plan's by this factor, or when an
    e-process of those days, or of all since it steers, speaks against it."""


@dataclass(frozen=True, slots=True)
class JudgedDay:
    """One local day of a device under plan and learner, in the same weather, load and prices."""

    day: date
    decisions: int
    """Slots in which the learner wanted something else than the plan."""
    saving_eur: float
    """What the learner saved against the plan; energy left at midnight is credited."""
    missed_goal: bool = False
    """A car's goal was missed that the plan reached."""
    plan_kw2: float = 0.0
    learner_kw2: float = 0.0
    """Sums of squared errors of the expected net load."""
    samples: int = 0
    """Of how many; 0 where the learner foresees nothing."""

    @property
    def skill_kw2(self) -> float:
        """By how much the learner's mean squared error is smaller than the plan's."""
        return (self.plan_kw2 - self.learner_kw2) / self.samples if self.samples else 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a learner stands with a device."""

    in_charge: bool
    cause: Cause
    since: date | None
    """The day after which it was promoted or demoted; None before the first time."""
    days: int
    """Judged since then."""
    decisions: int
    e_value: float
    """The evidence for a promotion; while it steers, for a demotion."""
    needed: float
    saving: Interval | None
    """EUR a day against the plan, since then."""
    skill: float | None
    """Share of the plan's squared error that the learner avoids, since then."""
    days_to_go: int | None
    """If it goes on as so far; None while it steers, or when it gets nowhere."""
    curve: tuple[tuple[date, float], ...]
    """The evidence for a promotion at the end of each judged week."""


@dataclass(slots=True)
class _Trial:
    """What was gathered since the last change of hands."""

    money: list[float] = field(default_factory=list)
    decisions: int = 0
    plan_kw2: float = 0.0
    learner_kw2: float = 0.0
    for_money: EProcess = field(default_factory=EProcess)
    for_skill: EProcess = field(default_factory=lambda: EProcess(effect=SKILL_EFFECT))
    against_money: EProcess = field(default_factory=EProcess)
    against_skill: EProcess = field(default_factory=EProcess)
    pair: tuple[JudgedDay, ...] = ()
    """Of one difference of skill."""
    run: tuple[JudgedDay, ...] = ()
    """Of one difference of money."""

    def add(self, day: JudgedDay) -> None:
        self.pair, self.run = _with(self.pair, day, SKILL_DAYS), _with(self.run, day, MONEY_DAYS)
        self.money.append(day.saving_eur)
        self.decisions += day.decisions
        self.plan_kw2 += day.plan_kw2
        self.learner_kw2 += day.learner_kw2
        if len(self.run) == MONEY_DAYS:
            self.for_money = self.for_money.after(sum(one.saving_eur for one in self.run))
        self.against_money = self.against_money.after(-day.saving_eur)
        self.against_skill = self.against_skill.after(-day.skill_kw2)
        judged = [one for one in self.pair if one.samples]
        if len(judged) == SKILL_DAYS:
            samples = sum(one.samples for one in judged)
            better = sum(one.plan_kw2 - one.learner_kw2 for one in judged)
            self.for_skill = self.for_skill.after(better / samples)


@dataclass(slots=True)
class _Alarm:
    """What the last days alone say against a learner."""

    money: RecentEvidence
    skill: RecentEvidence

    def add(self, day: JudgedDay) -> None:
        self.money = self.money.after(-day.saving_eur)
        self.skill = self.skill.after(-day.skill_kw2)


def standing(days: Sequence[JudgedDay], court: Court, levels: GateLevels) -> Standing:
    """How things stand after ``days``, oldest first; each day is looked at once, when it is over.

    A learner that was demoted begins anew, and each time twice as much is asked of it.
    """
    trial, in_charge, since, cause = _Trial(), False, None, Cause.TOO_FEW
    alarm = _Alarm(RecentEvidence(levels.lost_days), RecentEvidence(levels.lost_days))
    needed = 1 / levels.promote_alpha
    curve: list[tuple[date, float]] = []
    for at, day in enumerate(days):
        trial.add(day)
        alarm.add(day)
        if in_charge:
            lost = _lost(trial, alarm, days[max(0, at + 1 - levels.lost_days) : at + 1], day, levels)
            if lost is not None:
                in_charge, since, cause, trial, needed = False, day.day, lost, _Trial(), needed * 2
        else:
            found = _verdict(trial, court, needed, levels)
            if found is Cause.PROVEN:
                in_charge, since, cause, trial = True, day.day, found, _Trial()
            elif since is None:
                cause = found
        if day.day.weekday() == 6:
            curve.append((day.day, _for(trial, court).e_value))
    process = _for(trial, court)
    against = (trial.against_money, trial.against_skill, alarm.money, alarm.skill)
    demote = max(process.e_value for process in against)
    return Standing(
        in_charge=in_charge,
        cause=cause,
        since=since,
        days=len(trial.money),
        decisions=trial.decisions,
        e_value=demote if in_charge else process.e_value,
        needed=1 / levels.demote_alpha if in_charge else needed,
        saving=interval(trial.money, levels.promote_alpha),
        skill=1 - trial.learner_kw2 / trial.plan_kw2 if trial.plan_kw2 else None,
        days_to_go=None if in_charge else _days_to_go(trial, court, needed, levels),
        curve=tuple(curve),
    )


def _for(trial: _Trial, court: Court) -> EProcess:
    return trial.for_skill if court is Court.SKILL else trial.for_money


def _verdict(trial: _Trial, court: Court, needed: float, levels: GateLevels) -> Cause:
    """Whether a learner that does not steer has earned it."""
    if court is Court.MONEY and trial.decisions < levels.decisions:
        return Cause.TOO_FEW
    if _for(trial, court).count < 2:
        return Cause.TOO_FEW
    if _for(trial, court).e_value < needed:
        return Cause.NOT_PROVEN
    saving = interval(trial.money, levels.promote_alpha)
    return Cause.DEARER if saving is None or saving.high < 0 else Cause.PROVEN


def _lost(trial: _Trial, alarm: _Alarm, last: Sequence[JudgedDay], day: JudgedDay, levels: GateLevels) -> Cause | None:
    """Why a learner that steers must hand back; None when it need not."""
    if day.missed_goal:
        return Cause.MISSED_GOAL
    needed = 1 / levels.demote_alpha
    if max(trial.against_money.e_value, alarm.money.e_value) >= needed:
        return Cause.COST_MORE
    if max(trial.against_skill.e_value, alarm.skill.e_value) >= needed:
        return Cause.SKILL_LOST
    plan, learner = sum(d.plan_kw2 for d in last), sum(d.learner_kw2 for d in last)
    whole = len(last) == levels.lost_days
    return Cause.SKILL_LOST if whole and plan and learner > plan * levels.lost_ratio else None


def _days_to_go(trial: _Trial, court: Court, needed: float, levels: GateLevels) -> int | None:
    process, judged = _for(trial, court), len(trial.money)
    more = process.more_needed(needed)
    if more is None or not judged:
        return None
    if court is Court.SKILL:
        return SKILL_DAYS * more
    # Ties count as days, too.
    days = more * judged / process.count
    missing = max(0, levels.decisions - trial.decisions)
    waiting = missing * judged / trial.decisions if trial.decisions else 0.0
    return round(max(days, waiting))


def _with(stretch: tuple[JudgedDay, ...], day: JudgedDay, length: int) -> tuple[JudgedDay, ...]:
    """The days of the same stretch of the calendar so far; with a gap it never gets whole."""
    same = stretch and stretch[0].day.toordinal() // length == day.day.toordinal() // length
    return (*stretch, day) if same else (day,)
