"""How fast the main pages are on a phone of the middle range: Lighthouse on a demo, a table for docs/benchmarks.md."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from tests import live_demo
from tests.e2e import browsers, lighthouse
from tests.e2e.world import PASADENA, World, today

_METRICS = ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift")
_TIMES = 3


def _addresses(world: World) -> dict[str, str]:
    event = world.event("accepted")
    open_answer = world.event("requested") and world.answer_path("Requested: careers at the port")
    return {
        "home": "/",
        "month": f"/month/{today():%Y-%m}",
        "event": f"/events/{event}",
        "calendars": "/calendars",
        "subscribe": f"/calendars/campus/{PASADENA}",
        "planning form": f"/plan?campus={PASADENA}",
        "answer": open_answer,
    }


def _row(name: str, reports: list[dict]) -> str:
    scores = [lighthouse.score(report, "performance") for report in reports]
    middle = sorted(reports, key=lambda report: lighthouse.score(report, "performance"))[len(reports) // 2]
    said = [middle["audits"][metric]["displayValue"] for metric in _METRICS]
    weight = middle["audits"]["total-byte-weight"]["numericValue"] / 1000
    accessibility = min(lighthouse.score(report, "accessibility") for report in reports)
    return f"| {name} | {min(scores)}-{max(scores)} | {accessibility} | {' | '.join(said)} | {weight:.0f} kB |"


@click.command()
@click.option("--times", default=_TIMES, show_default=True, help="How often each page is measured.")
def main(times: int) -> None:
    """Measure the main pages with Lighthouse and print a table.

    Example: python -m tests.e2e.speed --times 1
    """
    chromium, program = browsers.chromium(), lighthouse.program()
    if chromium is None or program is None:
        raise click.ClickException(browsers.ABSENT if chromium is None else lighthouse.ABSENT)
    with (
        tempfile.TemporaryDirectory(prefix="eventsvc-speed-") as made,
        live_demo.started("--port", "0", "--data", f"{made}/demo", cwd=Path(made)) as demo,
    ):
        demo.read_until("next due letter.")
        world = World(demo.address("Start here").removesuffix("/demo"), demo.address("Admin token"), Path(made))
        click.echo(
            "| page | performance | accessibility | first paint | largest paint | blocked | shift | on the wire |"
        )
        click.echo("|---|---|---|---|---|---|---|---|")
        for name, path in _addresses(world).items():
            reports = [
                lighthouse.audit(
                    world.origin + path,
                    ("performance", "accessibility"),
                    token=world.token,
                    chromium=chromium,
                    report=Path(made) / "report.json",
                )
                for _ in range(times)
            ]
            click.echo(_row(name, reports))
        demo.end()


if __name__ == "__main__":
    main()
