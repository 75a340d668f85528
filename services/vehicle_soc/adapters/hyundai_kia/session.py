"""The blocking half of Hyundai and Kia: everything here runs in the account's thread."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hyundai_kia_connect_api import Token, VehicleManager
from hyundai_kia_connect_api.const import OTP_NOTIFY_TYPE
from hyundai_kia_connect_api.exceptions import AuthenticationError, AuthenticationOTPRequired, ConsentRequiredError

from vehicle_soc.adapters.hyundai_kia.errors import CLOUD
from vehicle_soc.adapters.provider import AuthRequired, Impossible, LoginStep
from vehicle_soc.adapters.token_store import TokenStore
from vehicle_soc.domain import texts
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.value_parsing import distance_km, impossible_percent, moment, percent

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

    def read(self, vin: str | None, now: Callable[[], datetime], *, force: bool) -> Reading:
        """One car's state as its cloud knows it (``force``: as the car says when it is woken)."""
        token = self._open().token
        usable = token is not None and isinstance(token.valid_until, datetime) and _aware(token.valid_until) > now()
        try:
            return self._read(vin, now, force=force)
        except (AuthenticationOTPRequired, ConsentRequiredError):
            raise
        except AuthenticationError:
            if not usable:
                raise
            # The cloud ended a login before its time, which only some regions of the library notice.
            self._manager.token.valid_until = datetime.min.replace(tzinfo=UTC)
            return self._read(vin, now, force=force)

    def _read(self, vin: str | None, now: Callable[[], datetime], *, force: bool) -> Reading:
        manager, asked_at = self._open(), now()
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

    def send_code(self) -> str | None:
        """Logs in; when the cloud wants a code, makes it send one and tells where to."""
        manager = self._open()
        wanted = manager.login()
        if wanted is True:
            self._keep()
            return None
        if not wanted:
            raise AuthRequired(texts.wrong_login(CLOUD), LoginStep.PASSWORD)
        by_mail = wanted.has_email or not wanted.has_sms
        manager.send_otp(OTP_NOTIFY_TYPE.EMAIL if by_mail else OTP_NOTIFY_TYPE.SMS)
        self.awaits_code = True
        return "e-mail" if by_mail else "SMS"

    def complete(self, code: str) -> None:
        """Finishes the login with the code."""
        if not self.awaits_code:
            raise AuthRequired(texts.wrong_code(CLOUD), LoginStep.CODE)
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
        wanted = [car for car in cars if vin is None or vin == car.VIN]
        if not wanted and len(cars) == 1 and not cars[0].VIN:
            wanted = cars  # some regions tell a VIN only with the state, or never
        if len(wanted) != 1:
            raise Impossible(texts.no_such_car(CLOUD, vin, len(wanted)))
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


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _redirect(api: Any, root: str) -> None:
    root = root.rstrip("/")
    host = root.split("//", 1)[-1]
    for name, pattern in _URLS.items():
        if hasattr(api, name):
            setattr(api, name, pattern.format(root=root, host=host))
