"""What is remembered, and that a file of rubbish is no reason to fail."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from simulator.gui.settings import Memory, config_folder


def test_a_first_start_remembers_nothing(config: Path) -> None:
    memory = Memory()
    assert config.parent == config_folder()
    assert memory.geometry is None
    assert memory.lesson == ""
    assert memory.theme == ""
    assert memory.settings_of("convolution") == {}


def test_everything_is_there_again(config: Path) -> None:
    memory = Memory()
    memory.keep_window(QByteArray(b"\x00\x01geometry"))
    memory.keep_theme("dark")
    settings: dict[str, object] = {
        "padding": "same",
        "size": 12,
        "bias": -0.5,
        "preset": ["blur", "sobel_x"],
        "note": 'quotes " and, commas; and = äöü −',
    }
    memory.keep_lesson("convolution", settings)
    memory.keep_lesson("pooling", {"kind": "max"})
    memory.write()
    assert config.exists()
    again = Memory()
    assert again.geometry == QByteArray(b"\x00\x01geometry")
    assert again.theme == "dark"
    assert again.lesson == "pooling"
    assert again.settings_of("convolution") == settings
    assert again.settings_of("pooling") == {"kind": "max"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\xff\xfe rubbish",
        "[General\nlesson=",
        "[General]\nlesson=a, b, c\ntheme=@Invalid()\ngeometry=5\n",
        "[General]\ngeometry=@Variant(\\0\\0\\0\\x7f\\0\\0\\0\\tnot_a_type\\0)\n",
        "[General]\ngeometry=@ByteArray()\n",
        "[settings]\nconvolution=[1, 2]\n",
        "[settings]\nconvolution={\n",
        '[settings]\nconvolution="' + "[" * 100_000 + '"\n',
        '[settings]\nconvolution="' + "9" * 5000 + '"\n',
        "[settings]\nconvolution=null\n",
    ],
    ids=range(11),
)
@pytest.mark.qt_log_ignore("QVariant::load")
def test_a_hostile_file_is_as_good_as_none(config: Path, text: str) -> None:
    config.parent.mkdir(parents=True)
    config.write_bytes(text.encode("latin-1"))
    memory = Memory()
    assert memory.geometry is None or isinstance(memory.geometry, QByteArray)
    assert isinstance(memory.lesson, str)
    assert isinstance(memory.theme, str)
    assert memory.settings_of("convolution") == {}


def test_a_file_that_can_not_be_written_is_borne(config: Path) -> None:
    config.mkdir(parents=True)
    memory = Memory()
    memory.keep_theme("dark")
    memory.keep_lesson("pooling", {"kind": "max"})
    memory.write()
    assert memory.theme == "dark", "until the end it is known nevertheless"
    assert config.is_dir()


def test_settings_are_kept_in_plain_text(config: Path) -> None:
    memory = Memory()
    memory.keep_lesson("pooling", {"kind": "max"})
    memory.write()
    assert "pooling" in config.read_text()
    assert json.dumps({"kind": "max"}).replace('"', '\\"') in config.read_text()
