"""Inverters: what several batteries share, sun on the DC side, and batteries that taper."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from ems.contract.control import BatteryAction
from ems.contract.site import BatteryMode, Rate
from support.batteries import LARGE, SMALL, balances, with_batteries
from support.evening import FLAT, NIGHT, NOW, QUARTER, known, rates
from tariff_planner.domain.decision.decide import DecisionInputs, decide
from tariff_planner.domain.inputs.rules import BatteryDeviceRules, BatteryRules, InverterRules


def test_an_inverter_that_is_not_there_or_more_sun_than_there_is_are_refused() -> None:
    inverters = {"gen24": InverterRules(ac_kw=5, dc_sun_share=0.6), "sym": InverterRules(ac_kw=5, dc_sun_share=0.6)}
    with pytest.raises(ValidationError, match="add up to more than 1"):
        BatteryRules(inverters=inverters)
    with pytest.raises(ValidationError, match=r"no inverter 'gen42' \(did you mean 'gen24'\?\)"):
        BatteryRules(inverters={"gen24": InverterRules(ac_kw=5)}, devices={"byd": BatteryDeviceRules(inverter="gen42")})


def test_the_only_inverter_is_every_batterys_unless_it_has_another() -> None:
    gen = {"gen24": InverterRules(ac_kw=5, dc_sun_share=1)}
    one = decide(known(NIGHT, battery_rules=BatteryRules(inverters=gen)))
    assert [b.inverter for b in one.problem.batteries] == ["gen24"]
    assert [(i.name, i.ac_kw, i.pv_share) for i in one.problem.inverters] == [("gen24", 5, 1)]
    both = decide(with_batteries(known(NIGHT, battery_rules=BatteryRules(inverters=gen)), SMALL, LARGE))
    assert [b.inverter for b in both.problem.batteries] == ["gen24", "gen24"]
    two = BatteryRules(
        inverters={"a": InverterRules(ac_kw=2), "b": InverterRules(ac_kw=3)},
        devices={"byd": BatteryDeviceRules(inverter="a"), "db:7": BatteryDeviceRules(inverter="b")},
    )
    apart = decide(with_batteries(known(NIGHT, battery_rules=two), SMALL, LARGE))
    assert [b.inverter for b in apart.problem.batteries] == ["a", "b"]


def sunny(case: DecisionInputs, sun_w: float, feedin: float = 0.08) -> DecisionInputs:
    """Sun from ten to four on the next day."""
    sun = tuple(
        Rate(start=NOW + i * QUARTER, end=NOW + (i + 1) * QUARTER, value=sun_w if i % 96 in range(52, 76) else 0.0)
        for i in range(144)
    )
    return replace(case, solar=sun, facts=replace(case.facts, feedin=rates([feedin] * 144)))


def test_sun_that_does_not_fit_through_the_inverter_charges_the_battery_on_its_dc_side() -> None:
    """8 kW of panels behind 4 kW: what is beyond goes into the battery while it has room, and is lost afterwards."""
    gen = BatteryRules(charge_kw=6, discharge_kw=6, inverters={"gen24": InverterRules(ac_kw=4, dc_sun_share=1)})
    decision = decide(sunny(known(FLAT, soc_pct=20, battery_rules=gen), 8_000.0))
    noon = [s for s in decision.plan.slots[:96] if s.pv_kwh > 1.9]
    assert all(s.export_kwh + s.load_kwh <= 1.0 + 1e-6 for s in noon), "no more than 4 kW come out"
    filling = [s for s in noon if s.curtailed_kwh < 0.01]
    assert [s.devices["battery"].power_w for s in filling] == pytest.approx([-4_000] * len(filling), abs=1)
    assert sum(-s.devices["battery"].power_w for s in noon) / 4_000 == pytest.approx(9.5 / 0.95, abs=0.1)
    assert sum(s.curtailed_kwh for s in noon) == pytest.approx(len(noon) * 1.0 - 10, abs=0.1)
    assert {s.devices["battery"].action for s in noon} == {BatteryAction(mode=BatteryMode.NORMAL)}, "not from the grid"
    assert "of sun cannot be used" in decision.plan.summary.en
    balances(decision.plan)


@pytest.mark.parametrize("ac_kw", [4.0, 9.0])
def test_what_does_not_fit_through_is_stored_now_although_feeding_in_would_earn_more(ac_kw: float) -> None:
    """At noon, in the look-ahead: 35 ct for feeding in are more than a stored kWh brings, where it can be fed in."""
    gen = BatteryRules(charge_kw=6, discharge_kw=6, inverters={"gen24": InverterRules(ac_kw=ac_kw, dc_sun_share=1)})
    case = sunny(known(FLAT, soc_pct=20, battery_rules=gen), 8_000.0, feedin=0.35)
    noon = NOW + 56 * QUARTER
    site = case.facts.site.model_copy(update={"at": noon, "pv_w": 8_000.0})
    proposal = decide(replace(case, facts=replace(case.facts, now=noon, site=site))).proposals["battery"]
    stores = BatteryMode.NORMAL if ac_kw == 4 else BatteryMode.HOLDCHARGE
    assert proposal.action == BatteryAction(mode=stores)


def test_without_that_share_the_same_inverter_limits_the_battery_alone() -> None:
    gen = BatteryRules(charge_kw=6, discharge_kw=6, inverters={"x": InverterRules(ac_kw=2)})
    decision = decide(sunny(known(NIGHT, soc_pct=20, battery_rules=gen), 8_000.0))
    assert max(abs(s.devices["battery"].power_w) for s in decision.plan.slots) <= 2_001
    assert sum(s.curtailed_kwh for s in decision.plan.slots) == 0
    cheap_now = [0.05] * 4 + [0.60] * 140
    now = decide(known(cheap_now, soc_pct=20, battery_rules=gen)).proposals["battery"]
    assert now.action == BatteryAction(mode=BatteryMode.CHARGE)
    assert now.power_w == pytest.approx(-2_000, abs=1)


def test_two_batteries_behind_one_inverter_share_what_it_converts() -> None:
    rules = BatteryRules(inverters={"x": InverterRules(ac_kw=3)})
    decision = decide(with_batteries(known(NIGHT, battery_rules=rules), SMALL, LARGE))
    assert max(abs(s.devices["battery"].power_w) for s in decision.plan.slots) <= 3_001
    balances(decision.plan)


def test_a_battery_that_tapers_is_given_the_time_that_it_takes() -> None:
    cheap = [0.10] * 10 + [0.60] * 134
    plain = decide(known(cheap, soc_pct=60)).plan
    tapering = decide(known(cheap, soc_pct=60, battery_rules=BatteryRules(taper_from_pct=80))).plan
    powers = [-slot.devices["battery"].power_w for slot in tapering.slots[:10]]
    soc = [60.0, *(slot.devices["battery"].soc_pct or 0.0 for slot in tapering.slots[:9])]
    for power_w, before in zip(powers, soc, strict=True):
        assert power_w <= 5_000 * (1 - 0.8 * max(0.0, before - 80) / 20) + 5
    assert sum(power > 10 for power in powers) > sum(-s.devices["battery"].power_w > 10 for s in plain.slots[:10])


def test_a_battery_that_gets_full_does_not_leave_room() -> None:
    """In the last slot it takes less than there is, because it has no more room: it is not told to refuse sun."""
    decision = decide(sunny(known(FLAT, soc_pct=20), 6_000.0))
    assert BatteryAction(mode=BatteryMode.HOLDCHARGE) not in {s.devices["battery"].action for s in decision.plan.slots}
