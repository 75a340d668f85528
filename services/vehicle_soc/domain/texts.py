"""What the owner of a car is told, in English and German; never with a secret or a whole VIN in it."""

from collections.abc import Sequence

from ems.contract.message import Text

_GERMAN = {
    "login page": "Anmeldeseite",
    "login service": "Anmeldedienst",
    "no JSON": "kein JSON",
    "no connection": "keine Verbindung",
    "unknown host": "Name unbekannt",
    "out of service": "außer Betrieb",
    "timeout": "Zeitüberschreitung",
}
"""Reasons in words; the others (statuses, codes) are the same in every language."""


def vin_end(vin: str) -> str:
    """The last four characters of a VIN: all of it that is ever shown."""
    return f"…{vin[-4:]}" if len(vin) > 4 else "…"


def wrong_login(cloud: str) -> Text:
    """The cloud refused user name or password."""
    return Text(
        en=f"{cloud} refuses the login: check user name and password, then press refresh",
        de=f"{cloud} lehnt die Anmeldung ab: Benutzername und Passwort prüfen, dann Aktualisieren drücken",
    )


def login_missing(cloud: str, car: str) -> Text:
    """There is no login yet, or it has run out, and no password to renew it."""
    return Text(
        en=f"not logged in to {cloud}: run `vehicle-soc login {car}`, or set a password",
        de=f"nicht bei {cloud} angemeldet: `vehicle-soc login {car}` aufrufen oder ein Passwort hinterlegen",
    )


def code_needed(cloud: str, car: str) -> Text:
    """The cloud wants a code that it sends to the owner."""
    return Text(
        en=f"{cloud} wants to send you a code: run `vehicle-soc login {car}`, or ask for the code by message",
        de=f"{cloud} möchte dir einen Code schicken: `vehicle-soc login {car}` aufrufen oder den Code anfordern",
    )


def wrong_code(cloud: str) -> Text:
    """The code was not the right one, or too old."""
    return Text(
        en=f"{cloud} did not accept the code: ask for a new one", de=f"{cloud} nahm den Code nicht an: neuen anfordern"
    )


def consent_needed(cloud: str) -> Text:
    """The owner must agree to the cloud's terms in a browser or app."""
    return Text(
        en=f"{cloud} wants you to accept its terms: log in once in its app or web site, then press refresh",
        de=f"{cloud} verlangt Zustimmung zu den Bedingungen: einmal in App oder Webseite anmelden, dann Aktualisieren",
    )


def pin_needed(cloud: str) -> Text:
    """The cloud wants the PIN of its app."""
    return Text(
        en=f"{cloud} needs the PIN of its app: set `pin_credential`",
        de=f"{cloud} braucht die PIN seiner App: `pin_credential` setzen",
    )


def quota(cloud: str) -> Text:
    """The cloud says that it was asked too often."""
    return Text(
        en=f"{cloud} was asked too often and wants a pause; nothing to do",
        de=f"{cloud} wurde zu oft gefragt und will eine Pause; nichts zu tun",
    )


def unreachable(cloud: str, why: str) -> Text:
    """The cloud did not answer, or not with an answer; ``why`` names status or error class only."""
    return Text(
        en=f"{cloud} does not answer ({why}); it is asked again by itself",
        de=f"{cloud} antwortet nicht ({_GERMAN.get(why, why)}); es wird von selbst wieder gefragt",
    )


def odd_answer(cloud: str, what: str) -> Text:
    """The cloud's answer makes no sense to us."""
    return Text(
        en=f"{cloud} answered something unexpected ({what}); it is asked again by itself",
        de=f"{cloud} antwortete etwas Unerwartetes ({_GERMAN.get(what, what)}); es wird von selbst wieder gefragt",
    )


