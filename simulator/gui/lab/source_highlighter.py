"""Python's words, numbers and texts in inks of the theme; a picture of the source, not a parser."""

from __future__ import annotations

import keyword
import re

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from simulator.gui import theme

_TOKENS = re.compile(
    r"(?P<comment>#.*)"
    r"|(?P<text>[rbfRBF]{0,2}(?:\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?))"
    r"|(?P<number>\b(?:\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?|\.\d+)\b)"
    r"|(?P<name>\b[^\W\d]\w*\b)"
)
_INKS = {"comment": "ink3", "text": "weights", "number": "reads", "keyword": "ink3"}
_VALUES = ("True", "False", "None")


class SourceHighlighter(QSyntaxHighlighter):
    """Colours one line at a time."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._forms: dict[str, QTextCharFormat] = {}
        self.take_theme()

    def take_theme(self) -> None:
        """Use the colours of the theme that the application has now."""
        for kind, ink in _INKS.items():
            form = QTextCharFormat()
            form.setForeground(theme.colour(ink))
            self._forms[kind] = form
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        for found in _TOKENS.finditer(text):
            kind = str(found.lastgroup)
            if kind == "name":
                if found[0] in _VALUES:
                    kind = "number"
                elif keyword.iskeyword(found[0]):
                    kind = "keyword"
                else:
                    continue
            self.setFormat(found.start(), found.end() - found.start(), self._forms[kind])
