"""Who steers each device, and on what evidence: published, kept over restarts, told when it changes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import structlog

from ems.bus.api import Bus
from ems.contract.control import Choice, Comparison, Controller, Evidence, EvidencePoint, PolicyCost
from ems.contract.people import Event, EventKind
from ems.contract.topics import COMPARISON, CONTROL, CONTROLLER, EVENT
from ems.i18n.health import troubles
from ems.runtime.errors import PermanentError
from rl_agent.adapters.agent_db import AgentDb, DeviceControl
from rl_agent.domain.judge.gate import Cause, Court, GateLevels, JudgedDay, Standing, standing
from rl_agent.domain.night import ComparedDay, PolicyCosts
from rl_agent.domain.wording.reasons import (
    Gathering,
    HandedBack,
    LearnerSteers,
    NothingJudged,
    PersonChose,
    SkilledButDearer,
    Verdict,
)
from rl_agent.domain.wording.renderer import Renderer
from rl_agent.house_view import HouseView
from rl_agent.settings import Settings

_log = structlog.get_logger(__name__)

MOST_POINTS = 60
"""Of the curve that is published: a year of weeks."""
COURTS: Mapping[str, Court] = {"apprentice": Court.SKILL}
"""What each learner has to win by; the others by money."""


@dataclass(frozen=True, slots=True)
class Leader:
    """The learner that is nearest to steering a device, or steers it."""

    learner: str
    standing: Standing
    days: tuple[ComparedDay, ...]


class Controllers:
    """The judge's word for each device, beside what people chose."""

    def __init__(self, bus: Bus, settings: Settings, db: AgentDb, view: HouseView, learners: Sequence[str]) -> None:
        self._bus, self._settings, self._db, self._view, self._learners = bus, settings, db, view, tuple(learners)
        self._controls = bus.watch(CONTROL)
        gate = settings.gate
        self._levels = GateLevels(
            gate.promote_alpha, gate.demote_alpha, gate.decisions, gate.lost_days, gate.lost_ratio
        )
        self._leaders: dict[str, Leader] = {}
        self._unkept: dict[str, DeviceControl] = {}
        self._unkept_misses: set[tuple[str, date]] = set()
        """What the disk did not take."""
        self._devices: tuple[str, ...] = ()
        self._able: tuple[str, ...] = ()

    def judge(self, devices: Sequence[str], able: Collection[str]) -> None:
        """Looks at all compared days anew; only learners that are ``able`` (have learnt something) can steer."""
        self._devices, self._able = tuple(devices), tuple(name for name in self._learners if name in able)
        self._leaders = {device: found for device in devices if (found := self._leader(device)) is not None}

    def leaders(self) -> dict[str, str]:
        """By device, whose proposal is published; the likeliest winner's where nothing was judged yet."""
        if not self._able:
            return {}
        named = {device: leader.learner for device, leader in self._leaders.items() if leader.learner in self._able}
        return {device: named.get(device, self._able[0]) for device in self._devices}

    def steered_by(self, device: str) -> Choice:
        """Who steers ``device`` now: what a person chose, else what the evidence says."""
        choice = self._choice(device)
        if choice is not Choice.AUTO:
            return choice
        leader = self._leaders.get(device)
        proven = leader is not None and leader.learner in self._able and leader.standing.in_charge
        return Choice.RL if proven else Choice.LP

    def choices(self) -> dict[str, Choice]:
        """By device, what people chose."""
        return {device: self._choice(device) for device in self._devices}

    def miss_goal(self, device: str, day: date) -> None:
        """Notes that the learner really missed a goal with ``device``: it hands back at once."""
        try:
            self._db.miss_goal(device, day)
        except PermanentError as why:
            self._unkept_misses.add((device, day))
            self._bus.health.degraded("disk", troubles.NotKept(troubles.MISSES, str(why)))
        self.judge(self._devices, self._able)

    def publish(self, history_days: float) -> None:
        """Publishes who steers each device and the comparison, and tells of a change."""
        for device in self._devices:
            self._publish_one(device, history_days)

    def _publish_one(self, device: str, history_days: float) -> None:
        now = self._bus.clock.now()
        choice, controller = self._choice(device), self.steered_by(device)
        before = self._control(device)
        changed = before is not None and before.controller is not controller
        since = before.since if before is not None and not changed else now
        kept = DeviceControl(choice, controller, since)
        if kept != before or device in self._unkept:
            self._keep(device, kept)
        say = Renderer(self._settings.zone, now, self._view.currency).text
        leader = self._leaders.get(device)
        verdict = self._verdict(leader, history_days)
        reason: Verdict = verdict if choice is Choice.AUTO else PersonChose(choice)
        evidence = _evidence(leader, reason, say(reason))
        self._bus.publish(
            CONTROLLER,
            Controller(
                device=device,
                at=now,
                since=since,
                controller=controller,
                chosen_by="automatic" if choice is Choice.AUTO else "person",
                evidence=evidence,
            ),
            device=device,
        )
        if leader is not None:
            self._bus.publish(COMPARISON, self._comparison(device, leader, now), device=device)
        if changed:
            _log.info("another controller", device=device, controller=str(controller), why=evidence.text.en)
            event = Event(
                event_type=EventKind.CONTROLLER_CHANGED,
                at=now,
                device=device,
                text=evidence.text,
                details={"controller": str(controller), "chosen_by": str(choice)},
            )
            self._bus.publish(EVENT, event, event=EventKind.CONTROLLER_CHANGED)

    def _control(self, device: str) -> DeviceControl | None:
        return self._unkept.get(device) or self._db.control(device)

    def _keep(self, device: str, control: DeviceControl) -> None:
        """On disk; where it takes nothing, until a restart."""
        try:
            self._db.set_control(device, control)
        except PermanentError as why:
            self._unkept[device] = control
            self._bus.health.degraded("disk", troubles.NotKept(troubles.CONTROLLERS, str(why)))
        else:
            self._unkept.pop(device, None)
            if not (self._unkept or self._unkept_misses):
                self._bus.health.ok("disk")

    def _choice(self, device: str) -> Choice:
        """What a person chose: as the gateway says, which keeps it; before it is heard, as it was last."""
        control = self._controls.get(device)
        if control is not None:
            return control.choice
        before = self._control(device)
        return before.choice if before is not None else Choice.AUTO

    def _leader(self, device: str) -> Leader | None:
        missed = self._db.missed_goals(device) | {day for where, day in self._unkept_misses if where == device}
        found = []
        for learner in self._able or self._learners:
            days = self._db.days(device, learner)
            if days:
                judged = with_missed_goals([day.judged for day in days], missed)
                how = standing(judged, COURTS.get(learner, Court.MONEY), self._levels)
                found.append(Leader(learner, how, days))
        return max(
            found, key=lambda at: (at.standing.in_charge, at.standing.e_value / at.standing.needed), default=None
        )

    def _verdict(self, leader: Leader | None, history_days: float) -> Verdict:
        if leader is None:
            return NothingJudged(history_days, self._settings.first_training_days)
        how, name = leader.standing, leader.learner
        if how.in_charge and how.since is not None:
            saving = how.saving.mean if how.saving else None
            skill = None if how.skill is None else how.skill * 100
            return LearnerSteers(name, self._after(how.since), how.days, saving, skill)
        if how.since is not None:
            return HandedBack(name, how.cause, self._after(how.since), how.e_value, how.needed, how.days_to_go)
        if how.cause is Cause.DEARER and how.saving is not None:
            return SkilledButDearer(name, how.days, how.saving.mean)
        return Gathering(name, how.days, how.e_value, how.needed, how.days_to_go)

    def _after(self, day: date) -> datetime:
        """The midnight that ends ``day``."""
        return datetime.combine(day + timedelta(days=1), time(), self._settings.zone)

    def _comparison(self, device: str, leader: Leader, now: datetime) -> Comparison:
        how, days = leader.standing, leader.days
        saving = how.saving
        return Comparison(
            device=device,
            at=now,
            days=len(days),
            decisions=sum(day.judged.decisions for day in days),
            evcc_alone=_sum([day.alone for day in days]),
            lp=_sum([day.plan for day in days]),
            rl=_sum([day.learnt for day in days]),
            saving_eur_per_day=saving.mean if saving else None,
            saving_low_eur_per_day=saving.low if saving else None,
            saving_high_eur_per_day=saving.high if saving else None,
            confidence=1 - self._levels.promote_alpha if saving else None,
            learner=leader.learner,
            missed_goals=sum(day.judged.missed_goal for day in days),
            curve=tuple(EvidencePoint(day=day, e_value=value) for day, value in how.curve[-MOST_POINTS:]),
        )


