"""What every service needs of its surroundings: settings, credentials, logs, health, clock, systemd, SQLite."""
