"""How to reach an InfluxDB, of either version."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, FilePath, HttpUrl, StringConstraints, model_validator

from ems.contract.validation import unknown
from ems.runtime.settings import CredentialRef, Section, Url

NEEDED: Mapping[int, tuple[str, ...]] = {1: ("database",), 2: ("org", "bucket", "token_credential")}
"""By version, the settings that must be given."""
ONLY: Mapping[int, tuple[str, ...]] = {1: ("database", "username", "password_credential"), 2: NEEDED[2]}
"""By version, the settings that no other version has."""


FIELDS = (
    "battery_soc",
    "battery_power",
    "pv_power",
    "home_power",
    "grid_power",
    "price_ct",
    "ev_soc",
    "battery_action",
    "ev_action",
)
"""The fields of a point, the predecessor's, unless the settings rename them."""

InfluxName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,127}$")]
"""A measurement or a field."""


class InfluxSettings(Section):
    """An InfluxDB. 1.x has a database and a user, 2.x an organisation, a bucket and a token."""

    version: Literal[1, 2] = Field(description="1 also for what speaks its line protocol, such as VictoriaMetrics")
    url: Url = Field(default=HttpUrl("http://localhost:8086"), description="without a path of its API")
    database: str | None = Field(default=None, min_length=1, description="1.x")
    username: str | None = Field(default=None, min_length=1, description="1.x")
    password_credential: CredentialRef | None = Field(default=None, description="1.x")
    org: str | None = Field(default=None, min_length=1, description="2.x")
    bucket: str | None = Field(default=None, min_length=1, description="2.x")
    token_credential: CredentialRef | None = Field(default=None, description="2.x")
    measurement: InfluxName = Field(default="Smartprice", description="what the points are called; the predecessor's")
    field_names: Mapping[str, InfluxName] = Field(
        default={}, description="other names for fields, such as where one stands there already with another type"
    )
    ca_file: FilePath | None = Field(default=None, description="PEM file of the authority to trust for https")
    timeout_s: float = Field(default=10, gt=0, le=120, description="a write that takes longer is tried again")

    @model_validator(mode="after")
    def _of_one_version(self) -> Self:
        for key in NEEDED[self.version]:
            if getattr(self, key) is None:
                raise ValueError(f"version {self.version} needs {key}")
        for key in ONLY[3 - self.version]:
            if getattr(self, key) is not None:
                raise ValueError(f"{key} is for version {3 - self.version}, but version is {self.version}")
        if len(set(self.field_names.values())) < len(self.field_names):
            raise ValueError("field_names: two fields cannot have one name")
        if self.password_credential and not self.username:
            raise ValueError("password_credential needs a username")
        return self

    def place(self) -> str:
        """Where it is, for people."""
        where = f"database {self.database}" if self.version == 1 else f"bucket {self.bucket} of {self.org}"
        return f"InfluxDB {self.version}.x at {self.url}, {where}, as {self.measurement}"


def known_fields(influx: InfluxSettings | None) -> None:
    """Looks at what a service's ``influx`` renames.

    Raises:
        ValueError: it names a field that there is not.
    """
    for name in influx.field_names if influx else ():
        if name not in FIELDS:
            raise ValueError(f"influx.field_names.{name}: {unknown(name, FIELDS)}")
