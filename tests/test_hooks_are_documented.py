"""Every hook has its paragraph, with its exact signature, and somebody built in who listens."""

import inspect
from pathlib import Path

import pytest

from utec_gateway.hookspecs import GatewayHooks
from utec_gateway.plugins import BUILTIN

ROOT = Path(__file__).parents[1]
HOOKS = sorted(name for name in vars(GatewayHooks) if name.startswith("gateway_"))


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented_under_its_exact_signature(hook: str) -> None:
    arguments = list(inspect.signature(getattr(GatewayHooks, hook)).parameters)[1:]
    heading = f"### `{hook}({', '.join(arguments)})`"
    assert heading in (ROOT / "docs/plugins.md").read_text().splitlines()


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_built_in_listener_and_a_test(hook: str) -> None:
    assert any(f"def {hook}(" in inspect.getsource(module) for module in BUILTIN)
    here = Path(__file__)
    tests = (path for path in (ROOT / "tests").rglob("*.py") if path != here)
    assert any(hook in path.read_text() for path in tests)
