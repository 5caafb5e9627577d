"""Passwords in addresses of databases never appear in what is printed, written or raised."""

from __future__ import annotations

import re
from urllib.parse import unquote

_HIDDEN = "***"
_IN_ADDRESS = re.compile(r"(\w[\w+.-]*://)([^\s/?#\"'@:]*):([^\s\"']*)@")
_NAMED = re.compile(
    r"(?i)\b((?:[\w-]*(?:password|passwd|passphrase|secret|token)|pwd|api_?key|access_?key)\s*=\s*)([^&;\s\"']+)"
)


def without_passwords(text: str) -> str:
    """A text with every password in an address, or named as one, replaced by stars.

    Examples
    --------
    >>> without_passwords("postgresql://ann:s3cr@t@shop.example/db?sslpassword=x&a=1")
    'postgresql://ann:***@shop.example/db?sslpassword=***&a=1'
    """
    return _NAMED.sub(rf"\g<1>{_HIDDEN}", _IN_ADDRESS.sub(rf"\g<1>\g<2>:{_HIDDEN}@", text))


def passwords_in(address: str) -> list[str]:
    """The passwords of an address, as written and as meant, longest first.

    Examples
    --------
    >>> passwords_in("postgresql://ann:a%40b@shop.example/db")
    ['a%40b', 'a@b']
    """
    found = [match[3] for match in _IN_ADDRESS.finditer(address)] + [match[2] for match in _NAMED.finditer(address)]
    return sorted({form for word in found if word for form in (word, unquote(word))}, key=len, reverse=True)


def hide(text: str, address: str) -> str:
    """A text, such as a message of a driver, without the passwords of an address.

    Examples
    --------
    >>> hide("no login for ann with s3cret", "mysql://ann:s3cret@shop.example/db")
    'no login for ann with ***'
    """
    for word in passwords_in(address):
        text = text.replace(word, _HIDDEN)
    return without_passwords(text)
