"""The house itself: floors, style, guards on every door, and words where words are owed."""

from __future__ import annotations

import ast
import os
import re
import socket
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import pytest
from flask import Flask
from packaging.specifiers import SpecifierSet
from werkzeug.routing import Rule

import config
from eventsvc.interfaces.feeds import KINDS_OF_FEEDS
from tests.loopback import ReachedOutside

HERE = Path(__file__).parents[1]
SOURCES = sorted(HERE.glob("eventsvc/**/*.py"))
EVERYTHING = [*SOURCES, *sorted(HERE.glob("tests/**/*.py")), *sorted(HERE.glob("migrations/**/*.py"))]
EVERYTHING += [HERE / "config.py", HERE / "wsgi.py"]


@pytest.mark.parametrize(
    "command",
    [["lint-imports"], ["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]],
    ids=["imports go down only", "ruff check", "ruff format", "mypy"],
)
def test_a_machine_finds_nothing_to_complain_about(command):
    tool = Path(sys.executable).parent / command[0]
    run = subprocess.run([tool, *command[1:]], cwd=HERE, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_ignore_has_a_reason_beside_it():
    bare = []
    for path in EVERYTHING:
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            mark = re.search(r"#\s*(noqa|type:\s*ignore)(.*)", line)
            if mark and path != Path(__file__) and not re.search(r"#\s*\S+ \S+", mark[2]):
                bare.append(f"{path.relative_to(HERE)}:{number}")
    assert bare == []


def test_every_ignore_in_the_settings_of_the_tools_has_a_reason():
    text = (HERE / "pyproject.toml").read_text()
    rules = text[text.index("[tool.ruff.lint]") : text.index("[tool.mypy]")]
    codes = [line for line in rules.splitlines() if re.match(r'\s*"[^"]+"(,|\s*=)', line)]
    assert codes
    assert [line for line in codes if not re.search(r"#\s*\S+ \S+", line)] == []
    for block in text.split("[[tool.mypy.overrides]]")[1:]:
        assert block.lstrip().startswith("#"), block
    filters = tomllib.loads(text)["tool"]["pytest"]["ini_options"]["filterwarnings"]
    assert filters == ["error"], "warnings are errors; an exception needs a reason and a line here"


ONE_FEED = f"<any({','.join(KINDS_OF_FEEDS)}):of>/<word:word>"
# Doors that open without signing in. Everything else must refuse.
OPEN = {
    "GET /",
    "GET /robots.txt",
    "GET /month/<month>",
    "GET /week/<day>",
    "GET /search",
    "GET /board",
    "GET /calendars",
    "GET /calendars/all",
    f"GET /calendars/{ONE_FEED.replace('<word:', '<')}",
    # A calendar of choices out of public lists; it is nobody's.
    "GET /calendars/combine",
    "POST /calendars/combine",
    "GET /events/<event_id>",
    "GET /events/<event_id>.ics",
    "GET /feeds/all.ics",
    f"GET /feeds/{ONE_FEED}.ics",
    "GET /feeds/all.json",
    f"GET /feeds/{ONE_FEED}.json",
    "GET /embed/all",
    f"GET /embed/{ONE_FEED}",
    "GET /docs/api",
    "GET /privacy-notice",
    "GET /problems/<slug>",
    "GET /static/<path:filename>",
    "GET /healthz",
    "GET /healthz/scheduler",
    "GET /readyz",
    # Where there is METRICS_TOKEN, it is the key; without it there is no such door.
    "GET /metrics",
    "GET /sign-in",
    # Where there is MAIL_IN_SECRET, it is the key; without it there is no such door.
    "POST /inbound/mail",
    "POST /sign-in",
    "POST /sign-out",
    "GET /sign-in/code",
    "POST /sign-in/code",
    "GET /sign-in/<token>",
    "POST /sign-in/<token>",
    "POST /sign-in/with/<provider>",
    "GET /sign-in/with/<provider>/back",
    "POST /sign-in/kept",
    "POST /sign-in/password",
    "GET /signed-out/<provider>",
    # The signed token in the address is the key.
    "GET /answer/<token>",
    "POST /answer/<token>",
    "GET /api/v1/answers/<token>",
    "POST /api/v1/answers/<token>",
    "POST /api/v1/answers/<token>/times",
    "POST /api/v1/answers/<token>/colleague",
    "POST /api/v1/answers/<token>/day",
    "GET /door/<token>",
    "POST /door/<token>",
    "GET /room-answer/<token>",
    "POST /room-answer/<token>",
    "GET /api/v1/room-answers/<token>",
    "GET /count/<token>",
    "POST /count/<token>",
    "GET /feedback/<token>",
    "GET /unsubscribe/<token>",
    "POST /unsubscribe/<token>",
    "GET /season/<token>",
    "GET /season/<token>/letters",
    "POST /season/<token>/letters",
    "GET /season/<token>/calendars",
    "POST /season/<token>/calendars",
    "GET /calendar/<token>.ics",
    "GET /api/v1/seasons/<token>",
    "POST /feedback/<token>",
    "GET /api/v1/feedback/<token>",
    "POST /api/v1/feedback/<token>",
    "POST /api/v1/room-answers/<token>",
    # Reading what is public.
    "GET /api/v1/openapi.json",
    "GET /api/v1/organizations",
    "GET /api/v1/organizations/<slug>/pairings",
    "GET /api/v1/feeds",
    "GET /api/v1/feeds/<of>/<word>",
    # It makes an address of choices out of public lists, and nothing of anybody's.
    "POST /api/v1/feeds",
    "GET /api/v1/campuses",
    "GET /api/v1/rooms",
    "GET /api/v1/pools",
    "GET /api/v1/experts",
    "GET /api/v1/topics",
    "GET /api/v1/organizations/<slug>",
    "GET /api/v1/campuses/<slug>",
    "GET /api/v1/rooms/<slug>",
    "GET /api/v1/pools/<slug>",
    "GET /api/v1/experts/<slug>",
    "GET /api/v1/topics/<slug>",
    "GET /api/v1/events",
    "GET /api/v1/events/<event_id>",
    "GET /api/v1/search",
    "GET /api/v1/availability",
}
FILLED_IN = {
    "event_id": "00000000-0000-4000-8000-000000000000",
    "series_id": "00000000-0000-4000-8000-000000000000",
    "message_id": "00000000-0000-4000-8000-000000000000",
    "hold_id": "00000000-0000-4000-8000-000000000000",
}


def doors(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Every route as its name on the list, its method and an address that leads there."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield from ((f"{method} {rule.rule}", method, address) for address in _addresses(rule))


def _addresses(rule: Rule) -> list[str]:
    choices = re.search(r"<any\(([^)]*)\):\w+>", rule.rule)
    words = choices[1].split(",") if choices else [""]
    filled = [rule.rule.replace(choices[0], word) if choices else rule.rule for word in words]
    return [re.sub(r"<(?:\w+:)?(\w+)>", lambda name: FILLED_IN.get(name[1], "2027-02"), path) for path in filled]


@pytest.fixture
def unprotected(bare_app: Flask) -> Flask:
    """The app without the check against forged forms, so that only the guards are left to say no."""
    bare_app.config["WTF_CSRF_ENABLED"] = False
    return bare_app


def test_every_door_is_guarded_or_stands_on_the_open_list(unprotected):
    public = unprotected.test_client()
    guarded = [door for door in doors(unprotected) if door[0] not in OPEN]
    assert len(guarded) > 10
    for name, method, address in guarded:
        answer = public.open(address, method=method, json={} if "/api/" in address else None)
        if "/api/" in address:
            assert answer.status_code == 401, name
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        else:
            assert answer.status_code in (302, 303), name
            assert answer.headers["Location"].split("?")[0].endswith("/sign-in"), name


def test_the_open_list_names_only_doors_that_exist(unprotected):
    assert OPEN - {name for name, _, _ in doors(unprotected)} == set()


def test_a_form_without_its_token_is_refused(admin):
    for path in ("/plan", "/sign-in", "/sign-out"):
        assert admin.post(path, data={}).status_code == 400


def test_the_demos_own_doors_exist_in_a_demo_only(bare_app):
    assert [str(rule) for rule in bare_app.url_map.iter_rules() if "demo" in f"{rule}{rule.endpoint}"] == []
    assert "/design" not in {str(rule) for rule in bare_app.url_map.iter_rules()}


def test_every_setting_says_what_it_means_and_is_used():
    text = "\n".join(path.read_text() for path in [*SOURCES, HERE / "config.py"])
    read = set(re.findall(r"(?:config|settings)(?:\[|\.get\()\"([A-Z][A-Z_]+)\"", text))
    names = {setting.name for setting in config.SETTINGS}
    for setting in config.SETTINGS:
        assert len(setting.meaning.split()) >= 4, setting
        assert setting.name in read or setting.name in FLASKS_OWN, f"nothing reads {setting.name}"
    assert read - names - NOT_FROM_OUTSIDE == set(), "a setting is read that config.py does not name"


FLASKS_OWN = {"MAX_CONTENT_LENGTH"}
# Set by our own code or by tests, never by the environment.
NOT_FROM_OUTSIDE = {"DEMO", "SQLALCHEMY_ENGINE_OPTIONS", "SQLALCHEMY_DATABASE_URI", "WTF_CSRF_TIME_LIMIT"}


def test_a_setting_that_cannot_be_read_is_named():
    with pytest.raises(ValueError, match="TICK_SECONDS='soon'"):
        config.load({"TICK_SECONDS": "soon"})


def _definitions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef))


def test_every_module_and_public_name_says_what_it_is():
    silent = []
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        if not ast.get_docstring(tree):
            silent.append(str(path.relative_to(HERE)))
        public = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        for node in public:
            if not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(HERE)}:{node.lineno} {node.name}")
    assert silent == []


EMPTY_WORDS = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "handler", "process", "data", "info"}
# Names that SQLAlchemy's column types, and the stdlib's HTMLParser, give their hooks.
ALLOWED = {"process_bind_param", "process_result_value", "handle_data"}


