"""The registry as rights on the broker: what nix/roles/mqtt-evcc.nix turns into dynamic-security roles. Pure."""

import json

from ems.contract.access import Access, access
from ems.contract.service import SERVICES, Service
from ems.contract.topics import PREFIX

BIRTH = "homeassistant/status"
"""Where Home Assistant says that it has started; everybody who announces entities listens."""


EVCC_ROOT = "evcc/core"
"""evcc's own root on the broker, unless its settings say otherwise."""
DOORBELL = (
    "status",
    "loadpoints/+/mode",
    "loadpoints/+/alwaysCharge",
    "loadpoints/+/limitSoc",
    "loadpoints/+/limitEnergy",
    "loadpoints/+/connected",
    "loadpoints/+/vehicleName",
    "loadpoints/+/batteryBoost",
    "site/batteryMode",
    "site/batteryModeExternal",
    "site/optimizerAutomatic",
)
"""Filters below evcc's own root that the gateway listens to: evcc's presence first, then what rings when it changes."""


def discovery(service: Service) -> str:
    """The one filter on which ``service`` announces its entities: its name is the node id."""
    return f"homeassistant/device/{service}/+/config"


def rights_page() -> str:
    """The text of ``nix/generated/access.json``; filters are below the prefix, except those of Home Assistant."""
    page = {
        "prefix": PREFIX,
        "birth": BIRTH,
        "evcc": EVCC_ROOT,
        "services": {
            service: {
                **_lists(access(service)),
                "discovery": discovery(service),
                "evcc": sorted(DOORBELL) if service is Service.EVCC_POLLER else [],
            }
            for service in SERVICES
        },
        "users": _lists(access(Service.USERS)),
    }
    return json.dumps(page, indent=2, sort_keys=True) + "\n"


def _lists(rights: Access) -> dict[str, list[str]]:
    return {"send": sorted(rights.send), "receive": sorted(rights.receive)}
