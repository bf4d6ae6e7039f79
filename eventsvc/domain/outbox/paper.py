"""What a letter is written on: paragraphs, facts and links as plain text, and as HTML that any mail program shows.

Mail programs know little CSS: the page is one column with what it needs in its own attributes. Where a program turns
its colors dark, ours change with it; text and buttons keep a contrast of 4.5 : 1 or more either way.
"""

from __future__ import annotations

from markupsafe import Markup, escape

# 24 px of line and 11 px on either side: a finger needs 44.
_BUTTON = (
    "display:inline-block;padding:11px 20px;line-height:24px;border-radius:4px;background:#005ea2;color:#ffffff;"
    "text-decoration:none;font-weight:bold"
)
_BODY = (
    "margin:0;padding:16px;color:#1b1b1b;background:#ffffff;"
    "font:17px/1.5 system-ui,-apple-system,Roboto,Helvetica,Arial,sans-serif"
)
_STYLE = (
    "p,ul{margin:0 0 1em}@media (prefers-color-scheme:dark){body{color:#f0f0f0!important;background:#1b1b1b!important}}"
)


def plain_fact(label: str, words: str) -> str:
    """A label and what it says."""
    return f"{label}: {words}"


def bold_fact(label: str, words: str) -> Markup:
    """The same for eyes that look for the label."""
    return Markup("<strong>{}:</strong> {}").format(label, words)


def plain_link(words: str, url: str) -> str:
    """An address under its words, on a line of its own."""
    return f"{words}:\n{url}"


def button(words: str, url: str) -> Markup:
    """An address as a button."""
    return Markup('<a style="{}" href="{}">{}</a>').format(_BUTTON, url, words)


def plain_item(words: str, url: str = "") -> str:
    """An item of a list, with its own address on the next line where it has one."""
    return f"- {words}:\n  {url}" if url else f"- {words}"


def linked_item(words: str, url: str = "") -> Markup:
    """The same, the words being the link."""
    return Markup('- <a href="{}">{}</a>').format(url, words) if url else Markup("- {}").format(words)


def paragraphs(body: str) -> str:
    """Blank lines part paragraphs, "- " begins a list item; the text is escaped already."""
    parts = []
    for block in body.split("\n\n"):
        lines = [line.strip() for line in block.strip().splitlines() if line.strip()]
        if not lines:
            continue
        if all(line.startswith("- ") for line in lines):
            parts.append("<ul>" + "".join(f"<li>{line[2:]}</li>" for line in lines) + "</ul>")
        else:
            parts.append(f"<p>{'<br>'.join(lines)}</p>")
    return "\n".join(parts)


def page(subject: str, body: str, language: str) -> str:
    """The whole HTML part."""
    return (
        f'<!doctype html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{escape(subject)}</title><style>{_STYLE}</style></head>\n"
        f'<body style="{_BODY}">\n<div style="max-width:36em;margin:0 auto">\n{body}\n</div></body></html>\n'
    )
