"""Slips of the pen in YAML: punctuation and blanks of a Chinese keyboard where YAML wants its own, and forgotten signs.

The scan is tolerant: it follows what was meant, line by line and bracket by bracket, and needs no sound YAML. What a
text may hold is left alone; a sign counts as a slip only where the words around it leave no other reading.
"""

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

_COLONS = ":：﹕︰∶"
_COMMAS = ",，、；;"
_DASHES = "-－–—"
_OPENERS = {"{": "{", "｛": "{", "[": "[", "［": "["}
_CLOSERS = {"}": "{", "｝": "{", "]": "[", "］": "["}
_HALF_CLOSERS = {"{": "}", "[": "]"}
_CHINESE_QUOTES = {"“": "”", "‘": "’", "「": "」", "＂": "＂"}
_FIRST_SIGNS = "@%&*!`"  # YAML gives a text that begins with one of them a meaning of its own

_BLANK = r"[^\S\n]*"
_INDENT = re.compile(_BLANK)
_DASH = re.compile(rf"([{_DASHES}])({_BLANK})")
_KEY = re.compile(
    rf"([^\s{_COLONS}{{}}\[\]｛｝［］,，#\"'][^{_COLONS}{{}}\[\]｛｝［］,，\"'\n]{{0,40}}?)({_BLANK})([{_COLONS}])"
)
_BARE_KEY = re.compile(rf"([^\s{_COLONS}]+)(?:{_BLANK}(?:\n|$)|[^\S\n]+(?=\S))")
_LOST_COLON = re.compile(r"[^\S\n]*([^\W\d]+)[^\S\n]*(?=([\w\[｛［{]))")  # a word, and what may begin its value
# A text in brackets or quotation marks that goes on behind them, or one that begins like an entry of a list.
_ODD_TEXT = re.compile(
    r"(?:\[[^\[\]\n]*\]|\{[^{}\n]*\}|\"[^\"\\\n]*\"|'[^'\n]*'(?!'))[^\s,，、；;:：{}\[\]｛｝［］#][^,，:{}\[\]｛｝［］#\n]*"
    r"|-[^\S\n][^,:{}\[\]#\n]*"
)
_ODD_BLANKS = re.compile(r"[^\S \t\r\n]+")
# A list of names in brackets of another kind, which a text or a name may hold as well.
_ODD_LIST = re.compile(r"【[^【】\n]*】|〔[^〔〕\n]*〕|（[^（）\n]*）|\([^()\n]*\)")
_VALUE_END = re.compile(rf"[ \t]*(?:[{_COMMAS}}}｝\r\n]|$)")
_LONG_KEY = re.compile(r"([^,{}\[\]\n\"':]+):(?=\s)")
_BLOCK_LINE = re.compile(rf"{_BLANK}(?:[{_DASHES}](?:\s|[{{｛])|[^\s{_COLONS}{{}}\[\],，#]{{1,40}}{_BLANK}[{_COLONS}])")


_MAX_DEPTH = 12  # of brackets in brackets: no file that can be read has more
# Signs in brackets that are looked at: a roster of ten thousand members has some hundred thousand. A text that opens
# brackets again and again is not scanned to its end.
_MAX_STEPS = 1_000_000
_SIGN = re.compile(r"[{}\[\]｛｝［］,，、；;#:\n@%&*!`]")


class Edit(Struct, frozen=True):
    """A replacement of the characters from ``start`` to ``end``, counted from 0."""

    start: int
    end: int
    new: str


class _Run(Struct, frozen=True):
    """Lines that YAML takes for one text, for there is no colon of its own: where they begin, and the least indent."""

    start: int
    min_indent: int


class Slip(Struct, frozen=True):
    """One slip: its index in the text, what is wrong and what to type; ``edits`` mend it, if only one way is right.

    ``code`` is that of the problem; ``scope`` is the index where the brackets or the text around it begin, -1 without.
    ``joins_names`` if YAML takes the names on both sides of it for one; ``doubtful`` if by its indent the line may
    belong to the text above.
    """

    index: int
    reason: str
    hint: str
    edits: tuple[Edit, ...] = ()
    code: str = "yaml.syntax"
    scope: int = -1
    joins_names: bool = False
    doubtful: bool = False


# The words that are keys in any kind of file; of the second the value is free text, of the third a list of names.
KNOWN_KEYS: set[str] = set()
_TEXT_KEYS: set[str] = set()
_NAME_LIST_KEYS: set[str] = set()


