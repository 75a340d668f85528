"""docs/deploy-nixos.md, typed: its modules evaluate, its commands parse and name what exists, a backup is restored."""

import re
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from nix.flake import ROOT, Flake, flake, services, with_module

PAGE = (ROOT / "docs" / "deploy-nixos.md").read_text(encoding="utf-8")
ALREADY = (ROOT / "docs" / "already-evcc.md").read_text(encoding="utf-8")
FAILED = "all: map (a: a.message) (builtins.filter (a: !a.assertion) all)"


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in a language."""
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def block(page: str, language: str, holds: str) -> str:
    """The one block that holds these words."""
    (found,) = (each for each in blocks(page, language) if holds in each)
    return found


FLAKE = """{
  inputs = { nixpkgs.url = "x"; sops-nix.url = "x"; evcc-ems.url = "x"; };
  outputs = inputs: {
    nixosConfigurations.typed = inputs.nixpkgs.lib.nixosSystem {
      specialArgs = { inherit (inputs) evcc-ems; };
      modules = [
        inputs.sops-nix.nixosModules.sops
        ./typed.nix
        {
          MORE
          boot.isContainer = true;
          networking.hostName = "typed";
          nixpkgs.hostPlatform = "x86_64-linux";
          sops.defaultSopsFile = ./typed.nix;
          system.stateVersion = "26.05";
        }
      ];
    };
  };
}
"""


def typed(module: str, more: str = "") -> Flake:
    """A flake of somebody's own whose machine has this module of the page, and ``more`` that he has himself."""
    home = Path(tempfile.mkdtemp(prefix="typed-", dir=flake().home))
    shutil.copytree(flake().tree, home / "tree")
    own = home / "tree" / "nix" / "examples" / "typed"
    own.mkdir()
    (own / "flake.nix").write_text(FLAKE.replace("MORE", more))
    (own / "typed.nix").write_text(module)
    return Flake(home)


def config(made: Flake, attribute: str, apply: str | None = None) -> Any:
    return made.evaluate(f"nixosConfigurations.typed.config.{attribute}", apply, example="typed")


HIS_EVCC = 'services.evcc = { enable = true; settings.mqtt.broker = "tls://broker.example.org:8883"; };'
HIS_PROXY = 'security.acme = { acceptTerms = true; defaults.email = "hostmaster@example.org"; };'


def test_the_brokers_module_of_step_5_gives_everybody_rights() -> None:
    made = typed(block(PAGE, "nix", "roles.mqtt-evcc"))
    assert config(made, "assertions", FAILED) == []
    assert "listener 1883" in config(made, "roles.mqtt-evcc.listener.text")
    secrets = config(made, "sops.secrets")
    assert secrets["mqtt-password-notifier"]["restartUnits"] == ["evcc-ems-dynsec.service"]


def test_the_proxys_module_of_step_9_opens_the_page() -> None:
    made = typed(block(PAGE, "nix", "roles.proxy-evcc"), HIS_PROXY)
    assert config(made, "assertions", FAILED) == []


def test_one_more_secret_of_step_10_reaches_the_service() -> None:
    made = with_module(block(PAGE, "nix", "telegram-token"))
    host = "nixosConfigurations.evcc-01.config"
    assert made.evaluate(f"{host}.assertions", FAILED) == []
    unit = made.evaluate(f"{host}.systemd.services.evcc-ems-notifier.serviceConfig.LoadCredential")
    assert "telegram-token:/run/secrets/telegram-token" in unit


@pytest.mark.parametrize("page", [PAGE, ALREADY], ids=["deploy", "already"])
def test_the_module_for_ones_own_flake_takes_the_broker_of_evcc(page: str) -> None:
    declared = " ".join(f"sops.secrets.mqtt-password-{name} = {{ }};" for name in services())
    made = typed(block(page, "nix", "nixosModules.default"), f"{HIS_EVCC} {declared}")
    assert config(made, "assertions", FAILED) == []
    assert config(made, "services.evcc-ems.evcc-poller.settings.mqtt.host") == "broker.example.org"


