"""The live view in a terminal, for the demo and for any broker."""
