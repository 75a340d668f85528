"""German."""

from collections.abc import Mapping
from typing import assert_never

from ems.i18n.formatter import Formatter
from ems.i18n.health import troubles

_NOT_KEPT: Mapping[str, str] = {
    troubles.CARS: "Was über die Autos bekannt ist, ist nach einem Neustart vergessen",
    troubles.CONTROLLERS: "Wer steuert, ist nach einem Neustart vergessen",
    troubles.COUNTERS: "Die Energiezähler können nicht gespeichert werden und stehen darum still",
    troubles.DAYS: "Vergangene Tage können nicht gespeichert werden",
    troubles.LATE: "Wer spät dran ist, ist nach einem Neustart vergessen",
    troubles.MISSES: "Ein verfehltes Ziel ist nach einem Neustart vergessen",
    troubles.WISHES: "Abgelaufene Wünsche können nicht gelöscht werden",
}
_VERBS: Mapping[str, str] = {"read": "Lesen", "publish": "Schreiben"}
_TARIFFS: Mapping[str, str] = {
    "grid": "Strompreise",
    "feedin": "Einspeisepreise",
    "solar": "Sonnenprognose",
    "co2": "CO2-Werte",
}


def sentence(trouble: troubles.HealthTrouble, f: Formatter) -> str:
    """What ``trouble`` says."""
    match trouble:
        case troubles.BrokerAway(host, port, detail):
            return f"Keine Verbindung zum Broker {host}:{port} ({detail})"
        case troubles.ClientIdTaken(client_id):
            return (
                "Der Broker wirft uns immer wieder hinaus, vermutlich meldet sich noch jemand mit unserer Client-ID "
                f"{client_id} an: Läuft dieser Dienst zweimal, oder hat ein anderer dieselbe mqtt.client_id?"
            )
        case troubles.AccessDenied(verb, topic, detail):
            return f"Der Broker verweigert das {_VERBS.get(verb, verb)} von {topic} ({detail})"
        case troubles.PayloadRefused(topic, detail):
            return f"Was auf {topic} ankam, ist nicht zu gebrauchen ({detail})"
        case troubles.InfluxAway(detail, waiting, lost):
            return f"InfluxDB ist nicht zu erreichen ({detail}); {waiting} Punkte warten, {lost} sind verloren"
        case troubles.InfluxRefuses(detail):
            return f"InfluxDB nimmt nicht an, was geschrieben wird ({detail})"
        case troubles.InfluxOtherType(measurement, names, setting):
            return (
                f"InfluxDB führt in {measurement} mit einem anderen Typ als float: {names}; der Rest jedes Punkts wird "
                f"aufgezeichnet. Umbenennen mit influx.field_names, etwa {setting}, oder alles mit influx.measurement"
            )
        case troubles.InfluxUnanswered(detail):
            return f"InfluxDB liefert keine Vergangenheit ({detail})"
        case troubles.HistoryUnanswered(detail):
            return f"evcc-poller liefert keine Vergangenheit, darum sind die Prognosen schlechter ({detail})"
        case troubles.NotKept(what, detail):
            return f"{_NOT_KEPT[what]} ({detail})"
        case troubles.OddPrices(text):
            return text.de
        case troubles.RulesInstead(text):
            return f"Statt eines Plans entscheiden Regeln: {text.de}"
        case troubles.PlanMissing(text):
            return f"Es gibt keinen Plan: {text.de}"
        case troubles.WorkersAway(topic):
            return f"Auf {topic} antwortet niemand, der rechnet; geplant wird hier"
        case troubles.WorkerUnreadable(detail):
            return f"Die Antwort eines Rechners ist nicht lesbar, geplant wird hier ({detail})"
        case troubles.CarTrouble(name, _, text):
            return f"{name}: {text.de}"
        case troubles.DeviceTrouble(name, _, text):
            device = name.replace("battery", "Batterie").replace("loadpoint-", "Ladepunkt ")
            return f"{device}: {text.de}"
        case troubles.EvccUnanswered(detail):
            return f"evcc antwortet nicht, wie es soll ({detail})"
        case troubles.EvccMisconfigured(detail):
            return f"evcc kommt mit seiner Konfiguration nicht zurecht ({detail})"
        case troubles.EvccUnreadable(places, more):
            rest = f" und {more} weiteren" if more else ""
            return f"Der Zustand von evcc ist an Stellen nicht lesbar: {', '.join(places)}{rest}"
        case troubles.RootErased(root, prefix, instead):
            return (
                f"Das MQTT-Präfix {root!r} von evcc enthält das eigene {prefix!r}: Auf demselben Broker löscht evcc es "
                f"bei jedem Start; evcc braucht ein anderes, etwa mqtt.topic: {instead}"
            )
        case troubles.EvccSteers(loadpoints=True):
            return (
                "evccs eigener Optimierer steuert Batterie und Ladepunkte: Sie bleiben ihm überlassen, bis er "
                "abgeschaltet ist"
            )
        case troubles.EvccSteers():
            return "evccs eigener Optimierer steuert die Batterie: Sie bleibt ihm überlassen, bis er abgeschaltet ist"
        case troubles.NamesUnusable(names):
            return "; ".join(map(_unusable, names))
        case troubles.LimitsLeft(battery, loadpoints, feed_in):
            whose = ["Batterie aus dem Netz"] if battery else []
            whose += [f"Ladepunkt {n}" for n in loadpoints] + [f"Ladepunkt {n} Einspeisung" for n in feed_in]
            return (
                f"evcc hat eigene Preisgrenzen, die neben dem Plan wirken ({', '.join(whose)}): Bitte entfernen oder "
                "take_over_limits setzen"
            )
        case troubles.WriteFailed(detail):
            return f"evcc hat nicht angenommen, was zu übergeben war ({detail})"
        case troubles.RatesMissing(tariff, detail):
            return f"{_TARIFFS.get(tariff, tariff)}: Es gibt keine neuen ({detail})"
        case troubles.RatesUntold(tariff, detail):
            return f"{_TARIFFS.get(tariff, tariff)}: evcc nennt keine{f' ({detail})' if detail else ''}"
        case troubles.RatesOdd(tariff, unread, doubled, left_out, absurd, example):
            some = f", etwa {f.plain(example)} {trouble.currency} je kWh" if example is not None else ""
            found = (
                (unread, f"nicht lesbar: {unread}"),
                (doubled, f"mit zwei Werten, von denen der erste gilt: {doubled}"),
                (absurd, f"können nicht stimmen: {absurd}{some}"),
                (left_out, f"zu viele, weggelassen: {left_out}"),
            )
            return f"{_TARIFFS.get(tariff, tariff)}: {'; '.join(words for count, words in found if count)}"
        case troubles.HistoryGap(detail):
            return f"Die Aufzeichnung hat eine Lücke ({detail})"
        case troubles.HistoryUnusable(detail):
            return (
                f"Es wird nichts aufgezeichnet und keine Energie gezählt ({detail}); ist die Datei fortgeschafft, "
                "entsteht sie neu"
            )
        case troubles.FileSetAside(detail):
            return f"Eine gespeicherte Datei ist nicht oder nicht ganz lesbar ({detail})"
        case troubles.LearningFailed(detail):
            return f"Das Lernen ist gescheitert ({detail})"
        case troubles.NoProposal(detail):
            return f"Der Lerner kann gerade nichts vorschlagen ({detail})"
        case troubles.ChatUnreachable(driver, group):
            remedy = "Der Bot muss wieder hinzugefügt werden" if group else "Dort muss erst /start geschrieben werden"
            return f"{driver} ist in Telegram nicht zu erreichen: {remedy}"
        case troubles.TelegramAway(detail):
            return f"Telegram antwortet nicht, wie es soll ({detail})"
    assert_never(trouble)


def _unusable(name: str) -> str:
    return (
        f"evccs Fahrzeug {name!r} hat einen Namen, der hier nicht geht (erlaubt sind a-z, 0-9, _ und -): "
        f"Ein Name gehört unter vehicle_names, etwa {{{name!r}: mein_auto}}"
    )
