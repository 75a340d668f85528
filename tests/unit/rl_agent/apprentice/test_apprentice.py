from functools import cache

import numpy as np
import pytest

from ems.forecast.history_grid import Floats
from ems.virtual_house.live import live
from ems.virtual_house.policies import Planned
from rl_agent.domain.apprentice.correction import NightlyCorrection, RidgeCorrection
from rl_agent.domain.apprentice.features import COUNT, LEADS_H
from rl_agent.domain.apprentice.learner import Apprentice
from rl_agent.domain.apprentice.residuals import residuals
from rl_agent.domain.learner import Trained
from support.learnt_homes import fickle, moody, stage

DAYS, JUDGED = 70, 62


def unheard(share: float, so_far: Trained | None = None) -> None:
    del share, so_far


def trained(load_kw: Floats) -> Trained:
    found = Apprentice().train(stage(load_kw, judged_from=JUDGED * 24), None, unheard)
    assert found is not None
    return found


@cache
def of_moody() -> Trained:
    return trained(moody(DAYS))


def ratio(load_kw: Floats, of: Trained) -> float:
    days = Apprentice().daily_errors(stage(load_kw, judged_from=JUDGED * 24), of)
    return sum(d.learner_kw2 for d in days) / sum(d.plan_kw2 for d in days)


def test_it_corrects_a_forecast_whose_errors_last() -> None:
    assert ratio(moody(DAYS), of_moody()) < 0.95


def test_where_errors_mean_nothing_it_does_hardly_any_harm() -> None:
    assert ratio(fickle(DAYS), trained(fickle(DAYS))) < 1.02


def test_it_learns_nothing_from_what_is_judged() -> None:
    changed = moody(DAYS)
    changed[JUDGED * 24 :] *= 3
    assert (trained(changed).arrays["coefficients"] == of_moody().arrays["coefficients"]).all()


def test_what_it_says_at_a_slot_depends_on_nothing_that_came_later() -> None:
    slot, expected = JUDGED * 24 + 5, np.full(LEADS_H, 0.8)
    said = []
    for factor in (1.0, 5.0):
        load = moody(DAYS)
        load[slot:] *= factor
        known = residuals(stage(load).solar_model)
        said.append(RidgeCorrection(known, of_moody().arrays["coefficients"]).ahead_kw(slot, expected))
    assert (said[0] == said[1]).all()
    assert np.abs(said[0]).max() > 0.01


def test_a_short_memory_says_the_same_as_the_whole_past() -> None:
    slot, solar = JUDGED * 24, stage(moody(DAYS)).solar_model
    whole, short = (
        RidgeCorrection(residuals(solar, since), of_moody().arrays["coefficients"]).ahead_kw(slot, np.ones(LEADS_H))
        for since in (0, slot - 16 * 24)
    )
    assert short == pytest.approx(whole)


def test_beyond_a_day_and_a_half_nothing_is_corrected() -> None:
    said = RidgeCorrection(residuals(stage(moody(DAYS)).solar_model), of_moody().arrays["coefficients"]).ahead_kw(
        1500, np.ones(48)
    )
    assert (said[LEADS_H:] == 0).all()
    assert (said[:LEADS_H] != 0).all()


def test_with_four_weeks_it_learns_nothing() -> None:
    assert Apprentice().train(stage(moody(30), judged_from=28 * 24), None, unheard) is None


def test_a_day_without_coefficients_is_not_corrected() -> None:
    known = residuals(stage(moody(DAYS)).solar_model)
    nightly = NightlyCorrection(known, {61: of_moody().arrays["coefficients"]})
    assert (nightly.ahead_kw(60 * 24, np.ones(12)) == 0).all()
    assert (nightly.ahead_kw(61 * 24, np.ones(12)) != 0).all()


def test_its_policy_is_the_plan_on_the_corrected_forecast() -> None:
    home = stage(moody(DAYS), judged_from=(DAYS - 1) * 24)
    own = live(home, Apprentice().policy(home, of_moody()))
    known = residuals(home.solar_model)
    again = live(home, Planned(home, correction=RidgeCorrection(known, of_moody().arrays["coefficients"])))
    assert own.modes == again.modes
    assert own.cost_eur == pytest.approx(again.cost_eur)


@pytest.mark.parametrize("arrays", [{}, {"coefficients": np.zeros((3, COUNT))}])
def test_what_it_cannot_use_leaves_the_plan(arrays: dict[str, Floats]) -> None:
    home = stage(moody(DAYS), judged_from=(DAYS - 1) * 24)
    strange = Trained("apprentice", arrays)
    assert live(home, Apprentice().policy(home, strange)).modes == live(home, Planned(home)).modes
    assert Apprentice().daily_errors(home, strange) == ()


def test_only_whole_days_are_judged_and_what_was_not_measured_does_not_count() -> None:
    load = moody(DAYS)
    load[JUDGED * 24 + 30] = np.nan
    home = stage(load, judged_from=JUDGED * 24 + 1)
    days = Apprentice().daily_errors(home, of_moody())
    assert [d.day.toordinal() for d in days] == [
        home.moment((JUDGED + 1 + n) * 24).toordinal() for n in range(DAYS - JUDGED - 1)
    ]
    pairs = sum(min(t - JUDGED * 24, LEADS_H) for t in range((JUDGED + 1) * 24, (JUDGED + 2) * 24))
    assert days[0].samples == pairs - 30
