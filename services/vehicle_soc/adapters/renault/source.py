"""Renault, Dacia, Alpine: MyRenault over renault-api. The car's last report is read; nothing wakes the car.

Fields and behaviour: renault-api (https://github.com/hacf-fr/renault-api), the battery-status endpoint.
"""

import asyncio
from datetime import datetime
from typing import Any, override

import aiohttp
import jwt
import marshmallow
from pydantic import SecretStr
from renault_api.const import CONF_GIGYA_URL, CONF_KAMEREON_URL
from renault_api.exceptions import RenaultException
from renault_api.gigya import GIGYA_JWT, GIGYA_PERSON_ID
from renault_api.gigya.exceptions import PendingTwoFactorAuthenticationException
from renault_api.helpers import get_api_keys
from renault_api.kamereon.exceptions import ResourceNotFoundException
from renault_api.kamereon.models import KamereonVehicleBatteryStatusData
from renault_api.renault_client import RenaultClient
from renault_api.renault_vehicle import RenaultVehicle

from vehicle_soc.adapters.provider import (
    AuthRequired,
    Context,
    Impossible,
    LoginStep,
    Options,
    Polled,
    ProviderKind,
    TwoFactor,
    Unavailable,
    Vin,
)
from vehicle_soc.adapters.quiet_logs import silence
from vehicle_soc.adapters.renault.errors import CLOUD, comes_and_goes, login_ended, translated
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.value_parsing import distance_km, impossible_percent, moment, percent
from vehicle_soc.domain.wording.problems import (
    DataRefused,
    LoginMissing,
    NamelessCar,
    NoSuchCar,
    SettingFault,
    WrongCode,
    WrongSettings,
)

TIMEOUT_S = 60.0
"""Longest call of the cloud, in real seconds."""
_CHARGING = 1.0
_ERRORS = (
    RenaultException,
    aiohttp.ClientError,
    TimeoutError,
    jwt.PyJWTError,
    marshmallow.ValidationError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
)
"""All that the library raises when the cloud's answers are not as it thinks."""


class RenaultOptions(Options):
    """A car at MyRenault or MyDacia."""

    username: str
    password: SecretStr | None = None
    """Not needed once `vehicle-soc login` was run, until the cloud forgets that login."""
    vin: Vin = None
    """Needed when the account has several cars."""
    locale: str = "de_DE"
    api_url: str | None = None
    """For tests: where both of the cloud's halves are."""


class RenaultAccount:
    """One login, shared by the account's cars; one call at a time."""

    def __init__(self, options: RenaultOptions, context: Context) -> None:
        self._options, self._context = options, context
        self.lock = asyncio.Lock()
        self._client: RenaultClient | None = None
        self.awaits_code = False
        self._kept: dict[str, Any] = {}
        if options.password:
            context.conceal(options.password.get_secret_value())

    async def client(self) -> RenaultClient:
        """The library's client with the login that was kept."""
        if self._client is None:
            keys = dict(await get_api_keys(self._options.locale, websession=self._context.http))
            if self._options.api_url:
                keys[CONF_GIGYA_URL] = keys[CONF_KAMEREON_URL] = self._options.api_url
            client = RenaultClient(
                websession=self._context.http,
                locale=self._options.locale,
                country=self._options.locale[-2:],
                locale_details=keys,
            )
            self._kept = self._context.tokens.load(account_name(self._options))
            if isinstance(devices := self._kept.get("device_ids"), dict):
                client.session.set_device_ids(devices)
            if isinstance(token := self._kept.get("login_token"), str):
                client.session.set_login_token(token)
                self._context.conceal(token)
            self._client = client
        return self._client

    async def login(self) -> None:
        """Logs in with the password and keeps what the cloud gave for the next time."""
        if self._options.password is None:
            raise AuthRequired(LoginMissing(CLOUD, self._context.car), LoginStep.PASSWORD)
        session = (await self.client()).session
        await session.login(self._options.username, self._options.password.get_secret_value())
        self.keep()

    def keep(self, *, answered: bool = False) -> None:
        """Writes the login down, when it is another one than before; ``answered``: the cloud told of a car with it."""
        if self._client is None or self._client.session.login_token is None:
            return
        session = self._client.session
        kept: dict[str, Any] = {"login_token": session.login_token, "device_ids": dict(session.device_ids)}
        if answered or self.has_answered:
            kept["answered"] = True
        for secret in (session.login_token, *session.device_ids.values()):
            self._context.conceal(str(secret))
        if kept != self._kept:
            self._context.tokens.save(account_name(self._options), kept)
            self._kept = kept

    def drop(self) -> None:
        """Forgets the session in memory; the next one starts with what is on disk (perhaps a new login)."""
        self._client = None

    @property
    def has_password(self) -> bool:
        """Whether a new login needs nobody."""
        return self._options.password is not None

    @property
    def has_answered(self) -> bool:
        """Whether the cloud ever told of a car with this login, also before a restart."""
        return bool(self._kept.get("answered"))

    async def renew_tokens(self) -> None:
        """Makes the library fetch new access tokens: it keeps refused ones."""
        if self._client is not None:
            self._client.session._credentials.clear_keys([GIGYA_JWT, GIGYA_PERSON_ID])  # noqa: SLF001  no public way


