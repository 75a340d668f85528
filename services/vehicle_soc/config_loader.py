"""From the settings to cars: which provider each has, its options checked, its secrets read."""

from dataclasses import dataclass, field
from types import UnionType
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from ems.contract.validation import nearest
from ems.runtime import credentials, redact
from ems.runtime.notation.coercion import as_written
from ems.runtime.settings import SettingsError, validated
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
    cars = [_car(name, given) for name, given in settings.vehicles.items()]
    warnings: list[str] = []
    if settings.vehicles_file is not None:
        theirs, warnings = smartload_import.read(settings.vehicles_file)
        for name, given in theirs.items():
            if name in settings.vehicles:
                raise SettingsError(f"vehicles.{name}: is in {settings.vehicles_file} as well; keep one of them")
            known, unknown_keys = _parted(given)
            warnings += [f"{settings.vehicles_file}: {name}: {key} is not known here" for key in unknown_keys]
            cars.append(_car(name, known, trusted=True))
    return Fleet(tuple(cars), tuple(warnings))


def _car(name: str, given: dict[str, Any], *, trusted: bool = False) -> VehicleConfig:
    where = f"vehicles.{name}"
    if "provider" not in given:
        meant = next((key for key in given if nearest(key, ["provider"])), None)
        raise SettingsError(f"{where}.provider: missing" + (f"; is {meant} meant to be it?" if meant else ""))
    ours, theirs = CarSettings.split(given)
    common = validated(CarSettings, ours, where=where)
    kind = provider_kind(common.provider)
    if unknown_keys := _parted(given)[1]:
        keys = sorted(_keys(kind.options))
        lines = [f"{where}.{key}: unknown{nearest(key, keys)}" for key in unknown_keys]
        raise SettingsError(f"{'; '.join(lines)}; known for {common.provider} are {', '.join(keys)}")
    options = validated(kind.options, _with_secrets(kind.options, theirs, where, trusted=trusted), where=where)
    return VehicleConfig(name, common, kind, options)


def _parted(given: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What a car of its provider can be told, and the keys of the rest."""
    model = provider_kind(str(given["provider"])).options
    fields = set(model.model_fields)
    allowed = (
        _keys(model) | fields | {f"{name}{_SUFFIX}" for name in fields} | ({_HEADERS} if "headers" in fields else set())
    )
    return {key: value for key, value in given.items() if key in allowed}, [key for key in given if key not in allowed]


def _keys(model: type[Options]) -> set[str]:
    """The keys that stand below a car, as people are told them."""
    own = {f"{name}{_SUFFIX}" if _is_secret(info) else name for name, info in model.model_fields.items()}
    return set(CarSettings.model_fields) | own


def _with_secrets(model: type[Options], given: dict[str, Any], where: str, *, trusted: bool) -> dict[str, Any]:
    """``given`` with each ``NAME_credential`` replaced by what it holds; secrets as such only from a guarded file."""
    options = dict(given)
    for name, info in model.model_fields.items():
        secret = _is_secret(info)
        if secret and name in options:
            if not trusted:
                raise SettingsError(f"{where}.{name}: a secret does not belong here; give {name}{_SUFFIX} instead")
            redact.register(str(as_written(options[name])))
        if name + _SUFFIX not in model.model_fields and (ref := options.pop(name + _SUFFIX, None)) is not None:
            found = credentials.read(str(as_written(ref)), f"{where}.{name}{_SUFFIX}")
            options[name] = found if secret else found.get_secret_value()
    if trusted and isinstance(headers := options.get("headers"), dict):
        for value in headers.values():
            redact.register(str(as_written(value)))
    if isinstance(refs := options.pop(_HEADERS, None), dict) and "headers" in model.model_fields:
        read = {str(h): credentials.read(str(as_written(ref)), f"{where}.{_HEADERS}.{h}") for h, ref in refs.items()}
        options["headers"] = {**options.get("headers", {}), **read}
    return options


def _is_secret(info: FieldInfo) -> bool:
    return SecretStr in (info.annotation, *_choices(info.annotation))


def _choices(annotation: Any) -> tuple[Any, ...]:
    """The members of an optional or a union."""
    return get_args(annotation) if isinstance(annotation, UnionType) else ()
