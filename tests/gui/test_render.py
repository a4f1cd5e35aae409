import base64
import io
import os
import re
import stat
import subprocess
import sys
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QColor

from simulator.data.pictures import picture
from simulator.gui import render as render_module
from simulator.gui import theme
from simulator.gui.render import render
from simulator.gui.render_options import LARGEST_SIZE, MOST_PIXELS, RequestError
from simulator.gui.render_request import STEPS_UNASKED, Request, order

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("picture=digit_3", "size=8")
SIDE_OUT = 6  # of an 8 × 8 picture under the 3 × 3 kernel
SOBEL_X = ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))
MINUS = "\N{MINUS SIGN}"


@pytest.fixture(autouse=True)
def _app(qapp):
    return qapp


def rendered(file: Path, *, lesson: str = "convolution", settings=SMALL, **words) -> Path:
    render(order(Request(lesson=lesson, output=str(file), settings=settings, **words)))
    return file


def pixels(file: Path, frame: int = 0) -> np.ndarray:
    with Image.open(file) as image:
        image.seek(frame)
        return np.asarray(image.convert("RGB"))


def stage_colour(of: theme.Theme) -> tuple[int, int, int]:
    return QColor(of.stage).getRgb()[:3]


def texts(svg: Path) -> list[str]:
    return [
        unescape(words)
        for words in re.findall(r"<text[^>]*>([^<]*)</text>", svg.read_text(encoding="utf-8"))
    ]


def product(step: int) -> tuple[float, int]:
    """The input cell and the weight of a step of the small convolution, by counting in loops."""
    x = picture("digit_3", size=8, channels=1)[:, :, 0]
    at = 0
    for row in range(SIDE_OUT):
        for column in range(SIDE_OUT):
            for i in range(3):
                for j in range(3):
                    at += 1
                    if at == step:
                        return float(x[row + i, column + j]), SOBEL_X[i][j]
    raise AssertionError(step)


def told(value: float) -> str:
    return f"{value + 0:g}".replace("-", MINUS)  # + 0 makes a negative zero a plain one


# Still pictures


@pytest.mark.parametrize(
    ("size", "scale", "there"),
    [
        (None, None, (776, 664)),
        ("640x520", None, (640, 520)),
        ("320x240", "4", (1280, 960)),
        ("1600×1200", "2", (3200, 2400)),
        ("333x251", "1.5", (500, 376)),
    ],
)
def test_a_png_has_the_size_that_was_asked_for(tmp_path, size, scale, there):
    with Image.open(rendered(tmp_path / "a.png", size=size, scale=scale)) as image:
        assert image.format == "PNG"
        assert image.size == there


@pytest.mark.parametrize("of", [theme.LIGHT, theme.DARK], ids=lambda of: of.name)
def test_a_picture_is_painted_in_the_colours_of_its_theme(tmp_path, of):
    shown = pixels(rendered(tmp_path / "a.png", theme=of.name))
    assert tuple(shown[0, 0]) == tuple(shown[-1, -1]) == stage_colour(of)
    there = {tuple(colour) for colour in shown.reshape(-1, 3).tolist()}
    for role in ("reads", "weights", "writes"):
        assert QColor(getattr(of, role)).getRgb()[:3] in there


def test_a_window_that_is_open_keeps_its_theme(tmp_path, qapp):
    theme.apply(qapp, theme.DARK)
    rendered(tmp_path / "a.png", theme="light")
    assert theme.current() is theme.DARK
    theme.apply(qapp, theme.LIGHT)


def test_a_larger_scale_shows_the_same_in_more_detail(tmp_path):
    one = pixels(rendered(tmp_path / "1.png"))
    two = Image.open(rendered(tmp_path / "2.png", scale="2"))
    again = np.asarray(two.resize((776, 664), Image.Resampling.BOX).convert("RGB"))
    assert np.abs(again.astype(int) - one).mean() < 2
    assert np.abs(again.astype(int) - one[:, ::-1]).mean() > 8  # what a wrong picture would give


