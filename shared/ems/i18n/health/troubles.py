"""What is wrong with a service. ``detail`` is the code's own, in English; ``text`` was made by a service's renderer.

A kind is never renamed, and a parameter never changes its meaning: automations hang on them.
"""

from dataclasses import dataclass
from typing import ClassVar

from ems.contract.message import Text


@dataclass(frozen=True, slots=True)
class BrokerAway:
    """No connection to the broker."""

    kind: ClassVar = "broker_away"
    host: str
    port: int
    detail: str


@dataclass(frozen=True, slots=True)
class ClientIdTaken:
    """Somebody else seems to connect with our client id."""

    kind: ClassVar = "client_id_taken"
    client_id: str


@dataclass(frozen=True, slots=True)
class AccessDenied:
    """The broker denies to ``verb`` (read, publish) a topic."""

    kind: ClassVar = "access_denied"
    verb: str
    topic: str
    detail: str


@dataclass(frozen=True, slots=True)
class PayloadRefused:
    """What came on a topic is not what it carries."""

    kind: ClassVar = "payload_refused"
    topic: str
    detail: str


@dataclass(frozen=True, slots=True)
class InfluxAway:
    """InfluxDB cannot be reached: so many points wait for it, and so many are lost."""

    kind: ClassVar = "influx_away"
    detail: str
    waiting: int
    lost: int


@dataclass(frozen=True, slots=True)
class InfluxRefuses:
    """InfluxDB does not take what is written."""

    kind: ClassVar = "influx_refuses"
    detail: str


@dataclass(frozen=True, slots=True)
class InfluxOtherType:
    """InfluxDB keeps ``fields`` of a measurement as another type; ``setting`` renames the first of them."""

    kind: ClassVar = "influx_other_type"
    measurement: str
    fields: str
    setting: str


@dataclass(frozen=True, slots=True)
class InfluxUnanswered:
    """InfluxDB tells no history."""

    kind: ClassVar = "influx_unanswered"
    detail: str


@dataclass(frozen=True, slots=True)
class HistoryUnanswered:
    """evcc-poller gives no history."""

    kind: ClassVar = "history_unanswered"
    detail: str


@dataclass(frozen=True, slots=True)
class NotKept:
    """Something cannot be written to the disk."""

    kind: ClassVar = "not_kept"
    what: str
    """One of :data:`KEPT`."""
    detail: str


CARS, CONTROLLERS, COUNTERS, DAYS = "cars", "controllers", "counters", "days"
LATE, MISSES, WISHES = "late", "misses", "wishes"
KEPT = (CARS, CONTROLLERS, COUNTERS, DAYS, LATE, MISSES, WISHES)
"""What is known of the cars, who steers, energy counters, days that are over, who is late, goals that the learner
missed, wishes that are over."""


@dataclass(frozen=True, slots=True)
class OddPrices:
    """Prices look wrong."""

    kind: ClassVar = "odd_prices"
    text: Text


@dataclass(frozen=True, slots=True)
class RulesInstead:
    """Rules decide instead of a plan."""

    kind: ClassVar = "rules_instead"
    text: Text


@dataclass(frozen=True, slots=True)
class PlanMissing:
    """There is no plan."""

    kind: ClassVar = "no_plan"
    text: Text


@dataclass(frozen=True, slots=True)
class WorkersAway:
    """No worker answers on ``topic``, so the home plans by itself."""

    kind: ClassVar = "workers_away"
    topic: str


@dataclass(frozen=True, slots=True)
class WorkerUnreadable:
    """A worker's answer cannot be read, so the home plans by itself."""

    kind: ClassVar = "worker_unreadable"
    detail: str


@dataclass(frozen=True, slots=True)
class CarTrouble:
    """A car's source does not answer, or what it says cannot be; ``cause`` is the reason's kind."""

    kind: ClassVar = "car_trouble"
    vehicle: str
    cause: str | None
    text: Text


@dataclass(frozen=True, slots=True)
class DeviceTrouble:
    """A device does not do what it was told; ``cause`` is the reason's kind."""

    kind: ClassVar = "device_trouble"
    device: str
    cause: str
    text: Text


@dataclass(frozen=True, slots=True)
class EvccUnanswered:
    """evcc does not answer, or not as it should."""

    kind: ClassVar = "evcc_unanswered"
    detail: str


