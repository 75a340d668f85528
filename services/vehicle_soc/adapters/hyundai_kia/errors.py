"""The Hyundai and Kia library's errors, translated once: what to do next, without the cloud's own words."""

from collections.abc import Callable
from typing import Any

import requests
from hyundai_kia_connect_api.exceptions import (
    AuthenticationError,
    AuthenticationOTPRequired,
    ConsentRequiredError,
    HyundaiKiaException,
    NoDataFound,
    PINMissingError,
    RateLimitingError,
    RequestTimeoutError,
    ServiceTemporaryUnavailable,
)

from ems.runtime.errors import PermanentError, TransientError
from vehicle_soc.adapters.provider import (
    AuthRequired,
    Impossible,
    LoginStep,
    QuotaExceeded,
    Unavailable,
)
from vehicle_soc.domain.wording.problems import (
    AskedTooOften,
    CodeNeeded,
    ConsentNeeded,
    Hindrance,
    OddAnswer,
    Oddity,
    PinNeeded,
    Unreachable,
    Unsupported,
    WrongCode,
    WrongLogin,
)

type _Ours = TransientError | PermanentError

CLOUD = "Hyundai/Kia"
ERRORS = (HyundaiKiaException, requests.RequestException, LookupError, ValueError, TypeError, AttributeError)
"""All that the library raises when the cloud's answers are not as it thinks."""
_NOT_THE_OWNERS_FAULT = ("API error:", "WAF", "abusing")
"""The library calls these an authentication error, but no other password would help."""


def _authentication(words: str) -> _Ours:
    if any(sign in words for sign in _NOT_THE_OWNERS_FAULT):
        return Unavailable(Unreachable(CLOUD, Hindrance.LOGIN_PAGE))
    if "OTP" in words:
        return AuthRequired(WrongCode(CLOUD), LoginStep.CODE)
    return AuthRequired(WrongLogin(CLOUD), LoginStep.PASSWORD)


def _attribute(error: AttributeError, car: str) -> _Ours:
    # Kia USA renews a session in the middle of a call, and takes the demand for a code for a login.
    if type(error.obj).__name__ == "OTPRequest":
        return AuthRequired(CodeNeeded(CLOUD, car), LoginStep.CODE)
    return Unavailable(OddAnswer(CLOUD, detail="AttributeError"))


def _http(error: requests.HTTPError) -> _Ours:
    status = error.response.status_code if error.response is not None else 0
    if status == 429:
        return QuotaExceeded(AskedTooOften(CLOUD))
    return Unavailable(Unreachable(CLOUD, status=status))


type _Rule = tuple[type[BaseException] | tuple[type[BaseException], ...], Callable[[Any, str], _Ours]]

_RULES: tuple[_Rule, ...] = (
    ((TransientError, PermanentError), lambda error, _: error),
    (AuthenticationOTPRequired, lambda _, car: AuthRequired(CodeNeeded(CLOUD, car), LoginStep.CODE)),
    (ConsentRequiredError, lambda _, __: AuthRequired(ConsentNeeded(CLOUD), LoginStep.CONSENT)),
    (PINMissingError, lambda _, __: AuthRequired(PinNeeded(CLOUD), LoginStep.PIN)),
    (AuthenticationError, lambda error, _: _authentication(str(error))),
    (RateLimitingError, lambda _, __: QuotaExceeded(AskedTooOften(CLOUD))),
    (NoDataFound, lambda _, __: Impossible(Unsupported(CLOUD))),
    (AttributeError, _attribute),
    (requests.JSONDecodeError, lambda _, __: Unavailable(OddAnswer(CLOUD, Oddity.NO_JSON))),
    (requests.HTTPError, lambda error, _: _http(error)),
    ((requests.Timeout, RequestTimeoutError), lambda _, __: Unavailable(Unreachable(CLOUD, Hindrance.NO_ANSWER))),
    (requests.RequestException, lambda _, __: Unavailable(Unreachable(CLOUD, Hindrance.NO_CONNECTION))),
    (ServiceTemporaryUnavailable, lambda _, __: Unavailable(Unreachable(CLOUD, Hindrance.OUT_OF_SERVICE))),
)
"""The first rule that fits counts."""


def translated(error: BaseException, car: str) -> _Ours:
    """The error as ours."""
    for kind, ours in _RULES:
        if isinstance(error, kind):
            return ours(error, car)
    return Unavailable(OddAnswer(CLOUD, detail=type(error).__name__))