def test_a_tiny_picture_is_a_smaller_copy_of_one_that_can_be_read(tmp_path):
    least = pixels(rendered(tmp_path / "least.png", size="640x480"))
    copy = pixels(rendered(tmp_path / "copy.png", size="320x240", scale="2"))
    off = np.abs(copy.astype(int) - least).max(axis=2)  # letters and hairlines differ a little
    assert (off > 8).mean() < 0.02


@pytest.mark.parametrize("step", [1, 2, 6, 100, 9 * SIDE_OUT**2])
def test_an_svg_tells_the_product_of_its_step_in_text(tmp_path, step):
    svg = rendered(tmp_path / "a.svg", step=str(step))
    value, weight = product(step)
    factor = f"({told(weight)})" if weight < 0 else told(weight)
    assert texts(svg)[:5] == [told(value), "×", factor, "=", told(value * weight)]


def test_an_svg_holds_the_cells_on_view_as_images(tmp_path):
    svg = rendered(tmp_path / "a.svg", settings=("picture=flower", "size=64"), level="layer")
    x = picture("flower", size=64, channels=1)[:, :, 0]
    images = [
        np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        for data in _embedded(svg.read_text(encoding="utf-8"))
    ]
    whole, *others = images
    assert whole.shape == (64, 64, 3)
    assert np.abs(whole[:, :, 0] - x).max() <= 1
    enlarged = [
        image for image in others if image.shape[0] < 64 and image[0, 0, 0] == image[0, 0, 1]
    ]
    assert any(
        np.abs(part[:, :, 0] - x[row : row + len(part), column : column + part.shape[1]]).max() <= 1
        for part in enlarged
        for row in range(65 - len(part))
        for column in range(65 - part.shape[1])
    )


def _embedded(svg: str) -> list[bytes]:
    return [base64.b64decode(found) for found in re.findall(r"data:image/png;base64,([^\"]*)", svg)]


def test_an_svg_gives_each_text_its_length_and_a_font_to_fall_back_on(tmp_path):
    svg = rendered(tmp_path / "a.svg").read_text(encoding="utf-8")
    elements = re.findall(r"<text [^>]*>", svg)
    assert len(elements) > 100
    for element in elements:
        assert re.search(r'font-family="[^"]*,(sans-serif|serif|monospace)"', element)
        assert float(re.search(r'textLength="([^"]*)"', element)[1]) > 0
    # 12.5 is no size that a QFont can have in pixels.
    assert {"11", "12.5", "13", "22"} <= set(re.findall(r'font-size="([^"]*)"', svg))


def test_an_svg_has_its_size_and_a_title(tmp_path):
    svg = rendered(tmp_path / "a.svg", size="640x520", scale="2", step="4").read_text(
        encoding="utf-8"
    )
    assert 'viewBox="0 0 640 520"' in svg
    width, height = re.search(r'width="([\d.]+)mm" height="([\d.]+)mm"', svg).groups()
    assert float(width) == pytest.approx(1280 / 96 * 25.4, abs=0.01)
    assert float(height) == pytest.approx(1040 / 96 * 25.4, abs=0.01)
    assert "<title>Convolution, step 4 of 324</title>" in svg


