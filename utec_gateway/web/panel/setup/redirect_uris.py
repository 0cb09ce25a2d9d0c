"""The three kinds of redirect URI to choose from."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from utec_gateway.options.schema import Options

BY_HAND = Options().redirect_uri
"""Nothing answers there, so the browser keeps the address for people to copy."""
CALLBACK = "/oauth/callback"


@dataclass(frozen=True)
class RedirectUris:
    """What the form shows: the kind that is chosen, and the URI of each."""

    chosen: str
    by_hand: str
    callback: str
    own: str

    @property
    def by_kind(self) -> dict[str, str]:
        """Return the URI of each kind."""
        return {"by_hand": self.by_hand, "callback": self.callback, "own": self.own}


def redirect_uris(present: str, suggested: str) -> RedirectUris:
    """Return what to choose from; `suggested` is where the gateway's own callback page is."""
    chosen = _kind(present)
    return RedirectUris(
        chosen,
        BY_HAND,
        callback=present if chosen == "callback" else suggested,
        own=present if chosen == "own" else "",
    )


def _kind(redirect_uri: str) -> str:
    if redirect_uri == BY_HAND:
        return "by_hand"
    address = urlsplit(redirect_uri)
    is_callback = address.scheme == "http" and address.path == CALLBACK
    return "callback" if is_callback else "own"
