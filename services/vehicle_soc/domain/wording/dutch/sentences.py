"""Dutch: why a car's source does not answer, and why its state of charge is doubted."""

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
    Hindrance.LOGIN_PAGE: "inlogpagina",
    Hindrance.NO_ANSWER: "geen antwoord op tijd",
    Hindrance.NO_CONNECTION: "geen verbinding",
    Hindrance.OUT_OF_SERVICE: "buiten dienst",
    Hindrance.UNKNOWN_HOST: "naam onbekend",
}
ODDITIES = {
    Oddity.NO_JSON: "geen JSON",
    Oddity.LOGIN_SERVICE: "inlogdienst",
    Oddity.UNKNOWN_CODE: "een onbekende code",
}
FAULTS = {
    SettingFault.TOO_LARGE: "Het antwoord is te lang voor de toestand van een auto",
    SettingFault.REDIRECTS: "Het adres verwijst door; stel het uiteindelijke adres in",
    SettingFault.REFUSED: "De vraag wordt geweigerd",
    SettingFault.NO_EMAIL: "Het account heeft geen e-mailadres voor codes",
}
_BY_ITSELF = "Er wordt vanzelf opnieuw gevraagd"
_HELD_BACK = "Het telt pas als een tweede meting het bevestigt"


def sentence(reason: Reason, f: Formatter) -> str:
    """What ``reason`` says, and what can be done."""
    match reason:
        case WrongLogin(cloud):
            return f"{cloud} weigert de aanmelding. Controleer gebruikersnaam en wachtwoord en druk op vernieuwen."
        case LoginMissing(cloud, vehicle):
            return f"Niet aangemeld bij {cloud}. Voer `vehicle-soc login {vehicle}` uit of stel een wachtwoord in."
        case CodeNeeded(cloud, vehicle):
            return f"{cloud} wil je een code sturen. Voer `vehicle-soc login {vehicle}` uit of vraag de code aan."
        case WrongCode(cloud):
            return f"{cloud} accepteert de code niet. Vraag een nieuwe aan."
        case ConsentNeeded(cloud):
            return (
                f"{cloud} wil dat je de voorwaarden accepteert. Log in de app of op de site in en druk op vernieuwen."
            )
        case PinNeeded(cloud):
            return f"{cloud} heeft de pincode van de app nodig. Stel `pin_credential` in."
        case AskedTooOften(cloud):
            return f"{cloud} is te vaak gevraagd en wil een pauze. Je hoeft niets te doen."
        case Unreachable(cloud, why, status):
            return f"{cloud} antwoordt niet ({_why(why, status)}). {_BY_ITSELF}."
        case OddAnswer(cloud, what, detail):
            return f"{cloud} gaf een onverwacht antwoord ({ODDITIES[what] if what else detail}). {_BY_ITSELF}."
        case NoSoc(cloud, instead):
            if instead is None:
                return f"{cloud} meldt geen laadniveau. {_BY_ITSELF}."
            return f"{cloud} meldt {f.plain(instead)} als laadniveau, wat geen accu heeft. {_BY_ITSELF}."
        case PrivacyMode(cloud):
            return f"De auto staat in de privacymodus en stuurt niets naar {cloud}. Zet die in de auto uit."
        case NotYours(cloud):
            return f"{cloud} geeft de auto niet vrij voor dit account. Controleer de diensten en van wie de auto is."
        case NoSuchCar(cloud, _, ()):
            return f"Het {cloud}-account heeft geen auto. Voeg die toe in de app van het merk of kies een ander."
        case NoSuchCar(cloud, None, there):
            return f"Het {cloud}-account heeft {len(there)} auto's ({', '.join(there)}). Geef met `vin` aan welke."
        case NoSuchCar(cloud, vin_end, there):
            return f"Het {cloud}-account heeft geen auto met VIN {vin_end}, alleen {', '.join(there)}. Verbeter `vin`."
        case NamelessCar(cloud):
            return f"Het {cloud}-account noemt een auto zonder VIN. Maak die af in de app en druk op vernieuwen."
        case DataRefused(cloud):
            return f"{cloud} accepteert de aanmelding, maar weigert de gegevens van de auto. {_BY_ITSELF}."
        case Unsupported(cloud):
            return f"{cloud} meldt voor dit model geen laadniveau. Kies een andere aanbieder."
        case ReadDenied(topic, account):
            who = f"het account {account}" if account else "deze client"
            return f"De broker laat {who} {topic} niet lezen. Sta het toe (NixOS: roles.mqtt-evcc.alsoReceive)."
        case WrongSettings(cloud, fault, status):
            told = f"{FAULTS[fault]} (HTTP {status})" if status else FAULTS[fault]
            return f"{cloud}: {told}. Verbeter de instellingen."
        case InOwnWords(words):
            return words.nl or words.en
        case NoPercentage(source, value):
            name = source_name(source)
            return f"{name} meldt {f.plain(value)} %, wat geen accu kan hebben. Wat eerder bekend was, blijft gelden."
        case FromFuture(source, soc_pct, ahead_min):
            when = f"gemeten {f.number(ahead_min, 0)} min in de toekomst (verkeerde klok of tijdzone?)"
            return f"{source_name(source)} meldt {f.plain(soc_pct)} %, {when}. {_HELD_BACK}."
        case AgainstRange(source, soc_pct, range_km):
            fit = f"{f.plain(soc_pct)} % bij een bereik van {f.number(range_km, 0)} km, wat niet klopt"
            return f"{source_name(source)} meldt {fit}. {_HELD_BACK}."
        case OutOfNothing(source, soc_pct, before):
            if before is None:
                return f"{source_name(source)} meldt uit het niets {f.plain(soc_pct)} %. {_HELD_BACK}."
            found = f"uit het niets {f.plain(soc_pct)} % na {f.percent(before)}"
            return f"{source_name(source)} meldt {found}. {_HELD_BACK}."
        case AgainstCable(source, soc_pct, expected):
            but = f"{f.plain(soc_pct)} %, maar aan de kabel hier zou de auto {f.percent(expected)} moeten hebben"
            return f"{source_name(source)} meldt {but}. {_HELD_BACK}."
        case Jump(source, soc_pct, last, within_min):
            jump = f"{f.plain(soc_pct)} % na {f.percent(last)} binnen {f.number(within_min, 0)} min"
            return f"{source_name(source)} meldt {jump}. {_HELD_BACK}."
        case BeforeTrip(soc_pct, here):
            if here:
                return f"{f.percent(soc_pct)} is gemeten voor het aansluiten. Hoe vol de auto nu is, is nog onbekend."
            return f"{f.percent(soc_pct)} is gemeten voor het vertrek."
        case Undated(source, zoneless):
            if zoneless:
                return f"{source_name(source)} stuurt een tijd zonder tijdzone. Geef met `zone` aan welke bedoeld is."
            return f"{source_name(source)} zegt niet wanneer dit is gemeten. De waarde wordt met de tijd onzekerder."
    assert_never(reason)


def _why(why: Hindrance | None, status: int | None) -> str:
    return HINDRANCES[why] if why else f"HTTP {status}"
