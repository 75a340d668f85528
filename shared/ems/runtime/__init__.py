"""Everything that touches the world: runner, MQTT session, settings, credentials, logs, health, clock."""
