"""Car libraries log replies, addresses and codes: none of their lines may come out, at any level."""

import logging

_NAMES = ("renault_api", "hyundai_kia_connect_api", "urllib3", "requests")


def silence() -> None:
    """Turns the car libraries' own logging off; what went wrong is said by our errors."""
    for name in _NAMES:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False
