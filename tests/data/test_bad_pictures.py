import contextlib
import os
import struct
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from simulator.data import picture_files
from simulator.data.pictures import PictureError, decode_picture, load_picture
from tests.data.picture_bytes import bmp, chunk, gif, jpeg, old_bmp, png, webp

FORMATS = ["PNG", "JPEG", "BMP", "WEBP", "GIF"]


def whole(file_format):
    buffer = BytesIO()
    noise = np.random.default_rng(3).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, file_format)
    return buffer.getvalue()


WHOLE = {name: whole(name) for name in FORMATS}


def refusal(data, name="holiday.png"):
    with pytest.raises(PictureError) as caught:
        decode_picture(data, name)
    message = str(caught.value)
    assert message.startswith(f"“{name}” ")
    assert "\n" not in message
    assert message.isprintable()
    assert message.endswith(".")
    return message


def refused_file(path):
    with pytest.raises(PictureError) as caught:
        load_picture(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def assert_a_picture_or_one_line(data):
    try:
        loaded = decode_picture(data, "holiday.png")
    except PictureError:
        refusal(data)
    else:
        assert loaded.pixels.dtype == np.uint8
        assert loaded.pixels.ndim == loaded.pixels.shape[2] == 3


DAMAGED = (
    "“holiday.png” is damaged or cut short and cannot be read. "
    "Save or download it again, or choose another picture."
)


# Too large: known from the header, before any decoder is loaded


@pytest.mark.parametrize(
    ("data", "width", "height"),
    [
        (png(50_000, 50_000, b""), 50_000, 50_000),
        (gif(50_000, 50_000), 50_000, 50_000),
        (bmp(50_000, 50_000), 50_000, 50_000),
        (bmp(50_000, -50_000), 50_000, 50_000),
        (old_bmp(50_000, 50_000, bytes(64)), 50_000, 50_000),
        (jpeg(50_000, 50_000), 50_000, 50_000),
        (webp(50_000, 50_000), 50_000, 50_000),
        (webp(16_000, 16_383, kind=b"VP8 "), 16_000, 16_383),
        (webp(16_384, 16_000, kind=b"VP8L"), 16_384, 16_000),
        (png(2**31 - 1, 2**31 - 1, b""), 2**31 - 1, 2**31 - 1),
        (png(64_000_001, 1, b""), 64_000_001, 1),
        (png(8001, 8000, b""), 8001, 8000),
    ],
)
def test_a_picture_too_large_is_refused_with_its_numbers(data, width, height):
    assert refusal(data) == (
        f"“holiday.png” is too large: {width:,} × {height:,} pixels, and at most 64 million can be "
        "read. Scale it down in another program first."
    )


def test_the_largest_allowed_is_not_too_large():
    assert refusal(png(8000, 8000, b"")) == DAMAGED


def test_too_large_is_found_in_no_time_and_no_memory(tmp_path):
    makers = {
        "png": png(50_000, 50_000, b""),
        "gif": gif(50_000, 50_000),
        "bmp": bmp(50_000, 50_000),
    }
    makers |= {"jpg": jpeg(50_000, 50_000), "webp": webp(50_000, 50_000)}
    for ending, data in makers.items():
        (tmp_path / f"huge.{ending}").write_bytes(data)
    script = (
        "import sys, time, tracemalloc\n"
        "from pathlib import Path\n"
        "from simulator.data.pictures import PictureError, load_picture\n"
        "tracemalloc.start()\n"
        "for file in sorted(Path(sys.argv[1]).iterdir()):\n"
        "    start = time.perf_counter()\n"
        "    try:\n"
        "        load_picture(file)\n"
        "    except PictureError as error:\n"
        "        assert '50,000 × 50,000' in str(error)\n"
        "        print(file.suffix, time.perf_counter() - start)\n"
        "assert tracemalloc.get_traced_memory()[1] < 200_000\n"
        "assert 'PIL' not in sys.modules\n"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-X", "utf8", "-c", script, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    seconds = {line.split()[0]: float(line.split()[1]) for line in ran.stdout.splitlines()}
    assert seconds.keys() == {".png", ".gif", ".bmp", ".jpg", ".webp"}
    assert max(seconds.values()) < 0.05


def test_a_small_screen_does_not_hide_a_huge_gif_frame():
    assert "8,001 × 8,000 pixels" in refusal(gif(1, 1, frame=(8001, 8000)))
    assert refusal(gif(1, 1, frame=(65_535, 65_535))) == DAMAGED


def test_a_file_too_long_is_refused_unread(tmp_path):
    file = tmp_path / "long.png"
    with file.open("wb") as stream:
        stream.truncate(3 * 2**30)  # a hole: it takes no space
    assert refused_file(file) == (
        "“long.png” is too large: 3,072 MiB, and at most 256 MiB can be read. "
        "Choose another picture."
    )


def test_a_clipboard_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(picture_files, "MOST_BYTES", 2**20)
    assert "3 MiB, and at most 1 MiB" in refusal(bytes(3 * 2**20))


def test_a_picture_that_memory_cannot_hold(monkeypatch):
    def out_of_memory(*_arguments):
        raise MemoryError

    monkeypatch.setattr(picture_files, "_decoded", out_of_memory)
    assert refusal(WHOLE["PNG"]) == (
        "“holiday.png” does not fit into memory: 40 × 40 pixels. "
        "Scale it down in another program first."
    )


# Damaged


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_truncated_picture_is_refused(file_format, kept):
    data = WHOLE[file_format]
    assert refusal(data[: round(len(data) * kept)]) == DAMAGED


@pytest.mark.parametrize("file_format", ["PNG", "BMP", "JPEG", "WEBP"])
def test_a_picture_cut_anywhere_is_refused(file_format):
    data = WHOLE[file_format]
    for kept in [*range(20, 120), *range(120, len(data) - 2, 37)]:
        refusal(data[:kept])


@pytest.mark.parametrize("kept", [1, 2, 4, 7, 8])
@pytest.mark.parametrize("file_format", FORMATS)
def test_what_is_left_of_a_signature_is_refused(file_format, kept):
    refusal(WHOLE[file_format][:kept])


def test_a_wrong_checksum_is_refused():
    assert refusal(png(1, 1, b"\0\1\2\3", pixel_checksum=1)) == DAMAGED
    text = chunk(b"tEXt", b"a\0b", checksum=2)
    assert refusal(png(1, 1, b"\0\1\2\3", before_pixels=text)) == DAMAGED
    header = bytearray(png(1, 1, b"\0\1\2\3"))
    header[29] ^= 1
    assert refusal(bytes(header)) == DAMAGED


@pytest.mark.parametrize(
    "data",
    [
        png(0, 5, b""),
        png(5, 0, b""),
        gif(0, 0),
        bmp(0, 1),
        bmp(-4, 4),
        jpeg(0, 8),
        jpeg(8, 0),
        png(4, 4, b"\0\1\2\3"),  # fewer pixels than it claims
        png(1, 1, b"\0\1\2\3", bits=3),
        png(1, 1, b"\0\1\2\3").replace(b"IDAT", b"IDOT"),
        b"\xff\xd8\xff\xd9" + bytes(40),
        b"\xff\xd8\xff\xda" + bytes(40),
        b"\xff\xd8\xff\xe0\0\0" * 3,
        b"\xff\xd8" + b"\xff" * 62,
        webp(40, 40),
        webp(40, 40, kind=b"VP8 "),
        webp(40, 40, kind=b"VP8L"),
        gif(30, 30),
    ],
)
def test_nonsense_behind_a_good_signature_is_refused(data):
    assert refusal(data) == DAMAGED


@pytest.mark.parametrize("file_format", FORMATS)
@given(st.data())
def test_whatever_the_bytes_are_the_outcome_is_a_picture_or_one_line(file_format, data):
    damaged = bytearray(WHOLE[file_format])
    for _ in range(data.draw(st.integers(1, 6))):
        # Most of the harm is done in the first bytes.
        last = data.draw(st.sampled_from([40, 200, len(damaged) - 1]))
        damaged[data.draw(st.integers(0, last))] = data.draw(st.integers(0, 255))
    assert_a_picture_or_one_line(bytes(damaged))


@given(st.sampled_from([b"", *(WHOLE[name][:26] for name in FORMATS)]), st.binary(max_size=200))
def test_whatever_follows_a_signature_the_outcome_is_a_picture_or_one_line(start, rest):
    assert_a_picture_or_one_line(start + rest)


def test_nothing_is_written_to_the_terminal(capfd):
    for data in WHOLE.values():
        refusal(data[: len(data) // 2])
        broken = bytearray(data)
        for place in range(len(broken) // 2, len(broken), 5):
            broken[place] ^= 0x55
        with contextlib.suppress(PictureError):
            decode_picture(bytes(broken), "x")
    assert capfd.readouterr() == ("", "")


# Other things than pictures


def ftyp(brand):
    return struct.pack(">I", 24) + b"ftyp" + brand + bytes(40)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty: it has 0 bytes. Choose another picture."),
        (b"Dear diary, today", "a text file, not a picture"),
        ("Größe: 3 €\n".encode() * 900, "a text file, not a picture"),
        ("Größe".encode("latin-1"), "a text file, not a picture"),
        ("\ufeffGröße".encode("utf-16"), "a text file, not a picture"),
        (b"BM is no bitmap by itself", "a text file, not a picture"),
        (b"GIF is no picture by itself", "a text file, not a picture"),
        (bytes(range(256)), "not a picture"),
        (b"\x7fELF\2\1\1" + bytes(60), "not a picture"),
        (b"II*\0\x08\0\0\0", "a TIFF picture, a format that is not read here"),
        (b"MM\0*\0\0\0\x08", "a TIFF picture, a format that is not read here"),
        (b"%PDF-1.7\n", "a PDF document, a format that is not read here"),
        (b'<svg xmlns="x"/>', "an SVG drawing, a format that is not read here"),
        (
            b"<?xml version='1.0'?>\n" + b"<!-- made by hand -->" * 9 + b"<svg/>",
            "an SVG drawing, a format that is not read here",
        ),
        (ftyp(b"heic"), "an HEIC picture, a format that is not read here"),
        (ftyp(b"mif1"), "an HEIC picture, a format that is not read here"),
        (ftyp(b"avif"), "an AVIF picture, a format that is not read here"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture, a format that is not read here"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture, a format that is not read here"),
        (b"8BPS\0\1" + bytes(40), "a Photoshop picture, a format that is not read here"),
        (b"\0\0\1\0\1\0" + bytes(40), "an icon (ICO) file, a format that is not read here"),
        (b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), "not a picture"),
    ],
)
def test_what_is_no_picture_is_named(data, what):
    advice = "" if not data else ". Choose a PNG, JPEG, BMP, WebP or GIF file."
    assert refusal(data) == f"“holiday.png” is {what}{advice}"


def test_a_missing_file(tmp_path):
    assert refused_file(tmp_path / "gone.png") == (
        f"There is no file “gone.png” in “{tmp_path}”. Check its name, or choose another."
    )


def test_a_missing_file_by_a_relative_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert f"“gone.png” in “{tmp_path}”" in refused_file("gone.png")


def test_a_folder(tmp_path):
    folder = tmp_path / "Pictures.png"
    folder.mkdir()
    assert refused_file(folder) == "“Pictures.png” is a folder. Choose a picture file in it."
    assert refused_file("") == "“.” is a folder. Choose a picture file in it."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    assert refused_file(tmp_path / "pipe.png") == (
        "“pipe.png” is a device or a pipe. Choose a picture file."
    )


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    file = tmp_path / "secret.png"
    file.write_bytes(WHOLE["PNG"])

    def forbidden(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)  # a superuser is refused nothing
    assert refused_file(file) == (
        "“secret.png” may not be read: you lack the permission. Choose another picture."
    )


def test_names_that_no_file_can_have(tmp_path):
    assert "cannot be opened (its name is not valid)" in refused_file("a\0b.png")
    message = refused_file(tmp_path / ("n" * 5000 + ".png"))
    assert "cannot be opened" in message
    assert len(message) < 200


def test_a_name_below_a_file(tmp_path):
    (tmp_path / "file").write_text("x")
    assert "“a.png”" in refused_file(tmp_path / "file" / "a.png")
