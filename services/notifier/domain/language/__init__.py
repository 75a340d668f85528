"""What drivers write, in German and English: one grammar for Telegram, MQTT and Home Assistant."""
