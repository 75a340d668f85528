"""Gathers the newest facts, decides and publishes; degrades its health when it cannot."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from ems.bus.api import Bus, Refused
from ems.contract.message import Text
from ems.contract.people import Goal
from ems.contract.plan import Plan, PlanAnswer, PlanGet, PlanStatus
from ems.contract.site import Rate, Site, TariffKind
from ems.contract.topics import (
    CONTROL,
    GOAL,
    LOADPOINT,
    PRICES,
    SAVINGS,
    SITE,
    TARIFF,
    VEHICLE,
)
from ems.contract.wishes import StandingWish
from ems.forecast.outlook import Skill
from ems.house.slots import Slot
from ems.i18n.health import troubles
from ems.i18n.languages import joined
from ems.lookahead.dynamic_program import MonthSoFar
from tariff_planner.adapters import stays_file
from tariff_planner.decider import Decider
from tariff_planner.domain.actions.large_plans import without_rests
from tariff_planner.domain.actions.messages import proposals
from tariff_planner.domain.decision.decide import (
    SKILL_LASTS,
    Decision,
    DecisionInputs,
    NotPossible,
    PlanningResult,
    why_stale,
)
from tariff_planner.domain.decision.price_rules import by_percentiles
from tariff_planner.domain.decision.wish_costs import (
    WishCost,
    missed_between,
    wish_cost,
    wishes_in_plan,
    with_or_without,
)
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.inputs.prices.statistics import prices
from tariff_planner.domain.inputs.vehicle_goals import replace_goal
from tariff_planner.domain.inputs.vehicles import energy_plan
from tariff_planner.domain.inputs.wishes import goals_at_home
from tariff_planner.domain.milp.solver.branch_and_bound import Effort
from tariff_planner.domain.wording.answers import CarsNotPlannable
from tariff_planner.domain.wording.problems import NoPlan, Obstacle, OddFacts
from tariff_planner.domain.wording.renderer import answers, trouble
from tariff_planner.history_client import HistoryClient
from tariff_planner.plan_trigger import PlanTrigger
from tariff_planner.planning_store import PlanningStore
from tariff_planner.publisher import Publisher
from tariff_planner.settings import Settings

_log = structlog.get_logger(__name__)

ERASED_GRACE = timedelta(seconds=60)
"""Time for which a plan stands after evcc's facts were erased from the broker, as if their service were offline."""


@dataclass(frozen=True, slots=True)
class PublishedPlan:
    """A plan that is on the bus, and what it was made from."""

    inputs: DecisionInputs
    plan: Plan


