"""The suite's units under a real systemd, against a real mosquitto with the generated rights and a simulated evcc."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ems.demo import day
from ems.runtime.clock import VARIABLE, AcceleratedClock
from nix.flake import NIXPKGS, ROOT, flake, services, unit, units, units_of, wheel, with_module
from nix.machine import SUITE, Machine, NoMachine
from nix.mosquittos import ALL, Programs, programs
from nix.test_rights_matrix import CLIENTS, paths, rights_of, within
from support.patience import PATIENCE_S

pytestmark = pytest.mark.timeout(400)
"""The first test of a machine waits for the package to be built and for systemd to boot."""

STORE = "/nix/store/00000000000000000000000000000000"
CLOCK = AcceleratedClock(time.time(), day.START.timestamp(), 1.0).variable()
"""The demo's day, at its own pace: the simulated home knows prices and weather of that day only."""


def quick() -> str:
    """A module: a hanging service is noticed after seconds, a test's patience. Else it is the real machine."""
    own = f'serviceConfig = {{ WatchdogSec = 12; RestartSec = 1; }}; environment.{VARIABLE} = "{CLOCK}";'
    return f"{{ {' '.join(f'systemd.services.{unit(service)} = {{ {own} }};' for service in services())} }}"


SECRETS = {
    **{name: f"{name}: 'of' \"the\" test" for name in (
        "bmw-client-id", "bmw-vin", "ostrom-client-id", "ostrom-client-secret", "wattpilot-password")},
    "mqtt-admin-password": "admin of the test",
    **{f"mqtt-password-{client}": f"{client} of the test" for client in ("evcc", "homeassistant", *(
        "evcc-poller", "vehicle-soc", "tariff-planner", "rl-agent", "notifier"))},
}  # fmt: skip


@pytest.fixture(scope="module", params=ALL)
def machine(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Machine]:
    """A machine that has never been started, without its secrets, for each mosquitto."""
    why = cannot()
    if why:
        pytest.skip(f"!!! NO REAL SYSTEMD HERE, the units are not started: {why} !!!")
    its = programs(request.param)
    made = Machine(tmp_path_factory.mktemp("machine") / "memory", broker=request.param)
    try:
        try:
            made.prepare()
            furnish(made, its)
            made.boot()
        except NoMachine as reason:
            pytest.skip(f"!!! NO REAL SYSTEMD HERE, the units are not started: {reason} !!!")
        yield made
    finally:
        made.end()


def cannot() -> str | None:
    """Why no machine can be booted here."""
    if NIXPKGS is not None:
        return "NIXPKGS is set, and nothing of it is built"
    if os.geteuid() != 0:
        return "not root"
    if shutil.which("systemd-nspawn") is None:
        return "systemd-nspawn is missing (Debian's package systemd-container)"
    missing = ALL["installed"].missing()
    if missing:
        return f"no broker with dynamic security (missing: {missing})"
    return None


def furnish(machine: Machine, its: Programs) -> None:
    """Broker and evcc beside the units that Nix makes."""
    host = with_module(quick())
    machine.install(wheel())
    for name in services():
        machine.program(f"{SUITE}/bin/.{name}-wrapped", f"{SUITE}/bin/{name}")
    everything = host.evaluate(
        "nixosConfigurations.evcc-01.config.systemd.services", units_of("evcc", *map(unit, services()))
    )
    evcc = everything["evcc"]
    for name in services():
        machine.unit(unit(name), everything[unit(name)], host)
    cage = everything[unit("vehicle-soc")]["serviceConfig"] | {
        "Type": "oneshot",
        "Restart": "no",
        "ExecStart": "/opt/rig-clouds",
    }
    machine.unit("clouds", {"serviceConfig": cage}, host)
    machine.program("/opt/rig/checkout/tests/nix/rig/clouds.py", "/opt/rig-clouds")
    settings = evcc["serviceConfig"] | {"Type": "oneshot", "RemainAfterExit": True, "ExecStartPre": [], "Restart": "no"}
    machine.unit(
        "evcc-settings", {"serviceConfig": settings | {"ExecStart": evcc["serviceConfig"]["ExecStartPre"]}}, host
    )
    broker = "lib.dummyHosts.mqtt-01.config"
    for name, made in flake().evaluate(f"{broker}.systemd.services", units_of("mosquitto", "evcc-ems-dynsec")).items():
        machine.unit(name, made, flake())
    listener = "mosquitto-evcc-ems/listener.conf"
    machine.file(f"/etc/{listener}", flake().evaluate(f"{broker}.environment.etc", f'etc: etc."{listener}".text'))
    machine.stand_in(f"{STORE}-coreutils/bin/cat", "/bin/cat")
    give_broker(machine, its)
    machine.program("/opt/rig/checkout/tests/nix/rig/rights.py", "/opt/rig-rights")
    machine.program("/opt/rig/checkout/tests/nix/rig/evcc.py", "/opt/rig-evcc")
    machine.unit("evcc", {"environment": {VARIABLE: CLOCK}, "serviceConfig": {"ExecStart": "/opt/rig-evcc"}}, flake())


