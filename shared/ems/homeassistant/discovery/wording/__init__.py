"""What devices, entities and their states are called in Home Assistant: a file a language."""
