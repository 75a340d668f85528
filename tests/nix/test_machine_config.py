"""What evcc-01, mqtt-01 and proxy-01 would be: the real flake, evaluated."""

import json
from pathlib import Path
from typing import Any

import pytest

from nix.flake import (
    NIXOS,
    NIXPKGS,
    ROOT,
    EvaluationError,
    Flake,
    flake,
    inputs,
    services,
    there,
    unit,
    units,
    units_of,
    with_module,
)
from support.program import program

MACHINE = "nixosConfigurations.evcc-01.config"
FAILED = "all: map (a: a.message) (builtins.filter (a: !a.assertion) all)"


def failed(machine: Flake) -> list[str]:
    """What the machine's assertions complain about."""
    found: list[str] = machine.evaluate(f"{MACHINE}.assertions", FAILED)
    return found


def test_the_machine_has_its_name_and_address_from_the_registry() -> None:
    network = flake().evaluate(f"{MACHINE}.systemd.network.networks.10-lan.address")
    assert flake().evaluate(f"{MACHINE}.networking.hostName") == "evcc-01"
    assert network == ["10.10.22.41/24"]
    assert failed(flake()) == []


def test_only_the_proxy_reaches_evcc() -> None:
    firewall: dict[str, Any] = flake().evaluate(f"{MACHINE}.networking.firewall")
    assert firewall["enable"]
    assert "7070" not in str(firewall.get("allowedTCPPorts", []))
    assert firewall["extraInputRules"].startswith("ip saddr 10.10.22.10 tcp dport 7070 accept")


def test_the_vm_image_keeps_its_name_and_is_in_its_vlan() -> None:
    proxmox = flake().evaluate(f"{MACHINE}.proxmox")
    # With cloud-init nixpkgs' module takes the host's name away.
    assert proxmox["cloudInit"]["enable"] is False
    assert "tag=22" in proxmox["qemuConf"]["net0"]


def test_the_vm_has_the_number_and_the_storage_that_it_is_given_and_asks_for_no_cloud_init_drive() -> None:
    changed = with_module("""{
      roles.proxmox-vm = { id = 207; storage = "tank"; bridge = "vmbr1"; memory = 4096; };
    }""")
    role = f"{MACHINE}.roles.proxmox-vm"
    assert changed.evaluate(f"{role}.restoreCommand") == (
        "qmrestore /var/lib/vz/dump/vzdump-qemu-207-evcc-01.vma.zst 207 --unique --storage tank && qm start 207"
    )
    proxmox = changed.evaluate(f"{MACHINE}.proxmox")
    conf = proxmox["qemuConf"]
    assert (conf["virtio0"], conf["memory"]) == ("tank:vm-207-disk-0", 4096)
    assert conf["net0"] == "virtio=00:00:00:00:00:00,bridge=vmbr1,tag=22,firewall=1"
    # nixpkgs' module adds a drive on local-lvm whether or not cloud-init is on.
    assert proxmox["qemuExtraConf"]["ide2"] == "none,media=cdrom"
    assert failed(changed) == []


def test_names_are_asked_of_the_gateway_or_of_whom_the_network_says() -> None:
    assert flake().evaluate(f"{MACHINE}.networking.nameservers") == ["10.10.22.1"]
    changed = with_module(
        '{ infrastructure.vlans.vm.nameservers = [ "10.10.22.53" ]; infrastructure.knownHere = true; }'
    )
    assert changed.evaluate(f"{MACHINE}.networking.nameservers") == ["10.10.22.53"]
    hosts = changed.evaluate(f"{MACHINE}.networking.hosts")
    assert hosts["10.10.22.11"] == ["mqtt-01.vm.mares.id", "mqtt-01"]


def test_every_service_accepts_the_settings_that_nix_writes(tmp_path: Path) -> None:
    (tmp_path / "mqtt-password").write_text("secret")
    own = {"CREDENTIALS_DIRECTORY": str(tmp_path), "STATE_DIRECTORY": str(tmp_path)}
    for service in services():
        file = there(units()[service]["serviceConfig"]["ExecStart"].split("--config ")[1])
        status, said = program(service, "--check", "--offline", "--config", str(file), environment=own)
        assert status == 0, said
        assert "mqtt-01.vm.mares.id:1883" in said
        assert f"as {service}" in said


