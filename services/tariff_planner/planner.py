"""One planner: gathers the newest facts, decides, and publishes; says loudly when it cannot."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from ems.contract.control import Proposal
from ems.contract.message import Text
from ems.contract.people import Goal
from ems.contract.plan import Plan, PlanAnswer, PlanGet, Planning, PlanStatus, SetPlanning
from ems.contract.site import LoadpointKind, Rate, TariffKind
from ems.contract.topics import (
    CHART,
    FORECAST,
    GOAL,
    LOADPOINT,
    PLAN,
    PLANNING,
    PRICES,
    PROPOSAL,
    SITE,
    TARIFF,
    VEHICLE,
)
from ems.house.slots import Slot
from ems.runtime.bus import Bus, Refused
from tariff_planner.adapters import planning_file
from tariff_planner.domain.assemble import Facts, House
from tariff_planner.domain.chart import chart
from tariff_planner.domain.decide import Decision, Known, NotPossible, decide, fresh, kinds
from tariff_planner.domain.fallback import by_percentiles
from tariff_planner.domain.forecast import Skill
from tariff_planner.domain.model_lp import Effort
from tariff_planner.domain.prices import prices
from tariff_planner.domain.telling import proposals
from tariff_planner.history import Past
from tariff_planner.settings import Settings

_log = structlog.get_logger(__name__)
_CONTROLLER = "lp"
SKILL_LASTS = timedelta(hours=6)
"""How long the forecasts' skill, which is counted over weeks, is not counted anew."""


