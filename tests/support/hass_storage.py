"""What a Home Assistant finds on its disk at its first start: an owner who is logged in, and the broker."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_KEY = "0123456789abcdef" * 8
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_REFRESH = "refresh-of-the-tests"

CONFIGURATION = """
homeassistant:
  name: Test
  time_zone: {zone}
  language: {language}
  country: DE
  currency: EUR
  unit_system: metric
  latitude: 52.5
  longitude: 13.4
  elevation: 34
{http}
config:
energy:
history:
image:
logbook:
logger: {{default: warning}}
mobile_app:
person:
recorder: {{commit_interval: 1}}
search:
automation: !include automations.yaml
lovelace:
  mode: storage
  dashboards:
    home-energy: {{mode: yaml, title: Energy, icon: "mdi:home-lightning-bolt", filename: dashboard.yaml}}
"""


@dataclass(frozen=True)
class Login:
    """An account on the broker."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None


def token() -> str:
    """The owner's access token, good for years; signed as Home Assistant signs it."""
    claims = {"iss": _REFRESH, "iat": int(_NOW.timestamp()), "exp": int(_NOW.timestamp()) + 10 * 365 * 86400}
    signed = b".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return b".".join((signed, _base64(hmac.digest(_KEY.encode(), signed, hashlib.sha256)))).decode()


def write(folder: Path, port: int, broker: Login, zone: str, language: str) -> None:
    """Fills ``folder``, Home Assistant's configuration directory; it listens on ``port`` of the loopback."""
    storage = folder / ".storage"
    storage.mkdir(parents=True)
    for key, version, minor, data in (
        ("onboarding", 4, 1, {"done": ["user", "core_config", "analytics", "integration"]}),
        ("auth", 1, 1, _auth()),
        ("core.config_entries", 1, 5, {"entries": [_mqtt(broker)]}),
        # Since 2026.7 the YAML below is only a trial of five minutes, unless it is here already.
        ("http", 1, 1, {"server_host": ["127.0.0.1"], "server_port": port}),
    ):
        whole = {"version": version, "minor_version": minor, "key": key, "data": data}
        (storage / key).write_text(json.dumps(whole), encoding="utf-8")
    http = f"http: {{server_host: 127.0.0.1, server_port: {port}}}"
    text = CONFIGURATION.format(zone=zone, language=language, http=http)
    (folder / "configuration.yaml").write_text(text, encoding="utf-8")
    (folder / "automations.yaml").write_text("[]", encoding="utf-8")
    (folder / "dashboard.yaml").write_text("views: []", encoding="utf-8")


def _auth() -> Mapping[str, Any]:
    owner = "owner-of-the-tests"
    user = {
        "id": owner,
        "group_ids": ["system-admin"],
        "is_owner": True,
        "is_active": True,
        "name": "Anna",
        "system_generated": False,
        "local_only": False,
    }
    refresh = {
        "id": _REFRESH,
        "user_id": owner,
        "client_id": None,
        "client_name": "tests",
        "client_icon": None,
        "token_type": "long_lived_access_token",
        "created_at": _NOW.isoformat(),
        "access_token_expiration": 315360000.0,
        "token": _KEY,
        "jwt_key": _KEY,
        "last_used_at": None,
        "last_used_ip": None,
        "expire_at": None,
        "credential_id": None,
        "version": None,
    }
    return {
        "users": [user],
        "groups": [{"id": "system-admin", "name": "Administrators"}],
        "credentials": [],
        "refresh_tokens": [refresh],
    }


def _mqtt(broker: Login) -> Mapping[str, Any]:
    login = {"username": broker.username, "password": broker.password} if broker.username else {}
    return {
        "entry_id": "mqtt-of-the-tests",
        "version": 1,
        "minor_version": 2,
        "domain": "mqtt",
        "title": "broker",
        "data": {"broker": broker.host, "port": broker.port, **login},
        "options": {},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "user",
        "unique_id": None,
        "disabled_by": None,
        "created_at": _NOW.isoformat(),
        "modified_at": _NOW.isoformat(),
        "discovery_keys": {},
        "subentries": [],
    }


def _base64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
