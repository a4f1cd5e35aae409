"""Read the learner's own picture from a file or the clipboard: converted, or refused in one line.

Whatever the bytes are, the outcome is a picture with notices or a ``PictureError``. No decoder is
called before the size that the file claims has been found acceptable.
"""

import os
import stat
import threading
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from simulator.data.picture_headers import Header, damaged, read_header
from simulator.data.pixels import LARGEST_SIDE, PictureError, Pixels, cells, rgb_array, shown

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 64_000_000
MOST_BYTES = 256 * 2**20  # the largest uncompressed picture of that many pixels fits

# Pillow's warnings are silenced while it works, which changes a state that all threads share.
_PILLOW = threading.Lock()

_EXIF_ORIENTATION = 0x0112
_EXIF_TURNED = {5, 6, 7, 8}  # width and height change places


@dataclass(frozen=True, eq=False)
class LoadedPicture:
    """A picture of the learner's own, at most 1024 pixels on its longer side.

    ``notices`` are sentences that say what was changed, for the learner to read.
    """

    pixels: Pixels  # (H, W, 3), read-only
    title: str
    notices: tuple[str, ...]


def load_picture(path: str | os.PathLike[str]) -> LoadedPicture:
    """Return the picture in a PNG, JPEG, BMP, WebP or GIF file; the content decides, not the name.

    An EXIF orientation is obeyed. Each of these changes the picture and is told in a notice: only
    the first frame of an animation is taken; CMYK becomes RGB; of 16 bits a channel the upper 8
    are kept; transparency is laid on white, c' = (αc + 255 (255 − α)) / 255 rounded; a longer side
    above 1024 pixels is scaled down to 1024. A last notice says what ``fit`` will crop.

    Raises ``PictureError`` if there is no such file, if it cannot be opened, or if it holds
    anything but one whole picture of at most 64 million pixels and 256 MiB.
    """
    file = Path(path)
    name = shown(file.name or str(file))
    try:
        status = file.stat()
        if stat.S_ISDIR(status.st_mode):
            raise PictureError(f"“{name}” is a folder. Choose a picture file in it.")
        if not stat.S_ISREG(status.st_mode):
            raise PictureError(f"“{name}” is a device or a pipe. Choose a picture file.")
        if status.st_size > MOST_BYTES:
            raise _too_long(name, status.st_size)
        with file.open("rb") as stream:
            return _read(stream, name)
    except FileNotFoundError:
        where = shown(str(file.absolute().parent))
        message = f"There is no file “{name}” in “{where}”. Check its name, or choose another."
    except PermissionError:
        message = f"“{name}” may not be read: you lack the permission. Choose another picture."
    except PictureError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not valid"
        message = f"“{name}” cannot be opened ({reason}). Choose another picture."
    raise PictureError(message)


def decode_picture(data: bytes, title: str) -> LoadedPicture:
    """Return the picture in ``data``, as ``load_picture`` does for a file that holds these bytes.

    ``title`` names it in messages, for example "Clipboard". Raises ``PictureError``.
    """
    name = shown(title)
    if len(data) > MOST_BYTES:
        raise _too_long(name, len(data))
    return _read(BytesIO(data), name)


def fit(loaded: LoadedPicture, *, size: SupportsIndex, channels: int) -> NDArray[np.float32]:
    """Return the middle square of a picture as an array (size, size, channels), 0 to 255.

    The square is as wide as the shorter side; where the rest cannot be halved, one pixel more is
    cut off at the bottom or on the right. It is scaled, and turned grey, as ``pixels.cells`` tells,
    which also says when this raises ``PictureError``.
    """
    height, width, _ = loaded.pixels.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = loaded.pixels[top : top + side, left : left + side]
    return cells(square, size=size, channels=channels)


def _read(stream: BinaryIO, name: str) -> LoadedPicture:
    header = read_header(stream, name)
    _refuse_large(header.width, header.height, name)
    with _PILLOW, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pixels, notices = _decoded(stream, header, name)
        except PictureError:
            raise
        except MemoryError as error:
            raise PictureError(
                f"“{name}” does not fit into memory: {_size(header.width, header.height)}. "
                "Scale it down in another program first."
            ) from error
        except Exception as error:  # a decoder may raise anything when bytes are wrong
            raise damaged(name) from error
    height, width, _ = pixels.shape
    if height != width:
        side = min(height, width)
        notices.append(f"It is not square: the middle {_size(side, side)} are used.")
    pixels.setflags(write=False)
    return LoadedPicture(pixels=pixels, title=name, notices=tuple(notices))