def register_key(word: str, *, is_text: bool = False, is_list: bool = False) -> None:
    """Make a word known as a key: the tables of fields, which are built when they are imported, do so."""
    KNOWN_KEYS.add(word)
    if is_text:
        _TEXT_KEYS.add(word)
    if is_list:
        _NAME_LIST_KEYS.add(word)
    # A key may be a text in one kind of file and a list in another: the sign for a list is the rarer in a text.
    _TEXT_KEYS.difference_update(_NAME_LIST_KEYS)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with all edits made; of two that overlap, the first."""
    parts, position = [], 0
    for edit in sorted(set(edits), key=lambda edit: (edit.start, edit.end)):
        if edit.start >= position:
            parts += [text[position : edit.start], edit.new]
            position = edit.end
    return "".join([*parts, text[position:]])


def original_index(index: int, edits: Iterable[Edit]) -> int:
    """Return the index in the text before the edits of an index in the text after them."""
    shift = 0
    for edit in sorted(set(edits), key=lambda edit: (edit.start, edit.end)):
        if edit.start + shift + len(edit.new) > index:
            return min(index - shift, edit.end) if edit.start + shift <= index else index - shift
        shift += len(edit.new) - (edit.end - edit.start)
    return index - shift


def find_slips(text: str) -> list[Slip]:
    """Find the slips in a text of YAML, in their order."""
    scanner = _Scanner(text)
    scanner.scan()
    return sorted(scanner.slips, key=lambda slip: slip.index)


def describe_blank(blank: str) -> tuple[str, str]:
    """Return the code and the words for a blank of another kind."""
    return _BLANK_WORDS.get(blank[0], ("yaml.blank", "这里有一个特殊的空格，看上去与空格一样"))


_BLANK_WORDS = {
    "\t": ("yaml.tab", "这里有制表符（Tab）"),
    "\u3000": ("yaml.blank", "这里有全角空格"),
    "\u00a0": ("yaml.blank", "这里有不换行空格（U+00A0），看上去与空格一样，常见于从网页和文档里复制来的文字"),
}
BLANK_HINT = "请删去，改用半角空格"


class _Scanner:
    """The scan of one text: where it is, and what it found."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.slips: list[Slip] = []
        self.steps = 0
        self.text_indent: int | None = None  # of the last key with a plain text: deeper lines go on with it
        self.text_start = 0
        self.lost_key = False  # True if YAML sees no key on the line, for its colon is another sign
        self.run: _Run | None = None

    def scan(self) -> None:
        """Scan the text from its beginning to its end."""
        position = 0
        while position < len(self.text) and self.steps < _MAX_STEPS:
            position = self._scan_line(position)

    def add(self, index: int, reason: str, hint: str, *edits: Edit) -> None:
        """Report a slip."""
        self.slips.append(Slip(index, reason, hint, edits))

    def line_end(self, position: int) -> int:
        """Return the index where the line of a position ends."""
        end = self.text.find("\n", position)
        return len(self.text) if end < 0 else end

    def _next_line(self, position: int) -> int:
        return min(self.line_end(position) + 1, len(self.text))

    # --- lines -------------------------------------------------------------------------------------------------------

    def _scan_line(self, start: int) -> int:
        """Scan a line outside of brackets, and what it opens; return where the next begins."""
        content = _match_end(_INDENT, self.text, start)
        end = self.line_end(start)
        if content >= end or self.text[content] == "#":
            return self._next_line(start)
        goes_on = self.text_indent is not None and content - start > self.text_indent
        if goes_on and not self._begins_entry(content):
            return self._next_line(start)
        self.text_indent = None
        before, text_start = len(self.slips), self.text_start
        self._check_indent(start, content)
        indent, self.lost_key = content - start, False
        content, dashed = self._scan_dashes(content, end)
        following = self._scan_entry(content, end, content - start, dashed=dashed)
        self._follow_run(content, indent, before, dashed=dashed)
        if goes_on:
            for number, slip in enumerate(self.slips[before:], before):
                scope = text_start if slip.scope < 0 else min(slip.scope, text_start)
                self.slips[number] = replace(slip, doubtful=True, scope=scope)
        return following

    def _follow_run(self, content: int, indent: int, before: int, *, dashed: bool) -> None:
        """Give the slips of a line the scope of the text that YAML makes of it and the lines above."""
        is_bracket = content < len(self.text) and self.text[content] in _OPENERS
        if self.run and indent >= self.run.min_indent and (self.lost_key or is_bracket):
            self.slips[before:] = [replace(slip, scope=self.run.start) for slip in self.slips[before:]]
        else:
            self.run = _Run(content, indent + dashed) if self.lost_key else None

    def _begins_entry(self, content: int) -> bool:
        """Return whether a line that could go on with a text begins with a known key, or with a dash and an entry."""
        dash = _DASH.match(self.text, content)
        if dash and dash.end() < len(self.text) and self._begins_value(dash.end()):
            return True
        match = _KEY.match(self.text, content)
        return bool(match and match[1].strip() in KNOWN_KEYS)

    def _check_indent(self, start: int, content: int) -> None:
        for index in range(start, content):
            if self.text[index] not in " \r":
                code, reason = describe_blank(self.text[index])
                self.slips.append(Slip(index, reason, BLANK_HINT, code=code))
                return  # one a line; what was meant depends on the lines around it

    def _scan_dashes(self, content: int, end: int) -> tuple[int, bool]:
        """Scan the dashes of lists; return where what follows begins, and whether there were any."""
        dashed = False
        while content < end and (match := _DASH.match(self.text, content)):
            sign, blanks, after = match[1], match[2], match.end()
            if sign == "-" and not blanks and self.text[content : content + 3] == "---":
                break
            if blanks == "" and after < end and not self._begins_value(after):
                break
            odd = _ODD_BLANKS.search(blanks)
            if sign != "-":
                edit = Edit(content, after, "- ")
                self.add(content, f"这里的短横“{sign}”不是半角的", "请改成半角短横“-”，后面空一格", edit)
            elif after < end and not blanks:
                self.add(content, "短横后面没有空格", "请在短横后面空一格", Edit(after, after, " "))
            elif odd and after < end:
                code, reason = describe_blank(odd[0])
                edit = Edit(match.start(2), after, " ")
                self.slips.append(Slip(content + 1 + odd.start(), reason, BLANK_HINT, (edit,), code))
            content, dashed = after, True
        return content, dashed

    def _begins_value(self, index: int) -> bool:
        """Return whether what is right behind a dash is the beginning of an entry: a bracket or a key."""
        if self.text[index] in _OPENERS:
            return True
        match = _KEY.match(self.text, index)
        return bool(match and match[1].strip() in KNOWN_KEYS)

    def _scan_entry(self, content: int, end: int, indent: int, *, dashed: bool) -> int:  # noqa: PLR0911  a kind each
        """Scan a key and its value, or a value; return where the next line begins."""
        if content >= end:
            return self._next_line(content)
        sign = self.text[content]
        if sign in _OPENERS:
            return self._scan_block_brackets(content, "")
        if sign in "\"'":
            after = self.skip_quoted(content)
            if after is None:
                return len(self.text)
            colon = re.compile(rf"{_BLANK}([:：])").match(self.text, after)
            if colon is None:
                return self._next_line(after)
            return self._scan_value(colon.end(), indent, self.text[content + 1 : after - 1])
        match = _KEY.match(self.text, content)
        if match is None:
            self._check_bare_key(content, end, dashed=dashed)
            return self._next_line(content)
        word, after = match[1].strip(), match.end()
        if not self._is_key(word, match[3], after, dashed=dashed):
            self.text_indent = None if dashed else self.text_indent
            return self._next_line(content)
        self.lost_key = match[3] != ":" or not (after >= len(self.text) or self.text[after].isspace())
        return self._scan_value(self.check_colon(match, word), indent, word)

    def _check_bare_key(self, content: int, end: int, *, dashed: bool) -> None:
        """Find a known key without its colon."""
        match = _BARE_KEY.match(self.text, content)
        if match and not dashed and match[1] in KNOWN_KEYS and match.end() <= end + 1:
            self.add(match.end(1), f"“{match[1]}”后面缺少冒号", f"请写成“{match[1]}: …”，用半角冒号，后面空一格")

    def _is_key(self, word: str, colon: str, after: int, *, dashed: bool) -> bool:
        """Return whether a word with a sort of colon is meant as a key."""
        if colon == ":" and (after >= len(self.text) or self.text[after].isspace()):
            return True
        if word in KNOWN_KEYS:
            return True
        plain = re.fullmatch(r"[\w·.-]{1,20}", word) is not None
        if colon == ":":
            return plain and self.text[after] in "[{\"'［｛"
        return plain and not dashed

    def check_colon(self, match: re.Match[str], word: str) -> int:
        """Find a colon of another kind, or one without a blank behind it; return where the value begins."""
        index, colon, after = match.start(3), match[3], match.end()
        blanks = _match_end(_INDENT, self.text, after)
        at_end = blanks >= len(self.text) or self.text[blanks] == "\n"
        odd = _ODD_BLANKS.match(self.text, after)
        if colon != ":":
            gap = ":" if at_end else ": "
            sign = f"“{word}”后面的冒号“{colon}”是全角的" if colon == "：" else f"“{word}”后面的“{colon}”不是半角冒号"
            self.add(index, sign, "请改成半角冒号“:”，后面空一格", Edit(index, blanks if not at_end else after, gap))
        elif odd and not at_end:
            code, reason = describe_blank(odd[0])
            self.slips.append(Slip(after, reason, BLANK_HINT, (Edit(after, blanks, " "),), code))
        elif not at_end and blanks == after:
            self.add(index, f"“{word}”的冒号后面没有空格", "请在冒号后面空一格", Edit(after, after, " "))
        return blanks

    # --- values of lines ---------------------------------------------------------------------------------------------

    def _scan_value(self, start: int, indent: int, key: str) -> int:  # noqa: PLR0911  a kind of value each
        """Scan the value of a key outside of brackets; return where the next line begins."""
        value = _match_end(_INDENT, self.text, start)
        end = self.line_end(start)
        if value >= end or self.text[value] == "#":
            return self._next_line(start)
        sign, is_text = self.text[value], key in _TEXT_KEYS
        line_text = self.text[value:end].rstrip()
        if self.scan_odd_list(value, key, value + len(line_text)):
            return self._next_line(value)
        if sign in "{[" or (sign in _OPENERS and not is_text and line_text[-1] in _CLOSERS):
            return self._scan_block_brackets(value, key)
        if sign in "|>" and re.fullmatch(r"[|>][-+0-9]*(?:\s+#.*)?", line_text):
            return self._skip_deeper_lines(end + 1, indent)
        if sign in "\"'":
            after = self.skip_quoted(value)
            if after is None:
                return len(self.text)
            return self._check_after_quotes(value, after, is_text=is_text)
        closing = _CHINESE_QUOTES.get(sign)
        if (
            closing
            and not is_text
            and key in KNOWN_KEYS
            and line_text[-1] == closing
            and closing not in line_text[1:-1]
        ):
            edits = Edit(value, value + 1, '"'), Edit(value + len(line_text) - 1, value + len(line_text), '"')
            self.add(value, f"这里的引号“{sign}{closing}”不是英文引号", "请改成英文引号，或删去引号", *edits)
            return self._next_line(value)
        self.text_indent, self.text_start = indent, value
        self._check_plain_text(value, line_text, is_text=is_text)
        return self._next_line(value)

    def scan_odd_list(self, value: int, key: str, end: int | None = None) -> int | None:
        """Find a list of names in other than square brackets, and the signs in it; return where it ends.

        It is the whole value: up to ``end``, or in brackets up to a sort of comma or a closing one.
        """
        match = _ODD_LIST.match(self.text, value) if key in _NAME_LIST_KEYS else None
        if match is None or (match.end() != end if end else not _VALUE_END.match(self.text, match.end())):
            return None
        for index, half in ((match.start(), "["), (match.end() - 1, "]")):
            reason = f"名单的括号“{self.text[index]}”不是方括号"
            self.add(index, reason, f"请改成半角方括号“{half}”", Edit(index, index + 1, half))
        for sign in re.finditer(f"[{_COMMAS}]", match[0]):
            if sign[0] != ",":
                self.add_separator(value + sign.start(), joins_names=True)
        return match.end()

    def add_separator(self, index: int, *, joins_names: bool) -> None:
        """Report a separator of another kind than a comma."""
        sign, after = self.text[index], _match_end(_INDENT, self.text, index + 1)
        at_end = after >= len(self.text) or self.text[after] == "\n"
        edit = Edit(index, index + 1 if at_end else after, "," if at_end else ", ")
        reason = "这里的逗号“，”是全角的" if sign == "，" else f"这里用了“{sign}”分隔"
        self.slips.append(Slip(index, reason, "请改成半角逗号“,”，后面空一格", (edit,), joins_names=joins_names))

    def _check_plain_text(self, value: int, line_text: str, *, is_text: bool) -> None:
        """Find what YAML doesn't take in a text without quotation marks: a colon, some signs at its beginning."""
        text = re.split(r"\s#", line_text, maxsplit=1)[0].rstrip()
        if is_text and text[0] in _FIRST_SIGNS:
            edits = (Edit(value, value + len(text), _quote(text)),)
            hint = f"以 {text[0]} 开头的文字请放进英文引号：{_quote(text)}" if len(text) < 40 else _QUOTES_HINT  # noqa: PLR2004
            self.add(value, f"文字不能用“{text[0]}”开头", hint, *edits)
        elif colon := re.search(r":(?=\s|$)", text):
            self._add_text_colon(value, text, colon.start())

    def _add_text_colon(self, value: int, text: str, colon: int) -> None:
        """Report a colon in the text of a value: a second key on the line, or part of the text."""
        before = text[:colon]
        second = re.search(rf"[\s{_COMMAS}]([^\s{_COMMAS}]+)$", before)
        if second and second[1] in KNOWN_KEYS:
            hint = f"请让“{second[1]}”另起一行，与上面的键左边对齐"
            self.add(value + second.start(1), f"“{second[1]}”和前面的键写在了一行", hint)
            return
        edit = Edit(value, value + len(text), _quote(text))
        self.add(value + colon, "文字里有半角冒号加空格", "请改成全角“：”，或把整段文字放进英文引号", edit)

    def _check_after_quotes(self, value: int, after: int, *, is_text: bool) -> int:
        """Find text behind a closing quotation mark."""
        end = self.line_end(after)
        remainder = self.text[after:end].strip()
        if remainder and not remainder.startswith("#"):
            line_text = self.text[value:end].rstrip()
            if all(sign in f"{_COMMAS}。" for sign in remainder):
                self._add_trailing(after, end)
            elif is_text:
                edit = Edit(value, value + len(line_text), _quote(line_text))
                self.add(after, "引号后面还有文字", "请把整段文字放进引号，里面的引号用“”", edit)
        return self._next_line(after)

    def _add_trailing(self, after: int, end: int) -> None:
        index = _match_end(_INDENT, self.text, after)
        sign = self.text[index]
        self.add(index, f"这里多了一个“{sign}”", "请删去它", Edit(after, end, ""))

    def _skip_deeper_lines(self, start: int, indent: int) -> int:
        """Return where the lines end that are blank or indented deeper."""
        while start < len(self.text):
            content = _match_end(_INDENT, self.text, start)
            if content < self.line_end(start) and content - start <= indent:
                break
            start = self._next_line(start)
        return start

    def skip_quoted(self, start: int) -> int | None:
        """Return where a text in quotation marks ends; None, as for a text without end, if it doesn't."""
        quote = self.text[start]
        pattern = r'(?:[^"\\]|\\.)*"' if quote == '"' else r"(?:[^']|'')*'"
        match = re.compile(pattern, re.DOTALL).match(self.text, start + 1)
        return match.end() if match else None

    # --- brackets ----------------------------------------------------------------------------------------------------

    def _scan_block_brackets(self, start: int, key: str) -> int:
        """Scan brackets that a line opens; return where the line after their end begins."""
        before = len(self.slips)
        after = _BracketScan(self, start, key).scan()
        self.slips[before:] = [replace(slip, scope=start) for slip in self.slips[before:]]
        if after is None:
            return self._next_line(start)
        end = self.line_end(after)
        remainder = self.text[after:end].strip()
        if remainder and all(sign in f"{_COMMAS}。" for sign in remainder):
            self._add_trailing(after, end)
        return self._next_line(after)


