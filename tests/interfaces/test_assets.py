"""What pages load: vendored files are those of the manifest, addresses change with the files, text is compressed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import brotli
import pytest

HERE = Path(__file__).parents[2]
STATIC = HERE / "eventsvc" / "static"


def test_every_vendored_file_is_what_the_manifest_says():
    check = [sys.executable, HERE / ".ci" / "vendor", "--check"]
    run = subprocess.run(check, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_name_of_a_color_exists():
    tokens = (STATIC / "vendor" / "uswds-tokens.css").read_text()
    sheets = {path.name: path.read_text() for path in STATIC.glob("*.css")}
    defined = set(re.findall(r"(--[\w-]+)\s*:", tokens + "".join(sheets.values())))
    for name, text in sheets.items():
        assert set(re.findall(r"var\((--[\w-]+)", text)) - defined == set(), name


def test_a_file_has_an_address_that_lasts_and_changes_with_it(bare_app, public):
    page = public.get("/").get_data(as_text=True)
    address = re.search(r'href="(/static/style\.css\?v=[0-9a-f]{10})"', page)[1]
    with public.get(address) as kept, public.get("/static/style.css") as unnumbered:
        assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert unnumbered.headers["Cache-Control"] == "public, max-age=3600"


def test_the_font_is_loaded_by_the_address_that_the_stylesheet_names(public):
    page = public.get("/").get_data(as_text=True)
    assert 'href="/static/vendor/public-sans-latin.woff2"' in page
    assert 'url("vendor/public-sans-latin.woff2")' in (STATIC / "style.css").read_text()


@pytest.mark.parametrize(
    ("path", "encoding"),
    [("/", "br"), ("/static/style.css", "br"), ("/static/app.js", "br"), ("/api/v1/openapi.json", None)],
)
def test_text_is_compressed_but_for_json_whose_etag_must_meet_if_match(public, path, encoding):
    with public.get(path) as plain, public.get(path, headers={"Accept-Encoding": "br, gzip"}) as small:
        assert small.headers.get("Content-Encoding") == encoding
        received = brotli.decompress(small.data) if encoding else small.data
        assert len(small.data) < len(plain.data) or encoding is None
        assert len(received) == len(plain.data)
