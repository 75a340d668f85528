"""German: why a car's source does not answer, and why its state of charge is doubted."""

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
    Hindrance.LOGIN_PAGE: "Anmeldeseite",
    Hindrance.NO_ANSWER: "Zeitüberschreitung",
    Hindrance.NO_CONNECTION: "keine Verbindung",
    Hindrance.OUT_OF_SERVICE: "außer Betrieb",
    Hindrance.UNKNOWN_HOST: "Name unbekannt",
}
ODDITIES = {
    Oddity.NO_JSON: "kein JSON",
    Oddity.LOGIN_SERVICE: "Anmeldedienst",
    Oddity.UNKNOWN_CODE: "ein unbekannter Code",
}
FAULTS = {
    SettingFault.TOO_LARGE: "Die Antwort ist zu lang für den Zustand eines Autos",
    SettingFault.REDIRECTS: "Die Adresse leitet weiter; bitte die endgültige angeben",
    SettingFault.REFUSED: "Die Anfrage wird abgelehnt",
    SettingFault.NO_EMAIL: "Das Konto hat keine E-Mail-Adresse für Codes",
}
_BY_ITSELF = "Es wird von selbst wieder gefragt"
_HELD_BACK = "Das gilt erst, wenn eine zweite Messung es bestätigt"


def sentence(reason: Reason, f: Formatter) -> str:
    """What ``reason`` says, and what can be done."""
    match reason:
        case WrongLogin(cloud):
            return f"{cloud} lehnt die Anmeldung ab. Benutzername und Passwort prüfen, dann Aktualisieren drücken."
        case LoginMissing(cloud, vehicle):
            return f"Es fehlt die Anmeldung bei {cloud}. `vehicle-soc login {vehicle}` aufrufen oder Passwort setzen."
        case CodeNeeded(cloud, vehicle):
            return f"{cloud} will dir einen Code schicken. `vehicle-soc login {vehicle}` aufrufen oder Code anfordern."
        case WrongCode(cloud):
            return f"{cloud} hat den Code nicht angenommen. Bitte einen neuen anfordern."
        case ConsentNeeded(cloud):
            return f"{cloud} verlangt Zustimmung zu den Bedingungen. In App oder Webseite anmelden, dann Aktualisieren."
        case PinNeeded(cloud):
            return f"{cloud} braucht die PIN seiner App. Bitte `pin_credential` setzen."
        case AskedTooOften(cloud):
            return f"{cloud} wurde zu oft gefragt und will eine Pause. Es ist nichts zu tun."
        case Unreachable(cloud, why, status):
            return f"{cloud} antwortet nicht ({_why(why, status)}). {_BY_ITSELF}."
        case OddAnswer(cloud, what, detail):
            return f"{cloud} antwortet Unerwartetes ({ODDITIES[what] if what else detail}). {_BY_ITSELF}."
        case NoSoc(cloud, instead):
            if instead is None:
                return f"{cloud} meldet keinen Ladestand. {_BY_ITSELF}."
            return f"{cloud} meldet {f.plain(instead)} als Ladestand, was kein Akku hat. {_BY_ITSELF}."
        case PrivacyMode(cloud):
            return f"Das Auto ist im Privatmodus und sendet nichts an {cloud}. Bitte im Auto ausschalten."
        case NotYours(cloud):
            return f"{cloud} gibt das Auto für dieses Konto nicht frei. Vernetzte Dienste und Zuordnung prüfen."
        case NoSuchCar(cloud, _, ()):
            return f"Das Konto bei {cloud} hat kein Auto. In der App der Marke hinzufügen oder anderes Konto nehmen."
        case NoSuchCar(cloud, None, there):
            return f"Das Konto bei {cloud} hat {len(there)} Autos ({', '.join(there)}). Bitte `vin` angeben."
        case NoSuchCar(cloud, vin_end, there):
            return f"Das Konto bei {cloud} hat kein Auto mit FIN {vin_end}, nur {', '.join(there)}. `vin` korrigieren."
        case NamelessCar(cloud):
            return f"Das Konto bei {cloud} nennt ein Auto ohne FIN. In der App einrichten, dann Aktualisieren drücken."
        case DataRefused(cloud):
            return f"{cloud} nimmt die Anmeldung an und verweigert doch die Daten des Autos. {_BY_ITSELF}."
        case Unsupported(cloud):
            return f"{cloud} meldet für dieses Modell keinen Ladestand. Bitte einen anderen Anbieter wählen."
        case ReadDenied(topic, account):
            who = f"dem Konto {account}" if account else "diesem Client"
            return f"Der Broker verweigert {who} das Lesen von {topic}. Erlauben (NixOS: roles.mqtt-evcc.alsoReceive)."
        case WrongSettings(cloud, fault, status):
            told = f"{FAULTS[fault]} (HTTP {status})" if status else FAULTS[fault]
            return f"{cloud}: {told}. Einstellungen korrigieren."
        case InOwnWords(words):
            return words.de
        case NoPercentage(source, value):
            name = source_name(source)
            return f"{name} meldet {f.plain(value)} %, was kein Akku hat. Es gilt weiter, was davor bekannt war."
        case FromFuture(source, soc_pct, ahead_min):
            when = f"gemessen {f.number(ahead_min, 0)} min in der Zukunft (falsche Uhr oder Zeitzone?)"
            return f"{source_name(source)} meldet {f.plain(soc_pct)} %, {when}. {_HELD_BACK}."
        case AgainstRange(source, soc_pct, range_km):
            fit = f"{f.plain(soc_pct)} % bei {f.number(range_km, 0)} km Reichweite, was nicht zusammenpasst"
            return f"{source_name(source)} meldet {fit}. {_HELD_BACK}."
        case OutOfNothing(source, soc_pct, before):
            if before is None:
                return f"{source_name(source)} meldet aus dem Nichts {f.plain(soc_pct)} %. {_HELD_BACK}."
            found = f"aus dem Nichts {f.plain(soc_pct)} % nach {f.percent(before)}"
            return f"{source_name(source)} meldet {found}. {_HELD_BACK}."
        case AgainstCable(source, soc_pct, expected):
            but = f"{f.plain(soc_pct)} %, aber das Auto steht hier am Kabel und müsste {f.percent(expected)} haben"
            return f"{source_name(source)} meldet {but}. {_HELD_BACK}."
        case Jump(source, soc_pct, last, within_min):
            jump = f"{f.plain(soc_pct)} % nach {f.percent(last)} innerhalb von {f.number(within_min, 0)} min"
            return f"{source_name(source)} meldet {jump}. {_HELD_BACK}."
        case BeforeTrip(soc_pct, here):
            if here:
                return (
                    f"{f.percent(soc_pct)} wurden vor dem Anstecken gemessen. Der jetzige Ladestand ist noch unbekannt."
                )
            return f"{f.percent(soc_pct)} wurden vor der Abfahrt gemessen."
        case Undated(source, zoneless):
            if zoneless:
                return f"{source_name(source)} sendet eine Zeit ohne Zeitzone. Mit `zone` angeben, welche gemeint ist."
            return f"{source_name(source)} sagt nicht, wann gemessen wurde. Der Wert wird mit der Zeit unsicherer."
    assert_never(reason)


def _why(why: Hindrance | None, status: int | None) -> str:
    return HINDRANCES[why] if why else f"HTTP {status}"
