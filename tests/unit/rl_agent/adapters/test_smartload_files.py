"""The predecessor's files."""

from pathlib import Path

from rl_agent.adapters.smartload_files import found_in


def test_files_of_the_predecessor_are_recognised_left_alone_and_told_why_they_are_not_used(tmp_path: Path) -> None:
    (tmp_path / "smartprice_rl_memory.json").write_text("{}")
    (tmp_path / "smartprice_rl_model.json").write_text("{}")
    (tmp_path / "smartprice_device_control.db").write_bytes(b"x")
    told = list(found_in(tmp_path))
    assert len(told) == 3
    assert all("is EVCC-Smartload's and is not used" in words for words in told)
    assert (tmp_path / "smartprice_rl_model.json").read_text() == "{}"


def test_without_them_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "learner.db").write_bytes(b"x")
    assert list(found_in(tmp_path)) == []
