"""The catalogue holds every string of the sources, each is translated, and no string goes around it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from jinja2 import Environment, nodes
from marshmallow import Schema, fields, validate
from werkzeug.exceptions import default_exceptions

from eventsvc.interfaces import library_words
from eventsvc.interfaces.web import words
from tests import catalogue
from tests.catalogue import HERE, LANGUAGES
from tests.pseudo import SPOKEN

PLACEHOLDERS = re.compile(r"%\(\w+\)[a-z]|%%")
# Names of programs, words that both languages share, and messages that are nothing but their facts.
THE_SAME = {
    "Webhook",
    "Webhook: %(name)s",
    "Webhooks",
    "Webhooks: %(name)s",
    "Apple",
    "Apple Calendar",
    "Campus",
    "Google",
    "Google Calendar",
    "Hospital",
    "ICSx5 (Android)",
    "KDE",
    "Microsoft (Outlook, Exchange)",
    "Nextcloud",
    "Evolution",
    "Fastmail",
    "Proton Calendar",
    "DAVx5 (Android)",
    "No",
    "Outlook.com",
    "Thunderbird",
    "Token",
    "%(label)s: %(reason)s",
}


def _without_tool(text: bytes) -> bytes:
    """The file without the line that names Babel's version."""
    return re.sub(rb'"Generated-By: [^\n]*\n', b"", text)


def _committed(language: str) -> list[Message]:
    return list(catalogue.messages(catalogue.read(language)))


def test_the_committed_template_is_what_the_sources_hold():
    fresh = catalogue.template_text(catalogue.extracted())
    assert _without_tool(catalogue.TEMPLATE.read_bytes()) == _without_tool(fresh), "run python -m tests.catalogue"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_is_translated_and_nothing_else_is_there(language):
    translated = catalogue.read(language)
    wanted = {message.id for message in catalogue.messages(catalogue.extracted())}
    assert {message.id for message in _committed(language)} == wanted
    assert [message.id for message in _committed(language) if not catalogue.is_translated(message)] == []
    assert [message.id for message in _committed(language) if message.fuzzy] == []
    assert list(translated.obsolete) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_holds_the_facts_of_its_string(language):
    wrong = []
    for message in _committed(language):
        ours, theirs = _forms(message.id), _forms(message.string)
        for one, other in zip(ours, theirs, strict=True):
            if set(PLACEHOLDERS.findall(one)) != set(PLACEHOLDERS.findall(other)):
                wrong.append((one, other))
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_the_string_itself(language):
    same = {
        one
        for message in _committed(language)
        for one, other in zip(_forms(message.id), _forms(message.string), strict=True)
        if one == other and re.search("[A-Za-z]", PLACEHOLDERS.sub("", one))
    }
    assert same - THE_SAME == set()


def test_spanish_speaks_to_everybody_as_usted():
    familiar = re.compile(r"\b(tú|tus?|te|ti|contigo|puedes|debes|tienes|quieres|eres|haz|elige)\b", re.IGNORECASE)
    said = [other for message in _committed("es") for other in _forms(message.string)]
    assert [text for text in said if familiar.search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_service_reads_is_compiled_from_what_is_written(language):
    compiled = catalogue.compiled(catalogue.read(language))
    assert catalogue.po_of(language).with_suffix(".mo").read_bytes() == compiled, "run python -m tests.catalogue"


def _forms(words: str | tuple[str, ...]) -> tuple[str, ...]:
    return words if isinstance(words, tuple) else (words,)


# --- What libraries say -----------------------------------------------------------------------------------------

FIELDS = (
    fields.Boolean,
    fields.Date,
    fields.Dict,
    fields.Enum,
    fields.Integer,
    fields.List,
    fields.Nested,
    fields.String,
)


def test_every_reason_of_the_fields_that_we_use_is_a_message_of_ours():
    said = [words for kind in FIELDS for base in kind.__mro__ for words in _messages_of(base)]
    said += [*_messages_of(Schema), *_refusals()]
    known = {message for message in said if library_words.recognized(message).message in library_words.MESSAGES}
    assert set(said) - known - NEVER_SAID == set()


# Said on the way out only, where our own values stand.
NEVER_SAID = {'"{input}" cannot be formatted as a date.', '"{input}" cannot be formatted as a datetime.'}
FILLED_IN = {"{choices}": "a, b", "{obj_type}": "datetime", "{awareness}": "aware"}


def _messages_of(kind: type) -> list[str]:
    own = vars(kind).get("default_error_messages") or vars(kind).get("_default_error_messages") or {}
    return [re.sub(r"\{\w+\}", lambda fact: FILLED_IN.get(fact[0], fact[0]), str(words)) for words in own.values()]


def _refusals() -> Iterator[str]:
    tried = [
        (validate.Length(max=1), "ab"),
        (validate.Length(min=3), "ab"),
        (validate.Length(min=3, max=4), "ab"),
        (validate.Range(0, 1), 2),
        (validate.Range(min=3), 2),
        (validate.Range(max=1), 2),
        (validate.OneOf(["a"]), "b"),
    ]
    for validator, value in tried:
        with pytest.raises(validate.ValidationError) as refused:
            validator(value)
        yield refused.value.messages[0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 408, 409, 412, 413, 415, 422, 428, 429, 500, 503])
