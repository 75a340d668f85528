"""A night's work: the days that are over are judged by what was learnt before them, then everything is learnt anew."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Protocol

from ems.virtual_house.live import ModePolicy
from ems.virtual_house.policies import EvccAlone, Planned
from ems.virtual_house.world import World
from rl_agent.domain.columns import SLOT, MeasuredColumns
from rl_agent.domain.home_world import Ahead, HouseTerms, day_bounds, home_world
from rl_agent.domain.judge.gate import JudgedDay
from rl_agent.domain.judge.lives import BATTERY, LivedDay, OneDevice, Stored, day_stage, lived_day
from rl_agent.domain.learner import Learner, Trained

ALONE, PLAN = "alone", "plan"
MISSED_KWH = 0.1
"""A goal is missed when this much more is missing than under the plan, in kWh."""
JUDGED_AT_ONCE = 35
"""Days that are judged in one night after a long pause; the oldest of them are given up."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptTraining:
    """What a learner learnt, and when."""

    trained: Trained
    version: int
    at: datetime
    until: datetime
    """Nothing from this moment on was learnt from."""


@dataclass(frozen=True, slots=True)
class PolicyCosts:
    """One policy's day in the comparison."""

    cost_eur: float
    import_kwh: float
    export_kwh: float


@dataclass(frozen=True, slots=True)
class ComparedDay:
    """One local day of a device, with a learner or before there was one."""

    device: str
    learner: str
    alone: PolicyCosts
    plan: PolicyCosts
    learnt: PolicyCosts
    judged: JudgedDay


@dataclass(frozen=True, slots=True, eq=False)
class NightJob:
    """All that a night's work is made from."""

    measured: MeasuredColumns
    terms: HouseTerms
    devices: tuple[str, ...]
    """``battery``, and the car's loadpoint."""
    now: datetime
    ahead: Ahead = field(default_factory=Ahead)
    trainings: Mapping[str, KeptTraining] = field(default_factory=dict)
    partial: Mapping[str, Trained] = field(default_factory=dict)
    """By learner: what a training that was cut off had learnt."""
    judged_until: date | None = None
    """The last judged day."""
    stored: Mapping[str, Stored] = field(default_factory=dict)
    """By policy (see :func:`policy_name`): what its house had left then."""


