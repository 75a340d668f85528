"""Telegram's side: updates in, messages out."""
