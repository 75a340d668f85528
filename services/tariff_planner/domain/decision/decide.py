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
from tariff_planner.domain.actions.evcc_modes import battery_action, keeps_reserve
from tariff_planner.domain.actions.messages import (
    PlanContext,
    before,
    plan_message,
    plan_slots,
    proposals,
    titles,
)
from tariff_planner.domain.decision.evcc_baseline import evcc_alone_eur
from tariff_planner.domain.explain.explanations import explain
from tariff_planner.domain.explain.phrases import joined
from tariff_planner.domain.explain.summary import (
    TOLD_KWH,
    at_reserve,
    shortfalls,
    summary,
    weighed,
)
from tariff_planner.domain.forecast.history_grid import Measured, month_peak_kw, past
from tariff_planner.domain.forecast.outlook import Outlook, Skill, outlook
from tariff_planner.domain.inputs.build_problem import assemble
from tariff_planner.domain.inputs.facts import Facts, House
from tariff_planner.domain.inputs.horizon import known_until, priced, slots
from tariff_planner.domain.lookahead.battery_mode import look_ahead
from tariff_planner.domain.lookahead.dynamic_program import ModeChoice
from tariff_planner.domain.milp.branch_and_bound import Effort
from tariff_planner.domain.milp.solve import DEFAULT_EFFORT
from tariff_planner.domain.milp.solve import plan as solve
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import Solution

SKILL_LASTS = timedelta(hours=6)
"""How long the forecasts' skill, which is counted over weeks, need not be counted anew."""


@dataclass(frozen=True, slots=True)
class DecisionInputs:
    """Everything that a decision is made from."""

    facts: Facts
    house: House
    rates: Sequence[Rate]
    """Import prices in EUR/kWh."""
    solar: Sequence[Rate] = ()
    """evcc's solar forecast in W."""
    history: Sequence[HistoryRow | Measured] = ()
    last: Plan | None = None
    skill: Skill | None = None
    """Of the forecasts, as an earlier decision computed it."""
    horizon_h: float = 36
    interval: timedelta = timedelta(minutes=15)
    effort: Effort = DEFAULT_EFFORT


@dataclass(frozen=True, slots=True)
class Decision:
    """What is published after a decision."""

    plan: Plan
    proposals: Mapping[str, Proposal]
    load: Forecast
    pv: Forecast
    skill: Skill
    problem: Problem
    solution: Solution


class NotPossible(Exception):
    """No plan can be made now; the text says what is missing."""

    def __init__(self, words: Text) -> None:
        super().__init__(words.en)
        self.words = words


def decide(known: DecisionInputs) -> Decision:
    """Forecasts, plans and decides; takes some 0.2 s, so call it off the event loop.

    Raises:
        NotPossible: rates do not cover now, or nothing at all is known of the house's load.
    """
    facts, zone, now = known.facts, known.house.zone, known.facts.now
    until = known_until(known.rates, now)
    if until <= now:
        raise NotPossible(Text(en="No price is known for now.", de="Für jetzt ist kein Preis bekannt."))
    cut = slots(now, until, known.horizon_h)
    then = past(known.history, now)
    view = outlook(then, known.solar, cut, zone, present_w=facts.site.home_w, skill=known.skill)
    if not view.load.slots:
        raise NotPossible(
            Text(en="Nothing is known yet of the house's load.", de="Vom Verbrauch des Hauses ist noch nichts bekannt.")
        )
    prices = priced(known.rates, cut, then, known.history, zone)
    load_w, pv_w = ([slot.mean_w for slot in forecast.slots] for forecast in (view.load, view.pv))
    peak_kw = month_peak_kw(known.history, zone, now) if known.house.grid.capacity_eur_per_kw else 0.0
    assembled = assemble(facts, known.house, cut, prices, load_w, pv_w, before(known.last), peak_kw)
    problem = assembled.problem
    try:
        solution = solve(problem, known.effort)
    except RuntimeError:
        raise NotPossible(
            Text(en="No plan was found in time.", de="In der gegebenen Zeit wurde kein Plan gefunden.")
        ) from None
    looked = _look_ahead(known, problem, solution, view)
    reserved = bool(problem.batteries) and keeps_reserve(
        problem.batteries[0],
        looked.mode if looked else battery_action(problem, solution, problem.batteries[0], 0).mode,
        _current(facts),
    )
    answer = PlanContext(
        at=now,
        valid_until=now + 2 * known.interval,
        problem=problem,
        solution=solution,
        alone_eur=evcc_alone_eur(problem),
        battery_now=BatteryMode.HOLD if reserved else looked.mode if looked else None,
        shortfalls=tuple(s for s in shortfalls(problem, solution, zone) if s.missing_kwh >= TOLD_KWH),
        problems=assembled.problems,
        currency=facts.site.currency,
    )
    planned = plan_slots(answer)
    why, unsaid = _in_words(problem, solution, planned, zone)
    answer = replace(answer, problems=(*answer.problems, *unsaid))
    first = next((e for e in why if problem.batteries and e.device == problem.batteries[0].name), None)
    if first and reserved:
        why = tuple(at_reserve(e, known.house.reserve_soc_pct) if e is first else e for e in why)
    elif first and looked and battery_action(problem, solution, problem.batteries[0], 0).mode is not looked.mode:
        why = tuple(weighed(e, looked.mode, looked.gain_eur) if e is first else e for e in why)
    plan = plan_message(answer, planned, summary(planned, zone, titles(problem)), why)
    return Decision(plan, proposals(plan, _reasons(why)), view.load, view.pv, view.skill, problem, solution)


def _in_words(
    problem: Problem, solution: Solution, planned: Sequence[PlanSlot], zone: ZoneInfo
) -> tuple[tuple[Explanation, ...], tuple[Text, ...]]:
    """The plan's explanations, and what is wrong with them: a plan without words is still a plan."""
    try:
        return explain(problem, solution, planned, zone), ()
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


def _look_ahead(known: DecisionInputs, problem: Problem, solution: Solution, view: Outlook) -> ModeChoice | None:
    """The battery's mode by look-ahead over what the load may be; None without a battery."""
    if not problem.batteries or view.scenarios is None:
        return None
    can = known.house.battery.modes | {BatteryMode.NORMAL}
    return look_ahead(problem, solution, view.scenarios, [m for m in BatteryMode if m in can], _current(known.facts))


def _current(facts: Facts) -> BatteryMode | None:
    return facts.site.battery.mode if facts.site.battery else None


def fresh(site: Site, now: datetime, most: timedelta) -> Text | None:
    """Why evcc's facts cannot be planned with, or None when they can."""
    age = now - site.at
    if not site.evcc.reachable:
        return Text(en="evcc does not answer.", de="evcc antwortet nicht.")
    if site.evcc.optimizer_active:
        return Text(en="evcc's own optimizer is in charge.", de="evccs eigener Optimierer führt.")
    if age > most:
        seconds = age.total_seconds()
        return Text(en=f"evcc's facts are {seconds:.0f} s old.", de=f"evccs Werte sind {seconds:.0f} s alt.")
    return None


def kinds(decision: Decision) -> dict[ForecastKind, Forecast]:
    """The forecasts by kind."""
    return {ForecastKind.LOAD: decision.load, ForecastKind.PV: decision.pv}
