"""docs/reference/http-contract.md says what the code does, where a machine can compare them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import utec_gateway.__main__  # noqa: F401 - every error is a class by then
from tests.conftest import Running, World
from tests.markdown import rows_below, section
from tests.texts.test_translations import CONTRACT_LINES, as_written
from utec_gateway.core.errors import GatewayError
from utec_gateway.options.changes import FLAT_VALIDATORS
from utec_gateway.options.readers import OneOf, Reader, WholeNumber, flag
from utec_gateway.options.schema import Options
from utec_gateway.web.app import ROUTES
from utec_gateway.web.middlewares import SENTENCES

PAGE = (Path(__file__).parents[1] / "docs/reference/http-contract.md").read_text("utf-8")
OPTIONS = {row[0].strip("`"): row for row in rows_below(PAGE, "## 5. Options")}


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def endpoints() -> Iterator[tuple[str, str, str]]:
    """Yield method, path and scope of every row that is about an endpoint."""
    for heading in ("## 3. Devices", "## 4. Administration"):
        for method, paths, scope, *_ in rows_below(PAGE, heading):
            yield from ((method, path, scope) for path in words(paths) if path.startswith("/"))


def errors() -> dict[str, int]:
    rows = rows_below(PAGE, "### Errors")
    return {code: int(status) for codes, status, _ in rows for code in words(codes)}


def kinds_of(error: type[GatewayError]) -> Iterator[type[GatewayError]]:
    """Yield an error and its kinds; those of other tests are not ours."""
    if error.__module__.startswith("utec_gateway."):
        yield error
    for kind in error.__subclasses__():
        yield from kinds_of(kind)


def limits(reader: Reader) -> str:
    """Return how the page's last column begins for an option that this reader checks."""
    match reader:
        case WholeNumber(low, high):
            return f"{low} to {high}"
        case OneOf(choices):
            return ", ".join(f"`{choice}`" for choice in choices)
        case _:
            return "`true`, `false`" if reader is flag else ""


def default_of(name: str) -> Any:
    value: Any = Options()
    for part in name.split("."):
        value = getattr(value, part)
    return [str(item) for item in value] if isinstance(value, tuple) else value


def test_every_endpoint_is_on_the_page_and_none_is_invented() -> None:
    in_code = {(method, path, scope.value) for method, path, _, scope in ROUTES}
    assert sorted(endpoints()) == sorted(in_code)


def test_every_option_is_on_the_page_and_none_is_invented() -> None:
    assert list(OPTIONS) == list(FLAT_VALIDATORS)


@pytest.mark.parametrize("name", FLAT_VALIDATORS)
def test_the_page_gives_every_options_default_and_limits(name: str) -> None:
    _, default, values = OPTIONS[name]
    assert default == ", ".join(as_written(default_of(name)))
    assert values.partition(";")[0].startswith(limits(FLAT_VALIDATORS[name]))


def test_every_error_is_on_the_page_with_its_status_and_none_is_invented() -> None:
    in_code = {kind.code: kind.http_status for kind in kinds_of(GatewayError)}
    of_http = {code: status for status, (code, _) in SENTENCES.items()}
    assert errors() == in_code | of_http | {"bad_request": 400, "internal_error": 500}


def test_one_code_never_has_two_statuses() -> None:
    statuses = {(kind.code, kind.http_status) for kind in kinds_of(GatewayError)}
    assert len(statuses) == len({code for code, _ in statuses})


async def test_the_health_on_the_page_has_the_keys_that_are_answered(running: Running) -> None:
    example = re.search(r"```json\n(.*?)```", section(PAGE, "### Health"), re.DOTALL)
    assert example
    _, health = await running.get("/health")
    shown = json.loads(example[1])
    assert list(shown) == list(health)
    assert list(shown["cloud_calls"]) == list(health["cloud_calls"])


async def test_every_file_that_a_gateway_leaves_is_on_the_page(world: World) -> None:
    on_the_page = {name for files, _ in rows_below(PAGE, "## 6. Files") for name in words(files)}
    await world.start()
    await world.stop()
    left = {path.name for path in world.data_dir.iterdir()}
    assert {"state.json", "journal.json", "gateway.log"} <= left <= on_the_page


def test_the_lines_that_people_search_for_are_those_of_the_handbook() -> None:
    rows = rows_below(PAGE, "## 7. Log lines")
    assert {line.strip("`"): level for line, level in rows} == CONTRACT_LINES
