"""The default refresher: RFC 6749's refresh token grant at U-tec's token endpoint."""

from utec_gateway.plugin_api import PluginContext, TokenRefresher, hookimpl


class RefreshTokenGrant:
    """Answers with the token endpoint of the present options."""

    def __init__(self, endpoint: TokenRefresher) -> None:
        self._endpoint = endpoint

    @hookimpl(trylast=True)
    def gateway_token_refresher(self) -> TokenRefresher:
        """Answer always."""
        return self._endpoint


def create(context: PluginContext) -> RefreshTokenGrant | None:
    """Build the refresher; it is on wherever there is a token endpoint."""
    return RefreshTokenGrant(context.token_endpoint) if context.token_endpoint else None