def _decoded(stream: BinaryIO, header: Header, name: str) -> tuple[Pixels, list[str]]:
    """Decode, turn upright, scale down and flatten the picture; tell what was changed."""
    from PIL import Image  # noqa: PLC0415  (Pillow is not needed to start the app)

    if header.format == "WEBP":
        from PIL import WebPImagePlugin  # noqa: F401, PLC0415  (or Pillow loads all its plugins)
    elif header.format == "PNG":
        # Pillow compares the checksums of the pixels only when it is asked to verify.
        Image.open(stream, formats=("PNG",)).verify()
        stream.seek(0)
    image: Image.Image = Image.open(stream, formats=(header.format,))
    # A frame of a GIF may be larger than its header says.
    _refuse_large(*image.size, name)
    full, notices = image.size, list[str]()
    target = _scaled_down(*full)
    if header.format == "JPEG" and target != full:
        # Decodes at 1/2, 1/4 or 1/8 of the size, at least twice the target: fast, and as good.
        image.draft(None, (2 * target[0], 2 * target[1]))
    image.load()
    if image.mode == "CMYK":
        notices.append("Its colours were CMYK, for printing: RGB may look a little different.")
    if header.bits == 16:
        notices.append("It has 16 bits per channel: the upper 8 are kept, 65,535 becomes 255.")
    orientation = _orientation(image)
    flat = _rgb_or_rgba(image, header.bits)
    if target != full:
        flat = flat.resize(target, Image.Resampling.LANCZOS, reducing_gap=2.0)
    if flat.mode == "RGBA":
        pixels, transparent = _on_white(np.asarray(flat))
        if transparent:
            notices.append("Its transparent parts were laid on white.")
    else:
        pixels = rgb_array(flat)
    pixels = _upright(pixels, orientation)
    if target != full:
        old, new = (pair[:: -1 if orientation in _EXIF_TURNED else 1] for pair in (full, target))
        notices.append(f"It was scaled down from {_size(*old)} to {_size(*new)}.")
    if _is_animated(image):
        notices.insert(0, "It is an animation: its first frame is used.")
    return pixels, notices


def _is_animated(image: "Image.Image") -> bool:
    """Tell whether a second frame follows. It may be looked for, so the first is lost."""
    try:
        # A JPEG with several pictures (MPO) shows the same scene again, and is no animation.
        return image.format in {"GIF", "PNG", "WEBP"} and bool(getattr(image, "is_animated", False))
    except Exception:  # what follows a whole first frame may be damaged
        return False


def _rgb_or_rgba(image: "Image.Image", bits: int) -> "Image.Image":
    """Convert any mode to 8 bits a channel, with alpha only where the picture has it."""
    from PIL import Image  # noqa: PLC0415

    transparency = image.info.get("transparency")
    if image.mode == "I;16":
        # Pillow keeps the upper byte of 16-bit colours but clips 16-bit grey at 255: do alike.
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if transparency is not None and image.mode != "P":
        # The one transparent colour of a PNG is given in the file's own number of bits.
        image.info["transparency"] = (
            tuple(_eight_bits(value, bits) for value in transparency)
            if isinstance(transparency, tuple)
            else _eight_bits(transparency, bits)
        )
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _eight_bits(value: int, bits: int) -> int:
    return value >> 8 if bits == 16 else value * 255 // (2**bits - 1)


def _on_white(pixels: NDArray[np.uint8]) -> tuple[Pixels, bool]:
    """Lay (H, W, 4) on white and tell whether anything shone through."""
    colour, alpha = pixels[..., :3].astype(np.uint32), pixels[..., 3:].astype(np.uint32)
    laid = (colour * alpha + 255 * (255 - alpha) + 127) // 255
    return laid.astype(np.uint8), bool((alpha < 255).any())


def _orientation(image: "Image.Image") -> int:
    """Return the EXIF orientation, 1 to 8; 1, upright, where there is none that can be read."""
    try:
        value = image.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:  # damaged metadata is no reason to refuse a picture
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """Undo an EXIF orientation (EXIF 2.32, tag 0x0112): the stored row 0 is not always the top."""
    if orientation in _EXIF_TURNED:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    if orientation in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def _scaled_down(width: int, height: int) -> tuple[int, int]:
    longer = max(width, height)
    if longer <= LARGEST_SIDE:
        return width, height
    return (
        max(1, round(width * LARGEST_SIDE / longer)),
        max(1, round(height * LARGEST_SIDE / longer)),
    )


def _refuse_large(width: int, height: int, name: str) -> None:
    if width * height > MOST_PIXELS:
        raise PictureError(
            f"“{name}” is too large: {_size(width, height)}, and at most "
            f"{MOST_PIXELS // 10**6} million can be read. Scale it down in another program first."
        )


def _too_long(name: str, length: int) -> PictureError:
    return PictureError(
        f"“{name}” is too large: {length / 2**20:,.0f} MiB, and at most {MOST_BYTES // 2**20} MiB "
        "can be read. Choose another picture."
    )


def _size(width: int, height: int) -> str:
    return f"{width:,} × {height:,} pixels"