@dataclass(frozen=True, slots=True)
class EvccMisconfigured:
    """evcc cannot work with its configuration; ``detail`` is its own."""

    kind: ClassVar = "evcc_misconfigured"
    detail: str


@dataclass(frozen=True, slots=True)
class EvccUnreadable:
    """evcc's state cannot be read in places, of which some are named."""

    kind: ClassVar = "evcc_unreadable"
    places: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class RootErased:
    """evcc's own MQTT root holds the suite's prefix; ``instead`` would be a good one."""

    kind: ClassVar = "root_erased"
    root: str
    prefix: str
    instead: str


@dataclass(frozen=True, slots=True)
class EvccSteers:
    """evcc's own optimizer steers the battery, and maybe the loadpoints."""

    kind: ClassVar = "evcc_steers"
    loadpoints: bool


@dataclass(frozen=True, slots=True)
class NamesUnusable:
    """evcc's vehicles whose names cannot be topics."""

    kind: ClassVar = "names_unusable"
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LimitsLeft:
    """evcc has price limits of its own, which the settings leave to it."""

    kind: ClassVar = "limits_left"
    battery: bool
    loadpoints: tuple[int, ...]
    feed_in: tuple[int, ...]
    """Loadpoints with one for feeding in."""


@dataclass(frozen=True, slots=True)
class WriteFailed:
    """evcc did not take what was to be handed over to it."""

    kind: ClassVar = "write_failed"
    detail: str


@dataclass(frozen=True, slots=True)
class RatesMissing:
    """There are no new rates of a tariff."""

    kind: ClassVar = "rates_missing"
    tariff: str
    detail: str


@dataclass(frozen=True, slots=True)
class RatesUntold:
    """evcc answers, and tells no rates of a tariff."""

    kind: ClassVar = "rates_untold"
    tariff: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class RatesOdd:
    """Rates of a tariff were not all taken as evcc tells them; a count is 0 where that is not the matter."""

    kind: ClassVar = "rates_odd"
    tariff: str
    unread: int = 0
    """Entries that could not be read."""
    doubled: int = 0
    """Slots with two values, of which the first one holds."""
    left_out: int = 0
    """Rates beyond the most that are kept."""
    absurd: int = 0
    """Prices that cannot be right."""
    example_per_kwh: float | None = None
    """One of them."""
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class HistoryGap:
    """The history has a gap."""

    kind: ClassVar = "history_gap"
    detail: str


@dataclass(frozen=True, slots=True)
class HistoryUnusable:
    """The history's file cannot be used."""

    kind: ClassVar = "history_unusable"
    detail: str


@dataclass(frozen=True, slots=True)
class FileSetAside:
    """A state file could not be read, or not as a whole; ``detail`` says what was lost and where it is kept."""

    kind: ClassVar = "file_set_aside"
    detail: str


@dataclass(frozen=True, slots=True)
class LearningFailed:
    """Nothing new was learnt."""

    kind: ClassVar = "learning_failed"
    detail: str


@dataclass(frozen=True, slots=True)
class NoProposal:
    """The learner cannot propose anything now."""

    kind: ClassVar = "no_proposal"
    detail: str


@dataclass(frozen=True, slots=True)
class ChatUnreachable:
    """A driver, or a group, does not let the bot write."""

    kind: ClassVar = "chat_unreachable"
    driver: str
    group: bool


@dataclass(frozen=True, slots=True)
class TelegramAway:
    """Telegram does not answer, or not as it should."""

    kind: ClassVar = "telegram_away"
    detail: str


type HealthTrouble = (
    BrokerAway
    | ClientIdTaken
    | AccessDenied
    | PayloadRefused
    | InfluxAway
    | InfluxRefuses
    | InfluxOtherType
    | InfluxUnanswered
    | HistoryUnanswered
    | NotKept
    | OddPrices
    | RulesInstead
    | PlanMissing
    | WorkersAway
    | WorkerUnreadable
    | CarTrouble
    | DeviceTrouble
    | EvccUnanswered
    | EvccMisconfigured
    | EvccUnreadable
    | RootErased
    | EvccSteers
    | NamesUnusable
    | LimitsLeft
    | WriteFailed
    | RatesMissing
    | RatesUntold
    | RatesOdd
    | HistoryGap
    | HistoryUnusable
    | FileSetAside
    | LearningFailed
    | NoProposal
    | ChatUnreachable
    | TelegramAway
)
