"""Settings: closed models, read from a YAML or JSON file, refused in words that never hold a value."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FilePath, HttpUrl, ValidationError, model_validator

from ems.contract.message import Language, in_words, nearest
from ems.contract.topics import PREFIX
from ems.runtime import yaml12


class SettingsError(Exception):
    """A person must change the settings or a credential; one line a problem."""


class Section(BaseModel):
    """A part of the settings: an unknown key is an error, and no value shows up in one."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


CredentialRef = Annotated[
    str,
    Field(
        min_length=1,
        max_length=4096,
        description="the NAME of a systemd credential, or the absolute path of a file with mode 0600; never the secret",
    ),
]


def _without_login(url: HttpUrl) -> HttpUrl:
    if url.username is not None or url.password is not None:
        raise ValueError("a URL must hold no name and no password; they have settings of their own")
    return url


Url = Annotated[HttpUrl, AfterValidator(_without_login)]
"""An http or https address that is fit to be shown."""


def _known_timezone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"no such time zone{nearest(name, available_timezones())}; allowed are IANA's names")
    return name


Timezone = Annotated[str, AfterValidator(_known_timezone)]


class MqttSettings(Section):
    """How to reach the broker."""

    host: str = Field(default="localhost", min_length=1, description="name or address of the broker")
    port: int = Field(default=1883, ge=1, le=65535, description="8883 is usual with TLS")
    tls: bool = Field(default=False, description="encrypted, and the broker's certificate is checked")
    ca_file: FilePath | None = Field(
        default=None, description="PEM file of the authority to trust instead of the system's"
    )
    username: str | None = Field(default=None, min_length=1)
    password_credential: CredentialRef | None = None
    prefix: str = Field(
        default=PREFIX,
        pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$",
        description="where the suite lives on the broker; never evcc's own root",
    )
    keepalive_s: int = Field(default=15, ge=5, le=600, description="a lost network is noticed after 1.5 times this")
    client_id: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9_-]{1,64}$", description="the service's name, unless it is given"
    )

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if self.password_credential and not self.username:
            raise ValueError("password_credential needs a username")
        if self.ca_file and not self.tls:
            raise ValueError("ca_file needs tls: true")
        return self


class HomeAssistantSettings(Section):
    """Home Assistant's MQTT discovery."""

    enabled: bool = Field(default=True, description="announce the service's devices to Home Assistant")
    prefix: str = Field(
        default="homeassistant",
        pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$",
        description="Home Assistant's discovery prefix",
    )


def _from_systemd() -> Path:
    # Several directories are joined by colons; the first is the service's own.
    return Path(os.environ.get("STATE_DIRECTORY", "").split(":")[0])


def _some_directory(path: Path) -> Path:
    if path == Path():
        raise ValueError("missing; give a directory, or let systemd give one (StateDirectory=)")
    return path


class ServiceSettings(Section):
    """What every service can be told; each adds its own."""

    mqtt: MqttSettings = MqttSettings()
    """How to reach the broker."""
    homeassistant: HomeAssistantSettings = HomeAssistantSettings()
    """Home Assistant's MQTT discovery."""
    timezone: Timezone = "Europe/Berlin"
    """The site's zone: deadlines, quiet hours and texts are in it."""
    language: Language = Language.EN
    """Of texts for people."""
    state_dir: Annotated[Path, AfterValidator(_some_directory)] = Field(
        default_factory=_from_systemd, validate_default=True
    )
    """Where the service keeps what must outlive it. Under systemd: its StateDirectory."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is logged."""

    @property
    def zone(self) -> ZoneInfo:
        """The site's zone."""
        return ZoneInfo(self.timezone)

    @classmethod
    def load(cls, path: Path) -> Self:
        """The settings in the file at ``path``.

        Raises:
            SettingsError: names the file, the key, what is wrong and what is allowed.
        """
        try:
            return cls.model_validate(_mapping(path))
        except ValidationError as error:
            problems = in_words(error, cls).replace("value error, ", "")
            raise SettingsError(f"{path}: {problems}") from None


def _mapping(path: Path) -> dict[str, Any]:
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise SettingsError(f"{path}: the file's name must end in one of {', '.join(_READERS)}")
    try:
        whole = read(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: not UTF-8 text") from None
    except _NotReadable as error:
        raise SettingsError(f"{path}: {error}") from None
    if whole is None:
        raise SettingsError(f"{path}: empty; write `{{}}` to take all defaults")
    if not isinstance(whole, dict):
        raise SettingsError(f"{path}: must be a mapping of settings (key: value)")
    not_words = [key for key in whole if not isinstance(key, str)]
    if not_words:
        raise SettingsError(f"{path}: a key must be a word")
    return whole


class _NotReadable(Exception):
    """Where and why a file is not YAML or JSON."""


def _yaml(text: str) -> object:
    try:
        return yaml12.load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise _NotReadable(where + re.sub(r"'([^']*)'", _keep_punctuation, error.problem or "not YAML")) from None
    except yaml.YAMLError:
        raise _NotReadable("not YAML") from None


def _keep_punctuation(quoted: re.Match[str]) -> str:
    """PyYAML quotes what it stumbled over: a bracket helps, a word might be a secret."""
    return quoted[0] if len(quoted[1]) == 1 or quoted[1].startswith("<") else "..."


def _json(text: str) -> object:
    if not text.strip():
        return None
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise _NotReadable(f"line {error.lineno}, column {error.colno}: {error.msg.lower()}") from None
    except RecursionError:
        raise _NotReadable("nested too deeply") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for index, (key, _) in enumerate(pairs):
        if any(key == earlier for earlier, _ in pairs[:index]):
            raise _NotReadable(f"the key {key} is there twice")
    return dict(pairs)


def _no_constant(word: str) -> object:
    raise _NotReadable(f"{word} is no number")


_READERS: dict[str, Callable[[str], object]] = {".yaml": _yaml, ".yml": _yaml, ".json": _json}
