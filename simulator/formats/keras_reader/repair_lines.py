"""Lines that copying has numbered, broken or shifted, and what stands between the code."""

from __future__ import annotations

import re
from itertools import pairwise

from simulator.formats.keras_reader.repair_names import known_name
from simulator.formats.keras_reader.scanning import (
    CLOSING,
    OPENING,
    Line,
    code_of,
    depth_after,
    scan,
    scanned,
)

NUMBERS_TOLD = "Line numbers taken away"
PROMPTS_TOLD = "Prompts taken away"
MAGIC_TOLD = "Commands for a notebook or a shell left out"
FENCE_TOLD = "Marks around the code left out"
PAGE_TOLD = "Page numbers left out"
BROKEN_TOLD = "Broken lines joined"
PROSE_TOLD = "Words between the code taken as a comment"
INDENTED_TOLD = "Lost indentation restored"
SHIFTED_TOLD = "Indentation that means nothing taken away"
CLOSED_TOLD = "Missing closing bracket added"

LONGEST_JOINED = 400
"""A line that is longer goes on nowhere: it is no line of a program."""
DEEPEST = 20
"""Lost indentation is restored so many levels deep."""

_NUMBERED = re.compile(r"^\s*(\d{1,4})(?:[.:)|]\s?|\s{1,4}|$)")
_PROMPT = re.compile(r"^\s*(?:>>> ?|\.\.\.(?:: ?| )|In ?\[\d*\]: ?)")
_STATEMENT = re.compile(
    r"^(?:from\s+\w|import\s+\w|def\s+\w|for\s+\w+\s+in\b|print\(|plt\.|"
    r"\w+\.(?:compile|fit|add|summary|evaluate|predict)\(|"
    r"\w+\s*=\s*(?:\w+\.)*(?:Sequential|Model|Input)\()"
)
_BLOCK = re.compile(r"^(?:for|if|elif|else|while|def|with|try|except|finally|class)\b.*:$")
_PROSE = re.compile(r"^[A-Za-zÀ-ɏ][\w’'\-]*(?:,? +[\w’'\-]+){2,}[ ,.:;!?]*$")
_WORDS = ("import", "from", "for", "in", "if", "return", "not", "and", "or", "is", "lambda", "def")


def drop_decoration(lines: list[Line]) -> None:
    """Take away line numbers, prompts, fences, page numbers, and commands for a notebook."""
    _drop_numbers(lines)
    for line in lines:
        text = line.text.strip()
        prompt = _PROMPT.match(line.text)
        if prompt:
            line.text = line.text[prompt.end() :]
            line.note(PROMPTS_TOLD)
            text = line.text.strip()
        if re.fullmatch(r"(?:```|~~~)\s*\w*", text) or re.match(r"^Out ?\[\d*\]:", text):
            line.text = ""
            line.note(FENCE_TOLD)
        elif re.match(r"^(?:!|%)\s*\w", text):
            line.text = ""
            line.note(MAGIC_TOLD)
        elif re.fullmatch(r"(?:[Pp]age\s+)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?", text):
            line.text = ""
            line.note(PAGE_TOLD)
        elif re.match(r"^\s*[•▪●◦‣]\s*", line.text):
            line.text = re.sub(r"^(\s*)[•▪●◦‣]\s*", r"\1", line.text)
            line.note(FENCE_TOLD)


def _drop_numbers(lines: list[Line]) -> None:
    """Line numbers are there if nearly all lines begin with one, each larger than the last."""
    written = [line for line in lines if line.text.strip()]
    found = [_NUMBERED.match(line.text) for line in written]
    numbers = [int(each[1]) for each in found if each]
    rising = all(a < b for a, b in pairwise(numbers))
    if len(numbers) < 3 or not rising or len(numbers) < 0.8 * len(written):
        return
    for line, match in zip(written, found, strict=True):
        if match:
            line.text = line.text[match.end() :]
            line.note(NUMBERS_TOLD)


def join_broken(lines: list[Line]) -> list[Line]:
    """Join a line with the next where a text, a name or a statement goes on there."""
    result: list[Line] = []
    depth, triple = 0, ""
    for line in lines:
        if result and not triple:
            joined = _joined(result[-1].text, line.text, depth)
            if joined is not None:
                last = result[-1]
                before, _ = scan(last.text)
                last.text = joined
                for note in (*line.notes, BROKEN_TOLD):
                    last.note(note)
                after, _ = scan(joined)
                depth = max(depth + depth_after(after, 50) - depth_after(before, 50), 0)
                continue
        segments, triple = scan(line.text, triple)
        depth = depth_after(segments, depth)
        result.append(line)
    return result


def _joined(first: str, second: str, depth: int) -> str | None:
    """The two lines as one, or None where they are two."""
    if not first.strip() or not second.strip() or len(first) > LONGEST_JOINED:
        return None
    segments, _ = scan(first)
    last = segments[-1] if segments else None
    if last is not None and last.kind == "text" and not last.closed:
        return _joined_text(first, last.text, last.quote, second.strip())
    code, following = code_of(segments), second.strip()
    if last is None or last.kind == "comment" or not code:
        return None
    broken = re.search(r"([A-Za-z_]\w*)-$", first.rstrip())
    starts = re.match(r"[A-Za-z_]\w*", following)
    if broken and starts and known_name(broken[1] + starts[0]):
        return first.rstrip()[:-1] + following
    if re.search(r"\w_$", first.rstrip()) and starts:
        return first.rstrip() + following
    if depth:
        return None
    if re.match(r"^(?:from\b.*)?\bimport\b.*,$", code) or code.endswith((" import", "=", "\\")):
        return f"{first.rstrip().removesuffix(chr(92)).rstrip()} {following}"
    if re.match(r"^\.\s*[A-Za-z_]\w*\s*\(?", following) and not following.startswith(".."):
        return first.rstrip() + following
    if re.search(r"[A-Za-z_)\]]\w*\.$", code) and starts and not code.startswith(("#", "from")):
        return first.rstrip() + following
    if re.match(r"\([^()=]*\)\s*(?:,[^=]*)?=[^=]", following):
        return None  # (x_train, y_train), … = begins a statement of its own
    if following.startswith("(") and re.search(r"[A-Z]\w*$|\.\w+$|\)$", code):
        return first.rstrip() + following
    return None


