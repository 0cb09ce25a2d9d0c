"""Commands of plugins: under the rules of everybody's, and with the plugin's name."""

from functools import partial

from utec_gateway.core.command import Command
from utec_gateway.core.command_origin import Origin, OriginKind
from utec_gateway.core.errors import GatewayError
from utec_gateway.core.models import Operation
from utec_gateway.core.outcome import CommandOutcome, CommandState
from utec_gateway.core.tasks import join
from utec_gateway.plugin_api import SentCommand

from .cache import DeviceCache
from .commands import Commands
from .outcomes import Outcomes
from .pending import PendingCommand


class PluginCommands:
    """Sends what plugins ask for."""

    def __init__(self, cache: DeviceCache, commands: Commands, outcomes: Outcomes) -> None:
        self._cache = cache
        self._commands = commands
        self._outcomes = outcomes

    async def send(self, plugin: str, device_id: str, command: Command) -> SentCommand:
        """Send a command; raise the GatewayError that refused it or made it fail meanwhile."""
        origin = Origin(OriginKind.PLUGIN, plugin)
        outcome = await self._commands.run(device_id, command, origin)
        if outcome.error and outcome.state is CommandState.FAILED:
            raise outcome.error
        pending = self._outcomes.pending(device_id) if outcome.is_under_way else None
        return SentCommand(outcome, partial(_end_of, pending, outcome))

    def refuse(
        self, plugin: str, device_id: str, operation: Operation, error: GatewayError
    ) -> None:
        """Say that a plugin refused a command itself; raise UnknownDeviceError."""
        device, origin = self._cache.find(device_id), Origin(OriginKind.PLUGIN, plugin)
        self._outcomes.refused(Command(operation), origin, error, device)


async def _end_of(pending: PendingCommand | None, outcome: CommandOutcome) -> CommandOutcome:
    if pending is None:
        return outcome
    await join(pending.ended)
    return pending.outcome
