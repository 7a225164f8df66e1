"""按姓氏笔画: by strokes as the People's Republic counts them, by first strokes, by structure (GF 3003-1999)."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.model.settings import NameOrder
from generator.intake.text import name_order

TABLE = Path(name_order.__file__).with_name("strokes") / "order.txt"
STROKES = {
    character: int(count)
    for count, characters in (line.split(" ") for line in TABLE.read_text(encoding="utf-8").splitlines())
    for character in characters
}
LEVELS = (Path(__file__).parents[1] / "files/standard-characters.txt").read_text(encoding="utf-8").split()

# Lists as they were published 按姓氏笔画为序.
PUBLISHED = {
    "members of the Political Bureau, Xinhua 2022-10-23": (
        "丁薛祥 习近平 马兴瑞 王毅 王沪宁 尹力 石泰峰 刘国中 李希 李强 李干杰 李书磊 李鸿忠 何卫东 何立峰 张又侠 "
        "张国清 陈文清 陈吉宁 陈敏尔 赵乐际 袁家军 黄坤明 蔡奇"
    ),
    "the first of 2,296 delegates, Xinhua 2022-09-25": (
        "丁宁 丁纯 丁炜 丁铭 丁小强 丁中平 丁仁彧 丁月牙 丁向群 丁兴农 丁赤飚 丁学东 丁荣浩 丁海燕 丁绣峰 丁雄军 "
        "丁薛祥 于波 于洋 于勇 于川雅 于立军 于吉红 于江涛 于秀明 于绍良 于砚华 于洪涛 才让太 万伟 万敏 万立骏 "
        "万芝利 万相兰 万超岐 么永波 习近平 马龙 马伟 马丽"
    ),
    "standing committee for discipline inspection, Xinhua 2022-10-23": (
        "王小平 王爱文 王鸿津 刘金国 刘学新 许罗德 孙新阳 李希 李欣然 肖培 张升民 张福海 "
        "陈国强 赵世勇 侯凯 喻红秋 傅奎 穆红玉"
    ),
    "committee of a university": (
        "于海涛 史秉强 付建军 刘英 刘敬泽 闫东利 关守义 苏玉民 杨士彬 张士欢 陈小雷 陈嘉兴 邵军永 武志英 郑振峰 赵小兰 "
        "胡景敏 樊翠英 霍丙泉 戴建兵"
    ),
    "its committee for discipline inspection": (
        "于华龙 习永凯 王新平 李双进 李庆祥 杨轶 杨士彬 杨彦辉 周春江 赵德勇 魏世亮"
    ),
    "candidates, Ningxia 2020-05-08": (
        "王芝兰 王欢欢 王富国 白佳霖 朱帅 仲凯博 刘品序 杨静 张梦琪 郑涵斐 孟煜杰 高家楠 黄依然 龚雪飞 遇旻"
    ),
}
# The hundred commonest surnames with their strokes, by 横竖撇点折.
SURNAMES = {
    2: "丁",
    3: "于万马",
    4: "王韦毛方尹孔邓",
    5: "石龙卢叶田史付白冯",
    6: "吕朱任向刘闫江汤许孙",
    7: "严苏杜李杨肖吴邱何余邹汪沈宋张陆陈邵",
    8: "武范林罗金周郑孟",
    9: "赵郝胡钟段侯姜姚贺",
    10: "秦袁莫贾夏顾钱徐高郭唐陶",
    11: "黄曹龚崔梁",
    12: "彭董蒋韩覃程曾谢",
    13: "雷",
    14: "蔡廖谭熊",
    15: "黎潘",
    16: "薛",
    17: "戴魏",
}


def _in_order(names: list[str]) -> list[str]:
    return sorted(names, key=lambda name: name_order.sort_key(name, (), NameOrder.STROKE))


@pytest.mark.parametrize("published", PUBLISHED.values(), ids=PUBLISHED)
def test_a_published_list_is_in_our_order(published: str):
    assert _in_order(sorted(published.split())) == published.split()


def test_each_level_of_the_national_list_is_in_our_order():
    assert [len(level) for level in LEVELS] == [3500, 3000, 1605]
    for level in LEVELS:
        assert _in_order(sorted(level)) == list(level)


def test_every_character_of_the_national_list_has_a_place_and_so_has_zero():
    assert set("".join(LEVELS)) | {"〇"} <= STROKES.keys()
    assert len([one for one in "".join(LEVELS) if one > "\uffff"]) == 196


def test_the_table_goes_up_and_holds_no_character_twice():
    counts = [int(line.split(" ")[0]) for line in TABLE.read_text(encoding="utf-8").splitlines()]
    assert counts == sorted(set(counts))
    assert len(STROKES) == sum(len(line.split(" ")[1]) for line in TABLE.read_text(encoding="utf-8").splitlines())
    assert TABLE.stat().st_size < 100_000


def test_the_hundred_commonest_surnames():
    wanted = "".join(SURNAMES.values())
    assert len(set(wanted)) == 100
    assert {one: STROKES[one] for one in wanted} == {one: count for count, ones in SURNAMES.items() for one in ones}
    assert "".join(_in_order(sorted(wanted))) == wanted


@pytest.mark.parametrize(
    "names",
    [
        "李一 李〇 李丁 李𬱖 李鑫",  # 1, 1, 2, 12 and 24 strokes
        "陈平 林平",  # 阝 has two strokes
        "邓平 冯平",
        "王平 韦平 毛平 方平",
        "艾平 节平 龙平 叶平",  # 艹 has three
        "干平 于平",  # the same first strokes: the plain vertical one before the one with a hook
        "申平 田平 由平",
        "李强 李一一 李干杰",  # names of two characters first
        "欧平 欧文平 欧阳平",
        "司马平 司徒平",
        "买买提·吐尔逊 阿不都·买买提 阿依古丽",
        "王平 王〓 A王",  # what has no place is last
    ],
)
def test_order(names: str):
    assert _in_order(sorted(names.split())) == names.split()


@given(st.lists(st.text(st.sampled_from("一丁陈林𬱖〇·A鑫王"), max_size=4)))
def test_the_order_is_one_of_all_names(names: list[str]):
    ordered = _in_order(names)
    assert ordered == _in_order(names[::-1])
    keys = [name_order.sort_key(name, (), NameOrder.STROKE) for name in ordered]
    assert all(
        left < right or one == other
        for (left, right), (one, other) in zip(pairwise(keys), pairwise(ordered), strict=True)
    )
