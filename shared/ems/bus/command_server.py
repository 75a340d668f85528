"""Commands and requests of others, each in a task of its own, so that a slow one holds up nothing else."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

from ems.bus.api import CommandHandler, Names, Refused, words_of
from ems.bus.payload_errors import PayloadErrors
from ems.bus.publish_queue import Outgoing, PublishQueue
from ems.bus.subscriptions import Incoming, decode
from ems.contract.message import Command, Malformed, Message
from ems.contract.requests import DeviceResult, Result
from ems.contract.service import Service
from ems.contract.topic import Kind, Topic
from ems.contract.topics import DEVICE_RESULT, answer_model, commanded_device, fact_of_field
from ems.i18n.answers import renderer as answers
from ems.i18n.answers.refusals import Busy, Failed, NoSuchName, Retained
from ems.i18n.records import CommandAnswer
from ems.runtime.clock import Clock
from ems.runtime.errors import PermanentError, TransientError

MAX_AT_ONCE = 32
"""Most commands and requests carried out at the same time; more are refused."""
FIELD_RESET_S = 0.5
"""Time, in real seconds, after which a field that was typed into surely shows what was typed."""


class CommandServer:
    """What all answering routes of one session share."""

    def __init__(
        self, service: Service, prefix: str, clock: Clock, queue: PublishQueue, payload_errors: PayloadErrors
    ) -> None:
        self.prefix, self.clock, self.queue, self.payload_errors = prefix, clock, queue, payload_errors
        self._service = service
        self._start: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]] | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def open(self, start: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]) -> None:
        """Has tasks started, and owned, by ``start`` from now on."""
        self._start = start

    def close(self) -> None:
        """Ends what is being carried out."""
        for task in self._running:
            task.cancel()

    @property
    def busy(self) -> bool:
        """Whether no more can be taken."""
        return self._start is None or len(self._running) >= MAX_AT_ONCE

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Carries out ``work`` beside everything else; only while not :attr:`busy`."""
        if self._start is None:
            raise RuntimeError("the session has not been opened")
        task = self._start(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def lock(self, path: str) -> asyncio.Lock:
        """The lock under which commands to ``path`` are carried out one after the other, in the order they came."""
        return self._locks.setdefault(path, asyncio.Lock())

    def send(self, path: str, answer: Message, to: Incoming) -> None:
        """Publishes ``answer`` on the result topics of ``path`` and its device, and on the response topic of ``to``."""
        body = answer.payload()
        self.queue.put_event(Outgoing(f"{self.prefix}/{result_path(path)}", body, "application/json"))
        if isinstance(answer, Result) and (device := commanded_device(path)):
            whole = DeviceResult(**dict(answer), command=path.removesuffix("/set"))
            where = DEVICE_RESULT.path(service=self._service, device=device)
            self.queue.put_event(Outgoing(f"{self.prefix}/{where}", whole.payload(), "application/json"))
            self._reset_field(path)
        # Only below reply/: an asker must not make us write elsewhere.
        if to.response_topic and re.fullmatch(rf"{re.escape(self.prefix)}/reply/[^+#]+", to.response_topic):
            self.queue.put_event(Outgoing(to.response_topic, body, "application/json", correlation=to.correlation))

    def _reset_field(self, path: str) -> None:
        """Publishes the fact that a field shows once more: else it goes on showing what was typed, true or not."""
        if fact := fact_of_field(path):
            asyncio.get_running_loop().call_later(FIELD_RESET_S, self.queue.requeue, (f"{self.prefix}/{fact}",))


class CommandRoute[C: Command]:
    """Answers one command or request topic."""

    def __init__(
        self, topic: Topic[C], handler: Callable[[C, Names], Awaitable[Message]], server: CommandServer
    ) -> None:
        self._topic, self._handler, self._server = topic, handler, server

    @property
    def filter(self) -> str:
        """See :class:`ems.bus.subscriptions.Route`."""
        return self._topic.filter

    def receive(self, path: str, message: Incoming) -> None:
        """See :class:`ems.bus.subscriptions.Route`. An empty payload is how others tidy up: no command."""
        if not message.payload:
            return
        try:
            names, command = self._read(path, message)
        except (Malformed, Refused) as why:
            self._server.payload_errors.log(path, str(why))
            self._server.send(path, self._refusal(why, _id(message.payload)), message)
            return
        self._server.run(self._carry_out(path, names, command, message))

    def _read(self, path: str, message: Incoming) -> tuple[Names, C]:
        if message.retain:
            raise Refused(answers.answer(Retained()))
        names = self._topic.names(path)
        if names is None:
            raise Refused(answers.answer(NoSuchName(self._topic.pattern)))
        command = decode(self._topic, message.payload)
        if self._server.busy:
            raise Refused(answers.answer(Busy(MAX_AT_ONCE)))
        return names, command

    async def _carry_out(self, path: str, names: Names, command: C, message: Incoming) -> None:
        try:
            if self._topic.kind is Kind.COMMAND:
                async with self._server.lock(path):
                    answer = await self._handler(command, names)
            else:
                answer = await self._handler(command, names)
        except (Refused, TransientError, PermanentError) as why:
            self._server.payload_errors.log(path, str(why))
            answer = self._refusal(why, command.id)
        self._server.send(path, _with_id(answer, command.id), message)

    def _refusal(self, why: Exception, command_id: str | None) -> Message:
        model = answer_model(self._topic)
        if model is not Result:
            return model.model_validate({"id": command_id, "refused": str(why)})
        match why:
            case Refused(answer=answer):
                pass
            case Malformed():
                answer = answers.malformed(why)
            case _:
                answer = answers.answer(Failed(str(why)))
        # Its reason stays the exception's words: those of a malformed one name each field as programs write it.
        now = self._server.clock.now()
        return _result(answer, now, accepted=False).model_copy(update={"id": command_id, "reason": str(why)})


def result_path(path: str) -> str:
    """The topic of the outcome of a command or request at ``path``."""
    return re.sub(r"/(set|get)$", "/result", path)


def accepting[C: Command](handler: CommandHandler[C], clock: Clock) -> Callable[[C, Names], Awaitable[Message]]:
    """A command's handler, whose answer becomes a :class:`Result`."""

    async def answer(command: C, names: Names) -> Message:
        answered = await handler(command, names)
        return _result(answered, clock.now(), accepted=True).model_copy(update={"id": command.id})

    return answer


def _result(answer: CommandAnswer | str, now: datetime, *, accepted: bool) -> Result:
    if isinstance(answer, str):
        return Result(accepted=accepted, reason=answer, at=now)
    return Result(
        accepted=accepted,
        reason=words_of(answer),
        at=now,
        kind=answer.kind,
        parameters=dict(answer.parameters),
        text=answer.text,
    )


def _with_id(answer: Message, command_id: str | None) -> Message:
    if "id" in type(answer).model_fields and getattr(answer, "id", None) is None:
        return answer.model_copy(update={"id": command_id})
    return answer


def _id(payload: bytes) -> str | None:
    """The sender's id in a command that cannot be decoded, when it can be made out."""
    if len(payload) > 10_000:
        return None
    try:
        command = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    value = command.get("id") if isinstance(command, dict) else None
    return value if isinstance(value, str) and len(value) <= 128 else None
