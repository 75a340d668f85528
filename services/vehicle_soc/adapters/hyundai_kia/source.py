"""Kia, Hyundai, Genesis over hyundai-kia-connect-api (blocking): cached reads in a thread of the account's own.

Fields and behaviour: https://github.com/Hyundai-Kia-Connect/hyundai_kia_connect_api.
"""

from collections.abc import Callable
from typing import Literal, override

from pydantic import Field, SecretStr, field_validator

from vehicle_soc.adapters.hyundai_kia.errors import CLOUD, ERRORS, translated
from vehicle_soc.adapters.hyundai_kia.session import REGIONS, Login, Session
from vehicle_soc.adapters.provider import Context, Options, Polled, ProviderKind, TwoFactor, Unavailable, Vin
from vehicle_soc.adapters.quiet_logs import silence
from vehicle_soc.adapters.threads import AccountThread, Stuck
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.wording.problems import Hindrance, Unreachable

BRANDS = {"kia": 1, "hyundai": 2, "genesis": 3}


class HyundaiKiaOptions(Options):
    """A car at Kia Connect, Bluelink or Genesis Connected Services."""

    username: str
    password: SecretStr
    pin: SecretStr | None = None
    """Canada needs it; Europe only where the app asks for it."""
    brand: Literal["kia", "hyundai", "genesis"]
    region: Literal["europe", "canada", "usa", "china", "australia", "india", "new_zealand", "brazil", "europe_cci"] = (
        "europe"
    )
    vin: Vin = None
    """Needed when the account has several cars."""
    language: str = "en"
    timeout_s: float = Field(default=120, gt=0)
    """A forced refresh in Europe takes half a minute by itself."""
    api_url: str | None = None
    """For tests: where the cloud is."""

    @field_validator("region", "brand", mode="before")
    @classmethod
    def _by_number(cls, value: object, info: object) -> object:
        """The library's numbers, which people copy from elsewhere, are good as well."""
        names = REGIONS if getattr(info, "field_name", "") == "region" else BRANDS
        if isinstance(value, str):
            value = value.strip().lower().replace(" ", "_")
        return next((name for name, number in names.items() if str(value) == str(number)), value)


class HyundaiKiaAccount:
    """One login in its thread. After a timeout the session is left to the stuck thread and a new one is begun."""

    def __init__(self, login: Login, context: Context, timeout_s: float) -> None:
        self._login, self._context, self._timeout_s = login, context, timeout_s
        self._thread = AccountThread(f"{login.brand}-{login.region}")
        self._session: Session | None = None

    async def read(self, vin: str | None, *, force: bool) -> Reading:
        """See :class:`Polled`."""
        return await self._call(lambda session: session.read(vin, self._context.clock.now, force=force))

    async def send_code(self) -> str | None:
        """See :class:`TwoFactor`."""
        return await self._call(Session.send_code)

    async def complete(self, code: str) -> None:
        """See :class:`TwoFactor`."""
        await self._call(lambda session: session.complete(code))

    async def _call[T](self, work: Callable[[Session], T]) -> T:
        session = self._session or Session(self._login, self._context.tokens, self._context.conceal)
        self._session = session
        try:
            return await self._thread.run(lambda: work(session), self._timeout_s)
        except Stuck:
            self._session = None
            raise Unavailable(Unreachable(CLOUD, Hindrance.NO_ANSWER)) from None
        except ERRORS as error:
            wrong = translated(error, self._context.car)
            if not session.awaits_code:
                self._session = None  # what is on disk is the better start: perhaps somebody logged in meanwhile
            raise wrong from None


class HyundaiKia(Polled, TwoFactor):
    """One car."""

    def __init__(self, options: HyundaiKiaOptions, account: HyundaiKiaAccount) -> None:
        self._options, self._account = options, account

    @override
    async def read(self, *, force: bool) -> Reading:
        return await self._account.read(self._options.vin, force=force)

    @override
    async def send_code(self) -> str | None:
        return await self._account.send_code()

    @override
    async def complete(self, code: str) -> None:
        await self._account.complete(code)


def account_name(options: HyundaiKiaOptions) -> str:
    """Cars with the same login share budget, session and token."""
    return f"hyundai_kia:{options.brand}:{options.region}:{options.username.lower()}"


def make(options: HyundaiKiaOptions, context: Context) -> HyundaiKia:
    """The provider for one car."""
    silence()
    secrets = [options.password.get_secret_value(), options.pin.get_secret_value() if options.pin else "", options.vin]
    for secret in filter(None, secrets):
        context.conceal(secret)
    name = account_name(options)
    if name not in context.shared:
        login = Login(
            account=name,
            region=REGIONS[options.region],
            brand=BRANDS[options.brand],
            username=options.username,
            password=options.password.get_secret_value(),
            pin=options.pin.get_secret_value() if options.pin else "",
            language=options.language,
            api_url=options.api_url,
        )
        context.shared[name] = HyundaiKiaAccount(login, context, options.timeout_s)
    return HyundaiKia(options, context.shared[name])


KIND = ProviderKind(options=HyundaiKiaOptions, make=make, account=account_name)
