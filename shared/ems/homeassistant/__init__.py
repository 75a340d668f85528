"""What Home Assistant is told: devices by discovery, and a dashboard."""
