"""The gateway, the only service that talks to evcc: publishes its facts and executes decisions."""
