"""Remove secrets from requests and answers: each password and token becomes `***`.

The bytes of a message are kept as they came, also those of a malformed one: people look into the journal because a
message was odd. So this is a scanner that follows tags, not a parser, which would need a well-formed document. In doubt
it hides more: only headers that are known to be harmless are shown, and an element with a telling name hides all its
content up to its end tag, or to the end of the message where there is none.
"""

from __future__ import annotations

import contextlib
import html
import json
import re
from collections import Counter
from enum import Enum, auto
from urllib.parse import unquote_plus

HIDDEN = "***"

_TELLING = (
    "password|passwd|secret|token|oauth|authorization|cookie|jwt|assertion|apikey|signingkey|webkey"
)
_TELLING_NAME = re.compile(_TELLING)
# The values of these names are not secret: a structure, a constant, a boolean.
_HARMLESS_NAMES = frozenset(
    {"usernametoken", "tokentype", "ispasswordrequired", "mustchangepassword"}
)
_HARMLESS_IN_HEADER = frozenset(
    ["action", "messageid", "relatesto", "to", "address", "from", "username", "created", "expires"]
)
_HARMLESS_ATTRIBUTES = frozenset(
    ["type", "id", "encodingtype", "valuetype", "mustunderstand", "actor", "role"]
)
# All are supersets of ASCII, so a tag looks the same in each. In any other encoding one may look like something else.
_READABLE_ENCODINGS = re.compile(
    r"utf-?8|us-ascii|ascii|iso-?8859-\d+|latin-?1|windows-125\d|cp125\d"
)
_DECLARED_ENCODING = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([^"']{1,40})["']""")

_TOKEN = re.compile(
    r"""
    <!--(?P<comment>.*?)(?:-->|(?P<open_comment>\Z))
  | <!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|(?P<open_cdata>\Z))
  | (?P<declaration><\?xml\s[^<>]*\?>)
  | <\?(?P<instruction>.*?)(?:\?>|(?P<open_instruction>\Z))
  | <!(?P<doctype>(?:[^\[<>"']++|"[^"]*+"|'[^']*+')*+(?:\[(?:[^\]"']|"[^"]*+"|'[^']*+')*+\]\s*)?>)
  | <(?P<bang>!)
  | <\s*+(?P<end>/?+)\s*+(?P<name>[^\s<>/"'=!?]++)(?P<attributes>(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)>
  | (?P<text>[^<]++)
  | (?P<stray><)
    """,
    re.VERBOSE | re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""([^\s=<>"']+)(\s*=\s*)(["'])(.*?)\3""", re.DOTALL)
_PAIR = re.compile(
    rf"""((?:{_TELLING})(?!_?type)[\w.\-]{{0,40}}\\?["']?\s*(?:[:=>]|&gt;|%3D)\s*)"""
    r"""("(?:[^"\\]|\\.)*+"?|'(?:[^'\\]|\\.)*+'?|[^\r\n"'<>&,;]+)""",
    re.IGNORECASE,
)
# A message with more broken tags than this is not XML, and looking for the end of each takes its time.
_BROKEN_TAGS = 50
# Messages quoted in a message, in a comment or as escaped text, are scanned to this depth; deeper ones are hidden.
_MOST_QUOTED = 3
# A name and password in an address: https://name:password@host.
_USERINFO = re.compile(r"""(//[^\s/?#@:"'<>]{0,200}:)[^\s/?#@"'<>]{1,500}@""")
_FORM_NAME = re.compile(r"""\bname\s*+=\s*+"?([^"\r\n;]++)""", re.IGNORECASE)
_EMPTY_LINE = re.compile(r"\r?\n\r?\n")


def is_telling(name: str) -> bool:
    """Return whether the value of an element, key, header or parameter of this name is a secret."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return plain not in _HARMLESS_NAMES and _TELLING_NAME.search(plain) is not None


def redact(raw: bytes) -> str:
    """Return a message as text without its secrets: SOAP, JSON, a form, or anything else.

    It takes time in proportion to the length, for any message.
    """
    text = _decode(raw)
    if text is None:
        return f"{HIDDEN} ({len(raw)} bytes in a form that the journal does not read)"
    return redact_userinfo(_redact_text(text))


def redact_target(target: str) -> str:
    """Return a path with its query, the secret parameters hidden."""
    path, question, query = target.partition("?")
    shown = path + question + "&".join(map(_redact_parameter, query.split("&")))
    return redact_userinfo(shown)


def redact_header(name: str, value: str) -> str:
    """Return the value of an HTTP header, hidden if it is a secret."""
    return HIDDEN if is_telling(name) else redact_userinfo(value)


def redact_userinfo(text: str) -> str:
    """Return a text in which no address has a password: `https://name:***@host`."""
    return _USERINFO.sub(rf"\1{HIDDEN}@", text) if "@" in text else text


def _redact_form_part(part: str) -> str:
    """Return a part of a multipart form, from its boundary on: its value is hidden where its name tells a secret."""
    gap = _EMPTY_LINE.search(part)
    name = _FORM_NAME.search(part, 0, gap.start()) if gap else None
    if gap is None or name is None:
        return _redact_pairs(part)
    value = part[gap.end() :]
    return part[: gap.end()] + (HIDDEN if value and is_telling(name[1]) else _redact_pairs(value))


UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""How a message begins that is not read as UTF-8."""


def _decode(raw: bytes) -> str | None:
    if raw.startswith(UTF_16):
        text = raw.decode("utf-16", "replace")
    else:
        declared = _DECLARED_ENCODING.search(raw[:200])
        if declared and not _READABLE_ENCODINGS.fullmatch(declared[1].decode("latin-1").lower()):
            return None
        text = raw.decode("utf-8-sig", "replace")
    return None if "\x00" in text else text


def _redact_text(text: str) -> str:
    if text.lstrip()[:1] in ("{", "["):
        with contextlib.suppress(ValueError, RecursionError):
            return json.dumps(redact_value(json.loads(text)), ensure_ascii=False)
    if text.lstrip().startswith("--") and "form-data" in text:
        return "\n--".join(map(_redact_form_part, text.split("\n--")))
    if "<" in text:
        shown = _Scanner().run(text)
        return shown if text.lstrip().startswith("<") else _redact_pairs(shown)
    if re.fullmatch(r"[^\s=&]+=\S*", text):
        return "&".join(map(_redact_parameter, text.split("&")))
    return _redact_pairs(_Scanner().redact_quoted(text))


def redact_value(value: object) -> object:
    """Return a value of JSON or TOML with the values of telling names hidden."""
    if isinstance(value, dict):
        return {
            key: HIDDEN if is_telling(key) and inner is not None else redact_value(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [redact_value(inner) for inner in value]
    return _redact_text(value) if isinstance(value, str) and "<" in value else value


def _redact_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    return f"{name}={HIDDEN}" if equals and value and is_telling(unquote_plus(name)) else parameter


def _redact_pairs(text: str) -> str:
    return _PAIR.sub(rf"\1{HIDDEN}", text)


class _Mode(Enum):
    """The treatment of the text in an element."""

    SHOWN = auto()
    HEADER = auto()
    SECRET = auto()


class _Scanner:
    """Scans one message once; `quoted` is the number of messages around it."""

    def __init__(self, quoted: int = 0) -> None:
        self._quoted = quoted
        self._out: list[str] = []
        self._open: list[tuple[str, _Mode]] = []
        # How often each name is open: a stray end tag is told without a search.
        self._names: Counter[str] = Counter()
        self._texts: list[int] = []
        self._broken = 0

    def run(self, text: str) -> str:
        """Return the message without its secrets."""
        for token in _TOKEN.finditer(text):
            if not self._take(token):
                self._out.append(HIDDEN)
                return "".join(self._out)
        shown = "".join(self._out)
        return _redact_pairs(shown) if self._broken or self._open else shown

    def _take(self, token: re.Match[str]) -> bool:
        """Copy one token; return False where the rest of the message cannot be scanned."""
        groups = token.groupdict()
        if groups["name"] is not None:
            self._tag(token[0], groups["name"], groups["end"] == "/", groups["attributes"])
        elif groups["text"] is not None:
            self._text(groups["text"])
        elif groups["comment"] is not None:
            self._inner("<!--", groups["comment"], "-->")
            return groups["open_comment"] is None
        elif groups["cdata"] is not None:
            self._inner("<![CDATA[", groups["cdata"], "]]>")
            return groups["open_cdata"] is None
        elif groups["declaration"] is not None:
            self._out.append(groups["declaration"])
        elif groups["instruction"] is not None:
            self._out.append(f"<?{HIDDEN}?>")
            return groups["open_instruction"] is None
        elif groups["doctype"] is not None:
            self._out.append(f"<!{HIDDEN}>")
        else:
            self._broken += 1
            self._out.append("<")
            return groups["bang"] is None and self._broken <= _BROKEN_TAGS
        return True

    @property
    def _mode(self) -> _Mode:
        return self._open[-1][1] if self._open else _Mode.SHOWN

    def _tag(self, tag: str, name: str, is_end: bool, attributes: str) -> None:
        local = name.rpartition(":")[2].lower()
        if is_end:
            self._close(local)
        else:
            mode = self._mode_of(local)
            tag = self._attributes(tag, attributes, mode is _Mode.SECRET)
            if not attributes.rstrip().endswith("/"):
                self._open.append((local, mode))
                self._names[local] += 1
        self._texts.clear()
        self._out.append(tag)

    def _mode_of(self, local: str) -> _Mode:
        mode = self._mode
        if mode is _Mode.SECRET or is_telling(local):
            return _Mode.SECRET
        if local == "header" and (not self._open or self._open[-1][0] == "envelope"):
            return _Mode.HEADER
        return mode

    def _close(self, local: str) -> None:
        if self._names[local]:
            self._broken += self._open[-1][0] != local
            name = ""
            while name != local:
                name, _ = self._open.pop()
                self._names[name] -= 1
            return
        self._broken += 1
        if is_telling(local):
            # Its start tag is what is broken: what stands before the end was the secret.
            for place in self._texts:
                self._out[place] = HIDDEN

    def _attributes(self, tag: str, attributes: str, in_secret: bool) -> str:
        if "=" not in attributes:
            return tag

        def shown(match: re.Match[str]) -> str:
            prefix, _, local = match[1].rpartition(":")
            if "xmlns" in (prefix, local):
                return match[0]
            harmless = local.lower() in _HARMLESS_ATTRIBUTES
            secret = is_telling(local) or (in_secret and not harmless)
            value = HIDDEN if secret else self.redact_quoted(match[4])
            return f"{match[1]}{match[2]}{match[3]}{value}{match[3]}"

        return f"{tag[: -len(attributes) - 1]}{_ATTRIBUTE.sub(shown, attributes)}>"

    def _text(self, text: str) -> None:
        self._texts.append(len(self._out))
        self._out.append(self._shown(text))

    def _inner(self, start: str, text: str, end: str) -> None:
        self._texts.append(len(self._out))
        shown = self._shown(text)
        if shown is text and "<" in text:
            shown = self._inner_message(text)
        self._out.append(f"{start}{shown}{end}")

    def _shown(self, text: str) -> str:
        if self._is_hidden():
            return text if text.isspace() else HIDDEN
        return self.redact_quoted(text)

    def redact_quoted(self, text: str) -> str:
        """Hide the secrets of a message that is quoted within this one, escaped up to three times."""
        plain = text
        for _ in range(3 if "&" in text else 0):
            plain = html.unescape(plain)
            if "<" in plain:
                shown = self._inner_message(plain)
                return text if shown == plain else html.escape(shown, quote=False)
        return text

    def _inner_message(self, text: str) -> str:
        return HIDDEN if self._quoted >= _MOST_QUOTED else _Scanner(self._quoted + 1).run(text)

    def _is_hidden(self) -> bool:
        mode = self._mode
        if mode is _Mode.HEADER:
            return self._open[-1][0] not in _HARMLESS_IN_HEADER
        return mode is _Mode.SECRET
