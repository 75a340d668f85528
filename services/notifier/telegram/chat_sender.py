"""Sends what one driver is to read, in order, at Telegram's pace; what is not sent yet is in the memory."""

import asyncio
from collections import deque
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import structlog

from ems.contract.message import Language
from ems.i18n.health import troubles
from ems.runtime.errors import TransientError
from ems.runtime.retry import Backoff
from notifier.adapters.telegram_api import (
    Attachment,
    Blocked,
    Buttons,
    Moved,
    Rejected,
    Telegram,
    TooMany,
    Unauthorized,
)
from notifier.domain.late_orders import is_late
from notifier.domain.memory import (
    IN_DOUBT,
    NOT_TAKEN,
    Delivery,
    Notice,
    OpenOrder,
    Pending,
)
from notifier.domain.people import Person
from notifier.domain.questions import shown
from notifier.domain.wording.remarks import Label, Remark
from notifier.domain.wording.renderer import Renderer
from notifier.state import NotifierState

_log = structlog.get_logger(__name__)

MAX_LINES = 20
"""Most lines of a digest: the newest ones."""
STOP_TIMEOUT_S = 2.0
"""Longest wait at a stop for the call that is under way, in seconds; the broker wants its goodbye as well."""
_BACKOFF = Backoff(first_s=2, max_s=300)


@dataclass(frozen=True, slots=True)
class ChatReply:
    """What a driver gets for what they have just written: at once, whatever the hour."""

    text: str
    buttons: Buttons = ()
    file: Attachment | None = None
    reply_to: int | None = None
    """Id of the message that it answers, where several people write."""


def receipt_buttons(receipt: str, says: Renderer, language: Language) -> Buttons:
    """Below a goal that was understood: a way to correct it."""
    return [
        [
            (says.words(Label.CHANGE, language), f"r:{receipt}:change"),
            (says.words(Label.UNDO, language), f"r:{receipt}:undo"),
        ]
    ]


def yes_or_no(order: str, says: Renderer, language: Language) -> Buttons:
    """Below the question whether an old order still holds."""
    return [[(says.words(Label.YES, language), f"o:{order}:yes"), (says.words(Label.NO, language), f"o:{order}:no")]]


