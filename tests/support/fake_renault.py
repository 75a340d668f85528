"""A strict MyRenault on loopback: both halves (Gigya, Kamereon), in the shapes of the real ones.

Shapes: what renault-api (MIT) reads. Whatever the library sends that the real cloud would refuse is refused here and
noted in ``surprises``.
"""

import json
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
from aiohttp import web

USER, PASSWORD, CODE = "owner@example.org", "canary-renault-password", "424242"
VIN, OTHER_VIN = "VF1CANARYVIN00042", "VF1CANARYVIN00099"
GMID, UCID = "canary-gmid-of-device", "canary-ucid-of-device"
ACCOUNT = "account-id-1"
_JSON = "text/javascript; charset=utf-8"  # as Gigya does

ZOE = {
    "timestamp": "2026-11-20T17:05:00Z",
    "batteryLevel": 63,
    "batteryAutonomy": 187,
    "batteryAvailableEnergy": 26,
    "plugStatus": 1,
    "chargingStatus": 1.0,
    "chargingRemainingTime": 145,
    "chargingInstantaneousPower": 7.1,
}


@dataclass
class FakeRenault:
    """What the cloud knows and does; tests change it as they go."""

    two_factor: bool = False
    status: dict[str, Any] = field(default_factory=lambda: dict(ZOE))
    kamereon_error: str | None = None
    raw: tuple[int, str, str] | None = None
    """Instead of every answer of Kamereon: status, content type, body."""
    gigya_raw: tuple[int, str, str] | None = None
    refuse_jwts: int = 0
    """So many of the next calls of Kamereon are unauthorized, whatever their token."""
    refused_logins: set[str] = field(default_factory=set)
    """Login tokens whose access tokens Kamereon refuses, although Gigya still gives them out."""
    errors: list[str] = field(default_factory=list)
    """Codes that a car's next reads end with, one each."""
    gigya_error: int = 0
    """Instead of an access token: trouble of the login service."""
    links: list[dict[str, Any]] | None = None
    """Instead of one link for each of ``cars``."""
    cars: list[str] = field(default_factory=lambda: [VIN])
    model: str = "X101VE"
    requests: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    login_tokens: list[str] = field(default_factory=list)
    jwts: list[str] = field(default_factory=list)
    _remembered: set[str] = field(default_factory=set)
    _code_sent: bool = False
    _login_of: dict[str, str] = field(default_factory=dict)

    def app(self) -> web.Application:
        """The server."""
        app = web.Application()
        app.router.add_post("/accounts.login", self._login)
        app.router.add_post("/accounts.getAccountInfo", self._account_info)
        app.router.add_post("/accounts.getJWT", self._jwt)
        app.router.add_get("/accounts.webSdkBootstrap", self._bootstrap)
        app.router.add_get("/accounts.tfa.{what:.*}", self._tfa)
        app.router.add_get("/commerce/v1/{path:.*}", self._kamereon)
        app.router.add_route("*", "/{path:.*}", self._unknown)
        return app

    def count(self, part: str) -> int:
        """How many requests had ``part`` in their path."""
        return sum(part in path for path in self.requests)

    async def _unknown(self, request: web.Request) -> web.Response:
        self.surprises.append(f"{request.method} {request.path}")
        return web.Response(status=599)

    def _gigya(self, **body: Any) -> web.Response:
        return web.Response(
            text=json.dumps({"errorCode": 0, "statusCode": 200, **body}), content_type="text/javascript"
        )

    async def _form(self, request: web.Request, *needed: str) -> dict[str, str]:
        self.requests.append(request.path)
        given = {k: str(v) for k, v in (await request.post()).items()} | dict(request.query)
        self.surprises += [f"{request.path} without {name}" for name in needed if not given.get(name)]
        return given

    async def _login(self, request: web.Request) -> web.Response:
        form = await self._form(request, "ApiKey", "loginID", "password")
        if self.gigya_raw:
            status, kind, body = self.gigya_raw
            return web.Response(status=status, content_type=kind, text=body)
        if (form["loginID"], form["password"]) != (USER, PASSWORD):
            return self._gigya(errorCode=403042, errorDetails="invalid loginID or password", statusCode=403)
        if self.two_factor and request.cookies.get("gmid") not in self._remembered:
            return self._gigya(
                errorCode=403101, errorDetails="Account Pending TFA Verification", regToken="canary-reg-token"
            )
        self.login_tokens.append(f"canary-login-token-{len(self.login_tokens)}")
        return self._gigya(sessionInfo={"cookieName": "glt", "cookieValue": self.login_tokens[-1]})

    async def _account_info(self, request: web.Request) -> web.Response:
        form = await self._form(request, "ApiKey", "login_token")
        if form["login_token"] not in self.login_tokens:
            return self._gigya(errorCode=403005, errorDetails="Unauthorized user", statusCode=403)
        return self._gigya(data={"personId": "person-id-1"})

    async def _jwt(self, request: web.Request) -> web.Response:
        form = await self._form(request, "ApiKey", "login_token", "fields", "expiration")
        if form["login_token"] not in self.login_tokens:
            return self._gigya(errorCode=403005, errorDetails="Unauthorized user", statusCode=403)
        if self.gigya_error:
            return self._gigya(errorCode=self.gigya_error, errorDetails="trouble", statusCode=500)
        token = jwt.encode({"exp": time.time() + 900, "n": len(self.jwts)}, "canary-signature-key-of-thirty-two-bytes!")
        self.jwts.append(token)
        self._login_of[token] = form["login_token"]
        return self._gigya(id_token=token)

    async def _bootstrap(self, request: web.Request) -> web.Response:
        self.requests.append(request.path)
        response = web.Response(text="", content_type="text/javascript")
        response.set_cookie("gmid", GMID)
        response.set_cookie("ucid", UCID)
        return response

    async def _tfa(self, request: web.Request) -> web.Response:  # noqa: PLR0911  one answer a path
        what = request.match_info["what"]
        form = await self._form(request, "APIKey")
        if request.cookies.get("gmid") != GMID:
            self.surprises.append(f"{what} without the device's cookies")
        if what == "initTFA":
            return self._gigya(gigyaAssertion="canary-assertion")
        if what == "email.getEmails":
            return self._gigya(emails=[{"id": "email-1", "obfuscated": "o***r@example.org"}])
        if what == "email.sendVerificationCode":
            self._code_sent = form.get("emailID") == "email-1"
            return self._gigya(phvToken="canary-phv-token")
        if what == "email.completeVerification":
            if form.get("code") != CODE or not self._code_sent:
                return self._gigya(errorCode=400006, errorDetails="Invalid parameter value", statusCode=400)
            return self._gigya(providerAssertion="canary-provider-assertion")
        if what == "finalizeTFA" and form.get("providerAssertion") == "canary-provider-assertion":
            self._remembered.add(GMID)
            return self._gigya()
        return await self._unknown(request)

    async def _kamereon(self, request: web.Request) -> web.Response:  # noqa: PLR0911  one answer a path
        path = request.match_info["path"]
        self.requests.append(f"/{path}")
        if self.raw:
            status, kind, body = self.raw
            return web.Response(status=status, content_type=kind, text=body)
        if not request.headers.get("apikey") or request.query.get("country") != "DE":
            self.surprises.append(f"{path} without apikey or country")
        token = request.headers.get("x-gigya-id_token")
        if token not in self.jwts or self.refuse_jwts > 0 or self._login_of[token] in self.refused_logins:
            self.refuse_jwts -= 1
            return self._error("err.func.wired.unauthorized", 401)
        if path == "persons/person-id-1":
            accounts = [{"accountId": ACCOUNT, "accountType": "MYRENAULT", "accountStatus": "ACTIVE"}]
            return web.json_response({"personId": "person-id-1", "accounts": accounts})
        if path == f"accounts/{ACCOUNT}/vehicles":
            details = {"brand": {"label": "RENAULT"}, "model": {"code": self.model, "label": "ZOE"}}
            links = [{"vin": vin, "vehicleDetails": {"vin": vin, **details}} for vin in self.cars]
            links = links if self.links is None else self.links
            return web.json_response({"accountId": ACCOUNT, "country": "DE", "vehicleLinks": links})
        for vin in self.cars:
            if path == f"accounts/{ACCOUNT}/kamereon/kca/car-adapter/v2/cars/{vin}/battery-status":
                if self.errors:
                    return self._error(self.errors.pop(0), 404)
                if self.kamereon_error:
                    return self._error(self.kamereon_error, 500)
                return web.json_response({"data": {"type": "Car", "id": vin, "attributes": self.status}})
        return await self._unknown(request)

    def _error(self, code: str, status: int) -> web.Response:
        message = f"canary: the cloud quotes {VIN} here"
        errors = [{"errorCode": code, "errorMessage": message}]
        return web.json_response({"type": "FUNCTIONAL", "messages": [], "errors": errors}, status=status)
