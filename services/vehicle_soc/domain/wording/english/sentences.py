"""English: why a car's source does not answer, and why its state of charge is doubted."""

from typing import assert_never

from ems.i18n.formatter import Formatter
from vehicle_soc.domain.wording.doubts import (
    AgainstCable,
    AgainstRange,
    BeforeTrip,
    FromFuture,
    Jump,
    NoPercentage,
    OutOfNothing,
    Undated,
)
from vehicle_soc.domain.wording.names import source_name
from vehicle_soc.domain.wording.problems import (
    AskedTooOften,
    CodeNeeded,
    ConsentNeeded,
    DataRefused,
    Hindrance,
    InOwnWords,
    LoginMissing,
    NamelessCar,
    NoSoc,
    NoSuchCar,
    NotYours,
    OddAnswer,
    Oddity,
    PinNeeded,
    PrivacyMode,
    ReadDenied,
    SettingFault,
    Unreachable,
    Unsupported,
    WrongCode,
    WrongLogin,
    WrongSettings,
)
from vehicle_soc.domain.wording.reasons import Reason

HINDRANCES = {
    Hindrance.LOGIN_PAGE: "login page",
    Hindrance.NO_ANSWER: "timeout",
    Hindrance.NO_CONNECTION: "no connection",
    Hindrance.OUT_OF_SERVICE: "out of service",
    Hindrance.UNKNOWN_HOST: "unknown host",
}
ODDITIES = {
    Oddity.NO_JSON: "no JSON",
    Oddity.LOGIN_SERVICE: "login service",
    Oddity.UNKNOWN_CODE: "an unknown code",
}
FAULTS = {
    SettingFault.TOO_LARGE: "The answer is too large for a car's state",
    SettingFault.REDIRECTS: "It redirects elsewhere; set the final address",
    SettingFault.REFUSED: "It refuses the question",
    SettingFault.NO_EMAIL: "The account has no e-mail address for codes",
}
_BY_ITSELF = "It is asked again by itself"
_HELD_BACK = "It is held back until a second reading agrees"


def sentence(reason: Reason, f: Formatter) -> str:
    """What ``reason`` says, and what can be done."""
    match reason:
        case WrongLogin(cloud):
            return f"{cloud} refuses the login. Check user name and password, then press refresh."
        case LoginMissing(cloud, vehicle):
            return f"There is no login at {cloud}. Run `vehicle-soc login {vehicle}`, or set a password."
        case CodeNeeded(cloud, vehicle):
            return f"{cloud} wants to send you a code. Run `vehicle-soc login {vehicle}`, or ask for it by message."
        case WrongCode(cloud):
            return f"{cloud} did not accept the code. Ask for a new one."
        case ConsentNeeded(cloud):
            return f"{cloud} wants you to accept its terms. Log in once in its app or web site, then press refresh."
        case PinNeeded(cloud):
            return f"{cloud} needs the PIN of its app. Set `pin_credential`."
        case AskedTooOften(cloud):
            return f"{cloud} was asked too often and wants a pause. There is nothing to do."
        case Unreachable(cloud, why, status):
            return f"{cloud} does not answer ({_why(why, status)}). {_BY_ITSELF}."
        case OddAnswer(cloud, what, detail):
            return f"{cloud} gave an unexpected answer ({ODDITIES[what] if what else detail}). {_BY_ITSELF}."
        case NoSoc(cloud, instead):
            if instead is None:
                return f"{cloud} sent no state of charge. {_BY_ITSELF}."
            return f"{cloud} sent {f.plain(instead)} as state of charge, which no battery has. {_BY_ITSELF}."
        case PrivacyMode(cloud):
            return f"The car is in privacy mode and sends nothing to {cloud}. Turn that off in the car."
        case NotYours(cloud):
            return f"{cloud} does not let this account read the car. Check connected services and whose car it is."
        case NoSuchCar(cloud, _, ()):
            return f"The account at {cloud} has no car. Add it in the maker's app, or use the account that has it."
        case NoSuchCar(cloud, None, there):
            return f"The account at {cloud} has {len(there)} cars ({', '.join(there)}). Say which one by `vin`."
        case NoSuchCar(cloud, vin_end, there):
            return f"The account at {cloud} has no car with VIN {vin_end}, only {', '.join(there)}. Correct `vin`."
        case NamelessCar(cloud):
            return (
                f"The account at {cloud} lists a car without a VIN. Finish adding it in the maker's app, then press "
                "refresh."
            )
        case DataRefused(cloud):
            return f"{cloud} accepts the login and yet refuses the car's data. {_BY_ITSELF}."
        case Unsupported(cloud):
            return f"{cloud} does not tell the state of charge of this model. Use another provider."
        case ReadDenied(topic, account):
            who = f"the account {account}" if account else "this client"
            return f"The broker denies {who} read access to {topic}. Allow it (NixOS: roles.mqtt-evcc.alsoReceive)."
        case WrongSettings(cloud, fault, status):
            told = f"{FAULTS[fault]} (HTTP {status})" if status else FAULTS[fault]
            return f"{cloud}: {told}. Correct the settings."
        case InOwnWords(words):
            return words.en
        case NoPercentage(source, value):
            name = source_name(source)
            return f"{name} reports {f.plain(value)} %, which no battery has. What was known before still counts."
        case FromFuture(source, soc_pct, ahead_min):
            when = f"measured {f.number(ahead_min, 0)} min in the future (a wrong clock or zone?)"
            return f"{source_name(source)} reports {f.plain(soc_pct)} %, {when}. {_HELD_BACK}."
        case AgainstRange(source, soc_pct, range_km):
            fit = f"{f.plain(soc_pct)} % with a range of {f.number(range_km, 0)} km, which do not fit"
            return f"{source_name(source)} reports {fit}. {_HELD_BACK}."
        case OutOfNothing(source, soc_pct, before):
            if before is None:
                return f"{source_name(source)} reports {f.plain(soc_pct)} % out of nothing. {_HELD_BACK}."
            found = f"{f.plain(soc_pct)} % out of nothing, after {f.percent(before)}"
            return f"{source_name(source)} reports {found}. {_HELD_BACK}."
        case AgainstCable(source, soc_pct, expected):
            but = f"{f.plain(soc_pct)} %, but the car is plugged in here and should be at {f.percent(expected)}"
            return f"{source_name(source)} reports {but}. {_HELD_BACK}."
        case Jump(source, soc_pct, last, within_min):
            jump = f"{f.plain(soc_pct)} % after {f.percent(last)} within {f.number(within_min, 0)} min"
            return f"{source_name(source)} reports {jump}. {_HELD_BACK}."
        case BeforeTrip(soc_pct, here):
            if here:
                return (
                    f"{f.percent(soc_pct)} was read before the car was plugged in. How full it is now is not known yet."
                )
            return f"{f.percent(soc_pct)} was read before the car left."
        case Undated(source, zoneless):
            if zoneless:
                return f"{source_name(source)} sends a time without a zone. Say which one it is in by `zone`."
            return f"{source_name(source)} does not say when this was measured. It is trusted less as it grows older."
    assert_never(reason)


def _why(why: Hindrance | None, status: int | None) -> str:
    return HINDRANCES[why] if why else f"HTTP {status}"
