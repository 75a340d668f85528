"""Dutch."""

from collections.abc import Mapping
from typing import assert_never

from ems.i18n.formatter import Formatter
from ems.i18n.health import troubles

_NOT_KEPT: Mapping[str, str] = {
    troubles.CARS: "Wat over de auto's bekend is, is na een herstart vergeten",
    troubles.CONTROLLERS: "Wie stuurt, is na een herstart vergeten",
    troubles.COUNTERS: "De energietellers kunnen niet worden bewaard en staan daarom stil",
    troubles.DAYS: "Dagen die voorbij zijn kunnen niet worden bewaard",
    troubles.LATE: "Wie te laat is, is na een herstart vergeten",
    troubles.MISSES: "Een gemist doel is na een herstart vergeten",
    troubles.WISHES: "Verlopen wensen kunnen niet worden verwijderd",
}
_VERBS: Mapping[str, str] = {"read": "lezen", "publish": "schrijven"}
_TARIFFS: Mapping[str, str] = {
    "grid": "Stroomprijzen",
    "feedin": "Terugleverprijzen",
    "solar": "Zonneverwachting",
    "co2": "CO2-waarden",
}


def sentence(trouble: troubles.HealthTrouble, f: Formatter) -> str:
    """What ``trouble`` says."""
    match trouble:
        case troubles.BrokerAway(host, port, detail):
            return f"Geen verbinding met de broker {host}:{port} ({detail})"
        case troubles.ClientIdTaken(client_id):
            return (
                "De broker gooit ons er telkens uit, vermoedelijk meldt iemand anders zich aan met onze client-ID "
                f"{client_id}: draait deze dienst twee keer, of heeft een andere dezelfde mqtt.client_id?"
            )
        case troubles.AccessDenied(verb, topic, detail):
            return f"De broker weigert het {_VERBS.get(verb, verb)} van {topic} ({detail})"
        case troubles.PayloadRefused(topic, detail):
            return f"Wat op {topic} binnenkwam, is niet bruikbaar ({detail})"
        case troubles.InfluxAway(detail, waiting, lost):
            return f"InfluxDB is niet bereikbaar ({detail}); {waiting} punten wachten, {lost} zijn verloren"
        case troubles.InfluxRefuses(detail):
            return f"InfluxDB neemt niet aan wat wordt geschreven ({detail})"
        case troubles.InfluxOtherType(measurement, names, setting):
            return (
                f"InfluxDB bewaart in {measurement} als een ander type dan float: {names}; de rest van elk punt wordt "
                f"vastgelegd. Hernoem het met influx.field_names, zoals {setting}, of alles met influx.measurement"
            )
        case troubles.InfluxUnanswered(detail):
            return f"InfluxDB geeft geen geschiedenis ({detail})"
        case troubles.HistoryUnanswered(detail):
            return f"evcc-poller geeft geen geschiedenis, dus de verwachtingen zijn slechter ({detail})"
        case troubles.NotKept(what, detail):
            return f"{_NOT_KEPT[what]} ({detail})"
        case troubles.OddPrices(text):
            return text.in_language("nl")
        case troubles.RulesInstead(text):
            return f"In plaats van een plan beslissen regels: {text.in_language('nl')}"
        case troubles.PlanMissing(text):
            return f"Er is geen plan: {text.in_language('nl')}"
        case troubles.WorkersAway(topic):
            return f"Op {topic} antwoordt niemand die rekent; er wordt hier gepland"
        case troubles.WorkerUnreadable(detail):
            return f"Het antwoord van een rekenaar is niet leesbaar, er wordt hier gepland ({detail})"
        case troubles.CarTrouble(name, _, text):
            return f"{name}: {text.in_language('nl')}"
        case troubles.DeviceTrouble(name, _, text):
            device = name.replace("battery", "batterij").replace("loadpoint-", "laadpunt ")
            return f"{device}: {text.in_language('nl')}"
        case troubles.EvccUnanswered(detail):
            return f"evcc antwoordt niet zoals het hoort ({detail})"
        case troubles.EvccMisconfigured(detail):
            return f"evcc kan met zijn configuratie niet overweg ({detail})"
        case troubles.EvccUnreadable(places, more):
            rest = f" en {more} andere" if more else ""
            return f"De toestand van evcc is op plaatsen niet leesbaar: {', '.join(places)}{rest}"
        case troubles.RootErased(root, prefix, instead):
            return (
                f"Het MQTT-voorvoegsel {root!r} van evcc bevat het eigen {prefix!r}: op dezelfde broker wist evcc het "
                f"bij elke start; geef evcc een eigen voorvoegsel, zoals mqtt.topic: {instead}"
            )
        case troubles.EvccSteers(loadpoints=True):
            return (
                "De optimizer van evcc zelf stuurt batterij en laadpunten: die worden aan evcc overgelaten tot hij uit "
                "staat"
            )
        case troubles.EvccSteers():
            return "De optimizer van evcc zelf stuurt de batterij: die wordt aan evcc overgelaten tot hij uit staat"
        case troubles.NamesUnusable(names):
            return "; ".join(map(_unusable, names))
        case troubles.LimitsLeft(battery, loadpoints, feed_in):
            whose = ["batterij van het net"] if battery else []
            whose += [f"laadpunt {n}" for n in loadpoints] + [f"laadpunt {n} teruglevering" for n in feed_in]
            return (
                f"evcc heeft eigen prijslimieten die naast het plan werken ({', '.join(whose)}): verwijder ze of zet "
                "take_over_limits aan"
            )
        case troubles.WriteFailed(detail):
            return f"evcc heeft niet aangenomen wat werd overgedragen ({detail})"
        case troubles.RatesMissing(tariff, detail):
            return f"{_TARIFFS.get(tariff, tariff)}: er zijn geen nieuwe ({detail})"
        case troubles.RatesUntold(tariff, detail):
            return f"{_TARIFFS.get(tariff, tariff)}: evcc noemt er geen{f' ({detail})' if detail else ''}"
        case troubles.RatesOdd(tariff, unread, doubled, left_out, absurd, example):
            some = f", zoals {f.plain(example)} {trouble.currency} per kWh" if example is not None else ""
            found = (
                (unread, f"niet leesbaar: {unread}"),
                (doubled, f"met twee waarden, waarvan de eerste geldt: {doubled}"),
                (absurd, f"kunnen niet kloppen: {absurd}{some}"),
                (left_out, f"te veel, weggelaten: {left_out}"),
            )
            return f"{_TARIFFS.get(tariff, tariff)}: {'; '.join(words for count, words in found if count)}"
        case troubles.HistoryGap(detail):
            return f"De geschiedenis heeft een gat ({detail})"
        case troubles.HistoryUnusable(detail):
            return (
                f"Er wordt niets vastgelegd en geen energie geteld ({detail}); is het bestand verplaatst, dan ontstaat "
                "het opnieuw"
            )
        case troubles.FileSetAside(detail):
            return f"Een bewaard bestand is niet of niet helemaal leesbaar ({detail})"
        case troubles.LearningFailed(detail):
            return f"Het leren is mislukt ({detail})"
        case troubles.NoProposal(detail):
            return f"De leerling kan nu niets voorstellen ({detail})"
        case troubles.ChatUnreachable(driver, group):
            remedy = "de bot moet opnieuw worden toegevoegd" if group else "daar moet eerst /start worden geschreven"
            return f"{driver} is in Telegram niet bereikbaar: {remedy}"
        case troubles.TelegramAway(detail):
            return f"Telegram antwoordt niet zoals het hoort ({detail})"
    assert_never(trouble)


def _unusable(name: str) -> str:
    return (
        f"De auto {name!r} van evcc heeft een naam die hier niet kan (toegestaan zijn a-z, 0-9, _ en -): "
        f"geef de naam op onder vehicle_names, zoals {{{name!r}: mijn_auto}}"
    )
