"""One decision, whole and pure: from facts and history to forecasts, plan, and what each device should do now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from ems.contract.control import Proposal
from ems.contract.message import Text
from ems.contract.plan import Explanation, Forecast, ForecastKind, Plan, PlanSlot
from ems.contract.requests import HistoryRow
from ems.contract.site import Rate, Site
from ems.forecast.correction import Correction
from ems.forecast.history_grid import Measured, month_peak_kw, past
from ems.forecast.outlook import Skill, outlook
from ems.forecast.solar import SolarModel
from ems.i18n.languages import joined
from ems.lookahead.dynamic_program import MonthSoFar
from tariff_planner.domain.actions.battery_decision import BatteryDecision
from tariff_planner.domain.actions.car_decision import CarDecision
from tariff_planner.domain.actions.messages import (
    PlanContext,
    SeparateBatteries,
    plan_message,
    plan_slots,
    previous_slots,
    proposals,
    titles,
)
from tariff_planner.domain.decision.battery import decide_battery
from tariff_planner.domain.decision.evcc_baseline import evcc_alone_eur
from tariff_planner.domain.decision.guide import guides
from tariff_planner.domain.decision.switching import Situation, choose
from tariff_planner.domain.explain.explanations import explain
from tariff_planner.domain.explain.shortfalls import MIN_SHORTFALL_KWH, shortfalls
from tariff_planner.domain.explain.summary import summary
from tariff_planner.domain.inputs.build_problem import BuiltProblem, build_problem
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.inputs.horizon import feedin_prices, horizon_slots, slot_prices
from tariff_planner.domain.inputs.prices.rate_timeline import RateTimeline
from tariff_planner.domain.inputs.prices.statistics import odd_prices
from tariff_planner.domain.milp.solve import DEFAULT_EFFORT
from tariff_planner.domain.milp.solver.branch_and_bound import Effort
from tariff_planner.domain.milp.solver.budget import NowS, standing_still
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import Solution
from tariff_planner.domain.wording.problems import NoPlan, NotExplained, Obstacle, StaleFacts
from tariff_planner.domain.wording.renderer import Renderer, trouble

SKILL_LASTS = timedelta(hours=6)
"""How long the forecasts' skill, which is counted over weeks, need not be counted anew."""


@dataclass(frozen=True, slots=True)
class DecisionInputs:
    """Everything that a decision is made from."""

    facts: Facts
    home: HomeRules
    rates: Sequence[Rate]
    """Import prices in EUR/kWh."""
    solar: Sequence[Rate] = ()
    """evcc's solar forecast in W."""
    history: Sequence[HistoryRow | Measured] = ()
    last: Plan | None = None
    skill: Skill | None = None
    """The forecasts' skill as an earlier decision computed it."""
    correction: Correction | None = None
    """What a learner adds to the net load that the modes are weighed over."""
    month: MonthSoFar | None = None
    """How the month stands against evcc alone; None while that is not known: then nothing was saved yet."""
    horizon_h: float = 36
    interval: timedelta = timedelta(minutes=15)
    effort: Effort = DEFAULT_EFFORT
    now_s: NowS = standing_still
    """The clock that tells the effort's seconds."""


@dataclass(frozen=True, slots=True)
class PlanningResult:
    """A decision as it is published, and the solved problem behind it."""

    plan: Plan
    proposals: Mapping[str, Proposal]
    load: Forecast
    pv: Forecast
    skill: Skill
    problem: Problem
    solution: Solution
    odd_prices: tuple[Text, ...] = ()
    """That prices look as if they were in another unit, which a person has to mend."""


class Decision(Protocol):
    """What of a decision is published, whoever made it."""

    @property
    def plan(self) -> Plan:
        """The plan."""

    @property
    def proposals(self) -> Mapping[str, Proposal]:
        """What each device should do now."""

    @property
    def load(self) -> Forecast:
        """What the home is expected to use."""

    @property
    def pv(self) -> Forecast:
        """What the sun is expected to give."""

    @property
    def odd_prices(self) -> Sequence[Text]:
        """See :class:`PlanningResult`."""


class NotPossible(Exception):
    """No plan can be made now; the text says what is missing."""

    def __init__(self, words: Text) -> None:
        super().__init__(words.en)
        self.words = words


def situation(inputs: DecisionInputs, learned: SolarModel | None = None) -> Situation:
    """Forecasts load, sun and prices, and makes the problem of this moment.

    Args:
        inputs: what is known.
        learned: see :func:`ems.forecast.outlook.outlook`.

    Raises:
        NotPossible: rates do not cover now, or nothing at all is known of the house's load.
    """
    facts, zone, now = inputs.facts, inputs.home.zone, inputs.facts.now
    rates = RateTimeline(inputs.rates)
    until = rates.until(now)
    if until <= now:
        raise NotPossible(trouble(NoPlan(Obstacle.NO_PRICE)))
    horizon = horizon_slots(now, until, inputs.horizon_h)
    history = past(inputs.history, now)
    expected = outlook(
        history,
        inputs.solar,
        horizon,
        zone,
        present_w=facts.site.home_w,
        skill=inputs.skill,
        correction=inputs.correction,
        learned=learned,
    )
    if not expected.load.slots:
        raise NotPossible(trouble(NoPlan(Obstacle.NO_LOAD)))
    prices = slot_prices(rates, horizon, history, inputs.history, zone)
    earns = feedin_prices(
        RateTimeline(facts.feedin), inputs.home.feedin_now(facts.site), horizon, history, inputs.history, zone
    )
    load_w, pv_w = ([slot.mean_w for slot in forecast.slots] for forecast in (expected.load, expected.pv))
    peak_kw = month_peak_kw(inputs.history, zone, now) if inputs.home.grid.capacity_eur_per_kw else 0.0
    built = build_problem(
        facts, inputs.home, horizon, prices, earns, load_w, pv_w, previous_slots(inputs.last), peak_kw
    )
    return Situation(facts, inputs.home, inputs.interval, expected, built, inputs.month or MonthSoFar())