def test_the_modules_change_no_package_of_the_consumer() -> None:
    assert flake().evaluate(f"{MACHINE}.nixpkgs.overlays") == []
    assert flake().evaluate(f"{MACHINE}.services.evcc-ems.package.pname") == "evcc-ems"


def test_a_battery_that_can_only_hold_is_not_asked_for_more() -> None:
    file = flake().evaluate(f"{MACHINE}.services.evcc-ems.evcc-poller.configFile")
    assert json.loads(flake().text(file))["control"]["battery_modes"] == ["hold"]


def test_the_proxy_has_a_certificate_websockets_and_a_door() -> None:
    site = flake().evaluate(
        'lib.dummyHosts.proxy-01.config.services.nginx.virtualHosts."evcc.mares.id"',
        """site: { inherit (site) enableACME forceSSL;
          place = { inherit (site.locations."/") proxyPass proxyWebsockets extraConfig; }; }""",
    )
    place = site["place"]
    assert site["enableACME"]
    assert site["forceSSL"]
    assert place["proxyPass"] == "http://10.10.22.41:7070"
    assert place["proxyWebsockets"]
    assert place["extraConfig"] == "allow 10.10.0.0/16;\ndeny all;\n"


def test_the_broker_hands_passwords_to_its_oneshot_as_credentials_only() -> None:
    all_units = "lib.dummyHosts.mqtt-01.config.systemd.services"
    unit = flake().evaluate(all_units, units_of("evcc-ems-dynsec"))["evcc-ems-dynsec"]
    config = unit["serviceConfig"]
    assert (config["Type"], config["RemainAfterExit"]) == ("oneshot", True)
    assert "admin:/run/secrets/mqtt-admin-password" in config["LoadCredential"]
    assert "/run/secrets" not in config["ExecStart"]
    assert (unit["partOf"], unit["requires"]) == (["mosquitto.service"], [])


def test_a_broker_whose_secret_comes_late_is_not_given_up() -> None:
    broker = flake().evaluate("lib.dummyHosts.mqtt-01.config.systemd.services", units_of("mosquitto"))["mosquitto"]
    assert (broker["unitConfig"]["StartLimitIntervalSec"], broker["serviceConfig"]["RestartSec"]) == (0, 5)


def test_the_nodes_of_the_vm_test_evaluate() -> None:
    nodes = flake().evaluate(
        "checks.x86_64-linux.house.nodes",
        "all: builtins.mapAttrs (_: node: builtins.attrNames node.systemd.services) all",
    )
    assert set(nodes["house"]) >= {*map(unit, services()), "evcc"}
    assert "evcc-ems-dynsec" in nodes["broker"]
    script = flake().evaluate("checks.x86_64-linux.house.testScript")
    compile(script, "testScript", "exec")


@pytest.mark.parametrize("system", ["x86_64-linux", "aarch64-linux"])
def test_every_output_is_there_for_both_architectures(system: str) -> None:
    assert flake().evaluate(f"packages.{system}.evcc-ems.version") == "0.1.0"
    assert flake().evaluate(f"apps.{system}.demo.type") == "app"
    assert "house" in flake().evaluate(f"checks.{system}", "builtins.attrNames")
    assert flake().evaluate(f"devShells.{system}.default.name")
    assert flake().evaluate(f"formatter.{system}.name") == "nixfmt"


def test_the_brokers_plugin_is_where_nixpkgs_puts_it_and_nothing_stands_before_it() -> None:
    mosquitto = flake().evaluate(
        "lib.dummyHosts.mqtt-01.config.services.mosquitto", "its: { inherit (its) listeners includeDirs; }"
    )
    listener = flake().evaluate(
        "lib.dummyHosts.mqtt-01.config.environment.etc", 'etc: etc."mosquitto-evcc-ems/listener.conf".text'
    )
    # The package's `lib` output; and no listener of nixpkgs' module, which would put its ACL file first.
    assert "-mosquitto-lib/lib/mosquitto_dynamic_security.so" in listener
    assert (mosquitto["listeners"], mosquitto["includeDirs"]) == ([], ["/etc/mosquitto-evcc-ems"])
    assert "acl_file" not in listener


