"""Which messages of a group are meant for the bot."""

import re
from collections.abc import Container

_COMMAND = re.compile(r"/(\w+)(?:@(\w+))?\s*(.*)", re.DOTALL)


def command_in(words: str) -> tuple[str, str, str] | None:
    """A command's name in small letters, the bot that it names (or ""), and the words after it; None: no command."""
    found = _COMMAND.fullmatch(words)
    return (found[1].lower(), found[2] or "", found[3].strip()) if found else None


def words_for(username: str, words: str, commands: Container[str], *, is_reply: bool) -> str | None:
    """What a message in a group says to the bot ``username``, without its name; None: it is meant for others.

    Meant for the bot are its ``commands``, unless another bot is named, what names it, and replies to what it said.
    """
    if found := command_in(words):
        name, bot, rest = found
        ours = bot.casefold() == username.casefold() if bot else is_reply or name in commands
        return f"/{name} {rest}".strip() if ours else None
    named = re.compile(rf"(?<!\w)@{re.escape(username)}(?!\w)", re.IGNORECASE)
    if username and named.search(words):
        return named.sub(" ", words).strip(" ,:") or "/help"
    return words if is_reply else None
