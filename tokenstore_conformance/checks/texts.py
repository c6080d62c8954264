"""Texts that a careless store changes, or confuses with other texts."""

from __future__ import annotations

import random

TEXTS = (
    "O'Brien",
    '"quoted"',
    "'",
    "''",
    '"',
    "a,b;c|d\\te",
    "back\\slash\\",
    "\\n\\u0041",
    "100% %s %(a)s {0} {a} ${b} #{c}",
    "%27 %00 &amp; <b> + ?x=1&y=2",
    "HTTPS://Example.com:443/a/../Callback%2f?y=2&x=#/",
    "`tick` -- comment /* x */ ; drop table",
    " leading",
    "trailing ",
    "two  blanks",
    "null",
    "DEFAULT",
    "None",
    "NaN",
    "true",
    "0",
    "007",
    "1e5",
    "[]",
    "cGFkZGVk==",
    "{}",
    "=1+1",
    "'=1+1",
    "https://example.com/callback?",
    "@home",
    "-x",
    "~",
    "*",
    "../../etc/x",
    f"1000.{'0123456789ABCDEF' * 2}.{'0123456789ABCDEF' * 2}",
    "m\u00fcller",
    "m\u00c3\u00bcller",
    "ann\u00e9e",
    "zoe\u0308",
    "\u0141\u00f3d\u017a",
    "\u0391\u03b8\u03ae\u03bd\u03b1",
    "\u041c\u043e\u0441\u043a\u0432\u0430",
    "\u65e5\u672c\u8a9e",
    "\u05e2\u05d1\u05e8\u05d9\u05ea",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "\u0939\u093f\u0928\u094d\u0926\u0940",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U00020bb7",
    "\u00a0nbsp",
    "\ufb01 \u212b \u00bd",
    "x" * 255,
    "\u00fc" * 255,
    "\U0001f511" * 255,
)

CONTROLS = (
    "a\nb",
    "a\rb",
    "a\r\nb",
    "a\n",
    "\na",
    "\r",
    "a\x85b",
    "a\u2028b\u2029c",
    "a\x0bb\x0cc",
    "a\tb",
    "a\x01\x1b[31m\x7f\x80b",
    "a\x1a",
    "\ufeffbom",
    "bom\ufeff",
)

SIMILAR_IDS = (
    ("tenant_1", "tenantA1"),
    ("tenant%", "tenant-of-b"),
    ("tenant?", "tenants"),
    ("Login-A", "login-a"),
    ("login", "login "),
    (" other", "other"),
    ("07", "7"),
    ("1e1", "10"),
    ("m\u00fcller", "muller"),
    ("\u00e9cole", "\u00c9COLE"),
    ("k" * 39 + "1", "k" * 39 + "2"),
    ("desk:7", "desk"),
    ("desk2.7", "desk2"),
    ("desk3|7", "desk3"),
)
"""Pairs of ids that a careless comparison takes to be equal."""

COMPOSED_IDS = ("z\u00f6e", "zo\u0308e")
"""Another such pair: the same letters in two Unicode normal forms."""

LONG = ("k" * 254 + "1", "k" * 254 + "2")
"""Two keys of 255 characters that differ in the last one. DATA-1 asks for keys of this length."""

ODD_NUMBERS = ("\u00b2", "9" * 20)
"""Ids for which `str.isdigit` is true. For the first, int() raises. The second is too large for an
integer column.
"""

FULL_IDS = ("x" * 255, "\u00fc" * 255)
"""Ids of 255 characters, which may be too long for the name of a file."""

NUL = ("a\x00b", "\x00")
"""Texts with a NUL character. No token contains one, and PostgreSQL's text columns refuse it."""

HALF = "a\ud800b"
"""Half of a surrogate pair: Python's json can produce it, and UTF-8 cannot encode it."""

LONG_TOKEN = "1000." + "".join(random.Random(4096).choices("0123456789abcdef", k=4091))
"""4,096 characters like those of a token. They are random, so no database makes them shorter."""


def hostile(id: str) -> list[str]:
    """Return other ids that a careless comparison matches with this one, or with every id."""
    near = [
        f"{id} ",
        f" {id}",
        f"0{id}",
        f"{id}.0",
        f"+{id}",
        f"{id}%",
        f"{id}'",
        f"{id} or 1=1",
        f"{id}' or '1'='1",
        f'{id}" or "1"="1',
        f"{id}; drop table oauthtoken",
        f"{id}--",
        f"{id},{id}",
        id[:-1],
        id[1:],
        id[:1],
        id[:-1] + "_",
        id[:-1] + "%",
        id[:-1] + "?",
        id.swapcase(),
        id.upper(),
        id.lower(),
        id.translate({ord(digit): 0xFF10 + int(digit) for digit in "0123456789"}),
    ]
    for_all = [
        "",
        " ",
        "%",
        "_",
        "*",
        ".*",
        "?",
        "''",
        "1 or 1=1",
        "' or ''='",
        "null",
        "None",
        "../x",
    ]
    return [each for each in [*near, *for_all] if each != id]
