"""The blocking half of Hyundai and Kia: everything here runs in the account's thread."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from hyundai_kia_connect_api import Token, VehicleManager
from hyundai_kia_connect_api.const import OTP_NOTIFY_TYPE
from hyundai_kia_connect_api.exceptions import (
    APIError,
    AuthenticationError,
    AuthenticationOTPRequired,
    ConsentRequiredError,
)

from vehicle_soc.adapters.hyundai_kia.errors import CLOUD
from vehicle_soc.adapters.provider import AuthRequired, Impossible, LoginStep, Unavailable
from vehicle_soc.adapters.token_store import TokenStore
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.value_parsing import distance_km, impossible_percent, moment, percent
from vehicle_soc.domain.wording.problems import DataRefused, NoSuchCar, WrongCode, WrongLogin

REGIONS = {
    "europe": 1,
    "canada": 2,
    "usa": 3,
    "china": 4,
    "australia": 5,
    "india": 6,
    "new_zealand": 7,
    "brazil": 8,
    "europe_cci": 9,
}
_URLS = {
    "BASE_URL": "{host}",
    "API_URL": "{root}/",
    "LOGIN_FORM_HOST": "{root}",
    "CCI_API_URL": "{root}",
    "USER_API_URL": "{root}/api/v1/user/",
    "SPA_API_URL": "{root}/api/v1/spa/",
    "SPA_API_URL_V2": "{root}/api/v2/spa/",
}
"""Where the library's regions keep their addresses."""
_TOKEN_CODES = frozenset({"7403", "7602", "7606"})
"""Canada's codes for a token that is none any more; 7606: it was given to another IP address."""


@dataclass(frozen=True, slots=True)
class Login:
    """What the library wants to know."""

    account: str
    region: int
    brand: int
    username: str
    password: str = field(repr=False)
    pin: str = field(default="", repr=False)
    language: str = "en"
    api_url: str | None = None


