"""Mistakes in templates in Chinese, with what to type: Jinja says them in English, in its own words."""

import re
from collections.abc import Callable

_REMEDY = "请改正这个模板，或删去它，改用上一级主题的"
_NAMES_REMEDY = "请核对名字；模板里能用的见程序的 themes/README.md 和 themes/REFERENCE.md"
# What Jinja calls the ends of its marks.
_ENDS = {
    "end of print statement": "}}",
    "end of statement block": "%}",
    "begin of statement block": "{%",
    "begin of print statement": "{{",
    "end of comment": "#}",
    "end of template": "文件末尾",
}
_CLOSING = re.compile(r"The innermost block that needs to be closed is '(\w+)'")
_EXPECTED_TAGS = re.compile(r"(?:currently looking for|the following tags:) ((?:'\w+'(?: or )?)+)")


def describe_template_error(error: Exception) -> tuple[str, str]:
    """Return what is wrong with a template, and what to do; of an unknown kind with the words of Jinja or Python."""
    text = str(error)
    for pattern, describe in _KINDS:
        if match := re.search(pattern, text):
            return describe(match)
    if re.search("[\u4e00-\u9fff]", text):
        return f"模板有错：{text}", _REMEDY
    return f"模板有错，这里算不下去（原文：{text.removesuffix('.')}）", _REMEDY


def _name_sign(word: str) -> str:
    """Return a sign as it is typed."""
    return _ENDS.get(word, word)


def _describe_end(match: re.Match[str]) -> tuple[str, str]:
    closing, expected = _CLOSING.search(match.string), _EXPECTED_TAGS.search(match.string)
    if closing is None:
        return "模板没有写完就到了末尾", _REMEDY
    return f"模板到末尾还没有收住 {{% {closing[1]} %}}", f"请在它该结束的地方写 {_list_closing_tags(expected)}"


def _list_closing_tags(expected: re.Match[str] | None) -> str:
    """Return the tags that close a block, of those that may follow in it."""
    tags = re.findall(r"\w+", expected[1].replace(" or ", " ")) if expected else []
    closing = [tag for tag in tags if tag.startswith("end")] or tags
    return " 或 ".join(f"{{% {tag} %}}" for tag in closing)


def _describe_tag(match: re.Match[str]) -> tuple[str, str]:
    tag, closing, expected = match[1], _CLOSING.search(match.string), _EXPECTED_TAGS.search(match.string)
    if closing and ("nesting mistake" in match.string or tag.startswith("end")):
        hint = f"请先写 {_list_closing_tags(expected)}，或核对前后的标记有没有写漏、交叉"
        return f"这里写了 {{% {tag} %}}，而前面的 {{% {closing[1]} %}} 还没有收住", hint
    if tag.startswith("end"):
        return f"前面没有要由 {{% {tag} %}} 收住的标记", "请删去它，或补上开头的那一个"
    if tag in {"else", "elif"}:
        return f"{{% {tag} %}} 前面没有 {{% if %}}", f"请补上开头的 {{% if … %}}，或删去 {{% {tag} %}}"
    hint = "可以写的有：block、extends、include、import、from、macro、call、if、for、set、with、filter、raw"
    return f"没有 {{% {tag} %}} 这种标记", hint


def _describe_token(match: re.Match[str]) -> tuple[str, str]:
    return (
        f"这里应当是 {_name_sign(match[1])}，写的是 {_name_sign(match[2])}",
        "请核对括号、引号、逗号有没有写漏，或写成了全角",
    )


def _describe_sign(match: re.Match[str]) -> tuple[str, str]:
    expected = f"；应当是 {match[2]}" if match.lastindex == 2 else ""  # noqa: PLR2004  the sign, and the one in its place
    return f"这里不能写 {_name_sign(match[1])}{expected}", "请核对括号、引号有没有成对，标点是不是半角"


_Description = Callable[[re.Match[str]], tuple[str, str]]


def _say(message: str, hint: str) -> _Description:
    """Return a description from sentences in which ``{0}`` and ``{1}`` are what Jinja quotes."""
    return lambda match: (message.format(*match.groups()), hint.format(*match.groups()))


