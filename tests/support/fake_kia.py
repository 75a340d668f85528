"""Strict Kia clouds on loopback: Canada (code, PIN), USA (code), Europe's login page; in the shapes of the real ones.

Shapes: what hyundai-kia-connect-api (MIT) reads. Whatever the library sends that the real cloud would refuse is refused
here and noted in ``surprises``.
"""

import asyncio
import base64
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from Crypto.PublicKey import RSA

USER, PASSWORD, PIN, CODE = "owner@example.org", "canary-kia-password", "7531", "135790"
VIN, OTHER_VIN = "KNACANARYVIN00042", "KNACANARYVIN00099"

EV6 = {
    "lastStatusDate": "20261120170500",
    "battery": {"batSoc": 87},
    "evStatus": {
        "batteryStatus": 58,
        "batteryCharge": True,
        "batteryPlugin": 2,
        "drvDistance": [
            {
                "rangeByFuel": {
                    "evModeRange": {"value": 262, "unit": 1},
                    "totalAvailableRange": {"value": 262, "unit": 1},
                }
            }
        ],
    },
}

EV6_CCS2 = {
    "Date": "20261120170500",
    "Green": {
        "BatteryManagement": {"BatteryRemain": {"Ratio": 58.0}},
        "ChargingInformation": {"ConnectorFastening": {"State": 1}, "Charging": {"RemainTime": 0}},
    },
    "Drivetrain": {"FuelSystem": {"DTE": {"Unit": 1, "Total": 262}}},
    "Electronics": {"Battery": {"Level": 87}},
}


