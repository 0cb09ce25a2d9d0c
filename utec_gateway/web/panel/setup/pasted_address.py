"""What is wrong with a pasted address that is not the answer of U-tec's page."""

import re
from urllib.parse import urlsplit

from utec_gateway.auth.authorization_response import AuthorizationResponse
from utec_gateway.options.schema import Options

REFUSALS = (
    (r"access.denied", "denied"),
    (r"redirect.ur[il]", "redirect_refused"),
    (r"(invalid|unauthorized|unknown).client|client.(id|secret|credentials)", "client_refused"),
    (r"scope", "scope_refused"),
    (r"server.error|temporarily.unavailable", "utec_failed"),
)
"""How U-tec's page words its refusals (utec-cloud 1.1; RFC 6749 4.1.2.1), and our name of each."""


def what_is_wrong(pasted: str, response: AuthorizationResponse, options: Options) -> str:
    """Return the name of the reason why this is no answer of U-tec's page, empty if it may be."""
    if not pasted:
        return "nothing"
    around = pasted.replace(response.address, " ") if response.address else pasted
    if not response.query and (name := _refusal(around)):
        return name
    if not (response.address or response.code):
        return "not_an_address"
    try:
        host = _host(response)
    except ValueError:
        return "not_an_address"
    return _wrong_address(host, response, options)


def _wrong_address(host: str | None, response: AuthorizationResponse, options: Options) -> str:
    query = response.query
    if "error" in query:
        said = f"{query['error']} {query.get('error_description', '')}"
        return _refusal(said) or "refused"
    is_ours = host in {None, urlsplit(options.redirect_uri).hostname}
    if is_ours or (response.code and "state" in query):
        return ""  # an address may lead on to another, as my.home-assistant.io does
    at_utec = host == urlsplit(options.oauth_base_url).hostname
    return "still_there" if at_utec else "other_site"


def leads_to_us(response: AuthorizationResponse, options: Options) -> bool:
    """Tell whether an address is at the redirect URI's host, or names no host at all."""
    return _host(response) in {None, urlsplit(options.redirect_uri).hostname}


def _host(response: AuthorizationResponse) -> str | None:
    """Return the host in an address, which may have no scheme."""
    if "://" in response.address:
        return urlsplit(response.address).hostname
    before, _, query = response.address.partition("?")
    return urlsplit(f"http://{before}").hostname if query else None


def _refusal(said: str) -> str:
    """Return the name of the first refusal in this text, empty if there is none."""
    return next((name for words, name in REFUSALS if re.search(words, said.lower())), "")
