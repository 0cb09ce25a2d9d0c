"""The command that README tells a newcomer, run as one."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE, LOOK_AGAIN = 240.0, 0.1
IS_THE_SCRIPTS_PYTHON = (ROOT / ".venv").resolve() == Path(sys.prefix).resolve()
DEMO = (
    [str(ROOT / "scripts/demo")]
    if IS_THE_SCRIPTS_PYTHON
    else [sys.executable, "-m", "utec_gateway", "--demo"]
)
"""The script makes an environment for this machine's Python; on another Python, what it runs."""

pytestmark = pytest.mark.timeout(PATIENCE + 30)


@pytest.fixture(params=[(), ("--fast",)], ids=["real time", "fast"])
def demo(request: pytest.FixtureRequest) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [*DEMO, *request.param, "--api-port", "0", "--panel-port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def read(address: str) -> str:
    with urlopen(address, timeout=PATIENCE) as answer:  # noqa: S310
        content: bytes = answer.read()
    return content.decode()


def test_the_demo_starts_answers_and_ends_with_ctrl_c(demo: "subprocess.Popen[str]") -> None:
    assert demo.stdout
    address = re.search(r"http://[\d.:]+", demo.stdout.readline())
    assert address
    for line in demo.stdout:
        if "Ctrl-C ends the demo." in line:
            break
    assert json.loads(read(f"{address.group()}/health"))["token_valid"] is True
    while "Add a guest" not in read(f"{address.group()}/codes"):  # once U-tec has listed the locks
        time.sleep(LOOK_AGAIN)  # noqa: TID251 - another process needs real time
    demo.send_signal(signal.SIGINT)
    assert demo.wait(PATIENCE) == 0
