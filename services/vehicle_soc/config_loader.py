"""From the settings to cars: which provider each has, its options checked, its secrets read."""

from dataclasses import dataclass, field
from types import UnionType
from typing import Any, get_args

from pydantic import SecretStr, ValidationError

from ems.contract.message import in_words
from ems.runtime import credentials, redact
from ems.runtime.settings import Section, SettingsError
from vehicle_soc import smartload_import
from vehicle_soc.adapters.provider import Options, ProviderKind, provider_kind
from vehicle_soc.settings import CarSettings, Settings

_SUFFIX = "_credential"
_HEADERS = "header_credentials"


@dataclass(frozen=True, slots=True)
class VehicleConfig:
    """One car, ready to be made."""

    name: str
    common: CarSettings
    kind: ProviderKind[Any]
    options: Options

    @property
    def account(self) -> str | None:
        """Which login it uses; None when there is no cloud."""
        return self.kind.account(self.options)


@dataclass(frozen=True, slots=True)
class Fleet:
    """All cars, and what in the predecessor's file has no meaning here."""

    cars: tuple[VehicleConfig, ...]
    warnings: tuple[str, ...] = field(default=())


def load(settings: Settings) -> Fleet:
    """The cars of the settings and of the predecessor's file.

    Raises:
        SettingsError: names the car, the key, what is wrong and what is allowed; never a value.
    """
    cars = [_car(name, given, trusted=False) for name, given in settings.vehicles.items()]
    warnings: list[str] = []
    if settings.vehicles_file is not None:
        theirs, warnings = smartload_import.read(settings.vehicles_file)
        for name, given in theirs.items():
            if name in settings.vehicles:
                raise SettingsError(f"vehicles.{name}: is in {settings.vehicles_file} as well; keep one of them")
            cars.append(_car(name, given, trusted=True))
    return Fleet(tuple(cars), tuple(warnings))


def _car(name: str, given: dict[str, Any], *, trusted: bool) -> VehicleConfig:
    where = f"vehicles.{name}"
    ours, theirs = CarSettings.split(given)
    common = _checked(CarSettings, ours, where)
    kind = provider_kind(common.provider)
    options = _checked(kind.options, _with_secrets(kind.options, theirs, where, trusted=trusted), where)
    return VehicleConfig(name, common, kind, options)


def _with_secrets(model: type[Options], given: dict[str, Any], where: str, *, trusted: bool) -> dict[str, Any]:
    """``given`` with each ``NAME_credential`` replaced by what it holds; secrets as such only from a guarded file."""
    options = dict(given)
    for name, info in model.model_fields.items():
        secret = SecretStr in (info.annotation, *_choices(info.annotation))
        if secret and name in options:
            if not trusted:
                raise SettingsError(f"{where}.{name}: a secret does not belong here; give {name}{_SUFFIX} instead")
            redact.register(str(options[name]))
        if name + _SUFFIX not in model.model_fields and (ref := options.pop(name + _SUFFIX, None)) is not None:
            found = credentials.read(str(ref), f"{where}.{name}{_SUFFIX}")
            options[name] = found if secret else found.get_secret_value()
    if trusted and isinstance(headers := options.get("headers"), dict):
        for value in headers.values():
            redact.register(str(value))
    if isinstance(refs := options.pop(_HEADERS, None), dict) and "headers" in model.model_fields:
        read = {str(h): credentials.read(str(ref), f"{where}.{_HEADERS}.{h}") for h, ref in refs.items()}
        options["headers"] = {**options.get("headers", {}), **read}
    return options


def _choices(annotation: Any) -> tuple[Any, ...]:
    """The members of an optional or a union."""
    return get_args(annotation) if isinstance(annotation, UnionType) else ()


def _checked[M: Section](model: type[M], given: dict[str, Any], where: str) -> M:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise SettingsError(f"{where}: {in_words(error, model).replace('value error, ', '')}") from None
