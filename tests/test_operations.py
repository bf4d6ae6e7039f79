"""docs/operations.md: every command in it exists with the options that it names, and the units are good ones."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest

import config
from eventsvc.interfaces.cli import cli

DOCS = Path(__file__).parents[1] / "docs" / "operations.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", DOCS.read_text(), re.MULTILINE | re.DOTALL)
ASSIGNMENT = re.compile(r"^[A-Z_]+=")


def commands() -> list[str]:
    """Every call of eventsvc: lines of blocks, what units start, and calls in running text."""
    lines = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]
    units = [line for kind, block in BLOCKS if kind == "systemd" for line in block.splitlines()]
    lines += [line.removeprefix("ExecStart=") for line in units if line.startswith("ExecStart=")]
    lines += re.findall(r"`(eventsvc [^`]+)`", DOCS.read_text())
    found = []
    for line in lines:
        words = shlex.split(line, comments=True)
        while words and ASSIGNMENT.match(words[0]):
            words.pop(0)
        if words and Path(words[0]).name == "eventsvc" and len(words) > 1:
            found.append(shlex.join(["eventsvc", *words[1:]]))
    return sorted(set(found))


@pytest.mark.parametrize("line", commands())
def test_every_command_exists_with_its_options(line, tmp_path, monkeypatch):
    words = [word.replace("/var/backups/eventsvc", str(tmp_path)) for word in shlex.split(line)[1:]]
    (tmp_path / "monday.zip").touch()
    (tmp_path / "before-moving.zip").touch()
    monkeypatch.chdir(tmp_path)
    command: click.Command = cli
    while isinstance(command, click.Group):
        name = "write" if command.name == "backup" and words[:1] != ["verify"] else words.pop(0)
        assert name in command.commands, line
        command = command.commands[name]
    command.make_context(line, words)


def test_there_are_commands_to_look_at():
    assert len(commands()) > 15


def test_every_setting_that_is_named_exists():
    names = {one.name for one in config.SETTINGS}
    said = {line.partition("=")[0] for kind, block in BLOCKS if kind == "ini" for line in block.splitlines()}
    said = {name for name in said if re.fullmatch(r"[A-Z_]{4,}", name)}
    said |= set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)=?", DOCS.read_text()))
    assert said - names - {"PROMETHEUS_MULTIPROC_DIR"} == set(), "that one is prometheus-client's own"


def test_every_unit_is_one_by_systemds_own_word(tmp_path):
    """A service is held against the machine: the program must be there, so a program that is stands in its place."""
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("systemd-analyze is not installed")
    for number, block in enumerate(block for kind, block in BLOCKS if kind == "systemd"):
        kind = "timer" if "[Timer]" in block else "service"
        # A timer is of the service of its name.
        unit = tmp_path / f"eventsvc-{number - 1 if kind == 'timer' else number}.{kind}"
        unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", block, flags=re.MULTILINE))
        run = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, check=False)
        wrong = [line for line in run.stderr.splitlines() if line.startswith(str(unit)) or "Unknown" in line]
        assert wrong == []


def test_prometheus_takes_what_it_is_asked_to_read_and_the_alarms(tmp_path):
    scrapes, alarms = (block for kind, block in BLOCKS if kind == "yaml")
    assert alarms.count("- alert: ") == alarms.count("expr: ") > 5
    promtool = shutil.which("promtool")
    if not promtool:  # Debian's prometheus brings it
        return
    for name, block, words in (("a.yml", scrapes, ("config", "--syntax-only")), ("b.yml", alarms, ("rules",))):
        (tmp_path / name).write_text(block)
        subprocess.run([promtool, "check", *words, str(tmp_path / name)], check=True, capture_output=True)


def test_nginx_takes_its_part(tmp_path):
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    [block] = [block for kind, block in BLOCKS if kind == "nginx"]
    assert block.count("{") == block.count("}")
    assert all(line.rstrip().endswith((";", "{", "}")) for line in block.splitlines() if line.strip())
    if not nginx:
        pytest.skip("nginx is not installed: only its braces were looked at")
    block = re.sub(r"listen 443 ssl;|ssl_certificate\w*\s.*?;", "", block)
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {block} }}")
    subprocess.run([nginx, "-t", "-p", str(tmp_path), "-c", str(whole)], check=True, capture_output=True)
