"""What a provider is, so that others can add theirs: an entry point in the group ``evcc_ems.vehicle_providers``.

The entry point's name is the provider's; it leads to a :class:`ProviderKind`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Annotated, Any, Protocol, runtime_checkable

from pydantic import BeforeValidator, SecretStr

from ems.contract.message import Text
from ems.contract.validation import nearest
from ems.contract.vehicle import ProblemKind
from ems.runtime import redact
from ems.runtime.clock import Clock
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.settings import MqttSettings, Section, SettingsError
from vehicle_soc.adapters.token_store import TokenStore
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.wording import renderer
from vehicle_soc.domain.wording.problems import InOwnWords, Problem

if TYPE_CHECKING:
    # 6 MB: only a home that asks a car's cloud or web page pays for it.
    import aiohttp

GROUP = "evcc_ems.vehicle_providers"


def _as_vin(value: object) -> object:
    """A VIN as clouds write it, however it was copied; an empty one is none."""
    return "".join(value.split()).replace("-", "").upper() or None if isinstance(value, str) else value


Vin = Annotated[str | None, BeforeValidator(_as_vin)]
"""A vehicle identification number; small letters, blanks and hyphens do not matter."""


class LoginStep(StrEnum):
    """What the owner must do so that a cloud lets us in again."""

    PASSWORD = "password"  # noqa: S105  the name of a step, no secret
    CODE = "code"
    CONSENT = "consent"
    PIN = "pin"


class Unavailable(TransientError):
    """The cloud cannot answer now; ``reason`` says why. A plug-in may say it in its own words, as a text."""

    def __init__(self, reason: Problem | Text) -> None:
        self.reason = _as_problem(reason)
        super().__init__(renderer.text(self.reason).en)


class QuotaExceeded(Unavailable):
    """The cloud was asked too often."""


class Impossible(PermanentError):
    """The cloud will not answer until a person acts; ``reason`` says how. A plug-in may say it in its own words."""

    def __init__(self, reason: Problem | Text) -> None:
        self.reason = _as_problem(reason)
        super().__init__(renderer.text(self.reason).en)


class AuthRequired(Impossible):
    """The cloud wants its user: a password, a code, a consent or a PIN."""

    def __init__(self, reason: Problem | Text, step: LoginStep) -> None:
        super().__init__(reason)
        self.step = step


def problem(error: TransientError | PermanentError) -> tuple[ProblemKind, Problem]:
    """The kind of a provider's error and what it says, also of a plug-in that knows only the two base classes."""
    reason: Problem = InOwnWords.untranslated(str(error))
    if isinstance(error, Unavailable | Impossible):
        reason = error.reason
    if isinstance(error, AuthRequired):
        return ProblemKind.AUTH_REQUIRED, reason
    if isinstance(error, QuotaExceeded):
        return ProblemKind.QUOTA, reason
    return (ProblemKind.PERMANENT if isinstance(error, PermanentError) else ProblemKind.TRANSIENT), reason


def _as_problem(reason: Problem | Text) -> Problem:
    return InOwnWords(reason) if isinstance(reason, Text) else reason


@runtime_checkable
class Polled(Protocol):
    """A source that answers when it is asked."""

    async def read(self, *, force: bool) -> Reading:
        """Asks once; ``force`` wakes the car, where that is possible.

        Raises:
            TransientError: try again later (:class:`QuotaExceeded`: much later).
            PermanentError: a person must act (:class:`AuthRequired`: log in).
        """


@runtime_checkable
class Pushed(Protocol):
    """A source that speaks by itself."""

    async def listen(self, deliver: Callable[[Reading], None]) -> None:
        """Delivers readings until the source is lost.

        Raises:
            TransientError: the source is lost; call again later.
            PermanentError: a person must act.
        """


@runtime_checkable
class TwoFactor(Protocol):
    """A cloud that sends codes to its users."""

    async def send_code(self) -> str | None:
        """Makes the cloud send a code; returns where to (masked), or None when the login needed no code."""

    async def complete(self, code: str) -> None:
        """Finishes the login with the code.

        Raises:
            AuthRequired: the code was wrong, or none had been asked for.
        """


@dataclass(frozen=True, slots=True)
class Context:
    """What a provider may use. Cars of one account share ``shared``."""

    car: str
    clock: Clock
    open_http: Callable[[], "aiohttp.ClientSession"]
    """Opens the connections that all share, at the first call."""
    tokens: TokenStore
    mqtt: MqttSettings
    mqtt_password: SecretStr | None = None
    conceal: Callable[[str], None] = redact.register
    """Takes a secret or a VIN out of everything that is written down from now on."""
    shared: dict[str, Any] = field(default_factory=dict)
    tell_impossible: Callable[[Reading], None] = lambda _: None
    """Takes what a source that speaks by itself says and no car can be (``impossible_pct``), so that people see it."""

    @property
    def http(self) -> "aiohttp.ClientSession":
        """Connections to the web; they keep no cookies, and are closed for the provider."""
        return self.open_http()


class Options(Section):
    """Settings of one provider for one car. ``NAME_credential`` fills the secret field ``NAME`` from a credential."""


@dataclass(frozen=True, slots=True)
class ProviderKind[O: Options]:
    """A provider: its settings, how to make one for a car, and which account it uses (None: no cloud behind it)."""

    options: type[O]
    make: Callable[[O, Context], Polled | Pushed | None]
    account: Callable[[O], str | None] = lambda _: None


def provider_names() -> list[str]:
    """The names of all providers that are installed."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def provider_kind(name: str) -> ProviderKind[Any]:
    """The provider with this name. Only now its module and the car library behind it are imported.

    Raises:
        SettingsError: there is no such provider, or it cannot be loaded.
    """
    found = list(entry_points(group=GROUP, name=name))
    if not found:
        known = provider_names()
        raise SettingsError(f"no provider {name!r}{nearest(name, known)}; installed are {', '.join(known)}")
    try:
        kind = found[0].load()
    except (ImportError, AttributeError) as why:
        raise SettingsError(f"the provider {name!r} cannot be loaded: {why}") from None
    if not isinstance(kind, ProviderKind):
        raise SettingsError(f"the provider {name!r} is broken: its entry point leads to no ProviderKind")
    return kind
