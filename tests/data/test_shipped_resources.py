import re
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QRawFont
from PySide6.QtSvg import QSvgRenderer

from simulator import resources

FONTS = {
    "Inter-Regular.ttf": ("Inter", 400, False),
    "Inter-Medium.ttf": ("Inter", 500, False),
    "Inter-SemiBold.ttf": ("Inter", 600, False),
    "JetBrainsMono-Regular.ttf": ("JetBrains Mono", 400, False),
    "JetBrainsMono-Medium.ttf": ("JetBrains Mono", 500, False),
    "JetBrainsMono-Bold.ttf": ("JetBrains Mono", 700, False),
    "STIXTwoText-Regular.ttf": ("STIX Two Text", 400, False),
    "STIXTwoText-Italic.ttf": ("STIX Two Text", 400, True),
    "STIXTwoMath-Regular.ttf": ("STIX Two Math", 400, False),
    "DejaVuSans.ttf": ("DejaVu Sans", 400, False),
    "DejaVuSansMono.ttf": ("DejaVu Sans Mono", 400, False),
}

# What the interface and the formulas write; every font for text and numbers must have the first.
SIGNS = "0123456789−+×·=≈()[],.%²"
ITS_OWN = {
    "Inter": SIGNS + "–’“”…→Σσ±≤≥√∞",
    "JetBrains Mono": SIGNS + "→Σσ±≤≥",
    "STIX Two Text": "0123456789−+×=()[],.ΣαβγθλμσΔxkyfigo",
    "STIX Two Math": "0123456789−+×=≈()[],∑∂∇⊙√∞∈≤≥⌊⌋→𝑥𝑘𝑦𝑓𝑖𝑔𝑜𝛼𝛽𝜎",
    "DejaVu Sans": SIGNS + "∑∂∇→⊙",
    "DejaVu Sans Mono": SIGNS + "∑∂∇→",
}

ICONS = (
    "activity",
    "arrow-right",
    "camera",
    "check",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "circle-alert",
    "circle-help",
    "clipboard-paste",
    "cpu",
    "download",
    "eraser",
    "folder-open",
    "gauge",
    "image-plus",
    "info",
    "keyboard",
    "layers",
    "maximize",
    "minus",
    "moon",
    "panel-left",
    "panel-right",
    "pause",
    "pencil",
    "pin",
    "play",
    "plus",
    "redo-2",
    "repeat",
    "rotate-ccw",
    "scan",
    "search",
    "shrink",
    "skip-back",
    "skip-forward",
    "step-back",
    "step-forward",
    "sun",
    "trash-2",
    "undo-2",
    "x",
    "zoom-in",
    "zoom-out",
)


@pytest.fixture
def loaded_fonts(qapp):
    numbers = {}
    for name in FONTS:
        numbers[name] = QFontDatabase.addApplicationFont(str(resources.path(f"fonts/{name}")))
    yield numbers
    for number in numbers.values():
        QFontDatabase.removeApplicationFont(number)


def test_every_font_file_is_known():
    assert {file.name for file in resources.path("fonts").glob("*.ttf")} == FONTS.keys()


def test_each_font_answers_to_its_family_weight_and_slant(loaded_fonts):
    for name, (family, weight, italic) in FONTS.items():
        assert loaded_fonts[name] >= 0, name
        assert family in QFontDatabase.applicationFontFamilies(loaded_fonts[name])
        wanted = QFont(family)
        wanted.setWeight(QFont.Weight(weight))
        wanted.setItalic(italic)
        found = QFontInfo(wanted)
        assert (found.family(), found.weight(), found.italic()) == (family, weight, italic)
        assert QRawFont.fromFont(wanted).weight() == weight


def test_numbers_of_the_monospaced_font_are_all_as_wide(loaded_fonts):
    assert loaded_fonts
    assert QFontDatabase.isFixedPitch("JetBrains Mono")


@pytest.mark.parametrize("family", ITS_OWN)
def test_no_sign_is_an_empty_box(loaded_fonts, family):
    assert loaded_fonts
    raw = QRawFont.fromFont(QFont(family))
    missing = [sign for sign in ITS_OWN[family] if not raw.supportsCharacter(ord(sign))]
    assert missing == []


def test_the_two_serif_fonts_have_one_line_height(loaded_fonts):
    assert loaded_fonts
    text, mathematics = (QRawFont.fromFont(QFont(f"STIX Two {kind}")) for kind in ("Text", "Math"))
    assert (text.ascent(), text.descent()) == (mathematics.ascent(), mathematics.descent())


def test_the_icons_of_the_window_are_there():
    for name in ICONS:
        assert resources.path(f"icons/{name}.svg").is_file()


@pytest.mark.parametrize(
    "file", sorted(resources.path("icons").glob("*.svg")), ids=lambda file: file.stem
)
def test_an_icon_is_drawn_by_qt_and_takes_any_colour(file):
    source = file.read_text(encoding="utf-8")
    assert QSvgRenderer(QByteArray(source.encode())).isValid()
    root = ET.fromstring(source)
    if file.stem != "app":
        assert root.attrib["viewBox"] == "0 0 24 24"
        assert root.attrib["stroke"] == "currentColor"
        assert root.attrib["stroke-width"] == "1.75"
        assert not re.search(r'(fill|stroke)="#', source)


def test_every_font_and_picture_and_its_licence_is_listed():
    listed = resources.path("LICENSES.md").read_text(encoding="utf-8")
    for folder in ("fonts", "pictures"):
        for file in resources.path(folder).iterdir():
            assert f"`{file.name}`" in listed, file.name
    for name in re.findall(r"`([\w-]+\.txt)`", listed):
        folder = "icons" if name.startswith("LUCIDE") else "fonts"
        assert len(resources.path(f"{folder}/{name}").read_text(encoding="utf-8")) > 1000
