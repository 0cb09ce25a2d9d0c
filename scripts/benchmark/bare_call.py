"""A bare aiohttp client in a process of its own: what a command costs with nothing around it.

    python -m scripts.benchmark.bare_call URL TOKEN COUNT PACE DEVICE

It prints when each command was sent, as a JSON list.
"""

import asyncio
import json
import sys

from aiohttp import ClientSession

from utec_gateway.core.clock import SystemClock


async def send(url: str, token: str, count: int, pace: float, device_id: str) -> list[str]:
    """Send `count` commands, `pace` seconds apart; return the moments of sending."""
    clock, moments = SystemClock(), []
    async with ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        for number in range(count):
            header = {"namespace": "Uhome.Device", "name": "Command", "messageId": str(number)}
            command = {"capability": "st.lock", "name": "lock"}
            payload = {"devices": [{"id": device_id, "command": command}]}
            moments.append(clock.now().isoformat())
            async with session.post(
                f"{url}/action", json={"header": header, "payload": payload}
            ) as response:
                await response.read()
            await clock.sleep(pace)
    return moments


if __name__ == "__main__":
    url, token, count, pace, device_id = sys.argv[1:]
    print(json.dumps(asyncio.run(send(url, token, int(count), float(pace), device_id))))