def _joined_text(first: str, text: str, quote: str, second: str) -> str | None:
    """A text that is broken by the end of a line."""
    segments, _ = scan(quote + second)
    if not segments or segments[0].kind != "text" or not segments[0].closed:
        return None
    rest = segments[0].text
    tail = second[len(rest) + 1 :]
    whole = known_name(text.rstrip() + rest.lstrip()) or f"{text.rstrip()} {rest.lstrip()}"
    return f"{first[: len(first) - len(text) - 1]}{quote}{whole}{quote}{tail}"


_STARTS = (
    "for", "if", "def", "return", "import", "from", "not", "lambda", "yield", "raise", "assert",
    "del", "global", "nonlocal",
)  # fmt: skip
"""Words that begin a statement, of which the rest may be plain words."""


def mark_prose(lines: list[Line]) -> None:
    """Make a comment of a line of plain words outside of brackets and texts."""
    depth, triple, before = 0, "", ""
    for line in lines:
        inside = depth or triple or before.endswith((",", "=", "_", "-", "(", "\\"))
        before = line.text.rstrip() or before
        segments, triple = scan(line.text, triple)
        text = line.text.strip()
        words = text.rstrip(" ,.:;!?").split()
        plain = not inside and _PROSE.match(text) and len(text) < 400
        if plain and not any(word in _WORDS[:1] or word == words[0] == "from" for word in words):
            keyword = words[0] in _STARTS
            if not (keyword and not text.endswith(".")):
                line.text = f"# {text}"
                line.note(PROSE_TOLD)
                continue
        depth = depth_after(segments, depth)


def restore_indentation(lines: list[Line]) -> None:
    """Indent what must be indented, and nothing else."""
    depth = 0
    levels = [0]
    wanted = ""  # the variable of a loop, or "def", whose body has lost its indentation
    expecting = False
    for line, segments in zip(lines, scanned(lines), strict=True):
        code = code_of(segments)
        if depth or not code:
            depth = depth_after(segments, depth)
            continue
        indent = len(line.text) - len(line.text.lstrip())
        if expecting and indent <= levels[-1] and len(levels) <= DEEPEST:
            # The body's first line, and the later ones that speak of the loop's variable.
            line.text = " " * (levels[-1] + 4) + line.text.lstrip()
            line.note(INDENTED_TOLD)
            levels.append(levels[-1] + 4)
        elif expecting:
            levels.append(indent)
            wanted = ""
        elif wanted and indent == levels[-2] and _goes_on(code, wanted):
            line.text = " " * levels[-1] + line.text.lstrip()
            line.note(INDENTED_TOLD)
        elif indent > levels[-1]:
            line.text = " " * levels[-1] + line.text.lstrip()
            line.note(SHIFTED_TOLD)
        else:
            wanted = ""
            while indent < levels[-1]:
                levels.pop()
            if indent > levels[-1]:
                line.text = " " * levels[-1] + line.text.lstrip()
                line.note(SHIFTED_TOLD)
        if wanted == "def" and code.startswith("return"):
            wanted = ""
        expecting = bool(_BLOCK.match(code))
        if expecting:
            loop = re.match(r"for\s+(\w+)", code)
            wanted = loop[1] if loop else "def" if code.startswith("def ") else "\0"
        depth = depth_after(segments, depth)


def _goes_on(code: str, wanted: str) -> bool:
    return wanted == "def" or bool(re.search(rf"\b{re.escape(wanted)}\b", code))


def close_brackets(lines: list[Line]) -> None:
    """Close what is open before a new statement begins, and at the end."""
    open_brackets: list[str] = []
    last = -1
    for number, (line, segments) in enumerate(zip(lines, scanned(lines), strict=True)):
        if open_brackets and _STATEMENT.match(line.text):
            _close(lines[last], open_brackets)
        for segment in segments:
            if segment.kind != "code":
                continue
            for sign in segment.text:
                if sign in OPENING:
                    open_brackets.append(sign)
                elif open_brackets and OPENING.find(open_brackets[-1]) == CLOSING.find(sign):
                    open_brackets.pop()
        if code_of(segments):
            last = number
    if open_brackets and last >= 0:
        _close(lines[last], open_brackets)


def _close(line: Line, open_brackets: list[str]) -> None:
    segments, _ = scan(line.text)
    closers = "".join(CLOSING[OPENING.index(each)] for each in reversed(open_brackets))
    comment = ""
    if segments and segments[-1].kind == "comment":
        comment = "  " + segments.pop().text
    code = "".join(segment.written() for segment in segments).rstrip()
    line.text = code + closers + comment
    line.note(CLOSED_TOLD)
    open_brackets.clear()
