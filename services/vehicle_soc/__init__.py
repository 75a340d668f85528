"""vehicle-soc: every car's state of charge, from whatever source, politely and honestly."""
