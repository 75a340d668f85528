"""English. These are the words of ``health.reasons``, too."""

from collections.abc import Mapping
from typing import assert_never

from ems.i18n.formatter import Formatter
from ems.i18n.health.troubles import (
    CARS,
    CONTROLLERS,
    COUNTERS,
    DAYS,
    LATE,
    MISSES,
    WISHES,
    AccessDenied,
    BrokerAway,
    CarTrouble,
    ChatUnreachable,
    ClientIdTaken,
    DeviceTrouble,
    EvccMisconfigured,
    EvccSteers,
    EvccUnanswered,
    EvccUnreadable,
    FileSetAside,
    HealthTrouble,
    HistoryGap,
    HistoryUnanswered,
    HistoryUnusable,
    InfluxAway,
    InfluxOtherType,
    InfluxRefuses,
    InfluxUnanswered,
    LearningFailed,
    LimitsLeft,
    NamesUnusable,
    NoProposal,
    NotKept,
    OddPrices,
    PayloadRefused,
    PlanMissing,
    RatesMissing,
    RootErased,
    RulesInstead,
    TelegramAway,
    WorkersAway,
    WorkerUnreadable,
    WriteFailed,
)

_NOT_KEPT: Mapping[str, str] = {
    CARS: "what is known of the cars is forgotten at a restart",
    CONTROLLERS: "who steers is forgotten at a restart",
    COUNTERS: "the energy counters cannot be kept, so they stand still",
    DAYS: "days that are over cannot be kept",
    LATE: "who is late is forgotten at a restart",
    MISSES: "a missed goal is forgotten at a restart",
    WISHES: "wishes that are over cannot be forgotten",
}


def sentence(trouble: HealthTrouble, _: Formatter) -> str:
    """What ``trouble`` says."""
    match trouble:
        case BrokerAway(host, port, detail):
            return f"the broker at {host}:{port}: {detail}"
        case ClientIdTaken(client_id):
            return (
                "the broker throws us out again and again: somebody else seems to connect with our client id "
                f"{client_id}; does this service run twice, or has another the same mqtt.client_id?"
            )
        case AccessDenied(verb, topic, detail):
            return f"the broker denies {verb} access to {topic}: {detail}"
        case PayloadRefused(topic, detail):
            return f"{topic}: refused, {detail}"
        case InfluxAway(detail, waiting, lost):
            return f"InfluxDB: {detail}; {waiting} points wait, {lost} were lost"
        case InfluxRefuses(detail):
            return f"InfluxDB refuses what is written: {detail}"
        case InfluxOtherType(measurement, names, setting):
            return (
                f"InfluxDB keeps as another type than float, in {measurement}: {names}; the rest of each point is "
                f"recorded. Rename it with influx.field_names, such as {setting}, or all with influx.measurement"
            )
        case InfluxUnanswered(detail):
            return f"InfluxDB tells no history: {detail}"
        case HistoryUnanswered(detail) | EvccUnanswered(detail) | WriteFailed(detail):
            return detail
        case FileSetAside(detail) | TelegramAway(detail):
            return detail
        case NotKept(what, detail):
            return f"{_NOT_KEPT[what]}: {detail}"
        case OddPrices(text):
            return text.en
        case RulesInstead(text):
            return f"rules instead of a plan: {text.en}"
        case PlanMissing(text):
            return f"no plan: {text.en}"
        case WorkersAway(topic):
            return f"no worker answers on {topic}: planned here"
        case WorkerUnreadable(detail):
            return f"a worker's answer cannot be read, planned here: {detail}"
        case CarTrouble(name, _, text) | DeviceTrouble(name, _, text):
            return f"{name}: {text.en}"
        case EvccMisconfigured(detail):
            return f"evcc cannot work with its configuration: {detail}"
        case EvccUnreadable(places, more):
            rest = f" and {more} more" if more else ""
            return f"evcc's state cannot be read in places: {', '.join(places)}{rest}"
        case RootErased(root, prefix, instead):
            return (
                f"evcc's MQTT root {root!r} holds the suite's {prefix!r}: on the same broker evcc erases it at every "
                f"start; give evcc a root of its own, such as mqtt.topic: {instead}"
            )
        case EvccSteers(loadpoints=True):
            return "evcc's own optimizer steers battery and loadpoints: they are left to it until it is switched off"
        case EvccSteers():
            return "evcc's own optimizer steers the battery: it is left to it until that is switched off"
        case NamesUnusable(names):
            return "; ".join(map(_unusable, names))
        case LimitsLeft(battery, loadpoints, feed_in):
            whose = ["battery from the grid"] if battery else []
            whose += [f"loadpoint {n}" for n in loadpoints] + [f"loadpoint {n} feed-in" for n in feed_in]
            return (
                f"evcc has price limits of its own that act beside the plan ({', '.join(whose)}): remove them, or set "
                "take_over_limits"
            )
        case RatesMissing(tariff, detail):
            return f"{tariff} rates: {detail}"
        case HistoryGap(detail):
            return f"the history has a gap: {detail}"
        case HistoryUnusable(detail):
            return f"no history is kept and no energy counted: {detail}; moved away, the file is made anew"
        case LearningFailed(detail):
            return f"learning failed: {detail}"
        case NoProposal(detail):
            return f"no proposal: {detail}"
        case ChatUnreachable(driver, group):
            remedy = "the bot must be added again" if group else "they must write /start"
            return f"{driver} cannot be reached in Telegram: {remedy}"
    assert_never(trouble)


def _unusable(name: str) -> str:
    return (
        f"evcc's vehicle {name!r} has a name that cannot be used here (allowed are a-z, 0-9, _ and -): "
        f"say its name under vehicle_names, such as {{{name!r}: my_car}}"
    )
