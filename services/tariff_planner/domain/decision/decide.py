"""One decision, whole and pure: from facts and history to forecasts, plan, and what each device should do now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ems.contract.control import Proposal
from ems.contract.message import Text
from ems.contract.plan import Explanation, Forecast, ForecastKind, Plan, PlanSlot
from ems.contract.requests import HistoryRow
from ems.contract.site import BatteryMode, Rate, Site
from tariff_planner.domain.actions.evcc_modes import battery_action, into_cars, keeps_reserve
from tariff_planner.domain.actions.messages import (
    PlanContext,
    SeparateBatteries,
    plan_message,
    plan_slots,
    previous_slots,
    proposals,
    titles,
)
from tariff_planner.domain.decision.evcc_baseline import evcc_alone_eur
from tariff_planner.domain.explain.explanations import explain
from tariff_planner.domain.explain.phrases import joined
from tariff_planner.domain.explain.summary import (
    MIN_SHORTFALL_KWH,
    at_reserve,
    chosen_by_lookahead,
    kept,
    kept_from_cars,
    shortfalls,
    summary,
)
from tariff_planner.domain.forecast.history_grid import Measured, month_peak_kw, past
from tariff_planner.domain.forecast.outlook import Outlook, Skill, outlook
from tariff_planner.domain.inputs.batteries import controllable_modes
from tariff_planner.domain.inputs.build_problem import BuiltProblem, build_problem
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.inputs.horizon import feedin_prices, horizon_slots, slot_prices
from tariff_planner.domain.inputs.price_stats import odd_prices
from tariff_planner.domain.inputs.rate_timeline import RateTimeline
from tariff_planner.domain.lookahead.battery_mode import look_ahead
from tariff_planner.domain.lookahead.dynamic_program import ModeChoice
from tariff_planner.domain.milp.branch_and_bound import Effort
from tariff_planner.domain.milp.solve import DEFAULT_EFFORT
from tariff_planner.domain.milp.solve import plan as solve
from tariff_planner.domain.problem.bank import banked, banked_solution
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import Solution

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
    horizon_h: float = 36
    interval: timedelta = timedelta(minutes=15)
    effort: Effort = DEFAULT_EFFORT


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


class NotPossible(Exception):
    """No plan can be made now; the text says what is missing."""

    def __init__(self, words: Text) -> None:
        super().__init__(words.en)
        self.words = words


def decide(inputs: DecisionInputs) -> PlanningResult:
    """Forecasts, plans and decides; takes some 0.2 s, so call it off the event loop.

    Raises:
        NotPossible: rates do not cover now, or nothing at all is known of the house's load.
    """
    facts, zone, now = inputs.facts, inputs.home.zone, inputs.facts.now
    rates = RateTimeline(inputs.rates)
    until = rates.until(now)
    if until <= now:
        raise NotPossible(Text(en="No price is known for now.", de="Für jetzt ist kein Preis bekannt."))
    horizon = horizon_slots(now, until, inputs.horizon_h)
    history = past(inputs.history, now)
    expected = outlook(history, inputs.solar, horizon, zone, present_w=facts.site.home_w, skill=inputs.skill)
    if not expected.load.slots:
        raise NotPossible(
            Text(en="Nothing is known yet of the house's load.", de="Vom Verbrauch des Hauses ist noch nichts bekannt.")
        )
    prices = slot_prices(rates, horizon, history, inputs.history, zone)
    earns = feedin_prices(
        RateTimeline(facts.feedin), inputs.home.feedin_now(facts.site), horizon, history, inputs.history, zone
    )
    load_w, pv_w = ([slot.mean_w for slot in forecast.slots] for forecast in (expected.load, expected.pv))
    peak_kw = month_peak_kw(inputs.history, zone, now) if inputs.home.grid.capacity_eur_per_kw else 0.0
    built = build_problem(
        facts, inputs.home, horizon, prices, earns, load_w, pv_w, previous_slots(inputs.last), peak_kw
    )
    problem = built.problem
    try:
        gap = inputs.effort.gap_eur * problem.weights.money_scale
        solution = solve(problem, replace(inputs.effort, gap_eur=gap))
    except RuntimeError:
        raise NotPossible(
            Text(en="No plan was found in time.", de="In der gegebenen Zeit wurde kein Plan gefunden.")
        ) from None
    odd = odd_prices(
        problem.steps,
        facts.site.currency,
        feedin_is_set=not facts.feedin and facts.site.export_eur_per_kwh is None,
    )
    one, planned = banked(problem), banked_solution(problem, solution)
    chosen = _look_ahead(inputs, built, one, planned, expected)
    held = _held(inputs, one, planned, chosen)
    context = PlanContext(
        at=now,
        valid_until=now + 2 * inputs.interval,
        problem=one,
        solution=planned,
        alone_eur=evcc_alone_eur(problem),
        battery_now=BatteryMode.HOLD if held else chosen.mode if chosen else None,
        shortfalls=tuple(s for s in shortfalls(one, planned, zone) if s.missing_kwh >= MIN_SHORTFALL_KWH),
        problems=(*built.problems, *odd),
        currency=facts.site.currency,
        separate=_separate(built, solution),
    )
    planned_slots = plan_slots(context)
    explanations, unexplained = _in_words(one, planned, planned_slots, zone, context.currency)
    context = replace(context, problems=(*context.problems, *unexplained))
    first = next((e for e in explanations if one.batteries and e.device == one.batteries[0].name), None)
    if first and held:
        explanations = tuple(kept(e, held) if e is first else e for e in explanations)
    elif first and chosen and battery_action(one, planned, one.batteries[0], 0).mode is not chosen.mode:
        weighed = chosen_by_lookahead(
            first, chosen.mode, chosen.gain_eur, context.currency, problem.weights.money_scale
        )
        explanations = tuple(weighed if e is first else e for e in explanations)
    told = summary(planned_slots, zone, titles(problem), context.currency, held=held)
    plan = plan_message(context, planned_slots, told, explanations)
    return PlanningResult(
        plan,
        proposals(plan, _reasons(explanations)),
        expected.load,
        expected.pv,
        expected.skill,
        problem,
        solution,
        odd,
    )


def _separate(built: BuiltProblem, solution: Solution) -> SeparateBatteries | None:
    """Each of several batteries; None where there is one."""
    batteries = built.batteries
    if not batteries.names:
        return None
    capacity_kwh = {b.name: b.capacity_kwh for b in (*batteries.planned, *batteries.following)}
    return SeparateBatteries(built.problem, solution, batteries.names, capacity_kwh, built.following)


def _held(inputs: DecisionInputs, problem: Problem, solution: Solution, chosen: ModeChoice | None) -> Text | None:
    """Why the battery is held now, whatever else would pay: in words; None where it is not."""
    if not problem.batteries:
        return None
    battery = problem.batteries[0]
    mode = chosen.mode if chosen else battery_action(problem, solution, battery, 0).mode
    if keeps_reserve(battery, mode, _current(inputs.facts)):
        return at_reserve(inputs.home.reserve_soc_pct)
    feeds = not battery.feeds_cars and into_cars(problem, solution, 0)
    if battery.can_hold and feeds and mode is not BatteryMode.CHARGE:
        return kept_from_cars()
    return None


def _in_words(
    problem: Problem, solution: Solution, planned: Sequence[PlanSlot], zone: ZoneInfo, currency: str
) -> tuple[tuple[Explanation, ...], tuple[Text, ...]]:
    """The plan's explanations, and what is wrong with them: a plan without words is still a plan."""
    try:
        return explain(problem, solution, planned, zone, currency), ()
    except (ArithmeticError, LookupError, ValueError) as odd:
        why = f"{type(odd).__name__}: {odd}"
        return (), (
            Text(
                en=f"The plan holds, but could not be put into words ({why}).",
                de=f"Der Plan gilt, ließ sich aber nicht in Worte fassen ({why}).",
            ),
        )


