"""The file of providers as tests write it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def written(folder: Path, *providers: Mapping[str, Any]) -> str:
    """The path of a file that names them; values are written as JSON, which TOML reads alike."""
    lines = []
    for provider in providers:
        lines.append("[[provider]]")
        lines += [f"{name} = {json.dumps(value)}" for name, value in provider.items() if name != "roles"]
        for rule in provider.get("roles", []):
            lines.append("[[provider.roles]]")
            lines += [f"{name} = {json.dumps(value)}" for name, value in rule.items()]
    path = folder / "providers.toml"
    path.write_text("\n".join(lines))
    return str(path)


def a_provider(issuer: str, slug: str = "pcc", **more: Any) -> dict[str, Any]:
    """One with a mapping: career-staff coordinates the office `harbor-office`, port-crew is a partner there."""
    rules = [
        {"claim": "groups", "values": ["career-staff"], "role": "coordinator", "office": "career-center"},
        {"claim": "groups", "values": ["rooms"], "role": "room_office", "office": "career-center"},
    ]
    usual = {
        "slug": slug,
        "name": "Pasadena City College",
        "issuer": issuer,
        "client_id": "eventsvc",
        "client_secret_env": "TEST_OIDC_SECRET",
        "domains": ["pcc.example"],
        "roles": rules,
    }
    return {**usual, **more}