def no_soc(cloud: str, instead: float | None = None) -> Text:
    """The answer was good, but says nothing of a state of charge; ``instead``: a number that is none."""
    if instead is not None:
        return Text(
            en=f"{cloud} sent no state of charge but {instead:g}, which no battery has; it is asked again by itself",
            de=f"{cloud} meldet keinen Ladestand, sondern {instead:g}, was kein Akku hat; wird von selbst wiederholt",
        )
    return Text(
        en=f"{cloud} sent no state of charge; it is asked again by itself",
        de=f"{cloud} meldet keinen Ladestand; es wird von selbst wieder gefragt",
    )


def privacy(cloud: str) -> Text:
    """The car is in privacy mode."""
    return Text(
        en=f"the car is in privacy mode and sends nothing to {cloud}: turn that off in the car",
        de=f"das Auto ist im Privatmodus und sendet nichts an {cloud}: im Auto ausschalten",
    )


def not_yours(cloud: str) -> Text:
    """The account may not read this car."""
    return Text(
        en=f"{cloud} does not let this account read the car: check connected services and that the car is yours",
        de=f"{cloud} gibt das Auto für dieses Konto nicht frei: vernetzte Dienste und Zuordnung prüfen",
    )


def no_such_car(cloud: str, vin: str | None, vins: Sequence[str]) -> Text:
    """The account has no car, or not this one, or several and none was named; ``vins`` are those that it has."""
    if not vins:
        return Text(
            en=f"the account at {cloud} has no car: add it in the maker's app, or use the account that has it",
            de=f"das Konto bei {cloud} hat kein Auto: in der App des Herstellers hinzufügen oder anderes Konto nehmen",
        )
    known = ", ".join(vin_end(known) for known in vins)
    if vin is None:
        return Text(
            en=f"the account at {cloud} has {len(vins)} cars ({known}): say which one by `vin`",
            de=f"das Konto bei {cloud} hat {len(vins)} Autos ({known}): bitte `vin` angeben",
        )
    return Text(
        en=f"the account at {cloud} has no car with VIN {vin_end(vin)}, only {known}: mend `vin`",
        de=f"das Konto bei {cloud} hat kein Auto mit FIN {vin_end(vin)}, nur {known}: `vin` korrigieren",
    )


def nameless_car(cloud: str) -> Text:
    """The account lists a car of which it says nothing: its owner has not finished adding it."""
    return Text(
        en=f"the account at {cloud} lists a car without a VIN: finish adding it in the maker's app, then press refresh",
        de=f"das Konto bei {cloud} nennt ein Auto ohne FIN: in der App des Herstellers einrichten, dann Aktualisieren",
    )


def lets_us_not(cloud: str) -> Text:
    """The cloud refuses the car although it has just accepted the login."""
    return Text(
        en=f"{cloud} accepts the login and yet refuses the car's data; it is asked again by itself",
        de=f"{cloud} nimmt die Anmeldung an und verweigert doch die Daten; es wird von selbst wieder gefragt",
    )


def unsupported(cloud: str) -> Text:
    """This model does not tell its state of charge."""
    return Text(
        en=f"{cloud} does not tell the state of charge of this model; use another provider",
        de=f"{cloud} meldet für dieses Modell keinen Ladestand; anderen Anbieter wählen",
    )


def read_denied(topic: str, account: str | None) -> Text:
    """The broker's rights do not let the account receive the car's topic."""
    who, wer = (f"the account {account}", f"dem Konto {account}") if account else ("this client", "diesem Client")
    return Text(
        en=f"the broker denies {who} read access to {topic}: allow it there (NixOS: roles.mqtt-evcc.alsoReceive)",
        de=f"der Broker verweigert {wer} Lesezugriff auf {topic}: dort erlauben (NixOS: roles.mqtt-evcc.alsoReceive)",
    )


def mend(cloud: str, what: str) -> Text:
    """The settings lead nowhere; ``what`` says which and how."""
    return Text(en=f"{cloud}: {what}; mend the settings", de=f"{cloud}: {what}; Einstellungen korrigieren")
