import struct
from fractions import Fraction
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

from simulator.data.pictures import decode_picture, fit, load_picture
from tests.data.picture_bytes import chunk, gif, jpeg, old_bmp, png

FORMATS = {"a.png": "PNG", "a.jpg": "JPEG", "a.bmp": "BMP", "a.webp": "WEBP", "a.gif": "GIF"}


def stored(image, file_format="PNG", **options):
    buffer = BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def random_rgb(height, width, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def pixels_of(data):
    return decode_picture(data, "Clipboard").pixels.tolist()


def notices_of(data):
    return decode_picture(data, "Clipboard").notices


@pytest.mark.parametrize(("file_name", "file_format"), FORMATS.items())
def test_each_format_is_read(tmp_path, file_name, file_format):
    file = tmp_path / file_name
    Image.new("RGB", (12, 12), (200, 40, 90)).save(file, file_format)
    loaded = load_picture(file)
    assert loaded.title == file_name
    assert loaded.notices == ()
    assert loaded.pixels.dtype == np.uint8
    assert loaded.pixels.shape == (12, 12, 3)
    difference = np.abs(loaded.pixels.astype(int) - (200, 40, 90)).max()
    assert difference <= (3 if file_format in {"JPEG", "WEBP"} else 0)


@pytest.mark.parametrize(
    ("file_format", "options"), [("PNG", {}), ("BMP", {}), ("WEBP", {"lossless": True})]
)
def test_a_lossless_format_keeps_every_value(file_format, options):
    square = random_rgb(17, 17)
    data = stored(Image.fromarray(square), file_format, **options)
    np.testing.assert_array_equal(decode_picture(data, "x").pixels, square)
    np.testing.assert_array_equal(fit(decode_picture(data, "x"), size=17, channels=3), square)


def test_the_content_decides_and_not_the_name(tmp_path):
    file = tmp_path / "really-a-bitmap.png"
    Image.new("RGB", (3, 3), (1, 2, 3)).save(file, "BMP")
    assert load_picture(str(file)).pixels.tolist() == [[[1, 2, 3]] * 3] * 3


def test_a_bitmap_of_the_oldest_kind_is_read():
    # Rows from the bottom, blue first, each filled up to four bytes.
    rows = bytes([1, 2, 3, 4, 5, 6, 0, 0]) + bytes([7, 8, 9, 10, 11, 12, 0, 0])
    assert pixels_of(old_bmp(2, 2, rows)) == [[[9, 8, 7], [12, 11, 10]], [[3, 2, 1], [6, 5, 4]]]


def test_the_pixels_cannot_be_changed():
    loaded = decode_picture(stored(Image.new("L", (2, 2))), "x")
    with pytest.raises(ValueError, match="read-only"):
        loaded.pixels[0, 0] = 1


# Modes


def test_one_bit_and_grey_become_rgb():
    bits = Image.fromarray(np.array([[0, 255], [255, 0]], dtype=np.uint8)).convert("1")
    assert pixels_of(stored(bits)) == [[[0] * 3, [255] * 3], [[255] * 3, [0] * 3]]
    shades = Image.fromarray(np.array([[7, 130], [255, 0]], dtype=np.uint8))
    assert pixels_of(stored(shades)) == [[[7] * 3, [130] * 3], [[255] * 3, [0] * 3]]
    assert notices_of(stored(shades)) == ()


def test_four_shades_are_spread_over_the_whole_range():
    data = png(4, 4, b"\0\x1b" * 4, bits=2, colour=0)  # 0, 1, 2, 3
    assert pixels_of(data) == [[[0] * 3, [85] * 3, [170] * 3, [255] * 3]] * 4


@pytest.mark.parametrize("file_format", ["PNG", "GIF", "BMP"])
def test_a_palette_is_looked_up(file_format):
    image = Image.new("P", (2, 2))
    image.putpalette([10, 20, 30, 250, 0, 7, 1, 2, 3, 40, 50, 60])
    image.frombytes(bytes(range(4)))
    expected = [[[10, 20, 30], [250, 0, 7]], [[1, 2, 3], [40, 50, 60]]]
    assert pixels_of(stored(image, file_format)) == expected
    assert notices_of(stored(image, file_format)) == ()


def test_sixteen_bit_grey_keeps_the_upper_eight():
    values = [0, 255, 256, 32767, 32768, 65279, 65280, 65535, 511]
    rows = b"".join(b"\0" + struct.pack(">3H", *values[start : start + 3]) for start in (0, 3, 6))
    data = png(3, 3, rows, bits=16, colour=0)
    upper = [[0, 0, 1], [127, 128, 254], [255, 255, 1]]
    assert pixels_of(data) == [[[value] * 3 for value in row] for row in upper]
    assert notices_of(data) == (
        "It has 16 bits per channel: the upper 8 are kept, 65,535 becomes 255.",
    )


def test_sixteen_bit_colour_is_treated_as_sixteen_bit_grey_is():
    data = png(1, 1, b"\0" + struct.pack(">3H", 511, 32768, 65279), bits=16, colour=2)
    assert pixels_of(data) == [[[1, 128, 254]]]
    assert notices_of(data)[0].startswith("It has 16 bits")


def test_sixteen_bit_with_alpha():
    data = png(1, 1, b"\0" + struct.pack(">4H", 0, 51400, 65535, 0x8000), bits=16, colour=6)
    # α = 128: (128 · (0, 200, 255) + 127 · 255) / 255
    assert pixels_of(data) == [[[127, 227, 255]]]
    assert [notice[:12] for notice in notices_of(data)] == ["It has 16 bi", "Its transpar"]
    grey_alpha = png(1, 1, b"\0" + struct.pack(">2H", 51400, 0x8000), bits=16, colour=4)
    assert pixels_of(grey_alpha) == [[[227] * 3]]


def test_cmyk_is_converted_and_told():
    data = stored(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=100)
    assert np.abs(decode_picture(data, "x").pixels.astype(int) - (255, 0, 0)).max() <= 2
    assert notices_of(data) == (
        "Its colours were CMYK, for printing: RGB may look a little different.",
    )


# Transparency


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_transparency_is_laid_on_white(file_format):
    pixels = np.random.default_rng(2).integers(0, 256, (9, 9, 4), dtype=np.uint8)
    pixels[0, 0], pixels[0, 1], pixels[0, 2] = (9, 8, 7, 0), (9, 8, 7, 255), (200, 100, 0, 128)
    data = stored(
        Image.fromarray(pixels),
        file_format,
        **({"lossless": True, "exact": True} if file_format == "WEBP" else {}),
    )
    found = decode_picture(data, "x").pixels
    assert found[0, :3].tolist() == [[255, 255, 255], [9, 8, 7], [227, 177, 127]]
    for row in range(9):
        for column in range(9):
            *colour, alpha = (int(value) for value in pixels[row, column])
            exact = [Fraction(c * alpha + 255 * (255 - alpha), 255) for c in colour]
            assert found[row, column].tolist() == [round(value) for value in exact]
    assert notices_of(data) == ("Its transparent parts were laid on white.",)


def test_alpha_that_hides_nothing_is_not_told():
    assert notices_of(stored(Image.new("RGBA", (3, 3), (5, 6, 7, 255)))) == ()


def test_grey_with_alpha():
    assert pixels_of(stored(Image.new("LA", (1, 1), (0, 51)))) == [[[204] * 3]]


def test_a_transparent_palette_entry():
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.frombytes(bytes([0, 1]))
    white, colour = [255, 255, 255], [40, 50, 60]
    assert pixels_of(stored(image, "GIF", transparency=0)) == [[white, colour]]
    assert pixels_of(stored(image, "PNG", transparency=0)) == [[white, colour]]
    # α = 51 for the first entry: 204 + 51/255 · (10, 20, 30)
    assert pixels_of(stored(image, "PNG", transparency=bytes([51, 255]))) == [
        [[206, 208, 210], colour]
    ]


@pytest.mark.parametrize(
    ("bits", "colour", "rows", "clear", "expected"),
    [
        (8, 2, bytes([0, 1, 2, 3, 4, 5, 6]), (1, 2, 3), [[255] * 3, [4, 5, 6]]),
        (8, 0, bytes([0, 7, 9]), (7,), [[255] * 3, [9] * 3]),
        (2, 0, bytes([0, 0b01_10_0000]), (1,), [[255] * 3, [170] * 3]),
        (1, 0, bytes([0, 0b01_000000]), (0,), [[255] * 3, [255] * 3]),
        (16, 0, struct.pack(">B2H", 0, 0x1234, 0x5678), (0x1234,), [[255] * 3, [0x56] * 3]),
        (
            16,
            2,
            struct.pack(">B6H", 0, 0x1122, 0x3344, 0x5566, 0x7788, 0x99AA, 0xBBCC),
            (0x1122, 0x3344, 0x5566),
            [[255] * 3, [0x77, 0x99, 0xBB]],
        ),
    ],
)
def test_the_one_transparent_colour_of_a_png(bits, colour, rows, clear, expected):
    transparent = chunk(b"tRNS", struct.pack(f">{len(clear)}H", *clear))
    data = png(2, 1, rows, bits=bits, colour=colour, before_pixels=transparent)
    assert pixels_of(data) == [expected]


# Animations


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP"])
def test_the_first_frame_of_an_animation_is_used(file_format):
    frames = [
        Image.new("RGB", (6, 6), colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))
    ]
    lossless = {"lossless": True} if file_format == "WEBP" else {}
    data = stored(
        frames[0], file_format, save_all=True, append_images=frames[1:], duration=50, **lossless
    )
    assert pixels_of(data) == [[[255, 0, 0]] * 6] * 6
    assert notices_of(data) == ("It is an animation: its first frame is used.",)


