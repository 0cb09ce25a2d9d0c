"""The words and pictures of the add-on: complete in every language, and true."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image, ImageChops

from scripts import draw_icons
from tests.markdown import rows_below
from utec_gateway.options.schema import EmailOptions, MqttOptions

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "de", "fr", "es", "it", "nl")
OTHERS = LANGUAGES[1:]
HANDBOOK = (ROOT / "DOCS.md").read_text("utf-8")
MANIFEST = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
SOURCE = "\n".join(
    path.read_text("utf-8") for path in sorted((ROOT / "utec_gateway").rglob("*.py"))
)

CONTRACT_LINES = {
    "Token will expire at: <time>": "INFO",
    "Access token refreshed successfully": "INFO",
    "Scheduled token refresh successful": "INFO",
    "Scheduler started": "INFO",
    "Token expired or expiring soon, attempting refresh...": "WARNING",
    "Got 401, attempting token refresh (attempt 1)": "WARNING",
    "Token refresh failed: <why>": "ERROR",
    "No refresh token available": "ERROR",
    "Unable to obtain valid access token": "ERROR",
}
"""What people search for, word for word (http-contract 7)."""


def translation(language: str) -> dict[str, Any]:
    content = yaml.safe_load((ROOT / "translations" / f"{language}.yaml").read_text("utf-8"))
    assert isinstance(content, dict)
    return content


def texts(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every string of a translation with the way to it."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from texts(value, f"{path}/{key}")
        else:
            yield f"{path}/{key}", value


def option_names(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield every option of the manifest, those of a group as `group.option`."""
    for name, kind in schema.items():
        yield name
        if isinstance(kind, Mapping):
            yield from (f"{name}.{inner}" for inner in option_names(kind))


def translated_names(entries: Mapping[str, Any]) -> Iterator[str]:
    for name, entry in entries.items():
        yield name
        yield from (f"{name}.{inner}" for inner in translated_names(entry.get("fields", {})))


