"""Renault's errors, translated once: what to do next, in words without addresses (they contain the VIN)."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import aiohttp
from renault_api.exceptions import EndpointNotAvailableError, NotAuthenticatedException
from renault_api.gigya.exceptions import (
    GigyaException,
    GigyaResponseException,
    InvalidCredentialsException,
    InvalidVerificationCodeException,
    PendingTwoFactorAuthenticationException,
)
from renault_api.kamereon.exceptions import (
    AccessDeniedException,
    ForbiddenException,
    KamereonResponseException,
    NotSupportedException,
    PrivacyModeOnException,
    QuotaLimitException,
    ResourceNotFoundException,
    UnauthorizedException,
)

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
    DataRefused,
    Hindrance,
    LoginMissing,
    NotYours,
    OddAnswer,
    Oddity,
    PrivacyMode,
    Unreachable,
    Unsupported,
    WrongCode,
    WrongLogin,
)

CLOUD = "Renault"
_RATE_LIMITED = 403048
"""Gigya's code for too many calls."""
_ENDED = frozenset({403005, 403013})
"""Gigya's codes for a login that is none any more."""
_NOT_FOUND = "err.func.wired.not-found"
"""One of two codes for the same; the library knows the other one."""


def login_ended(error: BaseException) -> bool:
    """Whether the cloud has forgotten the login, so that only a new one helps."""
    if isinstance(error, NotAuthenticatedException):
        # The library calls every trouble of the login service an expired login; only some of it is our login's.
        cause = error.__cause__
        return not isinstance(cause, GigyaResponseException) or _is_ours(cause.error_code)
    return isinstance(error, GigyaResponseException) and error.error_code in _ENDED


def comes_and_goes(error: BaseException) -> bool:
    """Whether the cloud refuses what it often grants a moment later, with new tokens or after a new login."""
    if isinstance(error, aiohttp.ClientResponseError):
        return error.status == HTTPStatus.UNAUTHORIZED
    if isinstance(error, UnauthorizedException | ResourceNotFoundException):
        return True
    return isinstance(error, KamereonResponseException) and str(error.error_code) == _NOT_FOUND


def _is_ours(code: int) -> bool:
    """Whether Gigya's code is about what we sent, and not about its own trouble or our haste."""
    return 400_000 <= code < 500_000 and code != _RATE_LIMITED


def _no_login(error: NotAuthenticatedException, car: str) -> Unavailable | Impossible:
    if not login_ended(error) and isinstance(error.__cause__, GigyaResponseException):
        return _gigya(error.__cause__.error_code, car)
    return AuthRequired(LoginMissing(CLOUD, car), LoginStep.PASSWORD)


def _gigya(code: int, car: str) -> Unavailable | Impossible:
    if code == _RATE_LIMITED:
        return QuotaExceeded(AskedTooOften(CLOUD))
    if _is_ours(code):
        return AuthRequired(LoginMissing(CLOUD, car), LoginStep.PASSWORD)
    return Unavailable(OddAnswer(CLOUD, detail=str(code)))


type _Rule = tuple[
    type[BaseException] | tuple[type[BaseException], ...], Callable[[Any, str], Unavailable | Impossible]
]

_RULES: tuple[_Rule, ...] = (
    ((Unavailable, Impossible), lambda error, _: error),
    (
        PendingTwoFactorAuthenticationException,
        lambda _, car: AuthRequired(CodeNeeded(CLOUD, car), LoginStep.CODE),
    ),
    (InvalidVerificationCodeException, lambda _, __: AuthRequired(WrongCode(CLOUD), LoginStep.CODE)),
    (InvalidCredentialsException, lambda _, __: AuthRequired(WrongLogin(CLOUD), LoginStep.PASSWORD)),
    (NotAuthenticatedException, _no_login),
    (UnauthorizedException, lambda _, __: Unavailable(DataRefused(CLOUD))),
    (QuotaLimitException, lambda _, __: QuotaExceeded(AskedTooOften(CLOUD))),
    (PrivacyModeOnException, lambda _, __: Impossible(PrivacyMode(CLOUD))),
    ((AccessDeniedException, ForbiddenException), lambda _, __: Impossible(NotYours(CLOUD))),
    (
        (NotSupportedException, ResourceNotFoundException, EndpointNotAvailableError),
        lambda _, __: Impossible(Unsupported(CLOUD)),
    ),
    (GigyaResponseException, lambda error, car: _gigya(error.error_code, car)),
    (KamereonResponseException, lambda error, _: Unavailable(OddAnswer(CLOUD, detail=_short(error.error_code)))),
    (aiohttp.ClientResponseError, lambda error, _: _http(error)),
    (TimeoutError, lambda _, __: Unavailable(Unreachable(CLOUD, Hindrance.NO_ANSWER))),
    (aiohttp.ClientConnectionError, lambda _, __: Unavailable(Unreachable(CLOUD, Hindrance.NO_CONNECTION))),
    (GigyaException, lambda _, __: Unavailable(OddAnswer(CLOUD, Oddity.LOGIN_SERVICE))),
)
"""The first rule that fits counts."""


def translated(error: BaseException, car: str) -> Unavailable | Impossible:
    """The error as ours."""
    for kind, ours in _RULES:
        if isinstance(error, kind):
            return ours(error, car)
    return Unavailable(OddAnswer(CLOUD, detail=type(error).__name__))


def _http(error: aiohttp.ClientResponseError) -> Unavailable:
    if error.status == 429:
        return QuotaExceeded(AskedTooOften(CLOUD))
    return Unavailable(Unreachable(CLOUD, status=error.status))


def _short(code: object) -> str:
    """An error code, unless it is something long that might quote us."""
    text = str(code)
    return text if len(text) <= 40 else "unknown code"