def test_without_a_step_the_cell_in_the_middle_is_shown(tmp_path):
    middle = (SIDE_OUT // 2 * SIDE_OUT + SIDE_OUT // 2 + 1) * 9
    asked = rendered(tmp_path / "a.png", step=str(middle)).read_bytes()
    assert rendered(tmp_path / "b.png").read_bytes() == asked
    assert rendered(tmp_path / "c.png", step=str(middle - 1)).read_bytes() != asked


def test_a_step_may_be_written_as_the_window_writes_it(tmp_path):
    settings = ("picture=digit_3", "size=32")
    first = rendered(tmp_path / "a.png", settings=settings, step="1,234").read_bytes()
    assert rendered(tmp_path / "b.png", settings=settings, step="1234").read_bytes() == first


def test_a_filter_and_a_channel_can_be_picked(tmp_path):
    settings = (*SMALL, "filters=3", "channels=3")
    shown = texts(rendered(tmp_path / "a.svg", settings=settings, filter="3", channel="2"))
    assert any("filter 3 of 3" in words for words in shown)
    assert any("green" in words for words in shown)
    layer = {"settings": settings, "level": "layer", "step": "1"}
    shown = texts(rendered(tmp_path / "b.svg", filter="2", **layer))
    assert any("filter 2 of 3" in words for words in shown)


def test_a_filter_must_not_contradict_the_step(tmp_path):
    settings = (*SMALL, "filters=3")
    with pytest.raises(RequestError, match=r"^--step belongs to another part than --filter"):
        rendered(tmp_path / "a.png", settings=settings, filter="2", step="1")
    of_filter_2 = str(9 * SIDE_OUT**2 + 5)
    shown = texts(rendered(tmp_path / "a.svg", settings=settings, filter="2", step=of_filter_2))
    assert any("filter 2 of 3" in words for words in shown)


@pytest.mark.parametrize("level", ["product", "cell", "map", "layer"])
@pytest.mark.parametrize("lesson", ["convolution", "pooling"])
def test_every_lesson_and_level_can_be_rendered(tmp_path, lesson, level):
    shown = pixels(rendered(tmp_path / "a.png", lesson=lesson, level=level, size="640x520"))
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) > 100


def test_the_pixels_of_a_picture_are_bounded():
    assert LARGEST_SIZE[0] * LARGEST_SIZE[1] * 2**2 == MOST_PIXELS


# Moving pictures


@pytest.mark.parametrize("ending", ["gif", "webp", "apng"])
def test_an_animation_glides_from_step_to_step(tmp_path, ending):
    film = rendered(tmp_path / f"a.{ending}", steps="4:6", size="480x400")
    with Image.open(film) as image:
        assert image.size == (480, 400)
        assert image.info["loop"] == 0
        count = image.n_frames
        times = []
        for frame in range(count):
            image.seek(frame)
            image.load()
            times.append(image.info["duration"])
    # At 25 pictures a second a glide of 180 ms takes five, and the last of them stays.
    assert count == 1 + 2 * 5
    assert times == [840, 40, 40, 40, 40, 640, 40, 40, 40, 40, 1400]
    shown = [pixels(film, frame).tobytes() for frame in range(count)]
    assert len(set(shown)) == count


@pytest.mark.parametrize("ending", ["webp", "apng"])
def test_the_rests_of_an_animation_are_its_steps(tmp_path, ending):
    film = rendered(tmp_path / f"a.{ending}", steps="4:6", size="480x400", theme="dark")
    for step, frame in ((4, 0), (5, 5), (6, 10)):
        still = rendered(tmp_path / "still.png", step=str(step), size="480x400", theme="dark")
        assert np.array_equal(pixels(film, frame), pixels(still))


def test_a_gif_keeps_flat_colours_exactly_and_others_nearly(tmp_path):
    film = rendered(tmp_path / "a.gif", settings=("picture=flower",), steps="1000:1002")
    for step, frame in ((1000, 0), (1001, 5), (1002, 10)):
        still = rendered(tmp_path / "still.png", settings=("picture=flower",), step=str(step))
        wanted, got = pixels(still).astype(int), pixels(film, frame).astype(int)
        assert tuple(got[0, 0]) == stage_colour(theme.LIGHT)
        off = np.abs(wanted - got).max(axis=2)
        assert (off == 0).mean() > 0.95
        assert off.max() < 64


