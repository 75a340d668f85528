"""What people's wishes cost: each against the plan without it, those that are tried against the plan as it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum

from ems.contract.plan import Plan
from ems.contract.wishes import StandingWish, Wish, WishInPlan, WishKind
from tariff_planner.domain.decision.decide import DecisionInputs
from tariff_planner.domain.explain.shortfalls import MIN_SHORTFALL_KWH
from tariff_planner.domain.inputs.wishes import next_time
from tariff_planner.domain.wording.renderer import Renderer
from tariff_planner.domain.wording.wishes import WishTold

MAX_SECONDS = 3.0
"""Longest search for each plan without (or with) a wish, in seconds."""


def with_wish(wishes: Sequence[Wish], wish: Wish) -> tuple[Wish, ...]:
    """The wishes with one more, in place of that with the same id."""
    return (*(each for each in wishes if each.id != wish.id), wish)


@dataclass(frozen=True, slots=True)
class WishCost:
    """What a wish costs in money (None: not known, or it has no price), and what goals lack more because of it."""

    eur: float | None = None
    missed_kwh: float = 0.0


def wishes_in_plan(
    inputs: DecisionInputs, plan: Plan, wishes: Sequence[StandingWish], costs: Mapping[str, WishCost]
) -> tuple[WishInPlan, ...]:
    """Every wish that is not over in words, in the order given.

    Args:
        inputs: what ``plan`` was made from.
        plan: the plan as it is.
        wishes: all, those that are only tried too.
        costs: what is known of them, by id.
    """
    return tuple(_told(inputs, plan, wishes, costs))


def _told(
    inputs: DecisionInputs, plan: Plan, wishes: Sequence[StandingWish], costs: Mapping[str, WishCost]
) -> Iterator[WishInPlan]:
    now, zone = inputs.facts.now, inputs.home.zone
    renderer = Renderer(zone, now, plan.currency)
    titles = {v.name: v.title for v in inputs.facts.site.vehicles if v.title} | plan.titles
    for wish in wishes:
        times = next_time(wish, now, zone)
        if times is None:
            continue
        start, end = times
        cost = costs.get(wish.id, WishCost())
        told = WishTold(
            wish.kind,
            titles.get(wish.vehicle, wish.vehicle) if wish.vehicle else None,
            start,
            end,
            again=bool(wish.days),
            soc_pct=wish.soc_pct,
            kwh=wish.kwh,
            eur=cost.eur,
            missed_kwh=cost.missed_kwh,
            trial=wish.trial,
        )
        yield WishInPlan(
            id=wish.id,
            kind=wish.kind,
            vehicle=wish.vehicle,
            trial=wish.trial,
            start=start,
            end=end,
            cost_eur=cost.eur,
            missed_kwh=cost.missed_kwh,
            text=renderer.text(told),
        )


def with_or_without(inputs: DecisionInputs, wish: StandingWish) -> DecisionInputs | None:
    """What the plan is made from whose cost says what ``wish`` costs; None where it has no price.

    Args:
        inputs: what the plan as it is was made from, with the wishes that are obeyed.
        wish: one of them, or one that is only tried. That nobody is at home has no price.
    """
    if wish.kind is WishKind.ABSENCE:
        return None
    obeyed = inputs.home.wishes
    others = with_wish(obeyed, wish) if wish.trial else tuple(each for each in obeyed if each.id != wish.id)
    effort = replace(inputs.effort, seconds=min(MAX_SECONDS, inputs.effort.seconds))
    return replace(inputs, home=replace(inputs.home, wishes=others), effort=effort)


def wish_cost(plan: Plan, other: Plan, wish: StandingWish) -> WishCost:
    """What ``wish`` costs, by the plan as it is and the one from :func:`with_or_without`."""
    without, with_it = (plan, other) if wish.trial else (other, plan)
    return WishCost(cost_between(without, with_it), missed_between(without, with_it))


def cost_between(without: Plan, with_it: Plan) -> float | None:
    """What the second plan costs more than the first; None where one has no cost."""
    if without.cost_eur is None or with_it.cost_eur is None:
        return None
    return round(with_it.cost_eur - without.cost_eur, 4)


def missed_between(without: Plan, with_it: Plan) -> float:
    """How much more the second plan's requirements lack, in kWh; nothing where that is too little for a word."""
    lack = [fsum(shortfall.missing_kwh for shortfall in each.shortfalls) for each in (without, with_it)]
    more = lack[1] - lack[0]
    return round(more, 3) if more >= MIN_SHORTFALL_KWH else 0.0