def test_what_http_errors_say_is_a_message_of_ours(status):
    error = default_exceptions[status]()
    assert error.description in library_words.MESSAGES
    # Python 3.13 renames some of the phrases.
    assert error.name in library_words.MESSAGES or status in (413, 422)


# --- Strings that go around the catalogue -----------------------------------------------------------------------

TEMPLATES = sorted(HERE.glob("eventsvc/templates/**/*.html"))
SOURCES = sorted(HERE.glob("eventsvc/**/*.py"))
# What is the same in every language.
BRAND = {"eventsvc"}
METAS_FOR_PEOPLE = {"description"}


class Shown(HTMLParser):
    """Letters of a template that people see, outside of tags and of what Jinja fills in.

    Left out is what says that it is in another language, or that nobody should translate it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        is_foreign = tag != "html" and (said.get("lang", "") != "" or said.get("translate") == "no")
        if tag in ("script", "style") or is_foreign or tag in self._skipped:
            self._skipped.append(tag)
        names = [*SPOKEN, "content"] if said.get("name") in METAS_FOR_PEOPLE else SPOKEN
        self.found += [f"{name}={said[name]}" for name in names if re.search("[A-Za-z]", said.get(name) or "")]

    def handle_endtag(self, tag: str) -> None:
        if self._skipped and self._skipped[-1] == tag:
            self._skipped.pop()

    def handle_data(self, data: str) -> None:
        # A macro may write attributes of a tag that another template opens.
        data = re.sub(r' [a-z-]+="[^"]*"', "", data)
        words = set(re.findall("[A-Za-z]+", data)) - BRAND
        if words and not self._skipped:
            self.found.append(data.strip())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_words_outside_the_catalogue(path: Path):
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    source = path.read_text()
    html = "".join(text for _, kind, text in environment.lex(source) if kind == "data")
    shown = Shown()
    shown.feed(html)
    assert shown.found == []
    assert [text for text in _literals(environment.parse(source)) if re.search("[A-Za-z]{2}", text)] == []


def _literals(tree: nodes.Template) -> Iterator[str]:
    """Strings that Jinja would write out as they stand."""
    for output in tree.find_all(nodes.Output):
        for part in output.nodes:
            yield from _written(part)


def _written(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        # Parts of classes and identifiers are glued together in attributes; words for people are not.
        yield from [node.value] if re.search(r"[A-Z]|\w \w", node.value) else []
    elif isinstance(node, nodes.CondExpr):
        yield from _written(node.expr1)
        yield from _written(node.expr2) if node.expr2 is not None else ()
    elif isinstance(node, nodes.Concat):
        for part in node.nodes:
            yield from _written(part)
    elif isinstance(node, nodes.Or | nodes.And | nodes.Add):
        yield from _written(node.left)
        yield from _written(node.right)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_is_read_by_get_carries_the_language(path: Path):
    forms = re.findall(r'<form method="get".*?</form>|<form [^>]*method="get".*?</form>', path.read_text(), re.DOTALL)
    assert [form[:80] for form in forms if "language_field()" not in form] == []


def test_every_pattern_of_a_day_is_known_in_spanish():
    used = {
        pattern
        for path in TEMPLATES
        for pattern in re.findall(r"""\bday\(['"]([^'"]+)['"]\)""", path.read_text())
        if " " in pattern
    }
    assert used
    assert used - set(words.IN_SPANISH) == set()


REFUSALS = {
    "BadRequest",
    "InvalidInput",
    "LinkExpired",
    "NotAllowed",
    "NotFound",
    "SignInNeeded",
    "Stale",
    "UnsupportedMediaType",
    "ValidationError",
    "WrongState",
    "flash",
}


def _bare(node: ast.expr | None) -> bool:
    """True for words that are written where a message should be."""
    if isinstance(node, ast.Dict):
        return any(_bare(value) for value in node.values)
    if isinstance(node, ast.List | ast.Tuple):
        return any(_bare(part.elts[-1] if isinstance(part, ast.Tuple) else part) for part in node.elts)
    if isinstance(node, ast.IfExp):
        return _bare(node.body) or _bare(node.orelse)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def test_no_refusal_and_no_flash_is_a_bare_string():
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and node.args
                and getattr(node.func, "id", "") in REFUSALS
                and _bare(node.args[0])
            ):
                found.append(f"{path.relative_to(HERE)}:{node.lineno}")
    assert found == []


def test_every_title_of_a_refusal_is_said():
    found = []
    for place, node in _nodes():
        for part in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "title" and _bare(part.value):
                found.append(place)
    assert found == []


def _nodes() -> Iterator[tuple[str, ast.AST]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            yield f"{path.relative_to(HERE)}:{getattr(node, 'lineno', 0)}", node