def test_no_name_is_an_empty_word():
    found = []
    for path in SOURCES:
        names = [path.stem, *(node.name for node in _definitions(ast.parse(path.read_text())))]
        for name in names:
            words = set(re.findall(r"[a-z]+", re.sub(r"([A-Z])", r"_\1", name).lower()))
            if words & EMPTY_WORDS and name not in ALLOWED:
                found.append(f"{path.relative_to(HERE)}: {name}")
    assert found == []


def test_only_the_clock_reads_the_clock():
    reading = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time)\(")
    assert [
        str(path.relative_to(HERE))
        for path in SOURCES
        if reading.search(path.read_text()) and path != HERE / "eventsvc" / "core" / "clock.py"
    ] == []


def test_rooms_and_functions_stay_small():
    lengths = []
    for path in SOURCES:
        text = path.read_text()
        assert len(text.splitlines()) < 300, f"{path.relative_to(HERE)} is two rooms by now"
        tree = ast.parse(text)
        lengths += [node.end_lineno - node.lineno + 1 for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert statistics.quantiles(lengths, n=10)[-1] <= 25


def test_the_readme_and_ci_run_the_same_test_command():
    readme, ci = (HERE / "README.md").read_text(), (HERE / ".ci" / "run").read_text()
    commands = [line.strip() for line in readme.splitlines() if "pytest" in line and "pip install" in line]
    if "```" in readme:
        assert len(commands) == 1, "the README shows one command that runs the tests"
        assert commands[0] in ci.splitlines()


def test_constraints_name_versions_and_no_addresses():
    lines = (HERE / "constraints.txt").read_text().splitlines()
    named = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in named if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []
    pinned = {re.split("==", line)[0].lower().replace("_", "-") for line in named}
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    names = {re.match(r"[A-Za-z0-9_.-]+", line)[0].lower() for line in asked} - {"eventsvc"}
    assert names - pinned == set()


def test_every_pinned_version_runs_on_the_oldest_python_that_we_name():
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    oldest = project["requires-python"].removeprefix(">=") + ".0"
    wanted = {}
    for line in (HERE / "constraints.txt").read_text().splitlines():
        name, is_pinned, version = line.partition("==")
        with suppress(metadata.PackageNotFoundError):
            if is_pinned and metadata.version(name) == version:
                wanted[name] = metadata.metadata(name).get("Requires-Python") or ""
    assert len(wanted) > 50
    assert {name: asked for name, asked in wanted.items() if oldest not in SpecifierSet(asked)} == {}


def test_a_test_cannot_reach_another_machine():
    with socket.socket() as outside, pytest.raises(ReachedOutside):
        outside.connect(("192.0.2.1", 80))
    with pytest.raises(ReachedOutside):
        socket.create_connection(("192.0.2.1", 25), timeout=1)


def test_nothing_beyond_the_plain_install_is_needed_on_sqlite(tmp_path):
    """The README's first command installs no extra: without their packages the database is made and a file imported."""
    (tmp_path / "topics.csv").write_text("slug,name\nzero-emission,Zero-emission operations\n")
    script = (
        "import sys\n"
        "extras = 'psycopg gunicorn authlib requests imap_tools pytest hypothesis vobject bs4 aiosmtpd'\n"
        "for extra in extras.split():\n"
        "    sys.modules[extra] = None\n"
        "from eventsvc.interfaces.cli import cli\n"
        "cli(sys.argv[1:], standalone_mode=False)\n"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(HERE),
        "SECRET_KEY": "a key",
        "DATABASE_URL": f"sqlite:///{tmp_path}/plain.sqlite3",
    }
    for arguments in (
        ["db", "upgrade"],
        ["import", "topics", "topics.csv", "--dry-run"],
        ["import", "topics", "topics.csv"],
    ):
        run = [sys.executable, "-c", script, *arguments]
        done = subprocess.run(run, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
