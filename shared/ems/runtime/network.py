"""Why a connection failed, in words that a person can act on; never an address, which may hold a secret."""

import os
import re
import socket
import ssl
from collections.abc import Iterator

NO_HTTP = "what answers there does not speak HTTP"
NO_TLS = "it does not speak TLS there"
"""The other side answered a TLS greeting with something else."""
UNRESOLVED = "its name cannot be resolved; is it spelt right, and does DNS know it?"
_CERTIFICATES = {
    10: "its certificate has expired",
    18: "its certificate is signed by itself, and not trusted; where there is a setting ca_file, name it there",
    19: "its certificate's authority is not known here; where there is a setting ca_file, name it there",
    20: "its certificate's authority is not known here; where there is a setting ca_file, name it there",
    62: "its certificate is for another name than is asked for",
    64: "its certificate is for another address than is asked for",
    92: "its authority's certificate does not say that it may sign: make it anew with"
    " keyUsage=critical,keyCertSign,cRLSign",
}
"""OpenSSL's verdicts, by their number."""
_PLAIN_TO_TLS = re.compile(r"HTTP request\b.{0,20}\bto (?:an )?HTTPS (?:server|port)", re.IGNORECASE)
"""Go's, nginx's and Apache's words."""
_HTTP_ERRORS = "aiohttp.http_exceptions"
"""aiohttp's module of what a server says wrongly; not imported, because not every service needs it."""
_NOT_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")


def reason(error: BaseException) -> str | None:
    """What kept a connection from being made, or broke it; None when that is not known."""
    return next((words for cause in _chain(error) if (words := _words(cause))), None)


def wants_tls(page: str) -> bool:
    """Whether a web server complains of plain HTTP at a port where it speaks TLS."""
    return _PLAIN_TO_TLS.search(page) is not None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """``error`` and what it was made of, the innermost first: libraries wrap what the system said."""
    inner = [getattr(error, name, None) for name in ("certificate_error", "os_error", "__cause__")]
    if isinstance(error, BaseExceptionGroup):
        inner += error.exceptions
    for each in inner:
        if isinstance(each, BaseException) and each is not error:
            yield from _chain(each)
    yield error


def _words(error: BaseException) -> str | None:
    words: str | None = None
    match error:
        case socket.gaierror():
            words = UNRESOLVED
        case ssl.SSLCertVerificationError():
            words = _CERTIFICATES.get(error.verify_code, f"its certificate is not trusted ({error.verify_message})")
        case ssl.SSLError() if any(mark in str(error) for mark in _NOT_TLS):
            words = NO_TLS
        case ssl.SSLError():
            words = f"TLS failed ({(error.reason or 'no reason given').replace('_', ' ').lower()})"
        case ConnectionRefusedError():
            words = "connection refused: nothing listens there"
        case TimeoutError():
            words = "it does not answer"
        case OSError() if error.errno and error.errno > 0:
            words = os.strerror(error.errno).lower()
        case _ if type(error).__module__ == _HTTP_ERRORS:
            words = NO_HTTP
    return words
