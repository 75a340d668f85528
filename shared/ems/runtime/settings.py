"""Settings that all services share (first cut)."""

from pydantic import BaseModel, ConfigDict

from ems.contract.topics import PREFIX


class MqttSettings(BaseModel):
    """How to reach the broker."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)
    host: str = "localhost"
    port: int = 1883
    tls: bool = False
    ca_file: str | None = None
    username: str | None = None
    password_credential: str | None = None
    prefix: str = PREFIX
    keepalive_s: int = 15
    client_id: str | None = None
