"""The house as others train agents in it; without the extra ``learn`` there is nothing to test."""

import numpy as np
import pytest

from ems.virtual_house.house import VirtualCar
from ems.virtual_house.live import HomeState, ModePair, live
from support.learnt_homes import stage

gymnasium = pytest.importorskip("gymnasium")

from gymnasium.utils.env_checker import check_env  # noqa: E402  an extra

from ems.virtual_house.environment import HouseEnvironment  # noqa: E402  needs the extra


def house(days: int = 20, *, car: bool = False) -> HouseEnvironment:
    world = stage(np.random.default_rng(1).uniform(0.2, 1.5, days * 24), judged_from=10 * 24)
    if car:
        home = world.house.model_copy(update={"car": VirtualCar(capacity_kwh=60)})
        world = type(world)(**{name: getattr(world, name) for name in world.__slots__} | {"house": home})
    return HouseEnvironment(world, days=2)


@pytest.mark.filterwarnings("ignore:.*spec.*", "ignore:.*infinity.*", "ignore:.*recommend.*")
@pytest.mark.parametrize("car", [False, True])
def test_gymnasium_itself_finds_nothing_wrong(car: bool) -> None:
    check_env(house(car=car), skip_render_check=True)


def test_the_same_seed_gives_the_same_week() -> None:
    one, other = house(), house()
    assert (one.reset(seed=7)[0] == other.reset(seed=7)[0]).all()
    assert one.step(np.int64(1))[1] == other.step(np.int64(1))[1]


def test_it_is_the_house_that_policies_are_judged_in() -> None:
    env = house()
    chosen = np.random.default_rng(2).integers(0, len(env.actions), 48)

    class Drawn:
        def decide(self, slot: int, state: HomeState) -> ModePair:
            del state
            return env.actions[int(chosen[slot - env.world.first])] if slot < env.world.first + 48 else ModePair()

    env.reset(options={"slot": env.world.first})
    steps = [env.step(action) for action in chosen]
    assert [s[4]["cost_eur"] for s in steps] == pytest.approx(live(env.world, Drawn()).cost_eur[:48].tolist())
    assert [s[3] for s in steps] == [False] * 47 + [True]


def test_an_observation_knows_nothing_that_comes_later() -> None:
    seen = []
    for factor in (1.0, 4.0):
        load = np.random.default_rng(1).uniform(0.2, 1.5, 480)
        load[300:] *= factor
        env = HouseEnvironment(stage(load, judged_from=240), days=2)
        seen.append(env.reset(options={"slot": 300})[0])
    assert (seen[0] == seen[1]).all()


def test_an_episode_must_lie_in_what_is_judged() -> None:
    with pytest.raises(ValueError, match="needs at least as many"):
        HouseEnvironment(stage(np.ones(48)), days=7)
    with pytest.raises(ValueError, match="no whole episode"):
        house().reset(options={"slot": 10**6})
