"""Mistakes in templates, said in Chinese with what to type."""

import re
from datetime import date

import jinja2
import pytest
from jinja2.sandbox import SandboxedEnvironment

from generator.render.html.template_messages import describe_template_error

MISTAKES = {
    "{% if a %}": ("到末尾还没有收住 {% if %}", "{% endif %}"),
    "{% for a in b %}{{ a }}": ("到末尾还没有收住 {% for %}", "{% endfor %}"),
    "{% block a %}": ("到末尾还没有收住 {% block %}", "{% endblock %}"),
    "{% block a %}{% if b %}{% endblock %}": ("{% endblock %}，而前面的 {% if %} 还没有收住", "先写 {% endif %}"),
    "{% endif %}": ("前面没有要由 {% endif %} 收住的标记", "删去"),
    "{% fi a %}": ("没有 {% fi %} 这种标记", "block、extends"),
    "{% if a %}{% endfor %}{% endif %}": ("{% endfor %}，而前面的 {% if %} 还没有收住", "{% endif %}"),
    "{% %}": ("{% 后面没有写是什么标记", "改正"),
    "{{ a": ("缺 }}", "改正"),
    "{{ a b }}": ("这里应当是 }}，写的是 b", "核对"),
    "{{ (a }}": ("应当是 )", "括号"),
    "{{ a & b }}": ("不能写 &", "半角"),
    "{{ a，b }}": ("不能写 ，", "半角"),
    "{{ }}": ("这里缺一个值，写的是 }}", "改正"),
    "{# a": ("注释没有收住", "#}"),
    "{% raw %}a": ("{% raw %} 没有收住", "{% endraw %}"),
    "{{ a | pionts }}": ("没有 pionts 这个过滤器", "REFERENCE"),
    "{% if a is evne %}{% endif %}": ("没有 evne 这个判断", "REFERENCE"),
    "{% block a %}{% endblock %}{% block a %}{% endblock %}": ("block a 写了两次", "改一个名字"),
    "{% block side %}{{ super() }}{% endblock %}": ("没有“side”这个 block", "super()"),
    "{{ titel.a }}": ("没有 titel 这个量", "REFERENCE"),
    "{{ day.titel.a }}": ("date 没有 titel 这一项", "REFERENCE"),
    "{{ days[3].a }}": ("没有第 3 项", "核对"),
    "{{ 1 / 0 }}": ("除数是 0", "判断"),
    "{{ 3() }}": ("不是能调用的东西", "括号"),
    "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}": ("宏 m 没有这样的参数", "{% macro m(…) %}"),
    "{{ 'a' + 1 }}": ("文字和数不能", "{{ 甲 ~ 乙 }}"),
    "{{ 1 - 'a' }}": ("文字和数不能", "|int"),
    "{{ '%d' % 'a' }}": ("文字和数不能", "|int"),
    "{{ [3, 'a'] | sort }}": ("不能比大小", "排序"),
    "{{ 3 | length }}": ("没有长短", "|length"),
    "{{ 3 | sum }}": ("应当是一个列表", "过滤器前面"),
    "{{ 1 in 5 }}": ("应当是一个列表", "in 后面"),
    "{{ ''.__class__.__mro__ }}": ("不许用 __class__", "改正"),
    "{{ 'a' | replace }}": ("参数写少了", "核对"),
    "{{ 'a' | truncate(1, 2, 3, 4, 5, 6) }}": ("写多了", "核对"),
    "{{ 'a' | truncate(size=1) }}": ("写错了名字", "核对"),
    "{{ cycler() }}": ("参数写少了", "核对"),
    "{{ 'a }}": ("引号没有收住", "补上引号"),
    '{{ "a }}': ("引号没有收住", "补上引号"),
    "{{ ١ }}": ("名字里有不能用的符号", "下划线"),
    "{% else %}": ("{% else %} 前面没有 {% if %}", "补上"),
    "{{ 3 | round(1, 'up') }}": ("这里算不下去（原文：method must be common", "改正"),
}


@pytest.mark.parametrize("source", MISTAKES)
def test_a_mistake_is_said_in_chinese_with_its_remedy(source: str):
    environment = SandboxedEnvironment(undefined=jinja2.StrictUndefined)
    with pytest.raises((jinja2.TemplateError, TypeError, ArithmeticError, RuntimeError)) as raised:
        environment.from_string(source).render(day=date(2026, 1, 1), days=[1], a=1, b=[2])
    message, hint = describe_template_error(raised.value)
    expected, remedy = MISTAKES[source]
    assert (expected in message, remedy in hint) == (True, True), (message, hint)
    assert "原文" in message or not re.search(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", message)