_KINDS: tuple[tuple[str, _Description], ...] = (
    (r"^Unexpected end of template\.", _describe_end),
    (
        r"^unexpected end of template, expected '(.+)'",
        lambda match: (f"模板到末尾还缺 {_name_sign(match[1])}", _REMEDY),
    ),
    (r"^Encountered unknown tag '(.+?)'", _describe_tag),
    (r"^expected token '(.+)', got '(.+)'$", _describe_token),
    (
        r"^unexpected char \"'\" at|^unexpected char '\"' at",
        _say("引号没有收住", "请在文字的后面补上引号，前后用一样的"),
    ),
    (r"^unexpected char '(.+)' at", _describe_sign),
    (r"^Invalid character in identifier", _say("名字里有不能用的符号", "请只用英文字母、数字和下划线")),
    (r"^unexpected '(.+)', expected '(.+)'$", _describe_sign),
    (r"^unexpected '(.+)'$", _describe_sign),
    (r"^Missing end of comment tag", _say("注释没有收住", "请在它该结束的地方写 #}}")),
    (r"^Missing end of raw directive", _say("{{% raw %}} 没有收住", "请在它该结束的地方写 {{% endraw %}}")),
    (r"^No filter named '(.+)'", _say("没有 {0} 这个过滤器（| 后面的）", _NAMES_REMEDY)),
    (r"^No test named '(.+)'", _say("没有 {0} 这个判断（is 后面的）", _NAMES_REMEDY)),
    (r"^block '(.+)' defined twice", _say("block {0} 写了两次", "一个名字只能写一个 block：请删去一个，或改一个名字")),
    (
        r"there is no parent block called '(.+?)'",
        _say("上一级模板里没有“{0}”这个 block，不能用 super()", "请核对 block 的名字，或去掉 super()"),
    ),
    (r"^'(\w+)' is undefined$", _say("模板里没有 {0} 这个量", _NAMES_REMEDY)),
    (r"^'(?:\w+\.)*(\w+)(?: object)?' has no attribute '(\w+)'", _say("{0} 没有 {1} 这一项", _NAMES_REMEDY)),
    (
        r"^can only concatenate|^unsupported operand type|^must be str|a (?:real )?number is required",
        _say("文字和数不能这样放在一起算", "连接文字用 ~，例如 {{{{ 甲 ~ 乙 }}}}；要当作数来算的，先写 |int"),
    ),
    (r"' not supported between instances", _say("这里的几个值不是一类，不能比大小", "请核对要比较、排序的是哪一项")),
    (r"has no len\(\)$", _say("一个数没有长短可数", "请核对 |length 前面的名字")),
    (
        r"(?:object|type '\w+') is not iterable",
        _say("这里应当是一个列表，给的不是", "请核对 in 后面、过滤器前面的名字"),
    ),
    (r"^access to attribute '(.+)' of .* is unsafe", _say("模板里不许用 {0}", _REMEDY)),
    (
        r"required positional argument|positional arguments? but|unexpected keyword argument|has to be provided$",
        _say("括号里的参数写少了、写多了或写错了名字", "请照 Jinja 的说明核对过滤器、函数的参数"),
    ),
    (r"object has no element '?(.+?)'?$", _say("没有第 {0} 项", _NAMES_REMEDY)),
    (r"^'?(.+?)'? object is not callable", _say("这里的括号前面不是能调用的东西（{0}）", "请去掉括号，或核对名字")),
    (r"division (?:by zero|undefined)|DivisionByZero", _say("除数是 0", "请先用 {{% if %}} 判断除数，再相除")),
    (
        r"^macro '(.+?)' takes",
        _say("宏 {0} 没有这样的参数，或者参数多了", "请照 {{% macro {0}(…) %}} 里写的参数改"),
    ),
    (r"^tag name expected", _say("{{% 后面没有写是什么标记", _REMEDY)),
    (r"^Expected an expression, got '(.+)'", lambda match: (f"这里缺一个值，写的是 {_name_sign(match[1])}", _REMEDY)),
)