class Planner:
    """Connects the bus with the pure decision."""

    def __init__(self, bus: Bus, settings: Settings) -> None:
        self._bus, self._settings = bus, settings
        self._site, self._loadpoints, self._tariffs = bus.watch(SITE), bus.watch(LOADPOINT), bus.watch(TARIFF)
        self._vehicles, self._goals, self._controls = bus.watch(VEHICLE), bus.watch(GOAL), bus.watch(CONTROL)
        self._savings = bus.watch(SAVINGS)
        self._history = HistoryClient(bus, settings.history_days)
        self._last: Plan | None = None
        self._skill: tuple[datetime, Skill] | None = None
        self._wish_costs: Mapping[str, tuple[StandingWish, WishCost]] = {}
        self._waiting = False
        self._odd = ""
        self._site_there: datetime | None = None
        self.holds = False
        """Whether the last decision was to leave everything as it is, because evcc's facts were just erased."""
        self._stays = stays_file.load(settings.state_dir, partial(bus.health.file_set_aside, "stays"))
        self._answers = answers(settings.zone)
        self._decider = Decider(bus, settings.workers)
        self._publisher = Publisher(bus, settings.zone, settings.language)
        self.store = PlanningStore(bus, settings)
        """What people have set."""

    @property
    def without_history(self) -> bool:
        """Whether the plan was made without any history: evcc-poller may still be taking it over from evcc."""
        return not self._history.rows

    def trigger(self) -> PlanTrigger:
        """The present state of what a new plan is made for."""
        self._site_just_erased()
        return PlanTrigger.of(
            self._site.get(),
            self._loadpoints.items(),
            self._tariffs.items(),
            self._vehicles.items(),
            self._goals.items(),
            self._controls.items(),
        )

    @property
    def facts_are_back(self) -> bool:
        """Whether evcc's facts, which were missing or stale at the last decision, are there now."""
        return self._waiting and isinstance(self._fresh_site(), Site)

    async def decide(self) -> PublishedPlan | None:
        """Plans now, and publishes the plan, what each device should do, prices and forecasts.

        Returns:
            The plan, whose wishes have the prices of the plan before it; None where there is none but rules.
        """
        self.holds = self.store.planning.enabled and self._site_just_erased()
        if self.holds:
            # A wiped broker: whoever owns the facts announces them again in seconds, and nothing in the house changed.
            self._waiting = True
            _log.warning("evcc's facts were erased: the last plan stands")
            return None
        inputs = await self._inputs({})
        self._waiting = isinstance(self._fresh_site(), Text)
        if isinstance(inputs, Text):
            self._publish_no_plan(inputs)
            return None
        try:
            result = await self._decider.decide(inputs)
        except NotPossible as why:
            self._publish_rules(inputs, why.words)
            return None
        except ValueError as odd:
            # Facts that no check foresaw cost a plan, not the service: the next ones may be fine.
            if str(odd) != self._odd:
                self._odd = str(odd)
                _log.exception("facts that cannot be planned with", why=self._odd)
            self._publish_no_plan(trouble(OddFacts(str(odd))))
            return None
        self._bus.health.ok("plan")
        if result.odd_prices:
            self._bus.health.degraded("prices", troubles.OddPrices(joined(list(result.odd_prices))))
        else:
            self._bus.health.ok("prices")
        done = PublishedPlan(inputs, self._with_wishes(inputs, result.plan))
        self._publish(done.plan, result)
        return done

    async def price_wishes(self, done: PublishedPlan, enough: Callable[[], bool]) -> None:
        """Finds what each wish costs in the newest plan and publishes it again where that has changed.

        Each takes as long as a plan, so what the devices do is on the bus before; stops when ``enough`` says so.
        """
        for wish in self.store.wishes:
            if enough():
                return
            cost = await self._cost(done, wish)
            self._wish_costs = {**self._wish_costs, wish.id: (wish, cost)}
        plan = self._with_wishes(done.inputs, done.plan)
        if plan != done.plan and not enough():
            self._publisher.publish_again(plan)

    async def _cost(self, done: PublishedPlan, wish: StandingWish) -> WishCost:
        """What ``wish`` costs; unknown where there is no plan without it."""
        other = with_or_without(done.inputs, wish)
        if other is None:
            return WishCost()
        try:
            return wish_cost(done.plan, (await self._decider.decide(other)).plan, wish)
        except (NotPossible, ValueError):
            return WishCost()

    def _with_wishes(self, inputs: DecisionInputs, plan: Plan) -> Plan:
        """The plan with people's wishes, and what is known of their prices."""
        wishes = self.store.wishes
        # One that has been changed costs something else.
        same = {wish.id: cost for wish, cost in self._wish_costs.values() if wish in wishes}
        return plan.model_copy(update={"wishes": wishes_in_plan(inputs, plan, wishes, same)})

    async def what_if(self, command: PlanGet) -> PlanAnswer:
        """The plan under other goals and settings; nothing is switched."""
        now = self._bus.clock.now()
        changed_goals = {
            g.vehicle: replace_goal(
                self._goals.get(g.vehicle),
                Goal(vehicle=g.vehicle, soc_pct=g.soc_pct, departure=g.departure, asked_by="what-if", asked_at=now),
            )
            for g in command.goals
        }
        inputs = await self._inputs(changed_goals)
        if isinstance(inputs, Text):
            raise Refused(inputs.en)
        plannable = {lp.vehicle for lp in inputs.facts.loadpoints.values() if lp.connected and lp.vehicle}
        plannable |= {name for name, rules in self._settings.vehicles.items() if rules.loadpoint is not None}
        if strangers := sorted(set(changed_goals) - plannable):
            raise Refused(self._answers.answer(CarsNotPlannable(tuple(strangers), tuple(sorted(plannable))), now))
        other = inputs
        if command.reserve_soc_pct is not None:
            other = replace(other, home=replace(other.home, reserve_soc_pct=command.reserve_soc_pct))
        if command.wishes:
            other = replace(other, home=replace(other.home, wishes=self.store.tried(command.wishes)))
        if command.battery_enabled is False:
            site = other.facts.site.model_copy(update={"battery": None})
            other = replace(other, facts=replace(other.facts, site=site))
        as_it_is = replace(inputs, facts=replace(inputs.facts, goals=self._goals.items()))
        try:
            present, then = await self._decider.decide(as_it_is), await self._decider.decide(other)
        except (NotPossible, ValueError) as why:
            raise Refused(str(why)) from None
        more_eur = (then.plan.cost_eur or 0.0) - (present.plan.cost_eur or 0.0)
        missed_kwh = missed_between(present.plan, then.plan)
        return PlanAnswer(
            id=command.id, plan=without_rests(then.plan), more_than_now_eur=more_eur, missed_kwh=missed_kwh
        )

    def _site_just_erased(self) -> bool:
        """Whether evcc's facts are not there, and were a moment ago; to be asked whenever they may have changed."""
        now = self._bus.clock.steady()
        if self._site.get() is not None:
            self._site_there = now
            return False
        return self._site_there is not None and now - self._site_there < ERASED_GRACE

    def _fresh_site(self) -> Site | Text:
        """The facts of evcc, or why they cannot be planned with now."""
        site = self._site.get()
        if site is None:
            return trouble(NoPlan(Obstacle.NO_FACTS))
        return why_stale(site, self._bus.clock.now(), timedelta(seconds=self._settings.site_stale_s)) or site

    async def _inputs(self, goals: Mapping[str, Goal]) -> DecisionInputs | Text:
        """What a decision is made from, with ``goals`` in place of the present ones; or why none can be made."""
        settings, now = self._settings, self._bus.clock.now()
        if not self.store.planning.enabled:
            return trouble(NoPlan(Obstacle.OFF))
        site = self._fresh_site()
        if isinstance(site, Text):
            return site
        self.store.drop_expired()
        self._remember_stays(now)
        facts = Facts(
            now=now,
            site=site,
            loadpoints=self._loadpoints.items(),
            vehicles=self._vehicles.items(),
            goals=self._goals.items() | dict(goals),
            controls=self._controls.items(),
            feedin=self._rates(TariffKind.FEEDIN),
            late=self._stays.late(),
        )
        await self._history.refresh(now)
        home = HomeRules(
            battery=settings.battery,
            vehicles=settings.vehicles,
            grid=settings.grid,
            zone=settings.zone,
            export_eur_per_kwh=settings.export_eur_per_kwh,
            reserve_soc_pct=self.store.planning.reserve_soc_pct,
            battery_goal=self.store.planning.battery_goal,
            wishes=self.store.obeyed,
            min_on_minutes=settings.min_on_minutes,
            swap_hours=(settings.swap_hours.start, settings.swap_hours.end),
            vehicle_stale=timedelta(hours=settings.vehicle_stale_h),
            loadpoint_stale=timedelta(seconds=settings.site_stale_s),
        )
        return DecisionInputs(
            facts=facts,
            home=home,
            rates=self._rates(TariffKind.GRID),
            solar=self._rates(TariffKind.SOLAR),
            history=self._history.rows,
            last=self._last,
            skill=self._skill[1] if self._skill and now - self._skill[0] < SKILL_LASTS else None,
            month=MonthSoFar.counted(self._savings.get(), now, settings.zone),
            horizon_h=settings.horizon_h,
            interval=timedelta(seconds=settings.decision_interval_s),
            effort=Effort(gap_eur=settings.solver.gap_eur, seconds=settings.solver.seconds),
            now_s=time.monotonic,
        )

    def _remember_stays(self, now: datetime) -> None:
        """Which cars stay, what is wanted of them and who is late, kept over restarts."""
        loadpoints, vehicles, rules = self._loadpoints.items(), self._vehicles.items(), self._settings.vehicles
        energies = {
            number: plan
            for number, fact in loadpoints.items()
            if (plan := energy_plan(fact, vehicles, rules)) is not None
        }
        # Who is away is not late for what comes every week.
        goals = goals_at_home(self._goals.items(), self.store.obeyed, now, self._settings.zone)
        self._stays = self._stays.after(now, loadpoints, goals, vehicles, energies)
        try:
            stays_file.save(self._settings.state_dir, self._stays)
        except OSError as error:
            self._bus.health.degraded("stays", troubles.NotKept(troubles.LATE, str(error.strerror)))
        else:
            self._bus.health.ok("stays")

    def _rates(self, kind: TariffKind) -> tuple[Rate, ...]:
        tariff = self._tariffs.get(kind)
        return tariff.rates if tariff else ()

    def _publish(self, plan: Plan, result: Decision) -> None:
        self._last = plan
        if isinstance(result, PlanningResult) and (self._skill is None or result.skill is not self._skill[1]):
            self._skill = (plan.at, result.skill)
        self._publisher.publish_result(plan, result)
        self._publish_prices()
        solver = plan.solver
        _log.info(
            "planned",
            id=plan.id,
            status=plan.status,
            cost_eur=round(plan.cost_eur or 0, 3),
            saving_eur=round(plan.saving_eur or 0, 3),
            seconds=round(solver.seconds, 3) if solver else None,
            now=plan.summary.en,
        )

    def _publish_rules(self, inputs: DecisionInputs, why: Text) -> None:
        """Publishes rules on the last good prices, with degraded health; without such prices no plan."""
        start = inputs.facts.now
        plan = by_percentiles(inputs.facts, inputs.home, inputs.rates, Slot(start, start + inputs.interval), why)
        if plan is None:
            self._publish_no_plan(why)
            return
        self._bus.health.degraded("plan", troubles.RulesInstead(why))
        self._last = None
        self._publisher.publish_without_chart(plan, proposals(plan, {}))
        self._publish_prices()

    def _publish_prices(self) -> None:
        grid, site = self._tariffs.get(TariffKind.GRID), self._site.get()
        found = prices(grid, self._bus.clock.now(), site.currency if site else "EUR") if grid else None
        if found is None:
            self._bus.clear(PRICES)
        else:
            self._bus.publish(PRICES, found)

    def _publish_no_plan(self, why: Text) -> None:
        """Publishes that there is no plan and why; evcc is left to itself."""
        now = self._bus.clock.now()
        if self.store.planning.enabled:
            self._bus.health.failed("plan", troubles.PlanMissing(why))
        else:
            self._bus.health.ok("plan")
        self._last = None
        self._publish_prices()
        until = now + timedelta(seconds=self._settings.decision_interval_s)
        none = Plan(id="none", at=now, valid_until=until, status=PlanStatus.NONE, summary=why, problems=(why,))
        self._publisher.publish_without_chart(none, {})