def test_every_command_parses() -> None:
    for text in blocks(PAGE, "sh"):
        done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), text


def test_what_the_commands_name_of_the_flake_is_there() -> None:
    named = set(re.findall(r"\.#([\w.-]*\w)", PAGE))
    machines = {"evcc-01", "mqtt-01"}
    assert named > {*machines, "evcc-01-image", "evcc-dynsec", "lib.sopsYaml", "lib.pythonVersions"}
    assert "evcc-01-image" in flake().evaluate("packages.x86_64-linux", "builtins.attrNames")
    assert "evcc-dynsec" in flake().evaluate("apps.x86_64-linux", "builtins.attrNames")
    assert "evcc-01" in flake().evaluate("nixosConfigurations", "builtins.attrNames")
    # The whole machine is there where NixOS itself is (NIXOS).
    for attribute in named - {*machines, "evcc-01-image", "evcc-dynsec"}:
        if "toplevel" not in attribute:
            assert flake().evaluate(attribute, "builtins.typeOf") in {"string", "set", "lambda"}, attribute


def test_the_passwords_of_step_4_are_all_made(tmp_path: Path) -> None:
    folder = tmp_path / "nix" / "secrets"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "nix" / "secrets" / "evcc-01.example.yaml", folder)
    commands = block(PAGE, "sh", "openssl rand").split('"$EDITOR"')[0]
    if shutil.which("openssl") is None:
        pytest.skip("!!! NO openssl HERE: the passwords of step 4 are not made !!!")
    subprocess.run(["bash", "-e", "-c", commands], cwd=tmp_path, check=True)
    lines = dict(line.split(": ", 1) for line in (folder / "evcc-01.yaml").read_text().splitlines() if ": " in line)
    made = {name: value for name, value in lines.items() if name.startswith("mqtt-password-")}
    assert len(made) == 6
    assert all(re.fullmatch("[0-9a-f]{48}", value) for value in made.values()), made


def on_the_machine(command: str, state: Path) -> str:
    """What a line of the page has ssh run there, with ``state`` for /var/lib/private and no units."""
    inner = command.split("'", 1)[1].rsplit("'", 1)[0].replace("/var/lib/private", str(state))
    return f"systemctl() {{ :; }}; {inner}"


def test_a_backup_is_restored_as_it_was_though_it_was_written_to_meanwhile(tmp_path: Path) -> None:
    if shutil.which("sqlite3") is None:
        pytest.skip("!!! NO sqlite3 HERE: backup and restore are not tried !!!")
    old, new = tmp_path / "old", tmp_path / "new"
    for place in (old, new):
        (place / "evcc").mkdir(parents=True)
    (old / "evcc" / "state.json").write_text("{}")
    with (
        closing(sqlite3.connect(old / "evcc" / "evcc.db")) as running,
        closing(sqlite3.connect(new / "evcc" / "evcc.db")) as stale,
    ):
        for each, login in ((running, "cardata"), (stale, "none")):
            each.execute("pragma journal_mode=wal")
            each.execute("create table logins (name)")
            each.execute("insert into logins values (?)", (login,))
            each.commit()
        assert (new / "evcc" / "evcc.db-wal").exists()
        backup = on_the_machine(block(PAGE, "sh", ".backup"), old)
        archive = subprocess.run(["bash", "-e", "-c", backup], capture_output=True, check=True).stdout
        restore = on_the_machine(block(PAGE, "sh", "tar xz"), new)
        subprocess.run(["bash", "-e", "-c", restore], input=archive, check=True)
        with closing(sqlite3.connect(new / "evcc" / "evcc.db")) as restored:
            assert restored.execute("select name from logins").fetchall() == [("cardata",)]
    assert (new / "evcc" / "state.json").read_text() == "{}"
    assert not list(new.rglob("*.copy"))