class Planner:
    """Everything between the bus and the pure decision."""

    def __init__(self, bus: Bus, settings: Settings) -> None:
        self._bus, self._settings = bus, settings
        self._site, self._loadpoints, self._tariffs = bus.watch(SITE), bus.watch(LOADPOINT), bus.watch(TARIFF)
        self._vehicles, self._goals = bus.watch(VEHICLE), bus.watch(GOAL)
        self._past = Past(bus, settings.history_days)
        self._last: Plan | None = None
        self._skill: tuple[datetime, Skill] | None = None
        self._proposed: set[str] = set()
        saved = planning_file.load(settings.state_dir)
        self._planning = saved or Planning(
            at=bus.clock.now(), enabled=True, reserve_soc_pct=settings.battery.reserve_soc_pct
        )
        bus.publish(PLANNING, self._planning)

    @property
    def blind(self) -> bool:
        """Whether the plan was made without any history: evcc-poller may still be taking it over from evcc."""
        return not self._past.rows

    def set_planning(self, command: SetPlanning) -> str:
        """Changes what is given and keeps it over restarts; returns what was done."""
        change: dict[str, Any] = command.model_dump(include={"enabled", "reserve_soc_pct"}, exclude_none=True)
        if not change:
            raise Refused("nothing to change: give enabled, reserve_soc_pct or both")
        self._planning = self._planning.model_copy(update=change | {"at": self._bus.clock.now()})
        planning_file.save(self._settings.state_dir, self._planning)
        self._bus.publish(PLANNING, self._planning)
        on = "on" if self._planning.enabled else "off"
        return f"planning is {on}, the battery's reserve {self._planning.reserve_soc_pct:g} %"

    def what_matters(self) -> object:
        """What a new plan is worth making for; equal while nothing of it changed."""
        site = self._site.get()
        return (
            site is not None and (site.evcc.reachable, site.evcc.optimizer_active, site.battery is not None),
            {
                number: (lp.connected, lp.vehicle, lp.effective_limit_soc_pct, lp.plan, lp.capacity_kwh)
                for number, lp in self._loadpoints.items().items()
                if lp.kind is LoadpointKind.CAR
            },
            {kind: tariff.rates for kind, tariff in self._tariffs.items().items() if kind != TariffKind.SOLAR},
            {name: (v.soc_pct is None, v.source) for name, v in self._vehicles.items().items()},
            self._goals.items(),
        )

    async def decide(self) -> None:
        """Plans now, and publishes the plan, what each device should do, prices and forecasts."""
        known = await self._known({})
        if isinstance(known, Text):
            self._stand_back(known)
            return
        try:
            decision = await asyncio.to_thread(decide, known)
        except NotPossible as why:
            self._fall_back(known, why.words)
            return
        self._bus.health.ok("plan")
        self._publish(decision)

    async def what_if(self, command: PlanGet) -> PlanAnswer:
        """The plan under other wishes; nothing is switched."""
        wished = {
            g.vehicle: Goal(
                vehicle=g.vehicle,
                soc_pct=g.soc_pct,
                departure=g.departure,
                asked_by="what-if",
                asked_at=self._bus.clock.now(),
            )
            for g in command.goals
        }
        known = await self._known(wished)
        if isinstance(known, Text):
            raise Refused(known.en)
        if command.reserve_soc_pct is not None:
            known = replace(known, house=replace(known.house, reserve_soc_pct=command.reserve_soc_pct))
        if command.battery_enabled is False:
            site = known.facts.site.model_copy(update={"battery": None})
            known = replace(known, facts=replace(known.facts, site=site))
        try:
            decision = await asyncio.to_thread(decide, known)
        except NotPossible as why:
            raise Refused(why.words.en) from None
        more = None
        if self._last is not None and self._last.cost_eur is not None and decision.plan.cost_eur is not None:
            more = decision.plan.cost_eur - self._last.cost_eur
        return PlanAnswer(id=command.id, plan=decision.plan, more_than_now_eur=more)

    async def _known(self, wished: Mapping[str, Goal]) -> Known | Text:
        """What a decision is made from, or why none can be made."""
        settings, now = self._settings, self._bus.clock.now()
        site = self._site.get()
        if site is None:
            return Text(en="evcc-poller has not told anything yet.", de="evcc-poller hat noch nichts gemeldet.")
        if not self._planning.enabled:
            return Text(en="Planning is off.", de="Die Planung ist ausgeschaltet.")
        facts = Facts(
            now=now,
            site=site,
            loadpoints=self._loadpoints.items(),
            vehicles=self._vehicles.items(),
            goals=self._goals.items() | dict(wished),
            feedin=self._rates(TariffKind.FEEDIN),
        )
        if stale := fresh(facts, timedelta(seconds=settings.site_stale_s)):
            return stale
        await self._past.refresh(now)
        house = House(
            battery=settings.battery,
            vehicles=settings.vehicles,
            grid=settings.grid,
            zone=settings.zone,
            export_eur_per_kwh=settings.export_eur_per_kwh,
            reserve_soc_pct=self._planning.reserve_soc_pct,
            vehicle_stale=timedelta(hours=settings.vehicle_stale_h),
        )
        return Known(
            facts=facts,
            house=house,
            rates=self._rates(TariffKind.GRID),
            solar=self._rates(TariffKind.SOLAR),
            history=self._past.rows,
            last=self._last,
            skill=self._skill[1] if self._skill and now - self._skill[0] < SKILL_LASTS else None,
            horizon_h=settings.horizon_h,
            interval=timedelta(seconds=settings.decision_interval_s),
            effort=Effort(gap_eur=settings.solver.gap_eur, seconds=settings.solver.seconds),
        )

    def _rates(self, kind: TariffKind) -> tuple[Rate, ...]:
        tariff = self._tariffs.get(kind)
        return tariff.rates if tariff else ()

    def _publish(self, decision: Decision) -> None:
        plan, bus = decision.plan, self._bus
        self._last = plan
        if self._skill is None or decision.skill is not self._skill[1]:
            self._skill = (plan.at, decision.skill)
        bus.publish(PLAN, plan)
        for kind, forecast in kinds(decision).items():
            bus.publish(FORECAST, forecast, forecast=kind)
        forecasts = (decision.load, decision.pv)
        bus.publish(CHART, chart(plan, forecasts, self._settings.zone, self._settings.language))
        self._publish_prices()
        self._propose(decision.proposals)
        facts = plan.solver
        _log.info(
            "planned",
            id=plan.id,
            status=plan.status,
            cost_eur=round(plan.cost_eur or 0, 3),
            saving_eur=round(plan.saving_eur or 0, 3),
            seconds=round(facts.seconds, 3) if facts else None,
            now=plan.summary.en,
        )

    def _fall_back(self, known: Known, why: Text) -> None:
        """Rules on the last good prices, loudly; without those evcc alone."""
        start = known.facts.now
        plan = by_percentiles(known.facts, known.house, known.rates, Slot(start, start + known.interval))
        if plan is None:
            self._stand_back(why)
            return
        self._bus.health.degraded("plan", f"rules instead of a plan: {why.en}")
        self._last = None
        self._bus.publish(PLAN, plan)
        self._publish_prices()
        self._propose(proposals(plan, {}))

    def _publish_prices(self) -> None:
        grid, site = self._tariffs.get(TariffKind.GRID), self._site.get()
        found = prices(grid, self._bus.clock.now(), site.currency if site else "EUR") if grid else None
        if found is None:
            self._bus.clear(PRICES)
        else:
            self._bus.publish(PRICES, found)

    def _stand_back(self, why: Text) -> None:
        """No plan: evcc is left to itself, and everybody is told why."""
        now = self._bus.clock.now()
        _log.warning("no plan", why=why.en)
        if self._planning.enabled:
            self._bus.health.failed("plan", f"no plan: {why.en}")
        else:
            self._bus.health.ok("plan")
        self._last = None
        self._propose({})
        self._publish_prices()
        interval = timedelta(seconds=self._settings.decision_interval_s)
        self._bus.publish(
            PLAN,
            Plan(id="none", at=now, valid_until=now + interval, status=PlanStatus.NONE, summary=why, problems=(why,)),
        )

    def _propose(self, wanted: Mapping[str, Proposal]) -> None:
        """These and no others: what is not proposed any more is left to evcc at once."""
        for device in self._proposed - set(wanted):
            self._bus.clear(PROPOSAL, controller=_CONTROLLER, device=device)
        for device, proposal in wanted.items():
            self._bus.publish(PROPOSAL, proposal, controller=_CONTROLLER, device=device)
        self._proposed = set(wanted)
