"""Numbers of identity cards and telephones, in any usual spelling; and what only resembles them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.basics.privacy import cover_private_numbers, find_private_number

MOBILE = """13800138000|１３８００１３８０００|138 0013 8000|138-0013-8000|138.0013.8000|138·0013·8000
138—0013—8000|138–0013–8000|138‐0013‐8000|138−0013−8000|138－0013－8000|138一0013一8000|138\u00a00013\u00a08000
138\u30000013\u30008000|138\u2009 0013 8000|138_0013_8000|138  0013  8000|138**0013**8000|138 00138000
1380013 8000|1380 0138 000|13800-138-000|13800 138 000|138 00 13 80 00|138-00-13-80-00|1 3 8 0 0 1 3 8 0 0 0
138-0013 8000|+8613800138000|+86 13800138000|+86 138 0013 8000|+86-138-0013-8000|＋８６１３８００１３８０００
0086 13800138000|008613800138000|8613800138000|86 13800138000|86-13800138000|(+86)13800138000
（+86）138 0013 8000|(86)13800138000|013800138000|0 138 0013 8000|19912345678|165 1234 5678
（138）0013-8000|(138)00138000|(138) 0013 8000"""
LANDLINE = """0371-67180000|(0371)67180000|（0371）67180000|(0371) 67180000|0371 67180000|0371  67180000
0371—67180000|0371－67180000|0371–67180000|0371一67180000|0371.67180000|0371·67180000|0371/67180000|037167180000
０３７１６７１８００００|0371 6718 0000|0371-6718-0000|(0371)6718-0000|0371—67 18 00 00|0371-6718000
(0371)6718000|0371 671 8000|010-12345678|010-1234 5678|010 6234 5678|01062345678|(010)62345678|021－62345678
020-8123-4567|+86-371-67180000|+86 371 6718 0000|+86(0371)67180000|+8637167180000|+86 10 6234 5678|+861062345678
0086-371-67180000|0086 10 62345678|86-0371-67180000|86 10 62345678|(86)371-67180000|400-810-1234|400-8101-234
800-810-1234|4008101234|0391-12345678"""
CARD = """41010219900307391X|41010219900307391x|４１０１０２１９９００３０７３９１Ｘ|41010219900307391×
110105194912310026|110105 19491231 0026|110105-19491231-0026|110105.19491231.0026|110105　19491231　0026
1101 0519 4912 3100 26|110 105 1949 1231 0026|4 1 0 1 0 2 1 9 9 0 0 3 0 7 3 9 1 X|410102 1990 03 07 391X
410102 19900307 391 X|110105—19491231—0026|410102900307391|410102 900307 391|410102-900307-391
４１０１０２９００３０７３９１"""
WITH_A_CUE = """电话67180000|电话：67180000|电话: 6718 0000|联系电话6718-0000|电话号码为67180000
手机号13800138000|座机 6718000|热线（67180000）|传真67180000|Tel: 67180000|TEL.6718 0000|tel 67180000|电 话：67180000
手　机: 6718-0000|联系方式：67180000"""
NONE = """分机 8001|邮编 450000|2026-03-05|2026年3月5日|20260305|2026-03-05 2026-03-12
2026-01-05、2026-02-05、2026-03-05|2026-03-05至2026-03-12|2026.03.05-2026.03.12|1949.10.01-2026.10.01
2026-03-05 14:30-15:30|2026-03-05 14:30:15|8:30-11:30 14:00-17:30|0830-1130 1430-1730|0730-2030 2100-2200
时间1430-1530 301室|会议0305 0830-1130|20260305签到表.pdf|IMG_20260305_143015.jpg|mmexport1614567890123.jpg
Screenshot_2026-03-05-14-30-15.png|微信图片_20260305143015.jpg|0310 20260315|031020260315|DSC00012.JPG
第 12371 号|12371|12380|110 119 120|拨打96110|邮箱 a1@b2.cn|豫组〔2026〕12号|第1-20页|2024-2025-2026-2027
2026Q1 2026Q2|得分 13.5 14.5 15.5 16.5 17|13 14 15 16 17 18|1 2 3 4 5 6 7 8 9 10 11 12|95 96 97 98 99 100
经费 150 1600 17000 元|3.1415926|0.5 0.25 0.125 0.0625|10000000000|100000000000000|12345678901234567
1,380,013,800|91410102MA3X4Y5Z6W|138****8000|110105********0026|会议号 123 456 789|电话会议20260305
电话记录20260305.pdf|GF 3003-1999、GB 13000.1|6 月 18 日 8 时|二〇二六年三月五日"""


def specimens(table: str) -> list[str]:
    return [one for one in re.split(r"[|\n]", table) if one]


@pytest.mark.parametrize("number", [*specimens(MOBILE), *specimens(LANDLINE), *specimens(CARD)])
@pytest.mark.parametrize("around", ["{}", "联系{}。", "（{}）", "张三 {} 转告", "{}.pdf", "a{}b"])
def test_numbers(number: str, around: str):
    text = around.format(number)
    found = find_private_number(text)
    assert found is not None
    assert found in text
    assert sum(map(str.isdigit, found)) >= 10


@pytest.mark.parametrize("text", specimens(WITH_A_CUE))
def test_local_numbers_after_a_word_for_telephone(text: str):
    assert find_private_number(f"请看：{text}")


@pytest.mark.parametrize("text", specimens(NONE))
def test_what_only_resembles_them(text: str):
    assert find_private_number(text) is None
    assert find_private_number(f"见{text}。") is None


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("手机138 0013 8000，家0371-67180000", "手机138 **** 8000，家037*-****0000"),
        ("41010219900307391X.pdf", "410***********391X.pdf"),
        ("４１０１０２１９９００３０７３９１Ｘ", "４１０***********３９１Ｘ"),
        ("+8613800138000", "+861******8000"),
        ("电话6718 0000", "电话671* **00"),
        ("2026-03-05 讨论", "2026-03-05 讨论"),
    ],
)
def test_the_middle_is_covered(text: str, covered: str):
    assert cover_private_numbers(text) == covered


@pytest.mark.parametrize("number", [*specimens(MOBILE), *specimens(LANDLINE), *specimens(CARD), *specimens(WITH_A_CUE)])
def test_what_is_covered_is_no_number_any_more(number: str):
    covered = cover_private_numbers(f"甲{number}乙")
    assert find_private_number(covered) is None
    assert len(covered) == len(number) + 2
    assert covered.count("*") - number.count("*") >= 2


@given(st.text(st.sampled_from("0123456789１８ ()-—.·+Xx电话号甲/"), max_size=40))
def test_any_text_is_searched_and_can_be_covered(text: str):
    covered = cover_private_numbers(text)
    assert len(covered) == len(text)
    assert (covered == text) == (find_private_number(text) is None)
    assert find_private_number(covered) is None
