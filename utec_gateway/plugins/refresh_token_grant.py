"""The default refresher: RFC 6749's refresh token grant at U-tec's token endpoint."""

from utec_gateway.plugin_api.spec import PluginContext, TokenRefresher, hookimpl
from utec_gateway.utec.oauth import TokenEndpoint


class RefreshTokenGrant:
    """Answers with the token endpoint of the present options."""

    def __init__(self, endpoint: TokenEndpoint) -> None:
        self._endpoint = endpoint

    @hookimpl(trylast=True)
    def gateway_token_refresher(self) -> TokenRefresher:
        """Answer always."""
        return self._endpoint


def create(context: PluginContext) -> RefreshTokenGrant:
    """Build the refresher; it is always on."""
    return RefreshTokenGrant(TokenEndpoint(context.session, context.settings, context.clock))
