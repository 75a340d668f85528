"""Home Assistant's MQTT discovery: a table of entities a device, and the task that announces them."""
