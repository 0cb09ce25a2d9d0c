"""Every hook has its paragraph, with its exact signature, and somebody built in who listens."""

import inspect
import re
from pathlib import Path

import pytest

from utec_gateway.plugin_api.hookspecs import PROJECT, GatewayHooks
from utec_gateway.plugins.loader import BUILT_INS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/plugins.md").read_text("utf-8")
HOOKS = sorted(name for name in vars(GatewayHooks) if name.startswith("gateway_"))
PARAGRAPHS = dict(
    re.findall(r"^### `(\w+)\([^`]*\)`\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
)


def arguments_of(hook: str) -> list[str]:
    return list(inspect.signature(getattr(GatewayHooks, hook)).parameters)[1:]


def built_in_listeners(hook: str) -> set[str]:
    """Return the built-in plugins with a class that implements the hook, by name."""
    return {
        module.__name__.rpartition(".")[2]
        for module in BUILT_INS
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if hasattr(getattr(kind, hook, None), f"{PROJECT}_impl")
    }


def test_no_hook_is_documented_that_does_not_exist() -> None:
    assert sorted(PARAGRAPHS) == HOOKS


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented_under_its_exact_signature(hook: str) -> None:
    heading = f"### `{hook}({', '.join(arguments_of(hook))})`"
    assert heading in PAGE.splitlines()


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_says_when_it_fires_and_what_each_argument_is(hook: str) -> None:
    assert PARAGRAPHS[hook].lstrip().startswith("Fires ")
    explained = re.findall(r"`(\w+)`", PARAGRAPHS[hook])
    assert set(arguments_of(hook)) <= set(explained)


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_built_in_listener_and_the_page_names_all_of_them(hook: str) -> None:
    named = re.findall(r"`(\w+)`", PARAGRAPHS[hook].rpartition("Built in:")[2])
    assert named
    assert set(named) == built_in_listeners(hook)


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_test(hook: str) -> None:
    tests = (path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__))
    assert any(f"def {hook}(" in path.read_text("utf-8") for path in tests)
