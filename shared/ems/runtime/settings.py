"""Settings: closed models, read from a YAML or JSON file, refused in words that never hold a value."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import IPv6Address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    HttpUrl,
    ValidationError,
    field_validator,
    model_validator,
)

from ems.contract.message import Language
from ems.contract.topics import PREFIX
from ems.contract.validation import at, nearest, problems
from ems.runtime.notation import settings_file
from ems.runtime.notation.coercion import coerce

TLS_PORT = 8883
"""The usual port of a broker that speaks TLS."""
_YES = {"true", "yes", "y", "on", "1", "t"}
"""What pydantic takes for true."""


class SettingsError(Exception):
    """A person must change the settings or a credential; one line a problem."""


def validated[M: BaseModel](model: type[M], given: Any, *, where: str = "") -> M:
    """``given`` as a ``model``, with what people mean by what they write (see :mod:`ems.runtime.notation.coercion`).

    Raises:
        SettingsError: one line; each problem is named by ``where`` (a key, or nothing) and its own key.
    """
    meant, wrong = coerce(given, model)
    try:
        made = model.model_validate(meant)
    except ValidationError as error:
        # What is said already, with the right form, need not be said in pydantic's words.
        wrong |= {p: words for p, words in problems(error, model) if not any(p[: len(k)] == k for k in wrong)}
    else:
        if not wrong:
            return made
    lines = [(".".join(filter(None, (where, at(place)))), words) for place, words in wrong.items()]
    raise SettingsError("; ".join(f"{name}: {words}" if name else words for name, words in lines))


class Section(BaseModel):
    """A part of the settings: an unknown key is an error, and no value shows up in one."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        defer_build=True,
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


_SCHEMES = {"mqtt": False, "tcp": False, "mqtts": True, "ssl": True, "tls": True}
"""Whether TLS is spoken behind the schemes that people write before a broker's name."""
_ADDRESS = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?P<login>[^@]*@)?"
    r"(?:\[(?P<six>[^\]\s]+)\]|(?P<name>[^:/\s\[\]]+))(?::(?P<port>\d{1,5}))?/?"
)


def _broker(written: str) -> dict[str, Any]:
    """Host, and port and TLS where ``written`` says so.

    Raises:
        ValueError: it is no broker's address; says which forms there are.
    """
    forms = "write broker.example, broker.example:1883, mqtts://broker.example or ::1"
    with suppress(ValueError):
        return {"host": str(IPv6Address(written))}
    match = _ADDRESS.fullmatch(written)
    if match is None:
        raise ValueError(f"is no broker's name or address; {forms}")
    if match["login"]:
        raise ValueError("must hold no name and no password; give username and password_credential")
    scheme = (match["scheme"] or "").lower()
    if scheme and scheme not in _SCHEMES:
        raise ValueError(f"MQTT is spoken over TCP here; {forms}")
    found: dict[str, Any] = {"host": match["six"] or match["name"]}
    if scheme:
        found["tls"] = _SCHEMES[scheme]
    if match["port"]:
        found["port"] = int(match["port"])
    return found


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
        default=None,
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="unless it is given: the service's name and what follows from its password, which nobody guesses",
    )

    @model_validator(mode="before")
    @classmethod
    def _address(cls, given: Any) -> Any:
        """Port and TLS from where people write them: ``mqtts://broker.example:8883``."""
        if not isinstance(given, Mapping) or not isinstance(given.get("host"), str):
            return given
        try:
            found = _broker(given["host"].strip())
        except ValueError:
            return given  # said of the host itself, below
        if "port" in found and "port" in given and str(given["port"]) != str(found["port"]):
            raise ValueError("port: host says another one; keep one of them")
        if "tls" in found and "tls" in given and (str(given["tls"]).lower() in _YES) != found["tls"]:
            raise ValueError("tls: host says otherwise; keep one of them")
        if found.get("tls"):
            found.setdefault("port", given.get("port", TLS_PORT))
        return {**given, **found}

    @field_validator("host")
    @classmethod
    def _host(cls, host: str) -> str:
        return str(_broker(host)["host"])

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
    prices: Literal["main", "small"] = Field(
        default="main",
        description="unit of a kWh's price: main is the currency (EUR/kWh, the Energy dashboard's), small is ct/kWh",
    )
    datetime: bool = Field(
        default=False,
        description="announce each car's departure as a date and time field, too: Home Assistant 2026.10 has those,"
        " 2025.4 would refuse the whole car",
    )
    evcc_url: Url | None = Field(
        default=None,
        description="evcc's interface as people's browsers reach it, linked from its devices; else the address that"
        " evcc-poller uses, unless only its own machine has that",
    )


def _from_systemd() -> Path:
    # Several directories are joined by colons; the first is the service's own.
    return Path(os.environ.get("STATE_DIRECTORY", "").split(":")[0])


def _some_directory(path: Path) -> Path:
    if path == Path():
        raise ValueError("missing; give a directory, or let systemd give one (StateDirectory=)")
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError("~ leads nowhere: there is no such user, or no home") from None


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
            return validated(cls, settings_file.read(path))
        except (SettingsError, settings_file.UnreadableError) as error:
            raise SettingsError(f"{path}: {error}") from None