def _reasons(explanations: Sequence[Explanation]) -> dict[str, Text]:
    """By device: why it does what it does now, what binds, and what the alternative costs."""
    now = {e.device: e for e in reversed(explanations)}
    return {
        device: joined([e.text, *e.limits, *([e.alternative] if e.alternative else [])], Text(en=" ", de=" "))
        for device, e in now.items()
    }


def _look_ahead(
    inputs: DecisionInputs, built: BuiltProblem, problem: Problem, solution: Solution, expected: Outlook
) -> ModeChoice | None:
    """The battery's mode by look-ahead over what the load may be; None without a battery."""
    if not problem.batteries or expected.scenarios is None:
        return None
    battery = problem.batteries[0]
    can = controllable_modes(inputs.facts, inputs.home) | {BatteryMode.NORMAL}
    if not battery.can_charge_from_grid:
        can -= {BatteryMode.CHARGE}
    if not battery.can_hold:
        can -= {BatteryMode.HOLD, BatteryMode.HOLDCHARGE}
    return look_ahead(
        problem,
        solution,
        expected.scenarios,
        [m for m in BatteryMode if m in can],
        _current(inputs.facts),
        each=built.problem.batteries,
        beside_kwh=[
            step.load_kwh - step.pv_kwh - (use.mean_w - sun.mean_w) / 1000 * step.hours
            for step, use, sun in zip(problem.steps, expected.load.slots, expected.pv.slots, strict=True)
        ],
    )


def _current(facts: Facts) -> BatteryMode | None:
    return facts.site.battery.mode if facts.site.battery else None


def why_stale(site: Site, now: datetime, max_age: timedelta) -> Text | None:
    """Why evcc's facts cannot be planned with, or None when they can."""
    age = now - site.at
    if not site.evcc.reachable:
        return Text(en="evcc does not answer.", de="evcc antwortet nicht.")
    if site.evcc.optimizer_has_loadpoints:
        return Text(en="evcc's own optimizer is in charge.", de="evccs eigener Optimierer führt.")
    if age > max_age:
        seconds = age.total_seconds()
        return Text(en=f"evcc's facts are {seconds:.0f} s old.", de=f"evccs Werte sind {seconds:.0f} s alt.")
    return None


def forecasts_by_kind(result: PlanningResult) -> dict[ForecastKind, Forecast]:
    """The forecasts by kind."""
    return {ForecastKind.LOAD: result.load, ForecastKind.PV: result.pv}
