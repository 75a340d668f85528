"""A night's work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import override

from ems.virtual_house.policies import EvccAlone
from ems.virtual_house.world import World
from rl_agent.domain.learner import DayErrors, Learner, Progress, Trained
from rl_agent.domain.night import KeptTraining, NightJob, NightResult, night
from support.learning import BERLIN, START, TERMS, KnownWorth, measured


def job(days: float, **more: object) -> NightJob:
    columns = measured(days)
    whole: dict[str, object] = {"measured": columns, "terms": TERMS, "devices": ("battery",), "now": columns.end}
    return NightJob(**(whole | more))  # type: ignore[arg-type]  # names of its own fields


def kept(until: datetime) -> KeptTraining:
    return KeptTraining(Trained("apprentice", {}, {"episodes": 2}), 3, until, until)


def run(work: NightJob, *learners: Learner) -> tuple[NightResult, list[tuple[str, float]]]:
    told: list[tuple[str, float]] = []
    done = night(work, learners, lambda name, share, so_far=None: told.append((name, share)), EvccAlone)  # noqa: ARG005
    return done, told


def midnight(days: int) -> datetime:
    """A local midnight, counted from the beginning of what was measured."""
    local = START.astimezone(BERLIN).replace(hour=0, minute=0) + timedelta(days=days)
    return local.astimezone(START.tzinfo)


def judged(result: NightResult) -> Sequence[date]:
    return [day.judged.day for day in result.days]


def test_the_first_night_learns_and_judges_nothing() -> None:
    result, told = run(job(8), KnownWorth())
    assert not result.days
    assert result.trainings["apprentice"].version == 1
    assert result.trainings["apprentice"].until.astimezone(BERLIN).hour == 0
    assert told[-1] == ("apprentice", 1.0)


def test_a_day_is_judged_with_what_was_learnt_before_it_and_with_nothing_later() -> None:
    result, _ = run(job(8.2, trainings={"apprentice": kept(midnight(6))}), KnownWorth())
    assert judged(result) == [date(2026, 1, 11), date(2026, 1, 12)]
    assert result.judged_until == date(2026, 1, 12)
    assert result.trainings["apprentice"].version == 4


def test_no_day_is_judged_twice() -> None:
    work = job(8.2, trainings={"apprentice": kept(midnight(5))}, judged_until=date(2026, 1, 11))
    assert judged(run(work, KnownWorth())[0]) == [date(2026, 1, 12)]


def test_the_houses_live_on_from_night_to_night() -> None:
    first, _ = run(job(7.2, trainings={"apprentice": kept(midnight(5))}), KnownWorth())
    again, _ = run(
        job(8.2, trainings=first.trainings, stored=first.stored, judged_until=first.judged_until), KnownWorth()
    )
    assert set(again.stored) == {"alone", "plan", "apprentice/battery"}
    at_once, _ = run(job(8.2, trainings={"apprentice": kept(midnight(5))}), KnownWorth())
    assert again.days[-1] == at_once.days[-1]


def test_the_same_modes_are_a_tie() -> None:
    result, _ = run(job(8.2, trainings={"apprentice": kept(midnight(6))}), KnownWorth())
    assert [day.judged.saving_eur for day in result.days] == [0, 0]
    assert [day.judged.decisions for day in result.days] == [0, 0]


def test_only_what_lies_before_the_last_midnight_is_learnt_from() -> None:
    @dataclass(frozen=True)
    class Looks(KnownWorth):
        @override
        def train(self, world: World, before: Trained | None, progress: Progress) -> Trained | None:
            seen.append(world.moment(world.first))
            return None

    seen: list[datetime] = []
    result, _ = run(job(8.2), Looks())
    assert seen == [midnight(8)]
    assert not result.trainings


def test_an_unfinished_training_goes_on_from_where_it_was() -> None:
    half = Trained("apprentice", {}, {"episodes": 40})
    result, _ = run(job(8, trainings={"apprentice": kept(midnight(6))}, partial={"apprentice": half}), KnownWorth())
    assert result.trainings["apprentice"].trained.facts["episodes"] == 42


def test_a_learner_that_fails_costs_only_itself() -> None:
    @dataclass(frozen=True)
    class Fails(KnownWorth):
        @override
        def train(self, world: World, before: Trained | None, progress: Progress) -> Trained | None:
            raise ValueError("an odd day")

        @override
        def daily_errors(self, world: World, trained: Trained) -> tuple[DayErrors, ...]:
            return ()

    result, _ = run(job(8), Fails("tabular"), KnownWorth())
    assert dict(result.failed) == {"tabular": "ValueError: an odd day"}
    assert set(result.trainings) == {"apprentice"}
