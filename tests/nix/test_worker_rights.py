"""Workers that plan for many homes, on a real mosquitto with the rights: orders in, answers out, nothing else."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ems.contract.service import SERVICES
from ems.contract.topics import PREFIX
from nix.dynsec import Guarded, guarded
from nix.flake import flake
from nix.mosquittos import ALL
from nix.mqtt_client import Client
from nix.test_rights_matrix import paths

ORDER = "evcc/planners/order"
SHARE = f"$share/planners/{ORDER}"
ANSWER = f"{PREFIX}/reply/tariff-planner/7f"
WORKERS = f'{{ topic = "{ORDER}"; group = "planners"; homes = "{PREFIX}"; }}'


@pytest.fixture(params=ALL)
def house(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Guarded]:
    made = guarded(tmp_path_factory.mktemp("workers"), request.param)
    wanted = flake().evaluate("lib.dynsec", f"f: f {{ workers = {WORKERS}; }}")
    made = replace(made, wanted=wanted)
    made.apply()
    yield made
    made.broker.stop()


def test_a_worker_takes_its_share_of_the_orders_and_answers_planners_and_nothing_else(house: Guarded) -> None:
    every = paths() | {ORDER}
    wider = {"#", "evcc/#", ORDER, "evcc/planners/#", f"$share/others/{ORDER}", f"$share/planners/{PREFIX}/site"}
    with Client(house, "planner-worker") as worker:
        assert worker.may_publish(sorted(every | {ANSWER})) == {ANSWER}
        assert worker.may_subscribe(sorted({SHARE} | wider | every - {"$CONTROL/dynamic-security/v1"})) == {SHARE}
        with Client(house, "tariff-planner") as planner:
            assert planner.may_publish([ORDER]) == {ORDER}
        worker.wait_for(ORDER)


def test_only_the_planner_gives_orders_and_only_workers_take_them(house: Guarded) -> None:
    for name in ("evcc-poller", "vehicle-soc", "rl-agent", "notifier", "homeassistant"):
        with Client(house, name) as client:
            assert client.may_publish([ORDER]) == set(), name
    for service in SERVICES:
        with Client(house, service) as client:
            assert client.may_subscribe([ORDER, SHARE]) == set(), service


def test_without_workers_there_is_neither_the_account_nor_the_right() -> None:
    wanted = flake().evaluate("lib.dynsec", "f: f { }")
    assert "planner-worker" not in {client["username"] for client in wanted["clients"]}
    assert ORDER not in str(wanted)


def test_workers_of_many_homes_answer_each_home_and_only_its_planner(house: Guarded) -> None:
    workers = WORKERS.replace(PREFIX, "evcc/homes/+")
    many = replace(house, wanted=flake().evaluate("lib.dynsec", f"f: f {{ workers = {workers}; }}"))
    many.apply()
    answers = {f"evcc/homes/{n:06d}/reply/tariff-planner/7f" for n in (1, 2)}
    others = {
        "evcc/homes/000001/plan",
        "evcc/homes/000001/reply/notifier/7f",
        ANSWER,
        "evcc/homes/reply/tariff-planner/7f",
    }
    with Client(many, "planner-worker") as worker:
        assert worker.may_publish(sorted(answers | others)) == answers
