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
_LOOK = (
    "color:#1b1b1b;background:#ffffff;"
    "font:17px/1.5 system-ui,-apple-system,Roboto,Helvetica,Arial,sans-serif;overflow-wrap:anywhere"
)
_STYLE = (
    "p,ul{margin:0 0 1em}ul{padding-left:1.2em}.q{color:#005ea2;}@media (prefers-color-scheme:dark){"
    "body,.t{color:#f0f0f0!important;background:#1b1b1b!important}.q{color:#73b3e7!important}}"
)
# Shown by mail programs beside the subject, and by no page.
_PREHEADER = "display:none;max-height:0;overflow:hidden;mso-hide:all"
_PREHEADER_LENGTH = 140
# Outlook for Windows writes with Word, which knows no max-width: a table of 576 px holds the column there.
_WORD_BEGINS = '<!--[if mso]><table role="presentation" width="576" align="center"><tr><td><![endif]-->'
_WORD_ENDS = "<!--[if mso]></td></tr></table><![endif]-->"


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


def small_link(words: str, url: str) -> Markup:
    """An address for whoever looks for it."""
    return Markup('<a class="q" href="{}">{}</a>').format(url, words)


def plain_item(words: str, url: str = "") -> str:
    """An item of a list, with its own address on the next line where it has one."""
    return f"- {words}:\n  {url}" if url else f"- {words}"


def linked_item(words: str, url: str = "") -> Markup:
    """The same, the words being the link."""
    return Markup('- <a class="q" href="{}">{}</a>').format(url, words) if url else Markup("- {}").format(words)


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
    """The whole HTML part. Programs that throw <html> and <body> away keep the language of the column."""
    tag = escape(language)
    return (
        f'<!doctype html>\n<html lang="{tag}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{escape(subject)}</title><style>{_STYLE}</style></head>\n"
        f'<body style="margin:0;padding:16px;{_LOOK}">\n'
        f'<div lang="{tag}" style="{_PREHEADER}">{_preheader(body)}</div>\n{_WORD_BEGINS}\n'
        f'<div role="main" lang="{tag}" class="t" style="max-width:36em;margin:0 auto;{_LOOK}">\n{body}\n</div>\n'
        f"{_WORD_ENDS}</body></html>\n"
    )


def _preheader(body: str) -> Markup:
    """What a list of mails shows of a letter: what comes after the greeting."""
    _, _, after_greeting = body.partition("</p>")
    words = " ".join(Markup(after_greeting.replace("<br>", " ").replace("</p>", " ")).striptags().split())
    return escape(words if len(words) <= _PREHEADER_LENGTH else words[:_PREHEADER_LENGTH].rsplit(" ", 1)[0] + "…")
