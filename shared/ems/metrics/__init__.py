"""Points for InfluxDB 1 and 2, queued while it is away."""
