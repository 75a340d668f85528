"""docs/notifier.md says what is true."""

from pathlib import Path

from ems.contract.people import Answer, Mute, SetGoal
from ems.runtime.notation import yaml12
from notifier.domain.wording.remarks import BotCommand
from notifier.settings import Settings

PAGE = (Path(__file__).parents[3] / "docs/notifier.md").read_text("utf-8")


def test_the_settings_on_the_page_are_settings(tmp_path: Path) -> None:
    example = yaml12.load(PAGE.split("```yaml")[1].split("```")[0])
    assert isinstance(example, dict)
    settings = Settings.model_validate({"state_dir": tmp_path, **example})
    assert settings.drivers["ben"].vehicles == ("zoe", "ev6")


def test_the_commands_on_the_page_are_commands() -> None:
    for model, start in (
        (SetGoal, '{"v":1,"soc_pct":80'),
        (Answer, '{"v":1,"question":"<id>","option"'),
        (Answer, '{"v":1,"question":"<id>","text"'),
        (Mute, '{"v":1,"minutes"'),
    ):
        example = start + PAGE.split(start, 1)[1].split("`", 1)[0]
        assert model.parse(example.encode()).v == 1


def test_every_command_is_on_the_page() -> None:
    for name in BotCommand:
        assert f"`/{name}" in PAGE