def give_broker(machine: Machine, its: Programs) -> None:
    """This mosquitto, at the place that the role's units name."""
    assert its.plugin is not None
    for name in ("mosquitto", "mosquitto_ctrl"):
        machine.stand_in(f"{STORE}-mosquitto/bin/{name}", its.find(name) or name)
    machine.copy(f"{STORE}-mosquitto-lib/lib/mosquitto_dynamic_security.so", its.plugin.resolve())


def hand_out_secrets(machine: Machine) -> None:
    machine.run("mkdir", "-m", "700", "/run/secrets")
    for name, secret in SECRETS.items():
        machine.run("sh", "-c", 'umask 077; printf %s "$1" > "/run/secrets/$0"', name, secret)


def hardening_keys() -> dict[str, Any]:
    """What nix/lib/hardening.nix says, as NixOS has it."""
    text = (ROOT / "nix" / "lib" / "hardening.nix").read_text()
    config = units()[services()[0]]["serviceConfig"]
    return {key: config[key] for key in re.findall(r"^  (\w+) = ", text, re.MULTILINE)}


def until(true: Callable[[], bool], within_s: float, what: str) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def restarted(machine: Machine, name: str) -> Callable[[], bool]:
    return lambda: machine.show(unit(name), "NRestarts") == "1" and machine.show(unit(name), "ActiveState") == "active"


def online(machine: Machine, name: str) -> Callable[[], bool]:
    return lambda: heard(machine, f"{name}/status") == "online"


def heard(machine: Machine, topic: str, within_s: int = 30) -> str:
    """The newest message on ``topic`` below the suite's prefix, as Home Assistant would get it."""
    who = ("-u", "homeassistant", "-P", SECRETS["mqtt-password-homeassistant"])
    done = machine.run("mosquitto_sub", *who, "-C", "1", "-W", str(within_s), "-t", f"evcc/ems/{topic}")
    return done.stdout.strip()


def rights_brought(machine: Machine) -> int:
    """How often the broker's rights were found as they should be."""
    return machine.journal("evcc-ems-dynsec").count("is as it should be")