@dataclass(frozen=True, slots=True, eq=False)
class NightResult:
    """What came of it."""

    days: tuple[ComparedDay, ...] = ()
    stored: Mapping[str, Stored] = field(default_factory=dict)
    judged_until: date | None = None
    trainings: Mapping[str, KeptTraining] = field(default_factory=dict)
    """Of the learners that learnt anew."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """By learner: what went wrong with it, in words."""


class NightReport(Protocol):
    """Told as the night goes on."""

    def __call__(self, learner: str, share: float, so_far: Trained | None = None) -> None:
        """``learner`` is done by ``share`` (0 to 1); ``so_far`` is kept at once."""
        ...


def policy_name(learner: str, device: str) -> str:
    """The name of the house in which ``learner`` decides over ``device``."""
    return f"{learner}/{device}"


type MakePolicy = Callable[[World], ModePolicy]


def night(
    job: NightJob, learners: Sequence[Learner], report: NightReport, make_plan: MakePolicy = Planned
) -> NightResult:
    """Judges and learns. A learner that fails costs only itself.

    Args:
        job: what is known.
        learners: who learns.
        report: told how far it is.
        make_plan: the plan that they are compared with.

    Raises:
        ValueError: nothing was measured with a price.
    """
    stage = home_world(job.measured, job.terms, job.ahead)
    failed: dict[str, str] = {}
    days, stored, judged_until = _judge(job, stage, learners, failed, make_plan)
    midnight = job.now.astimezone(job.terms.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    first = min(-((stage.past.start - midnight) // SLOT), len(stage.past.load_kw) - 1)
    lesson = replace(stage, first=max(first, 1))
    trainings: dict[str, KeptTraining] = {}
    for learner in learners:
        kept = job.trainings.get(learner.name)
        before = job.partial.get(learner.name) or (kept.trained if kept else None)
        try:
            trained = learner.train(lesson, before, partial(report, learner.name))
        except (ArithmeticError, LookupError, ValueError) as odd:
            failed[learner.name] = f"{type(odd).__name__}: {odd}"
            continue
        if trained is not None:
            version = kept.version + 1 if kept else 1
            trainings[learner.name] = KeptTraining(trained, version, job.now, midnight.astimezone(job.now.tzinfo))
        report(learner.name, 1.0)
    return NightResult(tuple(days), stored, judged_until, trainings, failed)


def _judge(
    job: NightJob, stage: World, learners: Sequence[Learner], failed: dict[str, str], make_plan: MakePolicy
) -> tuple[list[ComparedDay], Mapping[str, Stored], date | None]:
    """Every day that is over and was not judged yet, oldest first."""
    stored, judged_until = dict(job.stored), job.judged_until
    compared: list[ComparedDay] = []
    zone = job.terms.zone
    for first, end in day_bounds(stage, zone, job.now)[-JUDGED_AT_ONCE:]:
        begins = stage.moment(first)
        day = begins.astimezone(zone).date()
        if (judged_until is not None and day <= judged_until) or stage.idle[first:end].all():
            continue
        ready = [
            learner
            for learner in learners
            if learner.name not in failed
            and (kept := job.trainings.get(learner.name)) is not None
            and kept.until <= begins
        ]
        if not ready:
            continue
        today = day_stage(stage, first, end)
        begun = stored.get(PLAN, Stored())
        alone = lived_day(today, end, EvccAlone, stored.get(ALONE, Stored()))
        plan = lived_day(today, end, make_plan, begun)
        stored |= {ALONE: alone.left, PLAN: plan.left}
        for learner in ready:
            try:
                found = _compared(job, (today, end), learner, stored, begun, make_plan)
            except (ArithmeticError, LookupError, ValueError) as odd:
                failed[learner.name] = f"{type(odd).__name__}: {odd}"
                continue
            for device, lived, errors in found:
                stored[policy_name(learner.name, device)] = lived.left
                judged = JudgedDay(
                    day=day,
                    decisions=sum(mine != theirs for mine, theirs in zip(lived.modes, plan.modes, strict=True)),
                    saving_eur=_tie(plan.cost_eur - lived.cost_eur),
                    missed_goal=device != BATTERY and lived.short_kwh > plan.short_kwh + MISSED_KWH,
                    plan_kw2=errors[0],
                    learner_kw2=errors[1],
                    samples=errors[2],
                )
                compared.append(ComparedDay(device, learner.name, _costs(alone), _costs(plan), _costs(lived), judged))
        judged_until = day
    return compared, stored, judged_until


def _compared(
    job: NightJob,
    of: tuple[World, int],
    learner: Learner,
    stored: Mapping[str, Stored],
    begun: Stored,
    make_plan: MakePolicy,
) -> list[tuple[str, LivedDay, tuple[float, float, int]]]:
    """By device: the learner's day, and the sums of squared errors of plan and learner with their number.

    A house that is lived in for the first time begins as the plan's (``begun``) did on that day.
    """
    (today, end), kept = of, job.trainings[learner.name]
    day = today.moment(today.first).astimezone(job.terms.zone).date()
    foreseen = [e for e in learner.daily_errors(replace(today, end=end), kept.trained) if e.day == day]
    errors = (0.0, 0.0, 0)
    if foreseen:
        errors = (foreseen[0].plan_kw2, foreseen[0].learner_kw2, foreseen[0].samples)
    found = []
    for device in job.devices:
        start = stored.get(policy_name(learner.name, device), begun)
        lived = lived_day(today, end, _only(device, learner, kept.trained, make_plan), start)
        found.append((device, lived, errors))
    return found


def _only(device: str, learner: Learner, trained: Trained, make_plan: MakePolicy) -> MakePolicy:
    def made(world: World) -> ModePolicy:
        mine = learner.policy(world, trained)
        alone = world.house.car is None or world.house.battery is None
        return mine if alone else OneDevice(device, mine, make_plan(world))

    return made


def _costs(lived: LivedDay) -> PolicyCosts:
    return PolicyCosts(lived.cost_eur, lived.import_kwh, lived.export_kwh)


def _tie(saving_eur: float) -> float:
    """Sums of the same amounts in another order are a tie."""
    return 0.0 if abs(saving_eur) < 1e-9 else saving_eur
