"""The MQTT session: facts, commands, requests, and what to do when the broker goes."""
