"""The request and response of evcc-io/optimizer (POST /optimize/charge-schedule), planned by our model.

Source: its openapi.yaml (MIT). Wh, W, currency per Wh, seconds. What differs from that service is in docs/planning.md:
money comes first, a battery that starts outside its bounds is left alone rather than forced back, preferences
(strategies) only break ties.
"""

from datetime import UTC, datetime, timedelta
from operator import add, mul
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tariff_planner.domain.milp.solver.branch_and_bound import Effort
from tariff_planner.domain.problem.problem import (
    CapacityPrice,
    Problem,
    Step,
    Weights,
)
from tariff_planner.domain.problem.solution import Requirement, Solution
from tariff_planner.domain.problem.storage import Battery, EnergyGoal, TerminalValue

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""A request knows durations only."""
PENALTY = 100.0
"""Multiple of the highest price that an unmet goal costs, as there."""
GAP = 0.01
"""Proven distance from the best, in the request's currency."""
TIE = 5e-6
"""What preferences may cost, in the request's currency: nothing that shows in its money."""
TIE_EUR_PER_KWH = 1e-8
"""Small enough not to be seen in the money."""
USUAL_EUR_PER_KWH = 0.3
"""The highest price after scaling: the model's weights and tolerances are made for prices like this."""

type Series = list[Annotated[float, Field(allow_inf_nan=False)]]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Strategy(_Part):
    """What to prefer where it costs nothing."""

    charging_strategy: Literal[
        "none", "charge_before_export", "attenuate_demand_peaks", "attenuate_feedin_peaks", "attenuate_grid_peaks"
    ] = "none"
    discharging_strategy: Literal["none", "discharge_before_import"] = "none"


class Grid(_Part):
    """The connection's limits in W, and a price per W beyond the import limit."""

    p_max_imp: float | None = Field(default=None, ge=0)
    p_max_exp: float | None = Field(default=None, ge=0)
    prc_p_exc_imp: float | None = Field(default=None, ge=0)


class Store(_Part):
    """A battery or a car."""

    charge_from_grid: bool = False
    discharge_to_grid: bool = False
    s_capacity: float | None = Field(default=None, ge=0)
    s_min: float = Field(ge=0)
    s_max: float = Field(ge=0)
    s_initial: float = Field(ge=0)
    c_min: float = Field(default=0, ge=0)
    c_max: float = Field(ge=0)
    d_max: float = Field(ge=0)
    p_a: float
    p_demand: Series | None = None
    s_goal: Series | None = None
    c_priority: int = 0
    """Which of several stores comes first where that costs nothing: known, and left to the model's own ties."""


class TimeSeries(_Part):
    """By step: seconds, house and PV in Wh, prices per Wh."""

    dt: Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1)]
    gt: Series
    ft: Series
    p_N: Series  # noqa: N815  # the format's name
    p_E: Series  # noqa: N815


class Request(_Part):
    """A whole request."""

    strategy: Strategy = Strategy()
    grid: Grid = Grid()
    batteries: list[Store]
    time_series: TimeSeries
    eta_c: float = Field(default=0.95, gt=0, le=1)
    eta_d: float = Field(default=0.95, gt=0, le=1)
    M: float | None = None
    """The service's own big number, which stands in its example: this model finds its own."""

    @model_validator(mode="after")
    def _same_length(self) -> Self:
        series = self.time_series
        count = len(series.dt)
        given = [series.gt, series.ft, series.p_N, series.p_E]
        given += [s for store in self.batteries for s in (store.p_demand, store.s_goal) if s is not None]
        if any(len(values) != count for values in given):
            raise ValueError("all time series must have the same length")
        return self

    @property
    def highest_price(self) -> float:
        """The highest price per Wh that anything has; never 0."""
        series = self.time_series
        shortest_h = min(series.dt) / 3600
        peak = (self.grid.prc_p_exc_imp or 0.0) / shortest_h if self.grid.p_max_imp is not None else 0.0
        return max(*series.p_N, *series.p_E, *(s.p_a for s in self.batteries), peak, 1e-4)

    @property
    def scale(self) -> float:
        """Currency per Wh of the request times this = EUR/kWh of the model."""
        return USUAL_EUR_PER_KWH / self.highest_price


def effort(request: Request, seconds: float) -> Effort:
    """How exactly to solve: the gap in the request's money."""
    money = request.scale / 1000
    return Effort(gap_eur=GAP * money, seconds=seconds, tie_eur=TIE * money)


