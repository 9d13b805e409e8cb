"""What is wrong with a folder of HTML pages: links, anchors and pictures that lead nowhere, and what is fetched from elsewhere."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHED = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("link", "href")}
NOT_FETCHED = {"canonical", "next", "prev", "index", "search", "author"}  # <link rel=…> that names a page only


class _Page(HTMLParser):
    """The anchors of a page, where it points, and what a browser loads with it."""

    def __init__(self, text):
        super().__init__()
        self.anchors, self.links, self.loads = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.anchors |= {values[name] for name in ("id", "name") if values.get(name)}
        for name in ("href", "src"):
            address = values.get(name)
            if address is None:
                continue
            self.links.append(address)
            if (tag, name) in FETCHED and not set((values.get("rel") or "").split()) & NOT_FETCHED:
                self.loads.append(address)


def is_elsewhere(address):
    """Whether an address names another machine."""
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme in ("http", "https")


def broken_links(folder):
    """Every (page, address) inside `folder` that leads to a file or an anchor that is not there."""
    pages = {path: _Page(path.read_text("utf-8")) for path in Path(folder).resolve().rglob("*.html")}
    return [
        (path.name, address)
        for path, page in sorted(pages.items())
        for address in page.links
        if not is_elsewhere(address) and urlsplit(address).scheme in ("", "file") and not _leads(path, address, pages)
    ]


def _leads(path, address, pages):
    parts = urlsplit(address)
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.exists():
        return False
    anchor = unquote(parts.fragment)
    return not anchor or target not in pages or anchor in pages[target].anchors


def loaded_from_elsewhere(folder):
    """Every (page, address) of a script, style sheet, picture or frame on another machine."""
    found = []
    for path in sorted(Path(folder).rglob("*.html")):
        found += [(path.name, address) for address in _Page(path.read_text("utf-8")).loads if is_elsewhere(address)]
    return found