def entries(of: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, entry in of.items():
        yield name, entry
        yield from entries(entry.get("fields", {}))


def defaults() -> dict[str, Any]:
    """Return every option's default as the manifest gives it, or the code where it cannot."""
    groups: dict[str, Any] = {"email": EmailOptions(), "mqtt": MqttOptions()}
    inner = {
        f"{name}.{one.name}": getattr(group, one.name)
        for name, group in groups.items()
        for one in fields(group)
    }
    return {**MANIFEST["options"], **inner}


def option_rows() -> dict[str, list[str]]:
    rows = rows_below(HANDBOOK, "## Options")
    assert len({row[0] for row in rows}) == len(rows), "an option is explained twice"
    return {row[0].strip("`"): row for row in rows}


def as_written(default: Any) -> list[str]:
    """Return how the handbook writes a default: every one of these words."""
    match default:
        case bool():
            return [f"`{str(default).lower()}`"]
        case "" | [] | ():
            return ["empty"]
        case {}:
            return ["nothing set"]
        case list():
            return [f"`{item}`" for item in default]
        case _:
            return [f"`{default}`"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_option_is_translated_and_nothing_else(language: str) -> None:
    translated = list(translated_names(translation(language)["configuration"]))

    assert translated == list(option_names(MANIFEST["schema"]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_option_has_a_name_and_a_description_for_people(language: str) -> None:
    for key, entry in entries(translation(language)["configuration"]):
        assert set(entry) <= {"name", "description", "fields"}
        for word in ("name", "description"):
            assert isinstance(entry[word], str)
            assert entry[word].strip(), f"{key} has no {word}"
            assert entry[word] != key
        assert entry["name"] != entry["description"]


def test_no_language_is_forgotten_and_none_is_too_many() -> None:
    assert {path.name for path in (ROOT / "translations").iterdir()} == {
        f"{language}.yaml" for language in LANGUAGES
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_ports_and_panel_say_the_same_things_in_every_language(language: str) -> None:
    said, english = translation(language), translation("en")

    ours = ("dates", "directions", "issues", "mqtt", "panel")
    assert set(said) == {"configuration", "network", *ours}
    assert set(said["network"]) == set(MANIFEST["ports"])
    for part in ours:
        assert [way for way, _ in texts(said[part])] == [way for way, _ in texts(english[part])]
    for _, text in texts({name: said[name] for name in ("network", *ours)}):
        assert isinstance(text, str)
        assert text.strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_leaves_the_same_places_for_figures(language: str) -> None:
    english = dict(texts(translation("en")))

    for path, text in texts(translation(language)):
        places = re.findall(r"\{\w*\}", text)
        assert sorted(places) == sorted(re.findall(r"\{\w*\}", english[path])), path


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_is_not_english_in_disguise(language: str) -> None:
    english = dict(texts(translation("en")))
    said = dict(texts(translation(language)))
    same = [path for path, text in said.items() if text == english[path]]

    assert len(same) <= 0.2 * len(said), same


@pytest.mark.parametrize("language", LANGUAGES)
def test_limits_in_a_description_are_those_of_the_manifest(language: str) -> None:
    said = translation(language)["configuration"]
    for name, kind in MANIFEST["schema"].items():
        limits = re.fullmatch(r"int\((\d+),(\d+)\)", str(kind))
        if limits:
            numbers = re.findall(r"\d+", said[name]["description"])
            assert set(limits.groups()) <= set(numbers), f"{name} hides its limits"


def test_every_option_has_its_row_in_the_handbook_and_no_row_is_invented() -> None:
    assert set(option_rows()) == set(option_names(MANIFEST["schema"]))


@pytest.mark.parametrize("name", list(option_names(MANIFEST["schema"])))
def test_the_handbook_gives_every_options_default(name: str) -> None:
    default_cell = option_rows()[name][1]

    for word in as_written(defaults()[name]):
        assert word in default_cell


def test_the_handbook_explains_every_line_that_people_search_for() -> None:
    explained = {
        row[0].strip("`"): row[1] for row in rows_below(HANDBOOK, "### The lines to look for")
    }

    assert {line: explained.get(line) for line in CONTRACT_LINES} == CONTRACT_LINES


@pytest.mark.parametrize(
    "line", [row[0].strip("`") for row in rows_below(HANDBOOK, "### The lines to look for")]
)
def test_every_line_in_the_handbook_is_one_that_the_gateway_writes(line: str) -> None:
    fixed = [re.escape(part) for part in re.split(r"<\w+>", line)]

    assert re.search(r"[^\n]{1,40}?".join(fixed), SOURCE)


@pytest.mark.parametrize(
    "word", [row[0] for row in rows_below(HANDBOOK, "### A command fails")], ids=str
)
def test_every_error_word_in_the_handbook_exists(word: str) -> None:
    for code in re.findall(r"`(\w+)`", word):
        assert f'code = "{code}"' in SOURCE


def test_the_words_of_health_are_explained() -> None:
    explained = [row[0].strip("`") for row in rows_below(HANDBOOK, "## Monitoring")]

    assert explained == ["starting", "healthy", "degraded", "setup_required", "reauth_required"]


@pytest.mark.parametrize(("picture", "size"), [("icon.png", (128, 128)), ("logo.png", (250, 100))])
def test_the_pictures_have_the_size_that_home_assistant_wants(
    picture: str, size: tuple[int, int]
) -> None:
    with Image.open(ROOT / picture) as image:
        assert image.format == "PNG"
        assert image.size == size
        assert image.mode == "RGBA"
        assert image.getpixel((0, 0))[3] == 0, "the corners show the page behind"  # type: ignore[index]


def test_the_pictures_are_what_the_code_draws_and_the_same_every_time(tmp_path: Path) -> None:
    for folder in ("once", "again"):
        (tmp_path / folder).mkdir()
        draw_icons.main(tmp_path / folder)

    for picture in ("icon.png", "logo.png"):
        once, again = (tmp_path / folder / picture for folder in ("once", "again"))
        assert once.read_bytes() == again.read_bytes()
        with Image.open(once) as drawn, Image.open(ROOT / picture) as kept:
            differences = ImageChops.difference(drawn, kept).getextrema()
        # Another machine may round an edge differently, by a shade.
        assert all(most <= 8 for _, most in differences)  # type: ignore[misc]