def test_steps_may_leave_out_either_end(tmp_path):
    settings = ("picture=digit_3", "size=4")
    of_36 = {"settings": settings, "size": "320x240", "fps": "5"}
    for words, steps in (("35:", 2), (":3", 3), (":", 36), ("36:36", 1)):
        with Image.open(rendered(tmp_path / "a.gif", steps=words, **of_36)) as image:
            assert getattr(image, "n_frames", 1) == steps


def test_one_step_makes_an_animation_of_one_picture(tmp_path):
    for ending in ("gif", "webp", "apng"):
        with Image.open(rendered(tmp_path / f"a.{ending}", step="3")) as image:
            assert getattr(image, "n_frames", 1) == 1
    assert np.array_equal(
        pixels(tmp_path / "a.webp"), pixels(rendered(tmp_path / "a.png", step="3"))
    )


def test_without_steps_an_animation_shows_a_few(tmp_path):
    with Image.open(rendered(tmp_path / "a.gif", fps="5", size="320x240")) as image:
        assert image.n_frames == STEPS_UNASKED


def test_pictures_that_are_the_same_are_kept_once(tmp_path):
    # Nothing glides at this level: what is new appears half-way through a glide.
    settings = (*SMALL, "filters=2")
    film = rendered(tmp_path / "a.webp", settings=settings, level="map", steps="1:2")
    with Image.open(film) as image:
        assert image.n_frames == 2


def test_too_long_an_animation_is_refused_before_it_is_painted(tmp_path, monkeypatch):
    monkeypatch.setattr(render_module.HeadlessStage, "image", None)
    with pytest.raises(RequestError) as caught:
        rendered(tmp_path / "a.gif", settings=("picture=flower",), steps=":")
    message = str(caught.value)
    assert message.startswith("These 34,596 steps make 172,976 frames of 776 × 664 pixels, and 520")
    assert "--fps" in message
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told_frame_by_frame(tmp_path):
    heard = []
    asked = Request(
        lesson="convolution", output=str(tmp_path / "a.gif"), settings=SMALL, steps="1:3"
    )
    render(order(asked), lambda done, total: heard.append((done, total)))
    assert heard == [(number, 11) for number in range(1, 12)]


# The same again


@pytest.mark.parametrize("ending", ["png", "svg", "gif", "webp", "apng"])
def test_the_same_request_gives_the_same_bytes(tmp_path, ending):
    words = {"size": "480x400", "level": "cell"}
    first = rendered(tmp_path / f"a.{ending}", **words).read_bytes()
    assert rendered(tmp_path / f"b.{ending}", **words).read_bytes() == first


def test_another_process_in_other_surroundings_gives_the_same_bytes(tmp_path):
    here = rendered(tmp_path / "here.png", settings=()).read_bytes()
    there = tmp_path / "there.png"
    surroundings = {
        **os.environ,
        "QT_QPA_PLATFORM": "xcb",  # which needs a display
        "QT_SCALE_FACTOR": "2",
        "QT_FONT_DPI": "192",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "7",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "simulator", "render", "convolution", "-o", there],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert there.read_bytes() == here


# The file


def test_a_failure_leaves_the_file_that_was_there(tmp_path, monkeypatch):
    file = tmp_path / "a.png"
    file.write_bytes(b"before")

    def no_room(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", no_room)
    with pytest.raises(RequestError, match=r"a\.png cannot be written: No space left on device\."):
        rendered(file)
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_bytes() == b"before"


def test_an_interruption_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupted(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rendered(tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions and no plain links")
def test_a_file_keeps_its_permissions_and_a_link_stays_one(tmp_path):
    file, link = tmp_path / "a.png", tmp_path / "link.png"
    mask = os.umask(0o027)
    try:
        rendered(file)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    file.chmod(0o604)
    link.symlink_to(file)
    rendered(link, theme="dark")
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o604
    assert tuple(pixels(file)[0, 0]) == stage_colour(theme.DARK)
