"""Run the benchmark: the tables on the screen, the same figures in bench.json."""

import asyncio
import json
import platform
import tempfile
from pathlib import Path

from scripts.benchmark import daily_calls, freshness, home_assistant, live, pushed
from scripts.benchmark.figures import table
from utec_gateway.core.const import VERSION


def main() -> None:
    """Measure, show, write."""
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(live.measure(Path(folder)))
    figures += daily_calls.measure()
    happenings, news = freshness.measure()
    figures += news
    with tempfile.TemporaryDirectory() as folder:
        shown, news = asyncio.run(home_assistant.measure(Path(folder)))
    figures += news
    bolts, news = pushed.measure()
    figures += news
    beside = (freshness.HOME_ASSISTANT, *freshness.READERS)
    print(table(figures), freshness.table(happenings), sep="\n\n")
    print("", freshness.table(shown, beside), sep="\n")
    result = {
        "version": VERSION,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "figures": [figure.to_json() for figure in figures],
        "seconds until noticed": freshness.to_json(happenings),
        "seconds until noticed over MQTT": freshness.to_json(shown),
        "seconds from the bolt to Home Assistant": bolts,
    }
    Path("bench.json").write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