def decide(inputs: DecisionInputs) -> PlanningResult:
    """Forecasts, plans and decides; takes some 0.2 s, so call it off the event loop.

    Raises:
        NotPossible: rates do not cover now, or nothing at all is known of the house's load.
    """
    facts, zone, now = inputs.facts, inputs.home.zone, inputs.facts.now
    at_hand = situation(inputs)
    built, problem, one, expected = at_hand.built, at_hand.built.problem, at_hand.problem, at_hand.expected
    each, together = guides(problem, inputs.effort, inputs.now_s)
    try:
        solution, planned = each(), together()
    except RuntimeError:
        raise NotPossible(trouble(NoPlan(Obstacle.NO_TIME))) from None
    choices = choose(at_hand, together)
    reserve, cars_kwh = inputs.home.reserve_soc_pct, float(choices.cars.kwh[0])
    battery = decide_battery(one, together, choices.battery, at_hand.battery_mode, reserve, cars_kwh)
    cars = choices.cars.beside_plan(one, planned)
    renderer = Renderer(zone, now, facts.site.currency)
    feedin_is_set = not facts.feedin and facts.site.export_eur_per_kwh is None
    odd = odd_prices(problem.steps, facts.site.currency, feedin_is_set=feedin_is_set)
    odd_texts = tuple(renderer.text(prices) for prices in odd)
    context = PlanContext(
        at=now,
        valid_until=now + 2 * inputs.interval,
        problem=one,
        solution=planned,
        alone_eur=evcc_alone_eur(problem),
        battery_now=battery.mode if battery else None,
        cars_now=cars,
        shortfalls=tuple(s for s in shortfalls(one, planned, renderer) if s.missing_kwh >= MIN_SHORTFALL_KWH),
        problems=(*(renderer.text(caveat) for caveat in built.caveats), *odd_texts),
        currency=facts.site.currency,
        separate=_separate(built, solution),
    )
    planned_slots = plan_slots(context)
    explanations, unexplained = _explained(one, planned, planned_slots, renderer, battery, cars)
    context = replace(context, problems=(*context.problems, *unexplained))
    told = renderer.texts(summary(planned_slots, titles(problem), battery))
    plan = plan_message(context, planned_slots, told, explanations)
    return PlanningResult(
        plan, proposals(plan, _reasons(plan)), expected.load, expected.pv, expected.skill, problem, solution, odd_texts
    )


def _separate(built: BuiltProblem, solution: Solution) -> SeparateBatteries | None:
    """Each of several batteries; None where there is one."""
    batteries = built.batteries
    if not batteries.names:
        return None
    capacity_kwh = {b.name: b.capacity_kwh for b in (*batteries.planned, *batteries.following)}
    return SeparateBatteries(built.problem, solution, batteries.names, capacity_kwh, built.following)


def _explained(
    problem: Problem,
    solution: Solution,
    planned: Sequence[PlanSlot],
    renderer: Renderer,
    battery: BatteryDecision | None,
    cars: Mapping[str, CarDecision],
) -> tuple[tuple[Explanation, ...], tuple[Text, ...]]:
    """The plan's explanations, and what is wrong with them: a plan without words is still a plan."""
    try:
        return explain(problem, solution, planned, renderer, battery, cars), ()
    except (ArithmeticError, LookupError, ValueError) as odd:
        return (), (trouble(NotExplained(f"{type(odd).__name__}: {odd}")),)


def _reasons(plan: Plan) -> dict[str, Text]:
    """By device: why it does what it does now, what it misses, what binds, and what the alternative costs."""
    now = {e.device: e for e in reversed(plan.explanations)}
    missed = {device: [s.text for s in plan.shortfalls if s.device == device] for device in now}
    return {
        device: joined([e.text, *missed[device], *e.limits, *([e.alternative] if e.alternative else [])])
        for device, e in now.items()
    }


def why_stale(site: Site, now: datetime, max_age: timedelta) -> Text | None:
    """Why evcc's facts cannot be planned with, or None when they can."""
    age = now - site.at
    if not site.evcc.reachable:
        return trouble(NoPlan(Obstacle.EVCC_SILENT))
    if site.evcc.optimizer_has_loadpoints:
        return trouble(NoPlan(Obstacle.EVCC_OPTIMIZER))
    return trouble(StaleFacts(age)) if age > max_age else None


def forecasts_by_kind(result: Decision) -> dict[ForecastKind, Forecast]:
    """The forecasts by kind."""
    return {ForecastKind.LOAD: result.load, ForecastKind.PV: result.pv}