def with_missed_goals(days: Sequence[JudgedDay], missed: frozenset[date]) -> list[JudgedDay]:
    """The judged days with what was really missed; a day that is not judged yet is one on which only that is known."""
    known = {day.day for day in days}
    told = [replace(day, missed_goal=day.missed_goal or day.day in missed) for day in days]
    return sorted(
        [*told, *(JudgedDay(day, 0, 0.0, missed_goal=True) for day in missed - known)], key=lambda day: day.day
    )


def _evidence(leader: Leader | None, reason: Verdict, text: object) -> Evidence:
    if leader is None:
        return Evidence.model_validate({"samples": 0, "text": text, "kind": reason.kind})
    how = leader.standing
    return Evidence.model_validate(
        {
            "samples": how.days,
            "saving_eur_per_day": how.saving.mean if how.saving else None,
            "saving_low_eur_per_day": how.saving.low if how.saving else None,
            "text": text,
            "kind": reason.kind,
            "learner": leader.learner,
            "e_value": how.e_value,
            "needed": how.needed,
            "skill": how.skill,
            "days_to_go": how.days_to_go,
        }
    )


def _sum(costs: Sequence[PolicyCosts]) -> PolicyCost:
    return PolicyCost(
        cost_eur=sum(c.cost_eur for c in costs),
        import_kwh=sum(c.import_kwh for c in costs),
        export_kwh=sum(c.export_kwh for c in costs),
    )