def health_of(machine: Machine, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(heard(machine, f"{name}/health"))
    return found


def said(machine: Machine) -> str:
    return "\n".join(f"--- {name}\n{machine.journal(unit(name))[-3000:]}" for name in services())


def test_the_package_is_built_from_what_its_expression_names_and_holds_every_program() -> None:
    built = wheel()
    found = {each.name for each in (built / "bin").iterdir()}
    assert found >= {f".{name}-wrapped" for name in (*services(), "ems")}


def test_a_first_boot_without_secrets_recovers_when_they_come(machine: Machine) -> None:
    # sops-nix may be slower than systemd: every unit fails for want of its credential, and is tried again.
    everything = ("mosquitto", "evcc-ems-dynsec", "evcc", *map(unit, services()))
    machine.run("systemctl", "start", "--no-block", *everything)
    for name in (*map(unit, services()), "mosquitto", "evcc-ems-dynsec"):
        until(lambda name=name: "credentials" in machine.journal(name).lower(), PATIENCE_S, f"{name} needs no secret")  # type: ignore[misc]
    # Longer than systemd takes to give up what fails five times at once.
    time.sleep(3)
    hand_out_secrets(machine)
    begun = time.monotonic()
    for name in everything:
        until(lambda name=name: machine.show(name, "ActiveState") == "active", PATIENCE_S, machine.journal(name))  # type: ignore[misc]
    for name in services():
        until(online(machine, name), PATIENCE_S, said(machine))
    sys.stderr.write(
        f"broker, rights, evcc and services are well {time.monotonic() - begun:.1f} s after their secrets came\n"
    )
    machine.run("systemctl", "reset-failed", *everything)


def test_the_broker_refuses_nothing_of_what_the_services_do(machine: Machine) -> None:
    site = json.loads(heard(machine, "site"))
    assert site["evcc"]["reachable"], said(machine)
    for name in services():
        # Who started before the gateway knew anything says so until then.
        until(lambda name=name: health_of(machine, name)["state"] != "failed", PATIENCE_S, name)  # type: ignore[misc]
        health = health_of(machine, name)
        assert not [reason for reason in health["reasons"] if "refuse" in reason or "not authorized" in reason.lower()]


def test_the_solver_plans_without_memory_that_is_both_written_and_executed(machine: Machine) -> None:
    assert machine.show(unit("tariff-planner"), "MemoryDenyWriteExecute") == "yes"
    until(lambda: bool(json.loads(heard(machine, "plan") or "{}").get("slots")), PATIENCE_S, "there is no plan")


def test_the_clouds_libraries_work_in_the_same_cage(machine: Machine) -> None:
    done = machine.run("systemctl", "start", "clouds")
    assert (done.returncode, "loaded" in machine.journal("clouds")) == (0, True), machine.journal("clouds")


def test_evccs_secrets_come_from_its_credentials_and_only_it_can_read_them(machine: Machine) -> None:
    done = machine.run("systemctl", "start", "evcc-settings")
    assert done.returncode == 0, machine.journal("evcc-settings")
    settings = json.loads(machine.run("cat", "/run/evcc/config.yaml").stdout)
    assert settings["mqtt"]["password"] == SECRETS["mqtt-password-evcc"]
    assert settings["chargers"][0]["password"] == SECRETS["wattpilot-password"]
    assert machine.run("stat", "-L", "-c", "%a", "/run/evcc", "/run/evcc/config.yaml").stdout.split() == ["700", "600"]
    machine.run("systemctl", "stop", "evcc-settings")
    assert machine.run("ls", "/run/evcc").returncode != 0, "the settings outlive evcc"


def test_rights_applied_again_change_nothing(machine: Machine) -> None:
    machine.run("systemctl", "restart", "evcc-ems-dynsec")
    assert rights_brought(machine) == 1
    for name in services():
        assert machine.show(unit(name), "NRestarts") == "0", said(machine)


def test_a_service_that_hangs_is_killed_by_the_watchdog_and_comes_back(machine: Machine) -> None:
    for name in services():
        assert machine.run("systemctl", "kill", "--kill-whom=main", "--signal=STOP", unit(name)).returncode == 0
    for name in services():
        until(restarted(machine, name), PATIENCE_S, f"{name} is not restarted")
        assert "Watchdog timeout" in machine.journal(unit(name))
        until(online(machine, name), PATIENCE_S, f"{name} does not come back")


def test_the_broker_may_become_mosquitto_2_1_and_refuses_nothing_still(machine: Machine) -> None:
    if machine.broker == "2.1":
        pytest.skip("it is 2.1 from its first boot on")
    brought = rights_brought(machine)
    give_broker(machine, programs("2.1"))
    assert machine.run("systemctl", "restart", "mosquitto").returncode == 0, machine.journal("mosquitto")
    # Rights are brought again with every start of the broker that somebody asks for.
    until(lambda: rights_brought(machine) > brought, PATIENCE_S, "no rights are brought")
    for name in services():
        until(online(machine, name), PATIENCE_S, f"{name} does not come back")
        health: dict[str, Any] = json.loads(heard(machine, f"{name}/health"))
        assert not [reason for reason in health["reasons"] if "refuse" in reason], health


SHOWN = {True: "yes", False: "no", "": ""}
"""How systemd tells what it has made of a unit's setting."""

EXPANDED = {"SystemCallFilter", "SystemCallErrorNumber", "UMask"}
"""What systemd tells in words of its own; the kernel's are looked at below."""


def test_systemd_has_taken_every_key_of_the_hardening_and_so_has_the_kernel(machine: Machine) -> None:
    hardening = hardening_keys()
    assert len(hardening) > 25
    for name in services():
        for key, value in hardening.items():
            if key in EXPANDED:
                continue
            told = machine.show(unit(name), key)
            if isinstance(value, list):
                assert set(told.split()) == set(value), (name, key)
            else:
                assert told == (SHOWN[value] if isinstance(value, bool) else value), (name, key)
        assert machine.show(unit(name), "UMask") == "0077"
        assert "mount" not in machine.show(unit(name), "SystemCallFilter").split()
        status = machine.run("cat", f"/proc/{machine.show(unit(name), 'MainPID')}/status").stdout
        kernel = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert (kernel["NoNewPrivs"], kernel["Seccomp"], int(kernel["CapBnd"], 16)) == ("1", "2", 0), name


PLACES = {"var/lib/private": "", "run/credentials": ".service"}
"""Where a service's state is, and the secrets that systemd hands to it."""


def test_a_service_leaves_nothing_outside_of_its_state_directory(machine: Machine) -> None:
    # Users that systemd makes up have these numbers; the overlay's upper half is all that ever changed on the disk.
    dynamic = ("-uid", "+61183", "-uid", "-65520", "-type", "f")
    disk = subprocess.run(["find", machine.changes, *dynamic], capture_output=True, text=True, check=True).stdout
    written = [path.removeprefix(str(machine.changes)) for path in disk.split()]
    fleeting = machine.run("find", "/tmp", "/var/tmp", "/dev/shm", "/run", *dynamic).stdout.split()
    units = (*map(unit, services()), "evcc-ems-dynsec")
    own = tuple(f"/{place}/{name}{end}/" for name in units for place, end in PLACES.items())
    assert [path for path in written + fleeting if not path.startswith(own)] == []
    assert any(path.startswith("/var/lib/private/evcc-ems-evcc-poller/") for path in written)


def test_a_service_cannot_write_elsewhere_and_sees_no_other_secrets(machine: Machine) -> None:
    pid = machine.show(unit("vehicle-soc"), "MainPID")
    inside = ("nsenter", "-t", pid, "-m", "--")
    assert machine.run(*inside, "touch", "/etc/x", "/var/lib/x").returncode != 0
    assert machine.run(*inside, "sh", "-c", "ls /run/credentials/evcc-ems-vehicle-soc.service").stdout.split() == [
        "mqtt-password"
    ]
    assert machine.run(*inside, "ls", "/root").stdout == ""


def test_a_missing_secret_ends_with_78_and_is_not_tried_again(machine: Machine) -> None:
    text = (machine.root / "etc/systemd/system/evcc-ems-vehicle-soc.service").read_text()
    without = "\n".join(line for line in text.splitlines() if not line.startswith("LoadCredential="))
    machine.file(
        "/etc/systemd/system/forgotten.service",
        without.replace("StateDirectory=evcc-ems-vehicle-soc", "StateDirectory=forgotten"),
    )
    machine.run("systemctl", "daemon-reload")
    assert machine.run("systemctl", "start", "forgotten").returncode != 0
    assert machine.show("forgotten", "ExecMainStatus") == "78"
    assert machine.show("forgotten", "ActiveState") == "failed"
    assert "LoadCredential=" in machine.journal("forgotten"), "the remedy is not named"


def test_a_secret_that_comes_late_is_waited_for(machine: Machine) -> None:
    # sops-nix may be slower than systemd: the unit fails for want of its credential, and is tried again.
    name, secret = unit("notifier"), "/run/secrets/mqtt-password-notifier"
    machine.run("mv", secret, f"{secret}.later")
    assert machine.run("systemctl", "restart", name).returncode != 0
    assert "credentials" in machine.journal(name).lower()
    machine.run("mv", f"{secret}.later", secret)
    until(lambda: machine.show(name, "ActiveState") == "active", PATIENCE_S, f"{name} does not recover")
    until(online(machine, "notifier"), PATIENCE_S, "the notifier does not come back")


def test_all_stop_cleanly_and_the_gateway_gives_evcc_back(machine: Machine) -> None:
    stopped = machine.run("systemctl", "stop", *map(unit, services()))
    assert stopped.returncode == 0, stopped.stderr
    for name in services():
        assert machine.show(unit(name), "Result") == "success", machine.journal(unit(name))
        assert heard(machine, f"{name}/status") == "offline"
    assert "restore" in machine.show(unit("evcc-poller"), "ExecStopPost")
    assert "status=0" in machine.show(unit("evcc-poller"), "ExecStopPost"), machine.journal(unit("evcc-poller"))


def test_everybody_may_publish_what_the_registry_says_and_nothing_else(machine: Machine) -> None:
    # Last: what is sent here would be nonsense to the services.
    counted = {0: 0, 16: 0, 135: 0}
    for name in CLIENTS:
        answers = json.loads(
            machine.run("/opt/rig-rights", name, SECRETS[f"mqtt-password-{name}"], *sorted(paths())).stdout
        )
        allowed = within(paths(), set(rights_of(name).send))
        assert {topic for topic, code in answers.items() if code in {0, 16}} == allowed, name
        assert {topic for topic, code in answers.items() if code == 135} == paths() - allowed, name
        for code in answers.values():
            counted[code] += 1
    sys.stderr.write(f"publishes by the broker's answer: {counted}\n")
