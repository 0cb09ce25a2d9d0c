"""What people paste instead of the address that U-tec's page leads to."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import SplitResult, parse_qs, urlsplit

from utec_gateway.options import Options

SAID = (
    (r"access.denied", "denied"),
    (r"redirect.ur[il]", "redirect_refused"),
    (r"(invalid|unauthorized|unknown).client|client.(id|secret|credentials)", "client_refused"),
    (r"scope", "scope_refused"),
    (r"server.error|temporarily.unavailable", "utec_failed"),
)
"""How U-tec's page words its refusals (utec-cloud 1.1; RFC 6749 4.1.2.1), and our name of each."""


def what_is_wrong(pasted: str, options: Options) -> str:
    """Return the name of the reason why this is no answer of U-tec's page, empty if it may be."""
    if not pasted:
        return "nothing"
    if re.search(r"\s", pasted) or not re.search(r"[/?]", pasted):
        return _recognised(pasted) or "not_an_address"
    try:
        address = _address(pasted)
        query = parse_qs(address.query)
    except ValueError:
        return "not_an_address"
    return _wrong_address(address, query, options)


def _wrong_address(
    address: SplitResult, query: Mapping[str, Sequence[str]], options: Options
) -> str:
    if "error" in query:
        said = " ".join([*query["error"], *query.get("error_description", [])])
        return _recognised(said) or "refused"
    is_ours = address.hostname == urlsplit(options.redirect_uri).hostname
    if is_ours or {"code", "state"} <= query.keys():
        return ""  # an address may lead on to another, as my.home-assistant.io does
    at_utec = address.hostname == urlsplit(options.oauth_base_url).hostname
    return "still_there" if at_utec else "other_site"


def leads_to_us(pasted: str, options: Options) -> bool:
    """Tell whether an address is at the redirect URI's host."""
    return _address(pasted).hostname == urlsplit(options.redirect_uri).hostname


def _address(pasted: str) -> SplitResult:
    """Return the parts of an address; some browsers leave its beginning out."""
    return urlsplit(pasted if "://" in pasted else f"http://{pasted}")


def _recognised(said: str) -> str:
    """Return the name of the first refusal that these words speak of, or nothing."""
    return next((name for words, name in SAID if re.search(words, said.lower())), "")
