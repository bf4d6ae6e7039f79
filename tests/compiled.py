"""Templates, routes and statements are compiled once for all apps of a test run.

Every test makes an app on a database of its own, and would spend most of its time on what is the same in all of them.
"""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy
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
from werkzeug.routing import Map, Rule, RuleFactory
from werkzeug.routing.matcher import StateMachineMatcher


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
    Flask.url_map_class = SharedMap
    _share_statements()


class SharedMap(Map):
    """Routes that say the same, in the same order, as those of an earlier app take over what was made of those.

    Werkzeug only reads what it has made of them. They are looked at when the first of them is asked for: an app that
    is given more routes than the others compiles its own.
    """

    _made: dict[object, tuple[StateMachineMatcher, dict[Any, list[Rule]]]] = {}

    def __init__(self, *told: Any, **more: Any) -> None:
        super().__init__(*told, **more)
        self._given: list[Rule] = []

    def add(self, rulefactory: RuleFactory) -> None:
        """Keep the routes; they are compiled, or found compiled, when somebody asks."""
        self._given += rulefactory.get_rules(self)
        self._remap = True

    def update(self) -> None:
        """Find or make what matches a path and builds one."""
        if not self._remap:
            return
        with self._remap_lock:
            key = (self.host_matching, *self.converters.items(), *map(_said_by, self._given))
            if key not in self._made:
                whole = Map(converters=self.converters, host_matching=self.host_matching)
                for given in self._given:
                    whole.add(deepcopy(given))  # one rule belongs to one map
                whole.update()
                self._made[key] = whole._matcher, whole._rules_by_endpoint
            self._matcher, self._rules_by_endpoint = self._made[key]
            self._remap = False


def _said_by(rule: Rule) -> tuple[object, ...]:
    """All that a route is told; two that say the same match and build the same."""
    methods = rule.methods and frozenset(rule.methods)
    automatic = getattr(rule, "provide_automatic_options", None)
    told = rule.rule, rule.endpoint, methods, automatic, rule.subdomain, rule.host, repr(rule.defaults)
    return *told, rule.strict_slashes, rule.merge_slashes, rule.build_only, rule.redirect_to, rule.alias, rule.websocket


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
