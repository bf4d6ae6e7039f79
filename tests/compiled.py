"""Templates, routes and statements are compiled once for all apps of a test run.

Every test makes an app on a database of its own, and would spend most of its time on what is the same in all of them.
"""

from __future__ import annotations

from collections import defaultdict
from types import CodeType
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule


class InMemory(BytecodeCache):
    """Compiled templates by name and source; another source is another bucket checksum, and is compiled anew."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give back what was compiled of that very source."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


def pytest_configure(config: pytest.Config) -> None:
    """Every app that is made from now on finds what was compiled for another one."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": InMemory()}
    _share_routes()
    _share_statements()


def _share_routes() -> None:
    """A rule that says the same as an earlier one, to a map of the same converters, takes over what that one found.

    Only the rule's parts, its converters and its builders come of compiling; Werkzeug reads them and changes none.
    """
    compile_rule = Rule.compile
    found: dict[object, Rule] = {}

    def once(self: Rule) -> None:
        domain = self.host if self.map.host_matching else self.subdomain
        told = (self.rule, domain, repr(self.defaults), self.merge_slashes, *self.map.converters.items())
        if told not in found:
            compile_rule(self)
            found[told] = self
            return
        earlier = found[told]
        self._parts, self._trace, self._converters = earlier._parts, earlier._trace, earlier._converters
        self.arguments.update(earlier._converters)
        self._build = earlier._build.__func__.__get__(self)
        self._build_unknown = earlier._build_unknown.__func__.__get__(self)

    Rule.compile = once  # type: ignore[method-assign]  # the same outcome, whoever asks for it


def _share_statements() -> None:
    """What SQLAlchemy keeps per engine it keeps per kind of engine; two dialects of a kind are one to it."""
    make_engine = SQLAlchemy._make_engine
    kept: dict[type, LRUCache[Any, Any]] = defaultdict(lambda: LRUCache(5000))

    def make(self: SQLAlchemy, *told: Any) -> Engine:
        engine = make_engine(self, *told)
        engine._compiled_cache = kept[type(engine.dialect)]
        return engine

    SQLAlchemy._make_engine = make  # type: ignore[method-assign]  # the same engine, its cache shared
    DefaultDialect.__eq__ = _is_of_a_kind  # type: ignore[method-assign]  # equal ones share what is kept
    DefaultDialect.__hash__ = _hash_of_its_kind  # type: ignore[method-assign]  # as they are equal


def _is_of_a_kind(dialect: DefaultDialect, other: object) -> bool:
    return type(dialect) is type(other)


def _hash_of_its_kind(dialect: DefaultDialect) -> int:
    return hash(type(dialect))
