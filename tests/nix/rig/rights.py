"""rights.py NAME PASSWORD TOPIC...: publishes on each as this client (MQTT 5); tells the broker's answers as JSON."""

import json
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion


def main(name: str, password: str, *topics: str) -> None:
    answers: dict[int, int] = {}
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.username_pw_set(name, password)
    client.on_publish = lambda _client, _data, mid, code, _properties: answers.update({mid: code.value})
    client.connect("127.0.0.1")
    client.loop_start()
    sent = {topic: client.publish(topic, "x", qos=1) for topic in topics}
    for message in sent.values():
        message.wait_for_publish(10)
    client.disconnect()
    client.loop_stop()
    sys.stdout.write(json.dumps({topic: answers[message.mid] for topic, message in sent.items()}))


main(*sys.argv[1:])