def problem(request: Request) -> Problem:
    """The request as our problem, money scaled by :attr:`Request.scale`."""
    series, scale, grid = request.time_series, request.scale, request.grid
    steps, at = [], EPOCH
    demand_rate = grid.p_max_imp is not None and grid.prc_p_exc_imp is not None
    for t, seconds in enumerate(series.dt):
        following = at + timedelta(seconds=seconds)
        steps.append(
            Step(
                at,
                following,
                max(0.0, series.gt[t]) / 1000,
                max(0.0, series.ft[t]) / 1000,
                series.p_N[t] * scale,
                series.p_E[t] * scale,
                None if grid.p_max_imp is None or demand_rate else grid.p_max_imp / 1000,
                None if grid.p_max_exp is None else grid.p_max_exp / 1000,
            )
        )
        at = following
    capacity = None
    if demand_rate:
        capacity = CapacityPrice((grid.prc_p_exc_imp or 0.0) * scale, (grid.p_max_imp or 0.0) / 1000)
    elif request.strategy.charging_strategy in {"attenuate_demand_peaks", "attenuate_grid_peaks"}:
        capacity = CapacityPrice(TIE_EUR_PER_KWH)
    penalty = PENALTY * USUAL_EUR_PER_KWH
    weights = Weights(limit_eur_per_kwh=penalty, curtailed_eur_per_kwh=penalty)
    batteries = tuple(_battery(request, i, steps) for i in range(len(request.batteries)))
    return Problem(tuple(steps), batteries, capacity_price=capacity, weights=weights)


def _battery(request: Request, index: int, steps: list[Step]) -> Battery:
    store = request.batteries[index]
    capacity = max(store.s_max if store.s_capacity is None else store.s_capacity, store.s_max, 1e-3) / 1000
    penalty = PENALTY * USUAL_EUR_PER_KWH
    # The service passes over a goal in the first step.
    goals = [
        EnergyGoal(wh / 1000, steps[t].end, penalty) for t, wh in enumerate(store.s_goal or ()) if wh > 0 and t > 0
    ]
    return Battery(
        name=f"battery-{index + 1}",
        energy_kwh=min(store.s_initial / 1000, capacity),
        capacity_kwh=capacity,
        charge_kw=store.c_max / 1000,
        discharge_kw=store.d_max / 1000,
        min_kwh=store.s_min / 1000,
        max_kwh=store.s_max / 1000,
        charge_efficiency=request.eta_c,
        discharge_efficiency=request.eta_d,
        can_charge_from_grid=store.charge_from_grid,
        can_discharge_to_grid=store.discharge_to_grid,
        min_charge_kw=store.c_min / 1000,
        demand_kwh=tuple(max(0.0, wh) / 1000 for wh in store.p_demand or ()),
        demand_eur_per_kwh=penalty,
        worth=(TerminalValue(capacity, store.p_a * request.scale),),
        goals=tuple(goals),
    )


def response(request: Request, solution: Solution) -> dict[str, Any]:
    """The plan in the service's words. ``objective_value`` is money alone: export - import + worth at the end.

    That service feeds in beyond a limit what we curtail, and is paid for it.
    """
    steps = problem(request).steps
    unmet = {m.requirement for m in solution.unmet}
    over_import = _beyond(solution.import_kwh, request.grid.p_max_imp, steps)
    sun = solution.curtailed_kwh
    export = tuple(map(add, solution.export_kwh, sun))
    beyond_eur = sum(map(mul, sun, (s.export_eur_per_kwh for s in steps)))
    return {
        "status": "Optimal" if solution.proof.proven else "Feasible",
        "objective_value": (beyond_eur - solution.cost_eur) / request.scale * 1000,
        "limit_violations": {
            "grid_import_limit_exceeded": Requirement.IMPORT_LIMIT in unmet,
            "grid_export_limit_hit": any(sun),
        },
        "batteries": [
            {
                "charging_power": _wh(plan.charge_kwh),
                "discharging_power": _wh(plan.discharge_kwh),
                "state_of_charge": _wh(plan.energy_kwh),
            }
            for plan in solution.batteries.values()
        ],
        "grid_import": _wh(solution.import_kwh),
        "grid_export": _wh(export),
        "flow_direction": [int(kwh > 0) for kwh in export],
        "grid_import_overshoot": over_import,
        "grid_export_overshoot": [] if request.grid.p_max_exp is None else _wh(sun),
        "solver": {
            "seconds": round(solution.proof.seconds, 4),
            "gap": solution.proof.gap_eur / request.scale * 1000,
            "binaries": solution.proof.binaries,
        },
    }


def _beyond(energy_kwh: tuple[float, ...], limit_w: float | None, steps: tuple[Step, ...]) -> list[float]:
    if limit_w is None:
        return []
    return [max(0.0, kwh * 1000 - limit_w * s.hours) for kwh, s in zip(energy_kwh, steps, strict=True)]


def _wh(energy_kwh: tuple[float, ...]) -> list[float]:
    return [round(kwh * 1000, 6) for kwh in energy_kwh]