# A colour or a number sign as the whole value of a key in braces.
_HASHED_VALUE = re.compile(r"[ \t]*(?<=[ \t])(#[^\s,，{}\[\]｝]+)(?=[ \t]*[,，}｝])")


class _BracketScan:
    """The scan of one pair of brackets, with those inside; it shares the scanner's text and slips."""

    def __init__(self, scanner: _Scanner, start: int, key: str, depth: int = 1) -> None:
        self.depth = depth
        self.scanner = scanner
        self.text = scanner.text
        self.start = start
        self.key = key
        self.kind = _OPENERS[self.text[start]]
        self.keys: set[str] = set()

    @property
    def is_data(self) -> bool:
        """True if the keys of these braces are no known ones, as those of proofs."""
        return bool(self.key) and not self.keys & KNOWN_KEYS

    def scan(self) -> int | None:
        """Scan to the closing bracket, and return the index behind it; None if there is none."""
        self._check_bracket(self.start, self.kind)
        index = self.start + 1
        expects_entry = True
        while self.scanner.steps < _MAX_STEPS:
            self.scanner.steps += 1
            index = self._skip_blanks(index, expects_entry=expects_entry)
            if index >= len(self.text) or self._begins_next_line(index):
                self._add_unclosed(index)
                return None
            sign = self.text[index]
            if sign in _CLOSERS:
                if _CLOSERS[sign] != self.kind:
                    self._add_wrong_closer(index, sign)
                    return index + 1
                self._check_bracket(index, "}" if self.kind == "{" else "]")
                return index + 1
            if sign in _COMMAS:
                self._check_comma(index, expects_entry=expects_entry)
                index, expects_entry = index + 1, True
                continue
            if not expects_entry and not self._is_known_place(index):
                self._check_missing_comma(index)
            after = self._scan_braces_entry(index) if self.kind == "{" else self._scan_item(index)
            if after is None:
                return None
            index, expects_entry = after, False
        return None

    def _add(self, index: int, reason: str, hint: str, *edits: Edit) -> None:
        self.scanner.add(index, reason, hint, *edits)

    def _check_bracket(self, index: int, half: str) -> None:
        sign = self.text[index]
        if sign != half:
            self._add(index, f"这里的括号“{sign}”是全角的", f"请改成半角括号“{half}”", Edit(index, index + 1, half))

    def _add_wrong_closer(self, index: int, sign: str) -> None:
        opener, closer = self.text[self.start], _HALF_CLOSERS[self.kind]
        reason = f"这里用“{sign}”收尾，前面开头的却是“{opener}”"
        self._add(index, reason, f"请改成“{closer}”", Edit(index, index + 1, closer))

    def _add_unclosed(self, index: int) -> None:
        """Report brackets without end; the end of their line is the only place for it if they are on one line."""
        closer = _HALF_CLOSERS[self.kind]
        name = "花括号" if self.kind == "{" else "方括号"
        end = self.start + len(self.text[self.start : index].rstrip())
        on_one_line = "\n" not in self.text[self.start : end]
        hint = f"请检查这个{name}：每项之间用半角逗号，最后要有 {closer}"
        edits = (Edit(end, end, closer),) if on_one_line else ()
        self._add(self.start, f"{name}没有收尾", hint, *edits)

    def _skip_blanks(self, index: int, *, expects_entry: bool) -> int:
        """Skip blanks, ends of lines and comments; report blanks of other kinds before an entry."""
        while index < len(self.text):
            sign = self.text[index]
            if sign in " \t\r\n":
                index += 1
            elif sign.isspace():
                after = _match_end(_INDENT, self.text, index)
                code, reason = describe_blank(sign)
                slip = Slip(index, reason, BLANK_HINT, (Edit(index, after, " "),), code)
                self.scanner.slips += [slip] if expects_entry else []
                index = after
            elif sign == "#" and self.text[index - 1].isspace():
                index = self.scanner.line_end(index)
            else:
                break
        return index

    def _begins_next_line(self, index: int) -> bool:
        """Return whether an entry of the block outside begins here: the brackets were never closed."""
        line = self.text.rfind("\n", 0, index) + 1
        if line <= self.start or self.text[line:index].strip():
            return False
        before = line - 1
        while self.text[before].isspace():
            before -= 1
        if self.text[before] in f"{_COMMAS}{{[｛［":
            return bool(re.compile(r"-\s").match(self.text, index))
        return bool(_BLOCK_LINE.match(self.text, line))

    def _check_comma(self, index: int, *, expects_entry: bool) -> None:
        sign = self.text[index]
        if expects_entry and self.text[self._skip_all_blanks(self.start + 1)] not in _COMMAS:
            after = index + 1
            self._add(index, f"这里多了一个“{sign}”", "请删去它", Edit(index, after, ""))
        elif expects_entry:
            self._add(index, "逗号前面没有内容", "请删去这个逗号，或补上内容", Edit(index, index + 1, ""))
        elif sign != ",":
            self.scanner.add_separator(index, joins_names=self.kind == "[")

    def _is_known_place(self, index: int) -> bool:
        """Return whether the last slip is at this index already."""
        return bool(self.scanner.slips) and self.scanner.slips[-1].index == index

    def _check_missing_comma(self, index: int) -> None:
        if self.kind == "[" or _KEY.match(self.text, index):
            self._add(index, "这里的前面缺逗号", "请在前面加一个半角逗号和空格", Edit(index, index, ", "))

    # --- entries in braces -------------------------------------------------------------------------------------------

    def _scan_braces_entry(self, index: int) -> int | None:
        """Scan a key and its value; return the index behind them, None if the brackets don't end."""
        if self.text[index] in "\"'":
            after = self.scanner.skip_quoted(index)
            if after is None:
                return None
            word, colon = self.text[index + 1 : after - 1], re.compile(rf"{_BLANK}([:：])").match(self.text, after)
            if colon is None:
                return after
            self.keys.add(word)
            return self._scan_braces_value(colon.end(), word)
        match = _KEY.match(self.text, index)
        if match is None:
            long_key = _LONG_KEY.match(self.text, index)
            if long_key and re.split(rf"[\s{_COMMAS}]", long_key[1])[-1] not in KNOWN_KEYS:
                return self._scan_braces_value(long_key.end(), "")
            return self._scan_plain(index, "")
        word = match[1].strip()
        self.keys.add(word)
        return self._scan_braces_value(self.scanner.check_colon(match, word), word)

    def _scan_braces_value(self, index: int, word: str) -> int | None:
        if hashed := _HASHED_VALUE.match(self.text, index):
            start, end = hashed.span(1)
            hint = f"请把它放进英文引号，写成 {_quote(hashed[1])}"
            self._add(start, "# 开头的内容会被当成注释", hint, Edit(start, end, _quote(hashed[1])))
            return end
        index = self._skip_blanks(index, expects_entry=False)
        if index >= len(self.text) or self.text[index] in _CLOSERS or self.text[index] == ",":
            return index
        return self._scan_any_value(index, word)

    def _scan_any_value(self, index: int, word: str) -> int | None:
        sign, is_text = self.text[index], word in _TEXT_KEYS
        if is_text and (odd_text := _ODD_TEXT.match(self.text, index)):
            end = index + len(odd_text[0].rstrip())
            reason = "引号后面还有文字" if sign in "\"'" else f"文字不能用“{sign}”开头"
            hint = "请把整段文字放进引号，里面的引号用“”" if sign in "\"'" else _QUOTES_HINT
            self._add(index, reason, hint, Edit(index, end, _quote(self.text[index:end])))
            return end
        if (list_end := self.scanner.scan_odd_list(index, word)) is not None:
            return list_end
        if sign in "{[" or (sign in _OPENERS and not is_text):
            if self.depth == _MAX_DEPTH:
                return None
            return _BracketScan(self.scanner, index, word or self.key, self.depth + 1).scan()
        if sign in "\"'":
            return self.scanner.skip_quoted(index)
        return self._scan_plain(index, word)

    def _scan_item(self, index: int) -> int | None:
        return self._scan_any_value(index, "")

    def _scan_plain(self, start: int, word: str) -> int:
        """Scan a text without quotation marks; return the index of the sign that ends it as its writer meant it."""
        index, trouble, lost_colon = start, None, None
        while (match := _SIGN.search(self.text, index)) and self.scanner.steps < _MAX_STEPS:
            self.scanner.steps += 1
            index = match.start()
            sign = self.text[index]
            if sign in _CLOSERS and not self._is_part_of_text(start, index, word):
                break
            if sign in _COMMAS and index > start and self._is_separator(index):
                break
            if sign == "\n" and self._begins_next_line(_match_end(_INDENT, self.text, index + 1)):
                break
            lost_colon = lost_colon or self._find_lost_colon(index)
            if trouble is None:
                trouble = self._find_trouble(start, index)
                if trouble and trouble.edits:  # a comma that was left out: the entry ends here
                    self.scanner.slips.append(trouble)
                    return trouble.edits[0].end
            index += 1
        else:
            index = len(self.text)
        end = start + len(self.text[start:index].rstrip())
        if lost_colon is not None:
            self.scanner.slips.append(lost_colon)
        elif trouble is not None:
            line_text = self.text[start:end]
            edits = () if "\n" in line_text or not word else (Edit(start, end, _quote(line_text)),)
            self.scanner.slips.append(Slip(trouble.index, trouble.reason, trouble.hint, edits))
        return index

    def _find_lost_colon(self, index: int) -> Slip | None:
        """Return the slip if behind a comma there is a key without its colon, which is no part of the text."""
        key = _LOST_COLON.match(self.text, index + 1) if self.kind == "{" and self.text[index] in _COMMAS else None
        if key is None or key[1] not in KNOWN_KEYS or key[1] in self.keys:
            return None
        hint = f"请写成“{key[1]}: …”，用半角冒号，后面空一格"
        edit = Edit(key.end(1), key.end(), ": ")
        return Slip(key.start(1), f"“{key[1]}”后面缺少冒号", hint, (edit,) if key[2] in _OPENERS else ())

    def _is_part_of_text(self, start: int, index: int, word: str) -> bool:
        """Return whether a closing bracket belongs to a text: to one that opens in it, or by its width."""
        sign = self.text[index]
        if sign == "]" and self.kind == "{" and "[" in self.text[start:index]:
            return True
        return sign in "｝］" and word in _TEXT_KEYS and not self._ends_here(index)

    def _ends_here(self, index: int) -> bool:
        """Return whether nothing but punctuation follows on the line."""
        return not self.text[index + 1 : self.scanner.line_end(index)].strip(f" \t\r{_COMMAS}。}}]｝］")

    def _is_separator(self, index: int) -> bool:
        """Return whether a sort of comma was meant to separate entries."""
        sign = self.text[index]
        if self.kind == "[":
            return sign == "," or self._separates_items(sign)
        after = self._skip_all_blanks(index + 1)
        if after >= len(self.text) or self.text[after] in _CLOSERS or self.text[after] == ",":
            return sign == ","
        match = _KEY.match(self.text, after)
        if match is None:
            return self.text[after] in "\"'" or (sign == "," and self.is_data)
        next_word = match[1].strip()
        if next_word in KNOWN_KEYS or sign == ",":
            return True
        return self.is_data and re.fullmatch(r"[\w·.-]{1,20}", next_word) is not None

    def _separates_items(self, sign: str) -> bool:
        """Return whether another sign than a comma separates the items of a list; a file's name may hold one."""
        if sign == ";" or self.key in _TEXT_KEYS:
            return False
        return self.key in _NAME_LIST_KEYS

    def _skip_all_blanks(self, index: int) -> int:
        while index < len(self.text) and self.text[index].isspace():
            index += 1
        return index

    def _find_trouble(self, start: int, index: int) -> Slip | None:  # noqa: PLR0911  a kind of trouble each
        """Return what YAML takes otherwise than its writer meant it at this place of a text, if anything."""
        sign = self.text[index]
        if sign == "#" and index > start and self.text[index - 1].isspace():
            remainder = self.text[index : self.scanner.line_end(index)]
            if re.search(r"[}\]｝］]|[,，]\s*\w+[:：]", remainder):
                hint = "请去掉 # 前面的空格，或把整段文字放进英文引号"
                return Slip(index, "空格后面的 # 会把这一行剩下的都当成注释", hint)
        if sign == ":" and self.kind == "{" and (index + 1 >= len(self.text) or self.text[index + 1].isspace()):
            second = re.search(r"[^\S\n]([^\s]+)$", self.text[start:index])
            if second and second[1] in KNOWN_KEYS:
                place = start + second.start(1)
                edit = Edit(start + second.start(), place, ", ")
                hint = "请在前面加一个半角逗号和空格"
                return Slip(place, f"“{second[1]}”前面缺逗号", hint, (edit,))
            return Slip(index, "文字里有半角冒号加空格", "请改成全角“：”，或把整段文字放进英文引号")
        if sign == ",":
            return Slip(index, "文字里有半角逗号", "请改成全角“，”，或把整段文字放进英文引号")
        if sign in "{[" and index > start:
            return Slip(index, f"文字里有半角括号“{sign}”", "请改成全角括号，或把整段文字放进英文引号")
        if index == start and sign in _FIRST_SIGNS:
            return Slip(index, f"文字不能用“{sign}”开头", _QUOTES_HINT)
        return None


_QUOTES_HINT = "请把整段文字放进英文引号"


def _match_end(pattern: re.Pattern[str], text: str, index: int) -> int:
    match = pattern.match(text, index)
    return match.end() if match else index


def _quote(text: str) -> str:
    """Return a text in quotation marks, in which every sign is itself."""
    return f'"{text}"' if not re.search(r'["\\]', text) else "'{}'".format(text.replace("'", "''"))


def drop_repeats(slips: Sequence[Slip]) -> list[Slip]:
    """Return the slips without those at one place."""
    return list({slip.index: slip for slip in reversed(slips)}.values())[::-1]