@dataclass
class FakeKia:
    """What a cloud knows and does; tests change it as they go."""

    wants_code: bool = False
    status: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(EV6)))
    ccs2: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(EV6_CCS2)))
    raw: tuple[int, str, str] | None = None
    """Instead of every answer: status, content type, body."""
    state_error: tuple[str, str] | None = None
    """Code and words instead of a car's state."""
    moved: set[str] = field(default_factory=set)
    """Tokens that Canada gave to another IP address than the one they come from now."""
    moves_at: str | None = None
    """At this call of Canada's the address changes: tokens until then are of the old one."""
    hang: asyncio.Event | None = None
    """A car's state is told only when this is set."""
    cars: list[str] = field(default_factory=lambda: [VIN])
    requests: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    expired: set[str] = field(default_factory=set)
    devices: set[str] = field(default_factory=set)
    consent: bool = True
    _code_sent: bool = False

    def count(self, part: str) -> int:
        """How many requests had ``part`` in their path."""
        return sum(part in path for path in self.requests)

    def token(self) -> str:
        """A new access token."""
        self.tokens.append(f"canary-access-token-{len(self.tokens)}")
        return self.tokens[-1]

    def good(self, token: str | None) -> bool:
        return token in self.tokens and token not in self.expired

    def canada(self) -> web.Application:
        """kiaconnect.ca."""
        return self._app({"POST": self._canada})

    def usa(self) -> web.Application:
        """api.owners.kia.com."""
        return self._app({"POST": self._usa, "GET": self._usa})

    def europe(self) -> web.Application:
        """Kia Europe: the login page as far as a refusal, and cars (protocol CCS2) for those who have a login."""
        return self._app({"POST": self._europe, "GET": self._europe})

    def _app(self, handlers: dict[str, Any]) -> web.Application:
        app = web.Application()
        for method, handler in handlers.items():
            app.router.add_route(method, "/{path:.*}", self._first(handler))
        return app

    def _first(self, handler: Any) -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            path = request.match_info["path"]
            self.requests.append(path)
            if self.raw:
                status, kind, body = self.raw
                return web.Response(status=status, content_type=kind, text=body)
            body = await request.json() if request.can_read_body and "json" in request.content_type else {}
            found: web.StreamResponse | None = await handler(path, request, body)
            if found is None:
                self.surprises.append(f"{request.method} {path}")
                return web.Response(status=599)
            return found

        return answer

    # Canada

    async def _canada(self, path: str, request: web.Request, body: dict[str, Any]) -> web.StreamResponse | None:
        if request.headers.get("client_id") is None:
            self.surprises.append(f"{path} without client_id")
        before_login = {
            "v2/login": self._canada_login,
            "mfa/selverifmeth": self._canada_ways,
            "mfa/sendotp": self._canada_send,
            "mfa/validateotp": self._canada_verify,
            "mfa/genmfatkn": self._canada_token,
        }
        if path in before_login:
            return before_login[path](request, body)
        if not self.good(request.headers.get("accessToken")):
            return _refused("7403", "Authentication expired")
        if path == self.moves_at:
            self.moves_at = None
            self.moved.update(self.tokens)
        if request.headers.get("accessToken") in self.moved:
            return _refused("7606", "IP validation failed")
        return await self._canada_car(path, request, body)

    def _canada_login(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        if (body.get("loginId"), body.get("password")) != (USER, PASSWORD):
            return _refused("7404", "Wrong username or password")
        if self.wants_code and request.headers.get("Deviceid") not in self.devices:
            return _refused("7110", "OTP required")
        return self._granted()

    def _granted(self) -> web.Response:
        token = {"accessToken": self.token(), "refreshToken": "canary-refresh-token", "expireIn": 86400}
        return _accepted({"token": token})

    def _canada_ways(self, _request: web.Request, body: dict[str, Any]) -> web.Response:
        assert body["userAccount"] == USER
        return _accepted({"userInfoUuid": "uuid-1", "emailList": [USER], "userPhone": ""})

    def _canada_send(self, _request: web.Request, body: dict[str, Any]) -> web.Response:
        self._code_sent = body["otpMethod"] == "E" and body["userInfoUuid"] == "uuid-1"
        return _accepted({"otpKey": "canary-otp-key"})

    def _canada_verify(self, _request: web.Request, body: dict[str, Any]) -> web.Response:
        if not self._code_sent or (body["otpNo"], body["otpKey"]) != (CODE, "canary-otp-key"):
            return _refused("7549", f"OTP {body['otpNo']} is wrong")
        return _accepted({"verifiedOtp": True, "otpValidationKey": "canary-validation-key"})

    def _canada_token(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        assert body["otpValidationKey"] == "canary-validation-key"
        self.devices.add(request.headers["Deviceid"])
        return self._granted()

    async def _canada_car(self, path: str, request: web.Request, body: dict[str, Any]) -> web.Response | None:
        if path == "vhcllst":
            cars = [
                {"vehicleId": f"id-{vin}", "nickName": "EV6", "modelName": "EV6", "modelYear": "2024", "vin": vin}
                | {"fuelKindCode": "E", "dtcCount": 0}
                for vin in self.cars
            ]
            return _accepted({"vehicles": cars})
        if request.headers.get("vehicleId") not in {f"id-{vin}" for vin in self.cars}:
            return None
        if path in {"lstvhclsts", "rltmvhclsts"}:
            if self.hang is not None:
                await self.hang.wait()
            return _refused(*self.state_error) if self.state_error else _accepted({"status": self.status})
        answers: dict[str, Any] = {
            "nxtsvc": {"maintenanceInfo": {"currentOdometer": 12000, "currentOdometerUnit": 1}},
            "vrfypin": {"pAuth": "canary-p-auth"} if body.get("pin") == PIN else {},
            "fndmcr": {"coord": {"lat": 45.0, "lon": -75.0}, "time": "20261120170500"},
            "evc/selsoc": [{"plugType": 0, "level": 80}, {"plugType": 1, "level": 90}],
            "alerts/maintenance/evTripDetails": {"tripdetails": []},
        }
        return _accepted(answers[path]) if path in answers else None

    # USA

    async def _usa(  # noqa: PLR0911  one answer a path
        self, path: str, request: web.Request, body: dict[str, Any]
    ) -> web.StreamResponse | None:
        session = request.headers.get("sid")
        if path == "prof/authUser":
            return self._usa_login(request, body)
        if path == "cmm/sendOTP":
            self._code_sent = request.headers.get("otpkey") == "canary-otp-key"
            return _status({})
        if path == "cmm/verifyOTP":
            if body.get("otp") != CODE or not self._code_sent:
                return _status({}, code=1, error=1, words=f"{body.get('otp')} is wrong")
            return _status({}, headers={"sid": "canary-otp-sid", "rmtoken": "canary-rm-token"})
        if not self.good(session):
            return _status({}, code=1, error=1003, words="Session Key is either invalid or expired")
        if path == "ownr/gvl":
            cars = [
                {"vehicleIdentifier": f"id-{v}", "nickName": "EV6", "modelName": "EV6", "vehicleKey": f"key-{session}"}
                for v in self.cars
            ]
            return _status({"vehicleSummary": [{**car, "fuelType": 4} for car in cars]})
        if path == "cmm/gvi":
            status = {"syncDate": {"utc": self.status.get("lastStatusDate")}, "evStatus": self.status["evStatus"]}
            info = {"lastVehicleInfo": {"vehicleStatusRpt": {"vehicleStatus": status}}}
            return _status({"vehicleInfoList": [info]})
        return _status({}) if path == "evc/gts" else None

    def _usa_login(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        if body.get("userCredential") != {"userId": USER, "password": PASSWORD}:
            return _status({}, code=1, error=1001, words="Invalid Email or Password")
        if request.headers.get("rmtoken") != "canary-rm-token" and self.wants_code:
            payload = {"otpKey": "canary-otp-key", "hasEmail": True, "hasPhone": False, "email": "o***r@example.org"}
            return _status(payload, headers={"xid": "canary-xid"})
        return _status({}, headers={"sid": self.token()})

    # Europe

    async def _europe(self, path: str, request: web.Request, _body: dict[str, Any]) -> web.StreamResponse | None:
        if path == "api/v1/spa/notifications/register":
            return web.json_response({"retCode": "S", "resCode": "0000", "resMsg": {"deviceId": "canary-device-id"}})
        if path == "auth/api/v2/user/oauth2/authorize":
            return web.Response(text="<html>sign in</html>", content_type="text/html")
        if path == "auth/api/v1/accounts/certs":
            key = RSA.generate(1024)
            numbers = {name: _base64(value) for name, value in (("n", key.n), ("e", key.e))}
            return web.json_response({"retValue": {"kid": "kid-1", **numbers}})
        if path == "auth/account/signin":
            form = await request.post()
            self.surprises += [
                f"signin without {name}" for name in ("client_id", "password", "username") if not form.get(name)
            ]
            where = "/web/v1/user/authorization?x=1" if self.consent else "/auth/authorize?again=1"
            return web.Response(status=302, headers={"location": where})
        if path.startswith("api/v1/spa/vehicles"):
            return await self._europes_car(path.removeprefix("api/v1/spa/vehicles"), request)
        return web.json_response({"retCode": "S"}) if path.startswith("api/v1/user/") else None

    async def _europes_car(self, path: str, request: web.Request) -> web.StreamResponse | None:
        if not self.good(request.headers.get("Authorization", "").removeprefix("Bearer ")):
            return web.json_response({"retCode": "F", "resCode": "7501", "resMsg": "canary: token expired"})
        if path == "":
            cars = [
                {"vehicleId": f"id-{vin}", "nickname": "EV6", "vehicleName": "EV6", "regDate": "2024-01-01", "vin": vin}
                | {"type": "EV", "ccuCCS2ProtocolSupport": 1}
                for vin in self.cars
            ]
            return _europe({"vehicles": cars})
        if path.endswith("/ccs2/carstatus/latest"):
            if self.state_error:
                code, words = self.state_error
                return web.json_response({"retCode": "F", "resCode": code, "resMsg": f"{words}; canary {VIN}"})
            return _europe({"state": {"Vehicle": self.ccs2}})
        if path.endswith("/location/park"):
            return _europe({"gpsDetail": {"coord": {"lat": 50.0, "lon": 8.0}, "time": "20261120170500"}})
        return _europe({}) if path.endswith("/drvhistory") else None


def _base64(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode().rstrip("=")


def _europe(result: Any) -> web.Response:
    return web.json_response({"retCode": "S", "resCode": "0000", "resMsg": result, "msgId": "1"})


def _accepted(result: Any) -> web.Response:
    return web.json_response({"responseHeader": {"responseCode": 0, "responseDesc": "Success"}, "result": result})


def _refused(code: str, words: str) -> web.Response:
    error = {"errorCode": code, "errorDesc": f"{words}; canary: the cloud quotes {VIN} here"}
    return web.json_response({"responseHeader": {"responseCode": 1, "responseDesc": "Failure"}, "error": error})


def _status(
    payload: Any, code: int = 0, error: int = 0, words: str = "", headers: dict[str, str] | None = None
) -> web.Response:
    status = {"statusCode": code, "errorType": code, "errorCode": error, "errorMessage": words}
    return web.json_response({"status": status, "payload": payload}, headers=headers)
