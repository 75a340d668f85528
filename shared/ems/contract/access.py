"""Who may do what on the broker, derived from the registry: the ground for ACLs and for their tests."""

from dataclasses import dataclass
from typing import Any

from ems.contract.control import PROPOSERS
from ems.contract.people import EVENT_OWNERS
from ems.contract.service import SERVICES, Service
from ems.contract.topic import Kind, Topic
from ems.contract.topics import DEVICE_RESULT, EVENT, HEALTH, PROPOSAL, STATUS, TOPICS


@dataclass(frozen=True, slots=True)
class Access:
    """MQTT filters below the prefix that a service may send to and may receive."""

    send: frozenset[str]
    receive: frozenset[str]


def publishers(topic: Topic[Any]) -> dict[Service, frozenset[str]]:
    """Who publishes a fact or event, on which filters below the prefix."""
    if topic in (STATUS, HEALTH, DEVICE_RESULT):
        return {s: frozenset({topic.filter.replace("+", s, 1)}) for s in SERVICES}
    if topic is PROPOSAL:
        return {s: frozenset({f"proposal/{c}/+"}) for c, s in PROPOSERS.items()}
    if topic is EVENT:
        return {
            s: frozenset(EVENT.path(event=k) for k, owner in EVENT_OWNERS.items() if owner is s)
            for s in SERVICES
            if s in EVENT_OWNERS.values()
        }
    if topic.owner is None:
        raise ValueError(f"{topic.pattern}: nobody publishes it")
    return {topic.owner: frozenset({topic.filter})}


def access(service: Service) -> Access:
    """What ``service`` (or ``Service.USERS``) may send and receive. A service reads back what it publishes (wipes)."""
    send: set[str] = set()
    receive: set[str] = set()
    for topic in TOPICS:
        result = topic.filter.rsplit("/", 1)[0] + "/result"
        if topic.kind in (Kind.COMMAND, Kind.REQUEST):
            if topic.owner is service:
                receive.add(topic.filter)
                send.add(result)
            if service in topic.peers:
                send.add(topic.filter)
                receive.add(result)
            continue
        own = publishers(topic).get(service, frozenset())
        send |= own
        if topic.kind is Kind.FACT:
            receive |= own
        if service in topic.peers:
            receive.add(topic.filter)
    # Where who asks wants the answers by MQTT 5's response topic; only services answer.
    receive.add(f"reply/{service}/+")
    if service is not Service.USERS:
        send |= {f"reply/{other}/+" for other in Service if other is not service}
    return Access(frozenset(send), frozenset(receive))
