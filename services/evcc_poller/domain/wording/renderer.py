"""From the gateway's records to texts in every language."""

from zoneinfo import ZoneInfo

from ems.contract.message import Language
from ems.i18n.records import Wording
from evcc_poller.domain.wording.answers import CommandOutcome
from evcc_poller.domain.wording.control import ControlReason
from evcc_poller.domain.wording.dutch import answers as dutch_answers
from evcc_poller.domain.wording.dutch import control as dutch_control
from evcc_poller.domain.wording.dutch import events as dutch_events
from evcc_poller.domain.wording.english import answers as english_answers
from evcc_poller.domain.wording.english import control as english_control
from evcc_poller.domain.wording.english import events as english_events
from evcc_poller.domain.wording.events import CarEvent
from evcc_poller.domain.wording.german import answers as german_answers
from evcc_poller.domain.wording.german import control as german_control
from evcc_poller.domain.wording.german import events as german_events


class GatewayWording:
    """Everything that the gateway says, in the site's zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.control: Wording[ControlReason] = Wording(
            {
                Language.EN: english_control.sentence,
                Language.DE: german_control.sentence,
                Language.NL: dutch_control.sentence,
            },
            zone,
        )
        self.events: Wording[CarEvent] = Wording(
            {
                Language.EN: english_events.sentence,
                Language.DE: german_events.sentence,
                Language.NL: dutch_events.sentence,
            },
            zone,
        )
        self.answers: Wording[CommandOutcome] = Wording(
            {
                Language.EN: english_answers.sentence,
                Language.DE: german_answers.sentence,
                Language.NL: dutch_answers.sentence,
            },
            zone,
        )
