"""Why a state of charge is doubted, in English and German."""

from datetime import timedelta

from ems.contract.message import Text

_NAMES = {"renault": "Renault", "hyundai_kia": "Hyundai/Kia", "http": "HTTP", "mqtt": "MQTT", "evcc": "evcc"}


def _says(source: str, en: str, de: str) -> Text:
    name = _NAMES.get(source, source)
    return Text(
        en=f"{name} reports {en}; held back until a second reading agrees",
        de=f"{name} meldet {de}; zurückgehalten, bis eine zweite Messung es bestätigt",
    )


def no_percentage(source: str, value: float) -> Text:
    """A number that no battery has."""
    name = _NAMES.get(source, source)
    return Text(
        en=f"{name} reports {value:g} %, which no battery has; what was known before still counts",
        de=f"{name} meldet {value:g} %, was kein Akku haben kann; es gilt weiter, was vorher bekannt war",
    )


def future(source: str, soc_pct: float, ahead: timedelta) -> Text:
    """A time in the future."""
    minutes = ahead / timedelta(minutes=1)
    return _says(
        source,
        f"{soc_pct:g} %, measured {minutes:.0f} min in the future (a wrong clock or zone?)",
        f"{soc_pct:g} %, gemessen {minutes:.0f} min in der Zukunft (falsche Uhr oder Zeitzone?)",
    )


def against_range(source: str, soc_pct: float, range_km: float) -> Text:
    """SoC and range do not belong together."""
    return _says(
        source,
        f"{soc_pct:g} % with a range of {range_km:.0f} km, which do not fit",
        f"{soc_pct:g} % bei {range_km:.0f} km Reichweite, was nicht zusammenpasst",
    )


def out_of_nothing(source: str, soc_pct: float, last_pct: float | None) -> Text:
    """Exactly 0 or 100 % out of nothing."""
    if last_pct is None:
        return _says(source, f"{soc_pct:g} % out of nothing", f"aus dem Nichts {soc_pct:g} %")
    return _says(
        source,
        f"{soc_pct:g} % out of nothing (it was {last_pct:.0f} %)",
        f"aus dem Nichts {soc_pct:g} % (es waren {last_pct:.0f} %)",
    )


def parked(source: str, soc_pct: float, expected_pct: float) -> Text:
    """Another SoC than the car on the cable can have."""
    return _says(
        source,
        f"{soc_pct:g} %, but the car is plugged in here and should be at {expected_pct:.0f} %",
        f"{soc_pct:g} %, aber das Auto steht hier am Kabel und müsste {expected_pct:.0f} % haben",
    )


def jump(source: str, soc_pct: float, last_pct: float, minutes: float) -> Text:
    """A change that no drive and no charger makes in the time."""
    return _says(
        source,
        f"{soc_pct:g} % after {last_pct:.0f} % within {minutes:.0f} min",
        f"{soc_pct:g} % nach {last_pct:.0f} % innerhalb von {minutes:.0f} min",
    )


def before_trip(soc_pct: float, *, here: bool) -> Text:
    """The newest reading is from before the car was driven."""
    if here:
        return Text(
            en=f"{soc_pct:.0f} % was read before the car was plugged in; how full it is now is not known yet",
            de=f"{soc_pct:.0f} % wurden vor dem Anstecken gemessen; der jetzige Ladestand ist noch unbekannt",
        )
    return Text(
        en=f"{soc_pct:.0f} % was read before the car left",
        de=f"{soc_pct:.0f} % wurden vor der Abfahrt gemessen",
    )


def undated(source: str, *, zoneless: bool) -> Text:
    """The source does not say when it was measured."""
    name = _NAMES.get(source, source)
    if zoneless:
        return Text(
            en=f"{name} sends a time without a zone: say which one it is in by `zone`",
            de=f"{name} sendet eine Zeit ohne Zeitzone: mit `zone` angeben, welche gemeint ist",
        )
    return Text(
        en=f"{name} does not say when this was measured; it is trusted less as it grows older",
        de=f"{name} sagt nicht, wann gemessen wurde; der Wert wird mit der Zeit unsicherer",
    )