class Session:
    """The library's manager with the login that was kept; used by one thread at a time."""

    def __init__(self, login: Login, tokens: TokenStore, conceal: Callable[[str], None]) -> None:
        self._login, self._tokens, self._conceal = login, tokens, conceal
        self._manager: Any = None
        self._kept: dict[str, Any] = {}
        self.awaits_code = False
        self._login_refused = False
        self._refusal: str | None = None

    def read(self, vin: str | None, now: Callable[[], datetime], *, force: bool) -> Reading:
        """One car's state as its cloud knows it (``force``: as the car says when it is woken).

        A cloud that ended a login before its time, which only some of the library notices, is logged in to again.
        """
        try:
            return self._read(vin, now, force=force)
        except (AuthenticationError, APIError) as error:
            if not self._login_ended(error):
                raise
        if self._manager.token is not None:
            self._manager.token.valid_until = datetime.min.replace(tzinfo=UTC)
        try:
            return self._read(vin, now, force=force)
        except (AuthenticationError, APIError) as error:
            if not self._login_ended(error):
                raise
            raise Unavailable(DataRefused(CLOUD)) from None

    def _read(self, vin: str | None, now: Callable[[], datetime], *, force: bool) -> Reading:
        manager, asked_at = self._open(), now()
        self._login_refused, self._refusal = False, None
        manager.check_and_refresh_token()
        self._keep()
        car = self._find(vin)
        # The library prefers the newer of two times, and puts "now" where the car sent none: it must not remember.
        car.last_updated_at = None
        if force:
            manager.force_refresh_vehicle_state(car.id)
        manager.update_vehicle_with_cached_state(car.id)
        self._keep()
        return reading(car, asked_at, woken=force)

    def _login_ended(self, error: Exception) -> bool:
        """Whether the cloud took its login back; not when it refused a new one, or wants something of its owner."""
        if self._login_refused or isinstance(error, AuthenticationOTPRequired | ConsentRequiredError):
            return False
        return isinstance(error, AuthenticationError) or self._refusal in _TOKEN_CODES

    def _watch(self, api: Any) -> None:
        """Notes what the library's errors do not tell: whether it was a login that failed, and the cloud's code."""
        for name in ("login", "refresh_access_token"):
            setattr(api, name, self._noting(getattr(api, name)))
        if isinstance(http := getattr(api, "sessions", None), requests.Session):
            http.hooks["response"].append(self._note_refusal)

    def _noting(self, login: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any, **more: Any) -> Any:
            try:
                return login(*args, **more)
            except AuthenticationError:
                self._login_refused = True
                raise

        return noted

    def _note_refusal(self, response: requests.Response, *_: Any, **__: Any) -> None:
        with suppress(ValueError, LookupError, TypeError, AttributeError):
            self._refusal = str(response.json()["error"]["errorCode"])

    def send_code(self) -> str | None:
        """Logs in; when the cloud wants a code, makes it send one and tells where to."""
        manager = self._open()
        wanted = manager.login()
        if wanted is True:
            self._keep()
            return None
        if not wanted:
            raise AuthRequired(WrongLogin(CLOUD), LoginStep.PASSWORD)
        by_mail = wanted.has_email or not wanted.has_sms
        manager.send_otp(OTP_NOTIFY_TYPE.EMAIL if by_mail else OTP_NOTIFY_TYPE.SMS)
        self.awaits_code = True
        return "e-mail" if by_mail else "SMS"

    def complete(self, code: str) -> None:
        """Finishes the login with the code."""
        if not self.awaits_code:
            raise AuthRequired(WrongCode(CLOUD), LoginStep.CODE)
        self._conceal(code)
        self._manager.verify_otp_and_complete_login(code)
        self.awaits_code = False
        self._keep()

    def _open(self) -> Any:
        if self._manager is None:
            login = self._login
            self._kept = self._tokens.load(login.account)
            token = Token.from_dict(self._kept) if self._kept.get("access_token") else None
            if token is not None:
                # What the settings say now counts, not what they said at the last login.
                token.username, token.password, token.pin = login.username, login.password, login.pin
            self._manager = VehicleManager(
                region=login.region,
                brand=login.brand,
                username=login.username,
                password=login.password,
                pin=login.pin,
                token=token,
                language=login.language,
            )
            if login.api_url:
                _redirect(self._manager.api, login.api_url)
            self._watch(self._manager.api)
        return self._manager

    def _keep(self) -> None:
        """Writes the login down when it has changed. It holds the password: the library renews logins with it."""
        if self._manager.token is None:
            return
        kept = self._manager.token.to_dict()
        for name in ("access_token", "refresh_token", "device_id", "control_token", "cci_access_token", "id_token"):
            if kept.get(name):
                self._conceal(str(kept[name]).removeprefix("Bearer "))
        if kept != self._kept:
            self._tokens.save(self._login.account, kept)
            self._kept = kept

    def _find(self, vin: str | None) -> Any:
        cars = list(self._manager.vehicles.values())
        for car in cars:
            if car.VIN:
                self._conceal(car.VIN)
        wanted = [car for car in cars if vin is None or vin == str(car.VIN or "").strip().upper()]
        if not wanted and len(cars) == 1 and not cars[0].VIN:
            wanted = cars  # some regions tell a VIN only with the state, or never
        if len(wanted) != 1:
            raise Impossible(NoSuchCar.among(CLOUD, vin, [str(car.VIN or car.name) for car in cars]))
        return wanted[0]


def reading(car: Any, asked_at: datetime, *, woken: bool = False) -> Reading:
    """What the library knows of a car.

    A time that is not before our question is the library's stand-in for none, unless the car was woken to answer.
    """
    measured = moment(car.last_updated_at)
    if measured is not None and not woken and measured >= asked_at - timedelta(seconds=2):
        measured = None
    plugged, charging = car.ev_battery_is_plugged_in, car.ev_battery_is_charging
    return Reading(
        source="hyundai_kia",
        asked_at=asked_at,
        soc_pct=percent(car.ev_battery_percentage),
        impossible_pct=impossible_percent(car.ev_battery_percentage),
        measured_at=measured,
        range_km=distance_km(car.ev_driving_range, miles=car.ev_driving_range_unit == "mi"),
        # Older cars send how they are plugged in (1: fast, 2: at home) instead of whether.
        plugged_in=None if plugged is None else bool(plugged),
        charging=None if charging is None else bool(charging),
        aux_battery_pct=percent(car.car_battery_percentage),
    )


def _redirect(api: Any, root: str) -> None:
    root = root.rstrip("/")
    host = root.split("//", 1)[-1]
    for name, pattern in _URLS.items():
        if hasattr(api, name):
            setattr(api, name, pattern.format(root=root, host=host))
