"""Telegram, the disk, the picture: one outside system a file."""
