"""What mail templates are made of: ``{% load mail %}``.

The same tags serve both forms of a mail; each form's ``base`` says which it is by ``form``. Nothing but what these tags
mark can be clicked (see ``mails.text``).
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from mails.text import OPEN, SHUT

register = template.Library()

BUTTON = (
    "display:inline-block;padding:12px 22px;border-radius:6px;background-color:#1f4d36;color:#ffffff;"
    "font-weight:bold;text-decoration:none"
)
ANCHOR = "color:#1f6b48;overflow-wrap:anywhere"
QUOTE = "margin:16px 0;padding:4px 16px;border-left:3px solid #9db8a8"


@register.simple_tag(takes_context=True)
def action(context: Context, url: str, label: str) -> SafeString:
    """What the reader is to do: a button, and its address for those who would rather copy it."""
    if _is_plain(context):
        return mark_safe(f"{label}:\n{_marked(url)}")  # noqa: S308 - a plain mail
    return format_html(
        '<p style="margin:24px 0"><a href="{}" style="{}">{}</a></p>'
        '<p style="margin:16px 0;font-size:14px">If the button does not work, copy this address: <br>{}</p>',
        url,
        BUTTON,
        label,
        _anchor(url),
    )


@register.simple_tag(takes_context=True)
def link(context: Context, url: str, label: str = "") -> SafeString:
    """An address within the text, with its label where there is one."""
    if _is_plain(context):
        return mark_safe(f"{label}: {_marked(url)}" if label else _marked(url))  # noqa: S308 - a plain mail
    return _anchor(url, label)


@register.simple_tag(takes_context=True)
def address(context: Context, email: str) -> SafeString:
    """Our own e-mail address, to be written to. Never one that somebody typed."""
    if _is_plain(context):
        return mark_safe(_marked(email))  # noqa: S308 - a plain mail
    return _anchor(f"mailto:{email}", email)


@register.simple_tag(takes_context=True)
def quote(context: Context, words: str) -> SafeString:
    """What somebody wrote, set off so that it cannot pass for ours."""
    lines = str(words).splitlines()
    if _is_plain(context):
        wrapped = [part for line in lines for part in (textwrap.wrap(line, 72) or [""])]
        return mark_safe("\n".join(f"> {line}".rstrip() for line in wrapped))  # noqa: S308 - a plain mail
    return format_html(
        '<blockquote style="{}">{}</blockquote>', QUOTE, format_html_join(mark_safe("<br>"), "{}", [[x] for x in lines])
    )


def _is_plain(context: Mapping[str, Any] | Context) -> bool:
    return bool(context["form"] == "text")


def _marked(url: str) -> str:
    return f"{OPEN}{url}{SHUT}"


def _anchor(url: str, label: str = "") -> SafeString:
    shown = label or url.removeprefix("mailto:")
    return format_html('{}<a href="{}" style="{}">{}</a>{}', OPEN, url, ANCHOR, shown, SHUT)
