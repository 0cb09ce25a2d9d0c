"""The topics: an installation has a branch of its own, below which each device has one."""

from dataclasses import dataclass

from utec_gateway.plugin_api import Device

GATEWAY = "gateway"
"""What stands in the place of a device's tag for the gateway itself."""
HOME_ASSISTANT_STATUS = "homeassistant/status"
"""Where Home Assistant says that it has started, unless people changed that (mqtt 3)."""


@dataclass(frozen=True)
class Topics:
    """The topics of one installation; the parts that vary are tags, so no id is ever in one."""

    base: str
    """Such as `utec_gateway/7f3a01bc`."""
    prefix: str
    """Where Home Assistant looks for devices."""
    installation: str

    @property
    def bridge(self) -> str:
        """Return where the gateway says whether it is there; the broker does when it is not."""
        return f"{self.base}/bridge"

    @property
    def last_confirmed(self) -> str:
        """Return where it is written when each device was last heard of, which is every poll."""
        return f"{self.base}/last_confirmed"

    @property
    def commands(self) -> str:
        """Return what every command topic fits."""
        return f"{self.base}/+/+/set"

    @property
    def births(self) -> frozenset[str]:
        """Return where Home Assistant says that it has started."""
        return frozenset({HOME_ASSISTANT_STATUS, f"{self.prefix}/status"})

    def node(self, tag: str) -> str:
        """Return the id under which Home Assistant knows a device."""
        return f"utec_{self.installation}" if tag == GATEWAY else f"utec_{self.installation}_{tag}"

    def discovery(self, tag: str) -> str:
        """Return where a device is announced."""
        return f"{self.prefix}/device/{self.node(tag)}/config"

    def is_discovery(self, topic: str) -> bool:
        """Tell whether a device may be announced there; with another prefix it was elsewhere."""
        return topic.startswith(f"{self.prefix}/device/")

    def state(self, tag: str) -> str:
        """Return where a device's readings are."""
        return f"{self.base}/{tag}/state"

    def event(self, device: Device) -> str:
        """Return where it is said what happens at a lock."""
        return f"{self.base}/{device.tag}/event"

    def command(self, tag: str, part: str) -> str:
        """Return where a part of a device takes commands."""
        return f"{self.base}/{tag}/{part}/set"

    def commanded(self, topic: str) -> tuple[str, str] | None:
        """Return the tag and the part that a command topic is for, None for another topic."""
        branch = f"{self.base}/"
        parts = topic.removeprefix(branch).split("/") if topic.startswith(branch) else []
        match parts:
            case [tag, part, "set"]:
                return tag, part
            case _:
                return None
