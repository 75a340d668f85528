"""evcc-dynsec by hand: over TLS, with mctl's options file, and what it says when it cannot."""

import json
import os
import re
import socket
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from nix.dynsec import Guarded, guarded
from nix.flake import flake
from nix.mosquittos import ALL, programs


@dataclass(frozen=True)
class House:
    """A broker that speaks TLS only, and the files of somebody who administers it."""

    guarded: Guarded
    folder: Path

    def run(
        self, *options: str | Path, password: str | None = None, within: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        (self.folder / "admin").write_text(password or self.guarded.password("admin"))
        wanted = self.folder / "wanted.json"
        wanted.write_text(json.dumps(self.guarded.wanted))
        arguments = ("--wanted", wanted, *options)
        return self.guarded.dynsec({"TMPDIR": str(self.folder), "WAIT_S": "2"}, *arguments, within=within)

    def with_cafile(self, cafile: Path | None = None) -> tuple[str | Path, ...]:
        passwords = ("--passwords", self.folder / "passwords", "--admin-password-file", self.folder / "admin")
        place = ("--host", "127.0.0.1", "--port", str(self.guarded.broker.port))
        return (*place, "--cafile", cafile or self.folder / "cert.pem", *passwords)


def certificate(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem"


@pytest.fixture(scope="module", params=ALL)
def house(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[House]:
    programs(request.param)
    folder = tmp_path_factory.mktemp("tls")
    certificate(folder)
    text = flake().evaluate("lib.dummyHosts.mqtt-01.config.roles.mqtt-evcc.listener.text")
    tls = f"{text}certfile {folder}/cert.pem\nkeyfile {folder}/key.pem\n"
    made = guarded(tmp_path_factory.mktemp("broker"), request.param, listener=tls)
    (folder / "passwords").mkdir()
    for client in made.clients():
        (folder / "passwords" / client).write_text(made.password(client))
    yield House(made, folder)
    made.broker.stop()


def test_rights_come_over_tls_once_and_then_change_nothing(house: House) -> None:
    first = house.run(*house.with_cafile())
    assert (first.returncode, "createClient evcc-poller" in first.stdout) == (0, True), first.stderr
    second = house.run(*house.with_cafile())
    assert second.stdout.strip() == "the broker's dynamic security is as it should be", second.stderr
    assert not [each for each in house.folder.iterdir() if each.name.startswith("logins")], "logins are left behind"


def test_the_options_file_of_mosquitto_ctrl_is_enough(house: House) -> None:
    options = house.folder / "mctl"
    options.write_text(
        f"-h 127.0.0.1\n-p {house.guarded.broker.port}\n--cafile {house.folder}/cert.pem\n"
        f"-u admin\n-P {house.guarded.password('admin')}\n"
    )
    done = house.run("-o", options)
    assert done.returncode == 0, done.stderr


def test_a_certificate_that_is_not_trusted_is_named_as_the_cause(house: House) -> None:
    other = certificate(house.folder / "other")
    done = house.run(*house.with_cafile(other))
    assert (done.returncode, "The cause may be TLS" in done.stderr) == (1, True), done.stderr


def test_a_broker_that_is_spoken_to_without_tls_is_named_as_the_cause(house: House) -> None:
    place = ("--port", str(house.guarded.broker.port), "--admin-password-file", house.folder / "admin")
    done = house.run(*place)
    assert (done.returncode, "The cause may be TLS" in done.stderr) == (1, True), done.stderr


def test_a_wrong_password_is_named_as_the_cause_and_not_repeated(house: House) -> None:
    done = house.run(*house.with_cafile(), password="mistyped")
    assert (done.returncode, "The cause may be the password" in done.stderr) == (1, True), done.stderr
    assert "mistyped" not in done.stderr + done.stdout


def elsewhere(house: House, *place: str | Path, within: Sequence[str] = ()) -> str:
    """What it says of a broker at ``place``, where none is."""
    done = house.run(*place, "--admin-password-file", house.folder / "admin", within=within)
    assert done.returncode == 1
    assert house.guarded.password("admin") not in done.stderr + done.stdout
    return done.stderr


@pytest.mark.parametrize("tls", [(), ("--tls",)], ids=["plain", "tls"])
def test_a_name_that_nobody_knows_is_named_as_the_cause(house: House, tls: tuple[str, ...]) -> None:
    said = elsewhere(house, "--host", "no-such-broker.invalid", *tls)
    assert "The cause may be the name: nobody knows no-such-broker.invalid (DNS)" in said


@pytest.mark.parametrize("tls", [(), ("--tls",)], ids=["plain", "tls"])
def test_a_port_on_which_nothing_listens_is_named_as_the_cause(house: House, tls: tuple[str, ...]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        said = elsewhere(house, "--port", str(port), *tls)
    assert f"The cause may be the port: 127.0.0.1 is there, and nothing listens on its port {port}" in said


@pytest.mark.parametrize("tls", [(), ("--tls",)], ids=["plain", "tls"])
def test_a_host_that_cannot_be_reached_is_named_as_the_cause(house: House, tls: tuple[str, ...]) -> None:
    # A network of its own, without a route to anywhere.
    alone = ("unshare", "--net", *(() if os.geteuid() == 0 else ("--map-root-user",)))
    if subprocess.run([*alone, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("!!! NO NETWORK NAMESPACES HERE: a host that cannot be reached is not tried !!!")
    said = elsewhere(house, "--host", "192.0.2.1", *tls, within=alone)
    assert "The cause may be the network: 192.0.2.1 does not answer" in said
    assert "Network is unreachable" in said


def test_somebody_who_is_no_broker_is_not_called_a_network_fault(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        said = elsewhere(house, "--port", str(silent.getsockname()[1]))
    assert "The cause may be TLS: somebody listens" in said
    assert "or it is no broker" in said


def test_an_acl_file_before_dynamic_security_is_named_as_the_cause(tmp_path: Path) -> None:
    # What nixpkgs' module makes of its own listeners from mosquitto 2.1 on.
    its = programs("2.1")
    assert its.plugin is not None
    text = flake().evaluate("lib.dummyHosts.mqtt-01.config.roles.mqtt-evcc.listener.text")
    (tmp_path / "acl").write_text("")
    acl = (
        f"plugin {its.plugin.resolve().with_name('mosquitto_acl_file.so')}\nplugin_opt_acl_file {tmp_path}/acl\nplugin "
    )
    made = guarded(tmp_path, "2.1", listener=re.sub("^plugin ", acl, text, count=1, flags=re.MULTILINE))
    try:
        credentials = tmp_path / "credentials"
        credentials.mkdir()
        (credentials / "admin").write_text(made.password("admin"))
        environment = {
            "CREDENTIALS_DIRECTORY": str(credentials),
            "PORT": str(made.broker.port),
            "WANTED": os.devnull,
            "WAIT_S": "2",
        }
        done = made.dynsec(environment)
    finally:
        made.broker.stop()
    assert (done.returncode, "The cause may be rights: admin" in done.stderr) == (1, True), done.stderr
