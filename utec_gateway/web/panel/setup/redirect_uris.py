"""The three ways back from U-tec's page; each is a redirect URI."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from utec_gateway.options.schema import Options

BY_HAND = Options().redirect_uri
"""Nothing answers there, so the browser keeps the address for people to copy."""
CALLBACK = "/oauth/callback"


@dataclass(frozen=True)
class Ways:
    """What the form shows: the way that is chosen and an address for each."""

    chosen: str
    by_hand: str
    callback: str
    own: str

    @property
    def addresses(self) -> dict[str, str]:
        """Return the address of each way by its name."""
        return {"by_hand": self.by_hand, "callback": self.callback, "own": self.own}


def ways(present: str, suggested: str) -> Ways:
    """Return the ways as they are chosen now."""
    chosen = _way(present)
    return Ways(
        chosen,
        BY_HAND,
        callback=present if chosen == "callback" else suggested,
        own=present if chosen == "own" else "",
    )


def _way(redirect_uri: str) -> str:
    if redirect_uri == BY_HAND:
        return "by_hand"
    address = urlsplit(redirect_uri)
    is_callback = address.scheme == "http" and address.path == CALLBACK
    return "callback" if is_callback else "own"