def test_a_phones_jpeg_of_two_pictures_is_no_animation():
    first, second = (Image.new("RGB", (16, 16), colour) for colour in ((255, 0, 0), (0, 0, 255)))
    data = stored(first, "MPO", save_all=True, append_images=[second])
    assert notices_of(data) == ()
    assert decode_picture(data, "x").pixels[8, 8, 0] > 250


def test_a_whole_first_frame_is_enough():
    frames = [Image.fromarray(random_rgb(20, 20, seed)) for seed in (1, 2)]
    data = stored(frames[0], "GIF", save_all=True, append_images=frames[1:])
    whole = pixels_of(data)
    assert pixels_of(data[: len(data) * 3 // 4]) == whole


def test_a_gif_frame_larger_than_its_screen_is_taken_whole():
    assert decode_picture(gif(1, 1), "x").pixels.tolist() == [[[0, 0, 0]]]


def test_what_pillow_only_warns_of_is_no_matter():
    no_frames = chunk(b"acTL", bytes(8))
    assert pixels_of(png(1, 1, bytes([0, 1, 2, 3]), before_pixels=no_frames)) == [[[1, 2, 3]]]


# Orientation

ARROW = [[1, 2, 3], [4, 5, 6]]
UPRIGHT = {
    1: [[1, 2, 3], [4, 5, 6]],
    2: [[3, 2, 1], [6, 5, 4]],
    3: [[6, 5, 4], [3, 2, 1]],
    4: [[4, 5, 6], [1, 2, 3]],
    5: [[1, 4], [2, 5], [3, 6]],
    6: [[4, 1], [5, 2], [6, 3]],
    7: [[6, 3], [5, 2], [4, 1]],
    8: [[3, 6], [2, 5], [1, 4]],
}


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_a_turned_picture_is_set_upright(orientation):
    image = Image.fromarray(np.array(ARROW, dtype=np.uint8))
    data = stored(image, exif=exif(orientation))
    assert decode_picture(data, "x").pixels[..., 0].tolist() == UPRIGHT[orientation]


def test_a_turned_photograph_is_scaled_to_its_upright_size():
    image = Image.new("RGB", (3000, 2000), (90, 90, 90))
    image.paste((255, 255, 255), (0, 0, 1500, 1000))  # the stored top left
    loaded = decode_picture(stored(image, "JPEG", exif=exif(6)), "x")
    assert loaded.pixels.shape == (1024, 683, 3)
    # 6: the stored top left is the right top of what was seen.
    assert loaded.pixels[10, -10].tolist() == [255, 255, 255]
    assert loaded.pixels[10, 10].tolist() == [90, 90, 90]
    assert loaded.notices == (
        "It was scaled down from 2,000 × 3,000 pixels to 683 × 1,024 pixels.",
        "It is not square: the middle 683 × 683 pixels are used.",
    )


@pytest.mark.parametrize("wrong", [0, 9, 65535])
def test_an_unknown_orientation_is_upright(wrong):
    image = Image.fromarray(np.array(ARROW, dtype=np.uint8))
    assert decode_picture(stored(image, exif=exif(wrong)), "x").pixels[..., 0].tolist() == ARROW


@pytest.mark.parametrize(
    "wrong", [b"", b"Exif\0\0", b"nonsense", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"]
)
def test_damaged_metadata_does_not_matter(wrong):
    data = png(1, 1, bytes([0, 1, 2, 3]), before_pixels=chunk(b"eXIf", wrong))
    assert pixels_of(data) == [[[1, 2, 3]]]


# Size


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_a_large_picture_is_scaled_down_with_the_numbers(file_format):
    ramp = np.tile(np.linspace(0, 255, 2400).astype(np.uint8), (1200, 1))
    loaded = decode_picture(stored(Image.fromarray(ramp).convert("RGB"), file_format), "x")
    assert loaded.pixels.shape == (512, 1024, 3)
    assert loaded.notices == (
        "It was scaled down from 2,400 × 1,200 pixels to 1,024 × 512 pixels.",
        "It is not square: the middle 512 × 512 pixels are used.",
    )
    expected = (np.arange(1024) + 0.5) / 1024 * 255
    assert np.abs(loaded.pixels[256, 8:-8, 0] - expected[8:-8]).max() < 4


def test_a_large_jpeg_is_decoded_at_a_part_of_its_size(monkeypatch):
    decoded = []
    load = JpegImagePlugin.JpegImageFile.load

    def watched(image):
        decoded.append(image.size)
        return load(image)

    monkeypatch.setattr(JpegImagePlugin.JpegImageFile, "load", watched)
    data = stored(Image.new("RGB", (4400, 2200), (255, 255, 255)), "JPEG")
    loaded = decode_picture(data, "x")
    assert decoded[0] == (2200, 1100)
    assert loaded.notices[0].startswith("It was scaled down from 4,400 × 2,200 pixels")


@pytest.mark.parametrize("mode", ["1", "P", "RGBA", "I;16"])
def test_every_mode_can_be_scaled_down(mode):
    image = Image.new("L", (2048, 2048), 255).convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = Image.fromarray(np.full((2048, 2048), 65535, dtype=np.uint16))
    loaded = decode_picture(stored(image), "x")
    assert loaded.pixels.shape == (1024, 1024, 3)
    assert (loaded.pixels == 255).all()


def test_1024_pixels_are_not_scaled():
    loaded = decode_picture(stored(Image.new("L", (1024, 1024))), "x")
    assert loaded.pixels.shape == (1024, 1024, 3)
    assert loaded.notices == ()


@pytest.mark.parametrize("turned", [False, True])
def test_a_line_of_pixels(turned):
    line = np.full((10_000, 1), 77, dtype=np.uint8)
    loaded = decode_picture(stored(Image.fromarray(line.T if turned else line)), "x")
    assert loaded.pixels.shape == ((1, 1024, 3) if turned else (1024, 1, 3))
    assert loaded.notices[-1] == "It is not square: the middle 1 × 1 pixels are used."
    assert fit(loaded, size=5, channels=1).tolist() == [[[77.0]] * 5] * 5


def test_one_pixel():
    loaded = decode_picture(stored(Image.new("RGB", (1, 1), (255, 0, 0))), "x")
    assert loaded.notices == ()
    assert fit(loaded, size=2, channels=1).tolist() == [[[76.0], [76.0]], [[76.0], [76.0]]]


@pytest.mark.parametrize(
    ("height", "width", "rows", "columns"),
    [
        (4, 9, (0, 4), (2, 6)),
        (9, 4, (2, 6), (0, 4)),
        (5, 6, (0, 5), (0, 5)),
        (5, 5, (0, 5), (0, 5)),
    ],
)
def test_fit_takes_the_middle_square(height, width, rows, columns):
    square = random_rgb(height, width)
    loaded = decode_picture(stored(Image.fromarray(square)), "x")
    side = min(height, width)
    np.testing.assert_array_equal(
        fit(loaded, size=side, channels=3), square[slice(*rows), slice(*columns)]
    )
    assert bool(loaded.notices) == (height != width)


# Names and silence


def test_a_name_that_would_break_the_line_is_shown_clean(tmp_path):
    file = tmp_path / ("a\nb\x1b[31m\u202e" + "c" * 90 + ".png")
    Image.new("L", (1, 1)).save(file, "PNG")
    title = load_picture(file).title
    assert title.isprintable()
    assert len(title) == 80
    assert title.startswith("a b�[31m�cc")
    assert title.endswith("cc.png")


def test_nothing_is_written_to_the_terminal(capfd):
    for data in (stored(Image.fromarray(random_rgb(64, 64)), name) for name in FORMATS.values()):
        decode_picture(data, "x")
    assert capfd.readouterr() == ("", "")


def test_the_jpeg_header_written_by_hand_is_read_as_far_as_it_goes():
    with pytest.raises(ValueError, match="damaged or cut short"):
        decode_picture(jpeg(30, 40), "x")
