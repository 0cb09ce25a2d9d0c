"""Which devices there are, and whose: in the picture, on the disk, and in what people are told."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from utec_gateway.core.models import Device
from utec_gateway.issues.notifications import Notifications
from utec_gateway.plugin_api.spec import OptionsSource
from utec_gateway.storage.state import State
from utec_gateway.storage.store import StateStore

from .cache import DeviceCache

_LOGGER = logging.getLogger(__name__)


class DeviceList:
    """Takes lists of devices in; what was known of those that are gone goes with them."""

    def __init__(
        self,
        cache: DeviceCache,
        store: StateStore,
        settings: OptionsSource,
        notifications: Notifications,
    ) -> None:
        self._cache = cache
        self._store = store
        self._settings = settings
        self._notifications = notifications
        self.when_changed: Callable[[tuple[Device, ...]], None] = lambda devices: None  # noqa: ARG005
        """Called with the devices there are whenever some came or went."""

    @property
    def is_of_another_account(self) -> bool:
        """Tell whether the devices were seen with other credentials, or at another address."""
        known = self._store.state.account
        return bool(known) and known != self._settings.options.credentials

    async def take_in(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Take in what a Discovery said, and remember it over a restart."""
        said = self._cache.what_is_missing
        self._cache.discovered(entries)
        missing = self._cache.what_is_missing
        if missing and missing != said:
            _LOGGER.warning(missing)
        if self._entries() != self._store.state.devices:
            self._changed()
            await self._save()

    def forget(self) -> None:
        """Forget every device at once: another account's picture begins."""
        _LOGGER.info("Signed in with other credentials: the picture of the locks starts anew")
        self._cache.forget()
        self._changed()

    async def signed_in(self) -> None:
        """Remember whose devices they are from now on."""
        account = self._settings.options.credentials
        if account != self._store.state.account:
            await self._save(account)

    async def _save(self, account: str | None = None) -> None:
        """Save which devices there are; what was known of others is left out."""
        devices = self._entries()
        tags = {device.tag for device in self._cache.devices}

        def kept(state: State) -> State:
            low_since = {tag: at for tag, at in state.low_since.items() if tag in tags}
            whose = account or state.account
            return replace(state, account=whose, devices=devices, low_since=low_since)

        await self._store.update(kept)

    def _entries(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(device.entry for device in self._cache.devices)

    def _changed(self) -> None:
        """Take back what was said of devices that are gone."""
        self._notifications.forget_all_but(self._cache.devices)
        self.when_changed(self._cache.devices)