def test_the_suite_takes_broker_and_page_from_the_evcc_of_the_same_machine() -> None:
    changed = with_module(
        """{ lib, ... }: {
          services.evcc.settings.mqtt.broker = lib.mkForce "tls://broker.example:8884";
          services.evcc.settings.network.port = 7071;
          services.evcc.settings.mqtt.topic = "house/evcc";
          services.evcc-ems.settings.mqtt = { host = lib.mkOverride 900 "broker.example"; };
        }"""
    )
    written = json.loads(changed.text(changed.evaluate(f"{MACHINE}.services.evcc-ems.evcc-poller.configFile")))
    assert (written["mqtt"]["port"], written["mqtt"]["tls"]) == (8884, True)
    assert (written["evcc"]["url"], written["evcc"]["mqtt_root"]) == ("http://127.0.0.1:7071/", "house/evcc")


def test_a_device_of_the_role_is_changed_or_left_out_by_its_name() -> None:
    changed = with_module(
        """{
          roles.evcc = {
            charger = "ocpp-goe";
            stationId = "wattpilot-1";
            mqtt = { host = "broker.example"; tls = true; };
            meters.grid = { template = "sunspec-meter"; modbus = "tcpip"; id = 240; };
            without = [ "varta" ];
          };
        }"""
    )
    settings = changed.evaluate(f"{MACHINE}.services.evcc.settings")
    meters = {meter["name"]: meter for meter in settings["meters"]}
    assert set(meters) == {"grid", "pv"}
    assert (meters["grid"]["template"], meters["grid"]["id"]) == ("sunspec-meter", 240)
    assert meters["grid"]["usage"] == "grid", "what is not said anew stays"
    assert settings["chargers"] == [
        {"name": "wattpilot", "type": "template", "template": "ocpp-goe", "stationid": "wattpilot-1"}
    ]
    assert settings["mqtt"]["broker"] == "tls://broker.example:8883"
    suite = changed.evaluate(f"{MACHINE}.services.evcc-ems.evcc-poller.settings.mqtt")
    assert (suite["host"], suite["port"], suite["tls"]) == ("broker.example", 8883, True)
    assert failed(changed) == []


def test_evccs_page_and_the_port_of_an_ocpp_charger_are_opened_when_asked() -> None:
    charger = 'services.evcc.settings.chargers = [ { name = "x"; template = "ocpp-goe"; } ];'
    asked = f"services.evcc.openFirewall = true; {charger}"
    assert with_module(f"{{ {asked} }}").evaluate(f"{MACHINE}.networking.firewall.allowedTCPPorts") == [7070, 8887]
    assert flake().evaluate(f"{MACHINE}.networking.firewall.allowedTCPPorts") == []


def test_an_image_that_nobody_could_log_in_to_is_not_made() -> None:
    image = "packages.x86_64-linux.evcc-01-image"
    # A check of the flake evaluates it; the build says why there is none.
    assert flake().evaluate(f"{image}.name") == "no-image-of-evcc-01"
    for key in (
        'users.users.root.openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA" ];',
        "users.users.me = { isNormalUser = true; openssh.authorizedKeys.keyFiles = [ /etc/ssh/me.pub ]; };",
    ):
        assert with_module(f"{{ {key} }}").evaluate(image, "image: image.name or image") != "no-image-of-evcc-01"