class Renault(Polled, TwoFactor):
    """One car."""

    def __init__(self, options: RenaultOptions, context: Context, account: RenaultAccount) -> None:
        self._options, self._context, self._account = options, context, account
        self._vehicle: RenaultVehicle | None = None
        if options.vin:
            context.conceal(options.vin)

    @override
    async def read(self, *, force: bool) -> Reading:
        async with self._account.lock:
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    status = await self._status()
                    self._account.keep(answered=True)
                    return reading(status, self._context.clock.now())
            except (*_ERRORS, AuthRequired) as error:
                wrong = translated(error, self._context.car)
                if isinstance(wrong, AuthRequired) and not self._account.awaits_code:
                    self._account.drop()  # what is on disk is the better start: perhaps somebody logged in meanwhile
                raise wrong from None

    @override
    async def send_code(self) -> str | None:
        async with self._account.lock:
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    return await self._send_code()
            except _ERRORS as error:
                raise translated(error, self._context.car) from None

    @override
    async def complete(self, code: str) -> None:
        async with self._account.lock:
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    if not self._account.awaits_code:
                        raise AuthRequired(WrongCode(CLOUD), LoginStep.CODE)
                    await (await self._account.client()).session.complete_two_factor_auth(code)
                self._account.awaits_code = False
                self._account.keep()
            except _ERRORS as error:
                raise translated(error, self._context.car) from None

    async def _send_code(self) -> str | None:
        try:
            await self._account.login()
        except PendingTwoFactorAuthenticationException:
            pass  # what we came for
        else:
            return None
        session = (await self._account.client()).session
        emails = await session.get_two_factor_auth_emails()
        if not emails:
            raise Impossible(WrongSettings(CLOUD, SettingFault.NO_EMAIL))
        await session.request_two_factor_auth_code(emails[0].id)
        self._account.awaits_code = True
        return emails[0].obfuscated or "e-mail"

    async def _status(self) -> KamereonVehicleBatteryStatusData:
        """The car's last report. What the cloud refuses is asked again with new tokens, and then after a new login."""
        renewed, logged_in = False, not self._account.has_password
        while True:
            try:
                return await self._ask()
            except (*_ERRORS, AuthRequired) as error:
                if not (login_ended(error) or comes_and_goes(error)):
                    raise
                if comes_and_goes(error) and not renewed:
                    renewed = True
                    await self._account.renew_tokens()
                elif not logged_in:
                    logged_in = True
                    await self._account.login()
                else:
                    raise _lasting(error, answered=self._account.has_answered) from None
                self._vehicle = None

    async def _ask(self) -> KamereonVehicleBatteryStatusData:
        client = await self._account.client()
        if self._vehicle is None or self._vehicle.session is not client.session:
            self._vehicle = await self._find(client)
        return await self._vehicle.get_battery_status()

    async def _find(self, client: RenaultClient) -> RenaultVehicle:
        """The car in whichever of the login's accounts it is."""
        found: list[RenaultVehicle] = []
        linked = 0
        for account in await client.get_api_accounts():
            links = (await account.get_vehicles()).vehicleLinks or []
            linked += len(links)
            found += [
                RenaultVehicle(
                    account_id=account.account_id,
                    vin=link.vin,
                    session=account.session,
                    vehicle_details=link.vehicleDetails,
                )
                for link in links
                if link.vin
            ]
        cars: dict[str, RenaultVehicle] = {}
        for vehicle in found:
            self._context.conceal(vehicle.vin)
            cars.setdefault(vehicle.vin.upper(), vehicle)
        if linked and not cars:
            raise Impossible(NamelessCar(CLOUD))
        wanted = [self._options.vin] if self._options.vin else list(cars)
        if len(wanted) != 1 or wanted[0] not in cars:
            raise Impossible(NoSuchCar.among(CLOUD, self._options.vin, list(cars)))
        return cars[wanted[0]]


def _lasting(error: BaseException, *, answered: bool) -> BaseException:
    """What a refusal is that neither new tokens nor a new login end: of a car that has answered before, an outage."""
    return Unavailable(DataRefused(CLOUD)) if answered and isinstance(error, ResourceNotFoundException) else error


def reading(status: KamereonVehicleBatteryStatusData, now: datetime) -> Reading:
    """What a battery status says; each field may be missing."""
    return Reading(
        source="renault",
        asked_at=now,
        soc_pct=percent(status.batteryLevel),
        impossible_pct=impossible_percent(status.batteryLevel),
        measured_at=moment(status.timestamp),
        range_km=distance_km(status.batteryAutonomy),
        plugged_in=None if status.plugStatus is None else status.plugStatus == 1,
        charging=None if status.chargingStatus is None else status.chargingStatus == _CHARGING,
    )


def account_name(options: RenaultOptions) -> str:
    """Cars with the same login share budget, session and token."""
    return f"renault:{options.username.lower()}:{options.locale}"


def make(options: RenaultOptions, context: Context) -> Renault:
    """The provider for one car."""
    silence()
    name = account_name(options)
    account = context.shared.setdefault(name, RenaultAccount(options, context))
    return Renault(options, context, account)


KIND = ProviderKind(options=RenaultOptions, make=make, account=account_name)
