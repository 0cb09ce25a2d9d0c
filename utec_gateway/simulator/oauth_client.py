"""The one OAuth client this cloud knows, and how it must identify itself."""

from collections.abc import Mapping

from .behaviour import OAuthBehaviour
from .grants import GrantRefusedError

CLIENT_ID = "sim-client-id"
CLIENT_SECRET = "SIM-SECRET-client-5f2c9d1e"  # noqa: S105 - recognisably fake, so that leaks are found


class AuthorizeRefusedError(Exception):
    """A refusal that is shown to the person on the page and never reaches the client."""


def check_authorize(query: Mapping[str, str], behaviour: OAuthBehaviour) -> str:
    """Return the redirect URI to use, or raise with the words users have reported (A1, A3)."""
    if not query.get("client_id"):
        raise AuthorizeRefusedError("No client id supplied")
    if query["client_id"] != CLIENT_ID:
        raise AuthorizeRefusedError("Invalid client id")
    _check_secret_on_page(query, behaviour)
    if query.get("response_type") != "code":
        raise AuthorizeRefusedError("Invalid or missing response type")
    redirect_uri = query.get("redirect_uri")
    if not redirect_uri and len(behaviour.redirect_uris) == 1:
        return behaviour.redirect_uris[0]
    if not redirect_uri:
        raise AuthorizeRefusedError(
            "A redirect URI must be supplied when multiple redirect URIs are registered"
        )
    if redirect_uri not in behaviour.redirect_uris:
        raise AuthorizeRefusedError("Invalid redirect uri")
    return redirect_uri


def check_client(parameters: Mapping[str, str], behaviour: OAuthBehaviour, *, by_get: bool) -> None:
    """Raise unless the token request comes from our client; only a GET may leave the secret out."""
    if parameters.get("client_id") != CLIENT_ID:
        raise GrantRefusedError("invalid_client", "The client id is missing or unknown")
    secret = parameters.get("client_secret")
    optional = by_get and not behaviour.client_secret_required
    if secret != CLIENT_SECRET and not (optional and secret is None):
        raise GrantRefusedError("invalid_client", "The client credentials are invalid")


def _check_secret_on_page(query: Mapping[str, str], behaviour: OAuthBehaviour) -> None:
    secret = query.get("client_secret")
    if secret is None and behaviour.client_secret_required:
        raise AuthorizeRefusedError("No client secret supplied")
    if secret is not None and secret != CLIENT_SECRET:
        raise AuthorizeRefusedError("Invalid client secret")