def test_nix_flake_check_evaluates_every_output() -> None:
    if NIXOS is None or NIXPKGS is not None:
        pytest.skip("!!! NIXOS IS NOT SET: `nix flake check` is not tried on packages that are names !!!")
    done = flake().run(
        "flake", "check", "--no-build", "--offline", "--no-write-lock-file", *inputs(), str(flake().tree)
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_mac_can_edit_and_deploy() -> None:
    assert flake().evaluate("devShells.aarch64-darwin.default.name")
    assert flake().evaluate("formatter.aarch64-darwin.name") == "nixfmt"


MISTAKES = {
    "a sponsor token in the store": (
        'services.evcc.settings.sponsortoken = "eyJhbGci";',
        'services.evcc.environmentFile and write "${NAME}"',
    ),
    "a dollar that no environment file fills": (
        'services.evcc.settings.eebus.certificate.private = "$KEY";',
        "eebus.certificate.private is a secret in the Nix store",
    ),
    "an MQTT root that holds the suite, told by the suite": (
        'services.evcc.settings.mqtt.topic = "evcc";',
        'Set services.evcc.settings.mqtt.topic = "evcc/core".',
    ),
    "dynamic security behind the ACL file of nixpkgs' mosquitto 2.1": (
        """imports = [ ../../roles/mqtt-evcc.nix ];
        roles.mqtt-evcc = { enable = true; adminPasswordFile = /run/x; };
        services.mosquitto.listeners = [
          { port = 1883; authPlugins = [ { plugin = "/x/mosquitto_dynamic_security.so"; options = { }; } ]; }
        ];""",
        "Take the listener out of services.mosquitto.listeners and set roles.mqtt-evcc.listener.",
    ),
    "a root of evcc that holds the suite, told by the broker": (
        """imports = [ ../../roles/mqtt-evcc.nix ];
        roles.mqtt-evcc = { enable = true; adminPasswordFile = /run/x; evccRoot = "evcc"; };""",
        "and for services.evcc.settings.mqtt.topic",
    ),
    "a certificate without its key": (
        'imports = [ ../../roles/mqtt-evcc.nix ]; roles.mqtt-evcc.listener.certFile = "/x";',
        "give both",
    ),
    "a credential that nobody gives": (
        'services.evcc-ems.evcc-poller.settings.evcc.password_credential = "evcc-login";',
        'which nobody gives. Add services.evcc-ems.evcc-poller.credentials."evcc-login" = config.sops.secrets.',
    ),
    "a credential in the store": (
        "services.evcc-ems.vehicle-soc.credentials.kia = ./default.nix;",
        "services.evcc-ems.vehicle-soc.credentials.kia is in the Nix store, where everybody can read it.",
    ),
    "a car's password in the settings": (
        'services.evcc-ems.vehicle-soc.settings.vehicles.zoe = { provider = "renault"; password = "x"; };',
        "settings.vehicles.zoe.password is a secret in the Nix store",
    ),
    "two cars of one name": (
        'services.evcc-ems.evcc-poller.settings.vehicle_names = { "Zoe 1" = "zoe"; "Zoe 2" = "zoe"; };',
        "gives two cars one name",
    ),
    "a secret among evcc's settings": (
        'services.evcc.settings.influx.password = "x";',
        "services.evcc.settings.influx.password is a secret in the Nix store",
    ),
    "a placeholder that nobody fills": (
        'services.evcc.settings.site.title = "@credential:home@";',
        'services.evcc.settings.site.title names the credential "home", which nobody gives.',
    ),
    "an MQTT root that holds the suite": (
        'services.evcc.settings.mqtt.topic = "evcc";',
        "evcc erases everything below its own root",
    ),
    "two machines at one address": (
        'infrastructure.nodes.mqtt-02 = { vlan = "vm"; number = 41; };',
        "gives one address to two machines",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_answered_with_its_remedy(mistake: str) -> None:
    module, words = MISTAKES[mistake]
    assert any(words in message for message in failed(with_module(f"{{ {module} }}")))


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("services.evcc-ems.evcc-poller.settings.poll_intervall_s = 10;", "poll_intervall_s"),
        ("services.evcc-ems.evcc-poller.settings.poll_interval_s = 90;", "at least 1, at most 30"),
        ('services.evcc-ems.settings.language = "fr";', 'one of "en", "de"'),
    ],
)
def test_a_setting_that_no_service_knows_is_refused_when_the_system_is_evaluated(module: str, words: str) -> None:
    with pytest.raises(EvaluationError, match=words):
        with_module(f"{{ {module} }}").evaluate(f"{MACHINE}.services.evcc-ems.evcc-poller.configFile")


def test_a_service_may_differ_from_what_all_have() -> None:
    changed = with_module('{ services.evcc-ems.evcc-poller.settings = { log_level = "debug"; mqtt.port = 8883; }; }')
    written = json.loads(changed.text(changed.evaluate(f"{MACHINE}.services.evcc-ems.evcc-poller.configFile")))
    assert (written["log_level"], written["mqtt"]["port"]) == ("debug", 8883)
    assert written["mqtt"]["host"] == "mqtt-01.vm.mares.id"


def test_a_setting_whose_null_means_something_is_written() -> None:
    changed = with_module("{ services.evcc-ems.vehicle-soc.settings.quiet_hours = null; }")
    written = json.loads(changed.text(changed.evaluate(f"{MACHINE}.services.evcc-ems.vehicle-soc.configFile")))
    assert written["quiet_hours"] is None
    assert "vehicles_file" not in written


def test_the_lock_names_the_inputs_that_the_flake_has() -> None:
    lock = json.loads((ROOT / "flake.lock").read_text())
    assert set(lock["nodes"]["root"]["inputs"]) == {"nixpkgs", "sops-nix"}
    assert all("narHash" in node["locked"] for name, node in lock["nodes"].items() if name != "root")
