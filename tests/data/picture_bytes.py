"""Picture files written byte by byte, for what no library would write."""

import struct
import zlib


def chunk(kind: bytes, data: bytes, *, checksum: int | None = None) -> bytes:
    crc = zlib.crc32(kind + data) if checksum is None else checksum
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def png(
    width: int,
    height: int,
    rows: bytes,
    *,
    bits: int = 8,
    colour: int = 2,
    before_pixels: bytes = b"",
    pixel_checksum: int | None = None,
) -> bytes:
    """A PNG; ``rows`` are its filtered scan lines, ``colour`` is 0 grey, 2 RGB, 4 LA, 6 RGBA."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(rows), checksum=pixel_checksum)
    return b"\x89PNG\r\n\x1a\n" + head + before_pixels + pixels + chunk(b"IEND", b"")


def gif(width: int, height: int, *, frame: tuple[int, int] | None = None) -> bytes:
    """The start of a GIF of two colours, and a frame of another size than the screen."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    inner = frame or (width, height)
    return head + b"," + struct.pack("<HHHHB", 0, 0, *inner, 0) + b"\x02\x02\x44\x01\x00;"


def bmp(width: int, height: int) -> bytes:
    sizes = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + sizes + bytes(64)


def old_bmp(width: int, height: int, pixels: bytes) -> bytes:
    """The first kind of bitmap, whose header has short sides; 24 bits, blue green red."""
    head = struct.pack("<IHHHH", 12, width, height, 1, 24)
    return b"BM" + struct.pack("<IHHI", 26 + len(pixels), 0, 0, 26) + head + pixels


def jpeg(width: int, height: int) -> bytes:
    """A JPEG up to its frame header, behind fill bytes, a lone marker and an APP0 segment."""
    app0 = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0\1\1\0\0\1\0\1\0\0"
    parts = b"\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 8 + len(parts), 8, height, width, 3) + parts
    return b"\xff\xd8" + app0 + b"\xff\x01" + b"\xff\xff" + frame


def webp(width: int, height: int, *, kind: bytes = b"VP8X") -> bytes:
    """The start of a WebP file of each of its three kinds."""
    if kind == b"VP8X":
        sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        data = bytes(4) + sides
    elif kind == b"VP8L":
        data = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + bytes(5)
    else:
        data = b"\x10\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height)
    body = b"WEBP" + kind + struct.pack("<I", len(data)) + data + bytes(40)
    return b"RIFF" + struct.pack("<I", len(body)) + body
