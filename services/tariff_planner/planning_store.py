"""What people have set for the planner on the bus: kept over restarts, published, and over when its time is over."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from ems.bus.api import Bus, Refused
from ems.contract.plan import Planning, SetPlanning
from ems.contract.site import BatteryMode
from ems.contract.topics import PLANNING, SITE, VEHICLE
from ems.contract.wishes import AskedWish, StandingWish, Wish, WishKind, WishTimes
from ems.i18n.health import troubles
from ems.i18n.records import CommandAnswer
from tariff_planner.adapters import planning_file
from tariff_planner.domain.inputs.wish_words import EXAMPLES, NotUnderstood, understood, written
from tariff_planner.domain.inputs.wishes import is_over
from tariff_planner.domain.wording.answers import (
    BatteryUnable,
    CannotBeKept,
    GoalInPast,
    NoSuchWish,
    NothingToChange,
    PlannerAnswer,
    PlanningSet,
    TooManyWishes,
    UnknownVehicle,
    WishesApplied,
    WishNotUnderstood,
    WishOver,
    WishRemoved,
    WishSet,
)
from tariff_planner.domain.wording.renderer import answers
from tariff_planner.settings import Settings

MAX_WISHES = 12
"""Most wishes that are kept: each is priced with every plan."""
_NEEDED_MODE = {WishKind.HOLD_BATTERY: BatteryMode.HOLD, WishKind.CHARGE_BATTERY: BatteryMode.CHARGE}
"""What the battery must be able to do."""

type Wishes = tuple[StandingWish, ...]


class PlanningStore:
    """Owns what people have set; nobody else assigns it."""

    def __init__(self, bus: Bus, settings: Settings) -> None:
        self._bus, self._settings, self._answers = bus, settings, answers(settings.zone)
        self._site, self._vehicles = bus.watch(SITE), bus.watch(VEHICLE)
        said = partial(bus.health.file_set_aside, "planning")
        self._planning = planning_file.load(settings.state_dir, said) or Planning(
            at=bus.clock.now(), enabled=True, reserve_soc_pct=settings.battery.reserve_soc_pct
        )
        bus.publish(PLANNING, self._planning)

    @property
    def planning(self) -> Planning:
        """What holds now; wishes that are over are still in it until :meth:`drop_expired`."""
        return self._planning

    @property
    def wishes(self) -> Wishes:
        """Those that are not over, those that are only tried too."""
        now = self._bus.clock.now()
        return tuple(wish for wish in self._planning.wishes if not is_over(wish, now))

    @property
    def obeyed(self) -> Wishes:
        """Those that the plan obeys."""
        return tuple(wish for wish in self.wishes if not wish.trial)

    def set(self, command: SetPlanning) -> CommandAnswer:
        """Changes what is given; returns what was done.

        Raises:
            Refused: nothing is given, or what is given cannot be.
        """
        now = self._bus.clock.now()
        given = {"enabled": command.enabled, "reserve_soc_pct": command.reserve_soc_pct, "trial": command.trial}
        change: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        if (goal := command.battery_goal) is not None:
            if goal.soc_pct and goal.by <= now:
                raise self._refused(GoalInPast(goal.by))
            change["battery_goal"] = goal if goal.soc_pct else None
        if not (change or command.wish or command.apply):
            raise self._refused(NothingToChange())
        wishes: Wishes = self.wishes
        done: PlannerAnswer | None = None
        if command.wish is not None:
            wishes, done = self._with_wish(command.wish, now, trial=change.get("trial", self._planning.trial))
        if command.apply:
            tried = [wish for wish in wishes if wish.trial]
            done = WishesApplied(tuple(w.id for w in tried), tuple(self._about(w) for w in tried))
            wishes = _applied(wishes)
        try:
            self._keep(change | {"at": now, "wishes": wishes})
        except OSError as error:
            raise self._refused(CannotBeKept(error.strerror or str(error))) from None
        return self._answer(done or self._said())

    def tried(self, asked: Sequence[AskedWish]) -> tuple[Wish, ...]:
        """The obeyed wishes with others in place of those with the same id, one without times left out; not kept.

        Raises:
            Refused: as for :meth:`set`.
        """
        ids = {each.id for each in asked}
        kept: list[Wish] = [wish for wish in self.obeyed if wish.id not in ids]
        return (*kept, *(self._understood(each) for each in asked if not _removes(each)))

    def drop_expired(self) -> None:
        """Forgets wishes that are over; where that cannot be kept, they are told until a restart and count no more."""
        if self.wishes == self._planning.wishes:
            return
        try:
            self._keep({"at": self._bus.clock.now(), "wishes": self.wishes})
        except OSError as error:
            self._bus.health.degraded("planning", troubles.NotKept(troubles.WISHES, str(error.strerror)))
        else:
            self._bus.health.ok("planning")

    def _with_wish(self, asked: AskedWish, now: datetime, *, trial: bool) -> tuple[Wishes, PlannerAnswer]:
        """The wishes with one set, replaced or removed, and what was done."""
        if _removes(asked):
            wishes = _without(self.wishes, asked.id, trial=trial)
            done = WishRemoved if wishes != self.wishes else NoSuchWish
            return wishes, done(asked.id, self._about(asked))
        wish = self._understood(asked)
        words = written(wish, self._settings.zone, self._settings.language)
        standing = StandingWish(**wish.model_dump(), trial=trial, asked_at=now, words=words)
        wishes = (*(w for w in self.wishes if (w.id, w.trial) != (standing.id, trial)), standing)
        if len(wishes) > MAX_WISHES:
            raise self._refused(TooManyWishes(MAX_WISHES))
        return wishes, WishSet(wish.id, words, trial, self._about(wish))

    def _about(self, wish: WishTimes) -> str:
        """Whose or which it is, as people call it."""
        site = self._site.get()
        titles = {v.name: v.title for v in (site.vehicles if site else ())}
        whose = titles.get(wish.vehicle) or wish.vehicle if wish.vehicle else None
        return " ".join(part for part in (whose, wish.name) if part)

    def _understood(self, asked: AskedWish) -> Wish:
        """What is asked for, with its times.

        Raises:
            Refused: it is not understood, over already, or about what is not there or cannot do it.
        """
        now, settings, site = self._bus.clock.now(), self._settings, self._site.get()
        known = {*settings.vehicles, *self._vehicles.items(), *(v.name for v in (site.vehicles if site else ()))}
        if asked.vehicle is not None and asked.vehicle not in known:
            raise self._refused(UnknownVehicle(asked.vehicle, tuple(sorted(known))))
        needed = _NEEDED_MODE.get(asked.kind)
        if needed is not None and needed not in settings.battery.modes:
            raise self._refused(BatteryUnable(needed))
        try:
            wish = understood(asked, now, settings.zone)
        except NotUnderstood as why:
            raise self._refused(WishNotUnderstood(EXAMPLES[asked.kind], str(why))) from None
        if is_over(wish, now):
            raise self._refused(WishOver(written(wish, settings.zone, settings.language)))
        return wish

    def _said(self) -> PlanningSet:
        planning, goal = self._planning, self._planning.battery_goal
        soc_pct, by = (goal.soc_pct, goal.by) if goal else (None, None)
        return PlanningSet(planning.enabled, planning.reserve_soc_pct, soc_pct, by)

    def _answer(self, answer: PlannerAnswer) -> CommandAnswer:
        return self._answers.answer(answer, self._bus.clock.now())

    def _refused(self, why: PlannerAnswer) -> Refused:
        return Refused(self._answer(why))

    def _keep(self, change: Mapping[str, Any]) -> None:
        """Saves and publishes the change, or neither.

        Raises:
            OSError: it cannot be saved.
        """
        changed = self._planning.model_copy(update=dict(change))
        planning_file.save(self._settings.state_dir, changed)
        self._planning = changed
        self._bus.publish(PLANNING, self._planning)


def _removes(asked: AskedWish) -> bool:
    return not asked.words and asked.end is None


def _without(wishes: Wishes, wish_id: str, *, trial: bool) -> Wishes:
    """The wishes without the one of that id: while wishes are tried the tried one, where there is one."""
    tried = trial and any(wish.id == wish_id and wish.trial for wish in wishes)
    return tuple(wish for wish in wishes if wish.id != wish_id or wish.trial is not tried)


def _applied(wishes: Wishes) -> Wishes:
    """What was tried is obeyed, in place of what had the same id."""
    tried = {wish.id for wish in wishes if wish.trial}
    return tuple(wish.model_copy(update={"trial": False}) for wish in wishes if wish.trial or wish.id not in tried)
