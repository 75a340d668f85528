"""A decision that somebody else makes: what they are given, and what they answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ems.contract.control import Proposal
from ems.contract.message import Text
from ems.contract.plan import Forecast, Plan
from ems.contract.site import Rate
from ems.forecast.history_grid import Measured
from tariff_planner.domain.decision.decide import DecisionInputs, NotPossible, decide
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.milp.solver.branch_and_bound import Effort
from tariff_planner.domain.milp.solver.budget import NowS, standing_still


@dataclass(frozen=True, slots=True)
class PlanOrder:
    """Everything that a decision is made from: who carries it out needs to know nothing of the home beside it."""

    facts: Facts
    home: HomeRules
    rates: Sequence[Rate]
    solar: Sequence[Rate]
    history: Sequence[Measured]
    last: Plan | None
    horizon_h: float
    interval: timedelta
    effort: Effort


@dataclass(frozen=True, slots=True)
class Planned:
    """A decision as it is published, see :class:`tariff_planner.domain.decision.decide.PlanningResult`."""

    plan: Plan
    proposals: Mapping[str, Proposal]
    load: Forecast
    pv: Forecast
    odd_prices: Sequence[Text] = ()


@dataclass(frozen=True, slots=True)
class NotPlanned:
    """There is no plan."""

    impossible: Text | None
    """What is missing; None where the facts are none that can be planned with."""
    odd: str = ""
    """What is wrong with them, as programs write it."""


type OrderAnswer = Planned | NotPlanned


def order(inputs: DecisionInputs) -> PlanOrder:
    """The order for a decision. The forecasts' skill is counted by whoever carries it out."""
    return PlanOrder(
        facts=inputs.facts,
        home=inputs.home,
        rates=inputs.rates,
        solar=inputs.solar,
        history=[row if isinstance(row, Measured) else Measured.of(row) for row in inputs.history],
        last=inputs.last,
        horizon_h=inputs.horizon_h,
        interval=inputs.interval,
        effort=inputs.effort,
    )


def carried_out(given: PlanOrder, now_s: NowS = standing_still) -> OrderAnswer:
    """The answer to an order; ``now_s`` is the clock that tells its effort's seconds."""
    inputs = DecisionInputs(
        facts=given.facts,
        home=given.home,
        rates=given.rates,
        solar=given.solar,
        history=given.history,
        last=given.last,
        horizon_h=given.horizon_h,
        interval=given.interval,
        effort=given.effort,
        now_s=now_s,
    )
    try:
        result = decide(inputs)
    except NotPossible as why:
        return NotPlanned(why.words)
    except ValueError as odd:
        return NotPlanned(None, str(odd))
    return Planned(result.plan, result.proposals, result.load, result.pv, result.odd_prices)
