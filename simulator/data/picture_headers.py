"""What the first bytes of a picture file say: its format, width and height.

They are read here, before any decoder is asked, because a decoder takes memory for the size that
the file claims.
"""

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from simulator.data.pixels import PictureError

ACCEPTED = "PNG, JPEG, BMP, WebP or GIF"


@dataclass(frozen=True)
class Header:
    """The format by the name that Pillow gives it, and the size in pixels that it claims."""

    format: str
    width: int
    height: int
    bits: int = 8  # per channel


def read_header(stream: BinaryIO, name: str) -> Header:
    """Return the header of the picture in ``stream``, which is left at its start.

    ``name`` is what the picture is called in a message. Raises ``PictureError`` if the stream is
    empty, is not a picture, has another format than those accepted, or ends within its header.
    """
    head = stream.read(64)
    if not head:
        raise PictureError(f"“{name}” is empty: it has 0 bytes. Choose another picture.")
    for signature, read in _FORMATS:
        if signature(head):
            try:
                header = read(head, stream)
            except (struct.error, IndexError):
                raise damaged(name) from None
            if header.width < 1 or header.height < 1:
                raise damaged(name)
            stream.seek(0)
            return header
    stream.seek(0)
    what = _other_kind(head + stream.read(4096)[len(head) :])
    raise PictureError(f"“{name}” is {what}. Choose a {ACCEPTED} file.")


def damaged(name: str) -> PictureError:
    """The error for a file that starts like a picture and cannot be decoded as one."""
    return PictureError(
        f"“{name}” is damaged or cut short and cannot be read. "
        "Save or download it again, or choose another picture."
    )


def _png(head: bytes, _stream: BinaryIO) -> Header:
    width, height, bits = struct.unpack_from(">IIB", head, 16)
    return Header("PNG", width, height, bits)


def _gif(head: bytes, _stream: BinaryIO) -> Header:
    return Header("GIF", *struct.unpack_from("<HH", head, 6))


def _bmp(head: bytes, _stream: BinaryIO) -> Header:
    (header_bytes,) = struct.unpack_from("<I", head, 14)
    # Only the oldest header, of 12 bytes, has short sides. A negative height means top to bottom.
    width, height = struct.unpack_from("<HH" if header_bytes == 12 else "<ii", head, 18)
    return Header("BMP", width, abs(height))


def _webp(head: bytes, _stream: BinaryIO) -> Header:
    chunk = head[12:16]
    if chunk == b"VP8X":
        width = int.from_bytes(head[24:27], "little") + 1
        height = int.from_bytes(head[27:30], "little") + 1
    elif chunk == b"VP8L":
        (sides,) = struct.unpack_from("<I", head, 21)
        width, height = (sides & 0x3FFF) + 1, (sides >> 14 & 0x3FFF) + 1
    else:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", head, 26))
    return Header("WEBP", width, height)


def _jpeg(_head: bytes, stream: BinaryIO) -> Header:
    """Walk from marker to marker up to the frame header, which holds the size."""
    stream.seek(2)
    while True:
        marker = stream.read(1)[0]
        while marker == 0xFF:  # any number of these may stand before a marker
            marker = stream.read(1)[0]
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">3xHH", stream.read(7))
            return Header("JPEG", width, height)
        if marker in {0xD9, 0xDA}:  # the end, or the pixels, before any size
            raise IndexError
        if marker != 0x01 and not 0xD0 <= marker <= 0xD7:  # these two kinds stand alone
            (length,) = struct.unpack(">H", stream.read(2))
            stream.seek(max(length - 2, 0), os.SEEK_CUR)


# "BM" alone may start any text: the length of the second header tells a bitmap.
_BMP_HEADERS = {struct.pack("<I", length) for length in (12, 16, 40, 52, 56, 64, 108, 124)}

_Signature = Callable[[bytes], bool]

_FORMATS: tuple[tuple[_Signature, Callable[[bytes, BinaryIO], Header]], ...] = (
    (lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), _png),
    (lambda head: head.startswith(b"\xff\xd8\xff"), _jpeg),
    (lambda head: head.startswith((b"GIF87a", b"GIF89a")), _gif),
    (lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP", _webp),
    (lambda head: head.startswith(b"BM") and head[14:18] in _BMP_HEADERS, _bmp),
)

_OTHERS: tuple[tuple[_Signature, str], ...] = (
    (lambda head: head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")), "a TIFF picture"),
    (lambda head: head.startswith(b"%PDF"), "a PDF document"),
    (lambda head: head[4:12] in {b"ftypavif", b"ftypavis"}, "an AVIF picture"),
    (
        lambda head: (
            head[4:8] == b"ftyp"
            and head[8:12] in {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"}
        ),
        "an HEIC picture",
    ),
    (lambda head: head.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")), "a JPEG XL picture"),
    (lambda head: head.startswith((b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51")), "a JPEG 2000 picture"),
    (lambda head: head.startswith(b"8BPS"), "a Photoshop picture"),
    (lambda head: head.startswith((b"\0\0\1\0", b"\0\0\2\0")), "an icon (ICO) file"),
)


def _other_kind(head: bytes) -> str:
    """Say what a file is that starts with ``head`` and has none of the accepted formats."""
    for signature, kind in _OTHERS:
        if signature(head):
            return f"{kind}, a format that is not read here"
    if b"<svg" in head.lower():
        return "an SVG drawing, a format that is not read here"
    return "a text file, not a picture" if _is_text(head) else "not a picture"


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16 says so itself
        return True
    # The last character may be cut in half; bytes above 127 may be Latin-1. Control characters
    # other than white space are in no text.
    return all(byte >= 0x20 or byte in b"\t\n\v\f\r" for byte in head)
