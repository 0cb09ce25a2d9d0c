"""What there is to read on a page, as a list: its texts, and the attributes that are shown."""

from html.parser import HTMLParser

SHOWN = frozenset({"aria-label", "placeholder", "title", "alt", "data-said", "data-done"})
FOREIGN = frozenset({"code", "time", "script", "style"})
"""What stands in these is not said in any language."""
VOID = frozenset({"meta", "link", "input", "br", "img", "use", "rect", "line", "circle"})


class Reader(HTMLParser):
    """Collects what people read; what is marked as another language is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.texts += [" ".join(str(given[name]).split()) for name in SHOWN & given.keys()]
        if tag not in VOID:
            self._open.append(tag in FOREIGN or (tag != "html" and "lang" in given))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and not any(self._open):
            self.texts.append(text)


def texts_of(page: str) -> list[str]:
    reader = Reader()
    reader.feed(page)
    return reader.texts
