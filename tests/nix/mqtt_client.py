"""A client that tells what the broker says to every publish and every subscription (MQTT 5)."""

import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from nix.dynsec import Guarded

_WITHIN_S = 20
_GRANTED = {0, 1, 16}
"""Success (or QoS 1), and success with nobody to hear it."""
_NOT_AUTHORIZED = 135


class Client:
    """Logged in as somebody; a context manager."""

    def __init__(self, house: Guarded, name: str, *, will: str | None = None, client_id: str = "") -> None:
        self.received: set[str] = set()
        self._answers: dict[tuple[str, int], list[int]] = {}
        self._changed = threading.Condition()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id, protocol=mqtt.MQTTv5)
        self._client.max_inflight_messages_set(0)
        self._client.username_pw_set(name, house.password(name))
        if will is not None:
            self._client.will_set(will, "x", qos=1)
        self._client.on_publish = lambda _c, _u, mid, code, _p: self._answer("publish", mid, [code])
        self._client.on_subscribe = lambda _c, _u, mid, codes, _p: self._answer("subscribe", mid, codes)
        self._client.on_message = lambda _c, _u, message: self._hear(message.topic)
        self._client.connect("127.0.0.1", house.broker.port)

    def __enter__(self) -> Self:
        self._client.loop_start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def vanish(self) -> None:
        """Once it is connected the connection is cut without a word, so that its last will is published."""
        connected = threading.Event()
        self._client.on_connect = lambda *_: connected.set()
        self._client.on_disconnect = lambda *_: None
        self._client.loop_start()
        assert connected.wait(_WITHIN_S), "the broker says nothing"
        self._client.loop_stop()
        sock = self._client.socket()
        assert sock is not None
        sock.close()

    def may_publish(self, topics: Iterable[str]) -> set[str]:
        """The topics of these on which the broker takes a message."""
        sent = {topic: self._client.publish(topic, "x", qos=1).mid for topic in topics}
        return {topic for topic, mid in sent.items() if self._wait("publish", mid)}

    def may_subscribe(self, filters: Iterable[str]) -> set[str]:
        """The filters of these that the broker accepts; they stay subscribed."""
        sent = {each: self._client.subscribe(each, qos=1)[1] for each in filters}
        return {each for each, mid in sent.items() if mid is not None and self._wait("subscribe", mid)}

    def wait_for(self, topic: str) -> None:
        """Returns when a message on ``topic`` has come."""
        with self._changed:
            assert self._changed.wait_for(lambda: topic in self.received, _WITHIN_S), f"nothing came on {topic}"

    def _hear(self, topic: str) -> None:
        with self._changed:
            self.received.add(topic)
            self._changed.notify_all()

    def _answer(self, kind: str, mid: int, codes: Iterable[Any]) -> None:
        with self._changed:
            self._answers[kind, mid] = [code.value for code in codes]
            self._changed.notify_all()

    def _wait(self, kind: str, mid: int) -> bool:
        with self._changed:
            assert self._changed.wait_for(lambda: (kind, mid) in self._answers, _WITHIN_S), "the broker says nothing"
            codes = self._answers[kind, mid]
        assert set(codes) <= _GRANTED | {_NOT_AUTHORIZED}, f"the broker answers {codes} to a {kind}"
        return set(codes) <= _GRANTED
