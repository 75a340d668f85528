"""In a group the bot hears what is meant for it, and nothing else."""

import pytest

from notifier.domain.addressing import command_in, words_for

COMMANDS = frozenset({"goal", "ziel", "status"})


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("/ziel 80 %", "/ziel 80 %"),
        ("/Ziel@house_bot 80 %", "/ziel 80 %"),
        ("/ziel@HOUSE_BOT\n80 %", "/ziel 80 %"),
        ("/status@house_bot", "/status"),
        ("/dance@house_bot", "/dance"),
        ("@house_bot 80 % morgen", "80 % morgen"),
        ("80 % morgen, @House_Bot", "80 % morgen"),
        ("@house_bot", "/help"),
        ("/dance", None),
        ("/ziel@other_bot 80 %", None),
        ("/ziel@house_bot2 80 %", None),
        ("@house_bot2 80 %", None),
        ("me@house_bot is no name", None),
        ("80 % morgen", None),
        ("", None),
        ("/", None),
    ],
)
def test_commands_and_the_bots_name_say_who_is_meant(words: str, heard: str | None) -> None:
    assert words_for("house_bot", words, COMMANDS, is_reply=False) == heard


def test_a_reply_to_the_bot_is_meant_for_it_unless_it_names_another() -> None:
    assert words_for("house_bot", "80 % morgen", COMMANDS, is_reply=True) == "80 % morgen"
    assert words_for("house_bot", "/dance", COMMANDS, is_reply=True) == "/dance"
    assert words_for("house_bot", "/status@other_bot", COMMANDS, is_reply=True) is None


def test_a_bot_that_does_not_know_its_name_hears_commands_only() -> None:
    assert words_for("", "/status", COMMANDS, is_reply=False) == "/status"
    assert words_for("", "@ 80 %", COMMANDS, is_reply=False) is None
    assert words_for("", "/status@house_bot", COMMANDS, is_reply=False) is None


def test_a_command_is_its_name_the_bot_and_the_rest() -> None:
    assert command_in("/Boost@House_bot zoe 2h") == ("boost", "House_bot", "zoe 2h")
    assert command_in("/stop") == ("stop", "", "")
    assert command_in("80 %") is None