class ChatSender:
    """One driver's chat, or a group's."""

    def __init__(self, state: NotifierState, telegram: Telegram, person: Person, chat_id: int, pace_s: float) -> None:
        self._state, self._telegram, self._person, self._chat_id = state, telegram, person, chat_id
        self._is_group = person in state.people.groups
        self._pace_s, self._wake = pace_s, asyncio.Event()
        self._replies: deque[ChatReply] = deque(maxlen=50)
        self._blocked = False

    def wake(self) -> None:
        """Makes it look for something to send."""
        self._wake.set()

    def mark_reachable(self) -> None:
        """Ends a block: a person who writes to us can be written to."""
        self._blocked = False
        self._state.bus.health.ok(self._health_key)

    def move_to(self, chat_id: int) -> None:
        """The group has become a supergroup with this id."""
        if chat_id != self._chat_id:
            _log.warning("a group has a new id; change it in telegram.groups", was=self._person.chat_id, now=chat_id)
            self._chat_id = chat_id
            self._state.move_group(self._person, chat_id)

    def reply(self, reply: ChatReply, *, once: bool = False) -> None:
        """Answers what the person has written; ``once``: not when the same answer waits to be sent already."""
        if once and any(waiting.text == reply.text for waiting in self._replies):
            return
        # Each on its own: what has arrived must not be sent again because the other did not.
        self._replies.append(replace(reply, file=None))
        if reply.file is not None:
            self._replies.append(ChatReply("", file=reply.file))
        self._wake.set()

    async def run(self) -> None:
        """Sends until cancelled, or until Telegram does not know us."""
        failures = 0
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._send_all()
                failures = 0
            except TooMany as wait:
                await asyncio.sleep(wait.retry_after_s)
                self._wake.set()
            except TransientError:
                failures += 1
                await asyncio.sleep(_BACKOFF.delay_s(failures))
                self._wake.set()
            except Moved as moved:
                self.move_to(moved.chat_id)
                self._wake.set()
            except Blocked:
                self._give_up()
            except Unauthorized:
                return  # the poller says so

    async def _send_all(self) -> None:
        while self._replies:
            reply = self._replies[0]
            await _finished(self._send(reply))
            # Only now: what could not be sent stays the next one.
            self._replies.popleft()
        for delivery in self._outcomes():
            await _finished(self._edit(delivery))
        if self._blocked:
            return
        for order in self._open_orders():
            await _finished(self._ask_about(order))
            await asyncio.sleep(self._pace_s)
        for pending in self._questions():
            await _finished(self._ask(pending))
            await asyncio.sleep(self._pace_s)
        if notices := self._notices():
            await _finished(self._send_notices(notices))
            await asyncio.sleep(self._pace_s)

    def _outcomes(self) -> Iterator[Delivery]:
        yield from [d for d in self._state.memory.deliveries if d.driver == self._person.name and d.outcome is not None]

    def _questions(self) -> Iterator[Pending]:
        silent = self._state.silent_until(self._person)
        for pending in self._state.memory.pending:
            vehicles = {pending.question.vehicle, pending.also}
            concerned = bool(vehicles & set(self._person.vehicles)) and pending.talking in {None, self._person.name}
            here = pending.group == self._person.name if self._is_group else pending.group is None and concerned
            awake = self._is_group or silent is None or pending.talking == self._person.name
            if here and awake and not self._was_asked(pending.question.id):
                yield pending

    def _open_orders(self) -> Iterator[OpenOrder]:
        for order in self._state.memory.open_orders:
            if (order.group or order.driver) == self._person.name and not self._was_asked(order.id):
                yield order

    def _was_asked(self, question: str) -> bool:
        return any(
            (d.driver, d.question) == (self._person.name, question) and d.message_id != IN_DOUBT
            for d in self._state.memory.deliveries
        )

    def _notices(self) -> tuple[Notice, ...]:
        if self._state.silent_until(self._person) is not None:
            return ()
        return tuple(n for n in self._state.memory.notices if n.driver == self._person.name)

    async def _ask(self, pending: Pending) -> None:
        question, language = shown(pending, self._state.says), self._person.language
        buttons = [(o.label.in_language(language), f"a:{question.id}:{o.key}") for o in question.options]
        rows = [buttons[i : i + 3] for i in range(0, len(buttons), 3)]
        await self._deliver(question.id, question.text.in_language(language), rows, silent=False)

    async def _ask_about(self, order: OpenOrder) -> None:
        driver = self._state.people.named(order.driver)
        if order.cars:
            titles = [car.title if (car := self._state.car(name)) else name for name in order.cars]
            # Not the name: it may be longer than a button's data.
            buttons: Buttons = [[(title, f"o:{order.id}:{number}")] for number, title in enumerate(titles)]
        else:
            buttons = yes_or_no(order.id, self._state.says, self._state.people.language_of(order.driver))
        # They have written it themselves: it comes at any hour, but wakes nobody.
        late = is_late(order.written, self._state.now)
        silent = late and driver is not None and self._state.silent_until(driver) is not None
        await self._deliver(order.id, order.text, buttons, silent=silent)

    async def _deliver(self, question: str, text: str, rows: Buttons, *, silent: bool) -> None:
        """Sends a question with its buttons, and notes where it stands."""
        doubted = Delivery(question, self._person.name, IN_DOUBT, text)
        again = doubted in self._state.memory.deliveries
        if not again:
            self._state.keep(replace(self._state.memory, deliveries=(*self._state.memory.deliveries, doubted)))
        try:
            message_id = await self._telegram.send(self._chat_id, text, rows, silent=silent)
        except Rejected as why:
            # Asked again it would be rejected again; the question is still on MQTT.
            _log.error("a question was not taken", driver=self._person.name, why=str(why))
            message_id = NOT_TAKEN
        self._note_delivery(doubted, message_id, again=again)

    def _note_delivery(self, doubted: Delivery, message_id: int, *, again: bool) -> None:
        """Notes where a question stands, with what its driver, quicker than Telegram's answer, has made of it."""
        memory, language = self._state.memory, self._person.language
        same = [d for d in memory.deliveries if (d.question, d.driver) == (doubted.question, doubted.driver)]
        known = next((d for d in same if d.message_id in {IN_DOUBT, message_id}), doubted)
        delivery = replace(known, message_id=message_id)
        is_open = memory.question_by_id(delivery.question) or any(o.id == delivery.question for o in memory.open_orders)
        if not is_open and delivery.outcome is None:
            delivery = replace(delivery, outcome=self._state.says.words(Remark.CLOSED_ALREADY, language))
        # Sent again after an interruption it may stand there twice: then both are valid, and the doubt stays.
        kept = (d for d in memory.deliveries if d != known or (again and known.message_id == IN_DOUBT))
        self._state.keep(replace(memory, deliveries=(*kept, delivery)))

    async def _edit(self, delivery: Delivery) -> None:
        try:
            if delivery.message_id > 0:
                text = f"{delivery.text}\n→ {delivery.outcome}"
                says, language = self._state.says, self._person.language
                buttons = receipt_buttons(delivery.receipt, says, language) if delivery.receipt else ()
                await self._telegram.edit(self._chat_id, delivery.message_id, text, buttons)
        except Rejected as why:
            _log.info("an answered question could not be changed", driver=self._person.name, why=str(why))
        memory = self._state.memory
        self._state.keep(replace(memory, deliveries=tuple(d for d in memory.deliveries if d != delivery)))

    async def _send_notices(self, notices: tuple[Notice, ...]) -> None:
        now, language = self._state.now, self._person.language
        says = self._state.says
        # In the words of this moment: what was tomorrow yesterday is today.
        lines = [
            says.words(n.news, language) if n.news else n.text.in_language(language)
            for n in notices
            if n.until is None or n.until > now
        ]
        if len(lines) > 1:
            lines = [says.words(Remark.MEANWHILE, language), *(f"• {line}" for line in lines[-MAX_LINES:])]
        if lines:
            await self._send(ChatReply("\n".join(lines)))
        sent = {n.id for n in notices}
        memory = self._state.memory
        self._state.keep(replace(memory, notices=tuple(n for n in memory.notices if n.id not in sent)))

    async def _send(self, reply: ChatReply) -> None:
        try:
            if reply.file is None:
                await self._telegram.send(self._chat_id, reply.text, reply.buttons, reply_to=reply.reply_to)
            else:
                await self._telegram.send_file(self._chat_id, reply.file)
        except Rejected as why:
            _log.error("a message was not taken", driver=self._person.name, why=str(why))

    @property
    def _health_key(self) -> str:
        return f"chat:{self._person.name}"

    def _give_up(self) -> None:
        """Nothing can be said until the person writes to us; what waits is of no use then."""
        self._blocked = True
        self._replies.clear()
        name = self._person.name
        self._state.bus.health.degraded(self._health_key, troubles.ChatUnreachable(name, self._is_group))
        memory = self._state.memory
        self._state.keep(
            replace(
                memory,
                notices=tuple(n for n in memory.notices if n.driver != name),
                deliveries=tuple(d for d in memory.deliveries if d.driver != name or d.outcome is None),
            )
        )


async def _finished(call: Coroutine[Any, Any, None]) -> None:
    """Carries out ``call`` to its end, also when we are stopped meanwhile.

    Telegram may have taken the message already: what is not noted is sent again after the restart.
    """
    work = asyncio.create_task(call)
    try:
        await asyncio.shield(work)
    finally:
        if not work.done():
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.gather(work, return_exceptions=True), STOP_TIMEOUT_S)
