"""The rights on a real mosquitto: applied once or ten times, and everybody may do exactly what the registry says."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nix.dynsec import Guarded, guarded
from nix.flake import flake
from nix.mosquittos import ALL
from nix.mqtt_client import Client


@pytest.fixture(params=ALL)
def house(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Guarded]:
    made = guarded(tmp_path, request.param)
    yield made
    made.broker.stop()


def roles(house: Guarded) -> dict[str, Any]:
    state = json.loads(house.state.read_text())
    return {role["rolename"]: role["acls"] for role in state["roles"]}


def test_applied_again_nothing_changes_not_even_a_byte(house: Guarded) -> None:
    first = house.apply()
    state = house.state.read_bytes()
    assert "createClient evcc-poller" in first
    second = house.apply()
    assert second.strip() == "the broker's dynamic security is as it should be"
    assert house.state.read_bytes() == state


def test_what_somebody_changed_is_put_right_and_nothing_else(house: Guarded) -> None:
    house.apply()
    before = json.loads(house.state.read_text())
    house.ctrl("dynsec", "addRoleACL", "ems-notifier", "publishClientSend", "evcc/ems/loadpoint/#", "allow")
    house.ctrl("dynsec", "removeClientRole", "evcc", "evcc-not-the-suite")
    house.ctrl("dynsec", "setClientPassword", "vehicle-soc", "forgotten")
    said = house.apply()
    assert set(said.split("\n")) - {""} == {
        "modifyRole ems-notifier",
        "addClientRole evcc-not-the-suite evcc",
        "setClientPassword vehicle-soc",
    }, said
    after = json.loads(house.state.read_text())
    assert sorted(map(str, after["roles"])) == sorted(map(str, before["roles"]))


def test_what_belongs_to_others_stays(house: Guarded) -> None:
    house.ctrl("dynsec", "createRole", "zigbee")
    house.ctrl("dynsec", "createClient", "zigbee2mqtt")
    house.ctrl("dynsec", "addClientRole", "zigbee2mqtt", "zigbee")
    house.apply()
    state = json.loads(house.state.read_text())
    theirs = next(client for client in state["clients"] if client["username"] == "zigbee2mqtt")
    assert [role["rolename"] for role in theirs["roles"]] == ["zigbee"]


def test_a_client_without_a_password_is_not_made_but_gets_its_role_when_it_exists(house: Guarded) -> None:
    others = [client for client in house.clients() if client != "homeassistant"]
    assert "createClient homeassistant" not in house.apply(passwords=others)
    house.ctrl("dynsec", "createClient", "homeassistant")
    assert "addClientRole evcc-homeassistant homeassistant" in house.apply(passwords=others)


def test_the_commands_of_the_prd_work_word_for_word_and_what_they_made_is_kept(house: Guarded) -> None:
    for words in (
        ["createRole", "evcc-access"],
        ["addRoleACL", "evcc-access", "publishClientSend", "evcc/#", "allow"],
        ["addRoleACL", "evcc-access", "publishClientReceive", "evcc/#", "allow"],
        ["addRoleACL", "evcc-access", "subscribePattern", "evcc/#", "allow"],
        ["createGroup", "evcc-devices"],
        ["addGroupRole", "evcc-devices", "evcc-access"],
        ["createClient", "evcc"],
        ["setClientPassword", "evcc", house.password("evcc")],
        ["addGroupClient", "evcc-devices", "evcc"],
    ):
        done = house.ctrl("dynsec", *words)
        assert done.returncode == 0, words
        assert "error" not in (done.stdout + done.stderr).lower(), words
    theirs = roles(house)["evcc-access"]
    said = house.apply()
    for word in ("Role evcc-access", "Group evcc-devices", "Client evcc\n", "Password evcc\n"):
        assert word not in said, "what the owner made already is made again"
    assert "addClientRole evcc-not-the-suite evcc" in said
    assert roles(house)["evcc-access"] == theirs


def test_rights_follow_evccs_root_wherever_it_is(house: Guarded) -> None:
    elsewhere = 'f: f { evccRoot = "house/evcc"; prefix = "house/ems"; }'
    moved = replace(house, wanted=flake().evaluate("lib.dynsec", elsewhere))
    moved.apply()
    with Client(moved, "evcc") as evcc:
        topics = ["evcc/else", "house/ems/site", "house/evcc/status", "house/else"]
        assert evcc.may_publish(topics) == {"evcc/else", "house/evcc/status"}
    with Client(moved, "evcc-poller") as gateway:
        assert gateway.may_subscribe(["evcc/core/status", "house/evcc/status"]) == {"house/evcc/status"}
        assert gateway.may_publish(["evcc/ems/site", "house/ems/site"]) == {"house/ems/site"}
    with Client(moved, "homeassistant") as people:
        assert people.may_subscribe(["evcc/#", "house/ems/#", "house/evcc/#", "house/#"]) == {
            "evcc/#", "house/ems/#", "house/evcc/#"
        }  # fmt: skip
