"""English. These are the words of ``health.reasons``, too."""

from collections.abc import Mapping
from typing import assert_never

from ems.i18n.formatter import Formatter
from ems.i18n.health import troubles

_NOT_KEPT: Mapping[str, str] = {
    troubles.CARS: "what is known of the cars is forgotten at a restart",
    troubles.CONTROLLERS: "who steers is forgotten at a restart",
    troubles.COUNTERS: "the energy counters cannot be kept, so they stand still",
    troubles.DAYS: "days that are over cannot be kept",
    troubles.LATE: "who is late is forgotten at a restart",
    troubles.MISSES: "a missed goal is forgotten at a restart",
    troubles.WISHES: "wishes that are over cannot be forgotten",
}


def sentence(trouble: troubles.HealthTrouble, f: Formatter) -> str:
    """What ``trouble`` says."""
    match trouble:
        case troubles.BrokerAway(host, port, detail):
            return f"the broker at {host}:{port}: {detail}"
        case troubles.ClientIdTaken(client_id):
            return (
                "the broker throws us out again and again: somebody else seems to connect with our client id "
                f"{client_id}; does this service run twice, or has another the same mqtt.client_id?"
            )
        case troubles.AccessDenied(verb, topic, detail):
            return f"the broker denies {verb} access to {topic}: {detail}"
        case troubles.PayloadRefused(topic, detail):
            return f"{topic}: refused, {detail}"
        case troubles.InfluxAway(detail, waiting, lost):
            return f"InfluxDB: {detail}; {waiting} points wait, {lost} were lost"
        case troubles.InfluxRefuses(detail):
            return f"InfluxDB refuses what is written: {detail}"
        case troubles.InfluxOtherType(measurement, names, setting):
            return (
                f"InfluxDB keeps as another type than float, in {measurement}: {names}; the rest of each point is "
                f"recorded. Rename it with influx.field_names, such as {setting}, or all with influx.measurement"
            )
        case troubles.InfluxUnanswered(detail):
            return f"InfluxDB tells no history: {detail}"
        case troubles.HistoryUnanswered(detail) | troubles.EvccUnanswered(detail) | troubles.WriteFailed(detail):
            return detail
        case troubles.FileSetAside(detail) | troubles.TelegramAway(detail):
            return detail
        case troubles.NotKept(what, detail):
            return f"{_NOT_KEPT[what]}: {detail}"
        case troubles.OddPrices(text):
            return text.en
        case troubles.RulesInstead(text):
            return f"rules instead of a plan: {text.en}"
        case troubles.PlanMissing(text):
            return f"no plan: {text.en}"
        case troubles.WorkersAway(topic):
            return f"no worker answers on {topic}: planned here"
        case troubles.WorkerUnreadable(detail):
            return f"a worker's answer cannot be read, planned here: {detail}"
        case troubles.CarTrouble(name, _, text) | troubles.DeviceTrouble(name, _, text):
            return f"{name}: {text.en}"
        case troubles.EvccMisconfigured(detail):
            return f"evcc cannot work with its configuration: {detail}"
        case troubles.EvccUnreadable(places, more):
            rest = f" and {more} more" if more else ""
            return f"evcc's state cannot be read in places: {', '.join(places)}{rest}"
        case troubles.RootErased(root, prefix, instead):
            return (
                f"evcc's MQTT root {root!r} holds the suite's {prefix!r}: on the same broker evcc erases it at every "
                f"start; give evcc a root of its own, such as mqtt.topic: {instead}"
            )
        case troubles.EvccSteers(loadpoints=True):
            return "evcc's own optimizer steers battery and loadpoints: they are left to it until it is switched off"
        case troubles.EvccSteers():
            return "evcc's own optimizer steers the battery: it is left to it until that is switched off"
        case troubles.NamesUnusable(names):
            return "; ".join(map(_unusable, names))
        case troubles.LimitsLeft(battery, loadpoints, feed_in):
            whose = ["battery from the grid"] if battery else []
            whose += [f"loadpoint {n}" for n in loadpoints] + [f"loadpoint {n} feed-in" for n in feed_in]
            return (
                f"evcc has price limits of its own that act beside the plan ({', '.join(whose)}): remove them, or set "
                "take_over_limits"
            )
        case troubles.RatesMissing(tariff, detail):
            return f"{tariff} rates: {detail}"
        case troubles.RatesUntold(tariff, detail):
            return f"{tariff} rates: evcc tells none{f' ({detail})' if detail else ''}"
        case troubles.RatesOdd(tariff, unread, doubled, left_out, absurd, example):
            some = f", such as {f.plain(example)} {trouble.currency} a kWh" if example is not None else ""
            found = (
                (unread, f"not readable: {unread}"),
                (doubled, f"with two values, of which the first is taken: {doubled}"),
                (absurd, f"cannot be right: {absurd}{some}"),
                (left_out, f"too many, left out: {left_out}"),
            )
            return f"{tariff} rates: {'; '.join(words for count, words in found if count)}"
        case troubles.HistoryGap(detail):
            return f"the history has a gap: {detail}"
        case troubles.HistoryUnusable(detail):
            return f"no history is kept and no energy counted: {detail}; moved away, the file is made anew"
        case troubles.LearningFailed(detail):
            return f"learning failed: {detail}"
        case troubles.NoProposal(detail):
            return f"no proposal: {detail}"
        case troubles.ChatUnreachable(driver, group):
            remedy = "the bot must be added again" if group else "they must write /start"
            return f"{driver} cannot be reached in Telegram: {remedy}"
    assert_never(trouble)


def _unusable(name: str) -> str:
    return (
        f"evcc's vehicle {name!r} has a name that cannot be used here (allowed are a-z, 0-9, _ and -): "
        f"say its name under vehicle_names, such as {{{name!r}: my_car}}"
    )
