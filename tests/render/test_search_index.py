"""Search, sorting, filters and large type: the index as tables, and the script in a real Chromium."""

import http.server
import json
import re
import threading
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import encode
from playwright.sync_api import Browser, Page, expect

from generator.core.basics.name_spellings import derive_spellings
from generator.core.model.settings import NameOrder
from generator.intake.text import name_order, written_forms
from generator.render.site import search_index
from generator.render.site.search_index import SearchEntry
from tests.bench.crowd import crowd
from tests.conftest import build, few_examples
from tests.site_project import REPOSITORY, copy_sample

browser = pytest.mark.needs("chromium")
SCRIPTS = [REPOSITORY / f"themes/default/assets/{name}.js" for name in ("site", "search")]


# --- readings --------------------------------------------------------------------------------------------------------

SURNAMES = """
    单 shan 曾 zeng 解 xie 查 zha 仇 qiu 区 ou 盖 ge 任 ren 华 hua 纪 ji 朴 piao 宓 mi 员 yun 乐 yue 缪 miao 冼 xian
    洗 xian 种 chong 折 she 秘 bi 黑 he 召 shao 燕 yan 覃 qin 瞿 qu 葛 ge 隗 wei 阚 kan 郗 xi 翟 zhai 逄 pang 逢 pang
    卜 bu 祭 zhai 薄 bo 句 gou 乜 nie 繁 po 牟 mou 尹 yin 车 che 石 shi 柏 bai 贾 jia 宁 ning 谌 chen 谷 gu 盛 sheng
    臧 zang 佴 nai 郇 xun 圈 juan 角 jue 能 nai 适 kuo 都 du 重 chong 给 ji 粘 nian 且 ju 厦 xia 么 yao 藏 zang 什 shi
    炅 gui 勒 le 了 liao 似 si 澹 tan 撒 sa 那 na 哈 ha 曲 qu 行 xing 应 ying 褚 chu 晁 chao 佘 she 訾 zi 笪 da 仉 zhang
    郄 qie 万 wan 尉 wei 占 zhan 干 gan 费 fei 贲 ben 莘 shen 宿 su 妫 gui 暴 bao 降 jiang 缴 jiao 阙 que 吕 lv 庹 tuo
    殳 shu 校 xiao 要 yao 阴 yin 郁 yu 恽 yun 昝 zan 迮 ze 禚 zhuo 钭 tou 幺 yao 斐 fei 过 guo 号 hao 观 guan 滑 hua
"""
COMPOUND = """
    尉迟 yu+chi 万俟 mo+qi 令狐 ling+hu 澹台 tan+tai 长孙 zhang+sun 单于 chan+yu 乐正 yue+zheng 黑齿 hei+chi
    欧阳 ou+yang 司马 si+ma 上官 shang+guan 诸葛 zhu+ge 夏侯 xia+hou 皇甫 huang+fu 公孙 gong+sun 慕容 mu+rong
    宇文 yu+wen 司徒 si+tu 东方 dong+fang 端木 duan+mu 鲜于 xian+yu 申屠 shen+tu 钟离 zhong+li 淳于 chun+yu
    赫连 he+lian 拓跋 tuo+ba 亓官 qi+guan 颛孙 zhuan+sun 漆雕 qi+diao 谷梁 gu+liang 相里 xiang+li 纳兰 na+lan
"""


@pytest.mark.parametrize("table", [SURNAMES, COMPOUND], ids=["single", "compound"])
def test_surnames_are_read_as_surnames(table: str):
    words = table.split()
    expected = {surname: (*reading.split("+"), "min") for surname, reading in zip(words[::2], words[1::2], strict=True)}
    assert {surname: name_order.name_syllables(surname + "敏", None) for surname in expected} == expected


@pytest.mark.parametrize(
    ("name", "pinyin", "reading"),
    [
        ("周敏", None, "zhou min"),
        ("覃敏", "Tan min", "tan min"),
        ("古丽·买买提", None, "gu li · mai mai ti"),
        ("解力·艾山", None, "jie li · ai shan"),  # no surname there
        ("古丽·买买提", "gulnar·memet", "gulnar · memet"),
    ],
)
def test_a_name_is_read(name: str, pinyin: str | None, reading: str):
    assert " ".join(name_order.name_syllables(name, pinyin)) == reading


def test_levels_stand_in_the_order_of_their_readings():
    people = ["单丽", "谢安", "解安", "单于丹"]
    assert sorted(
        people, key=lambda name: name_order.sort_key(name, name_order.name_syllables(name, None), NameOrder.PINYIN)
    ) == [
        "单于丹",
        "单丽",
        "解安",
        "谢安",
    ]


# --- the index -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "reading", "spelt"),
    [
        ("周敏", "zhou min", "周敏 敏 zhoumin min zm"),
        ("吕安", "lv an", "吕安 安 lvan an la"),
        ("吕安", "lǚ ān", "吕安 安 lvan an la"),
        ("古丽·艾山", "gu li · ai shan", "古丽艾山 丽艾山 艾山 山 guliaishan liaishan aishan shan glas ga"),
        ("玛丽Ann", "ma li ann", "玛丽ann 丽ann ann nn n maliann liann mla"),
    ],
)
def test_a_member_is_spelt_in_these_ways(name: str, reading: str, spelt: str):
    assert derive_spellings(name, reading) == set(spelt.split())


def data(site: Path, name: str) -> list[object]:
    text = (site / "search" / f"{name}.js").read_text(encoding="utf-8")
    found: list[object] = json.loads("[" + re.fullmatch(r"jifenbang\.\w+\((.*)\);\n", text)[1] + "]")  # type: ignore[index]
    return found


def entries(site: Path) -> dict[str, list[list[object]]]:
    found: dict[str, list[list[object]]] = {}
    for one in data(site, "0")[1]:  # type: ignore[attr-defined]
        found.setdefault(one[0], []).append(one)
    return found


@pytest.mark.parametrize(
    ("audience", "member", "branch"),
    [
        ("organ,branch,member", "members/shan-xiaomeng.html", "branches/first/index.html"),
        ("organ,branch", "branches/first/index.html", "branches/first/index.html"),
        ("organ", "boards/2026.html", ""),
        ("member", "members/shan-xiaomeng.html", ""),
    ],
)
def test_whoever_is_found_leads_to_the_best_page_there_is(
    sample: Path, tmp_path: Path, audience: str, member: str, branch: str
):
    site = build(sample, tmp_path / "site", "--audience", audience)
    found, (places, starts, _) = entries(site), data(site, "index")
    assert found["单晓萌"] == [["单晓萌", "", ["shan xiao meng", "dan xiao meng"], 0, member, ""]]
    assert sorted((one[1], one[3]) for one in found["李静"]) == [("", 2), ("办公室", 0)]
    assert places[0] == ["第一党支部", branch, "", "di yi dang zhi bu"]  # type: ignore[index]
    assert starts == ["ang"]
    targets = {one[4] for same in found.values() for one in same} | {one[1] for one in places} - {""}  # type: ignore[attr-defined]
    assert all((site / str(target)).is_file() for target in targets)


def test_masked_names_are_in_no_index(tmp_path: Path):
    root = copy_sample(tmp_path / "masked")
    file = root / "content/site.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("names: full", "names: masked"), encoding="utf-8")
    site = build(root, tmp_path / "site")
    assert [path.name for path in (site / "search").iterdir()] == ["index.js"]
    places, starts, forms = data(site, "index")
    assert starts == []
    titles = [one[0] for one in places]  # type: ignore[attr-defined]
    assert titles[:5] == ["第一党支部", "第二党支部", "第三党支部", "第四党支部", "2026年度积分榜"]
    assert set(str(forms)[::2]) <= set("".join(titles))


PEOPLE = st.lists(
    st.builds(
        lambda surname, given_name, number: person(surname + given_name, f"{number}"),
        st.sampled_from(["单", "李", "𬀩", "欧阳", "古丽·"]),
        st.sampled_from(["敏", "静", "静怡", "建国", "买买提", "李"]),
        st.integers(0, 30),
    ),
    unique=True,
    max_size=120,
)


def person(name: str, aka: str = "") -> SearchEntry:
    readings = written_forms.list_readings(name, name_order.name_syllables(name, None))
    return SearchEntry(name, aka, readings, 0, "boards/2026.html")


@few_examples
@given(PEOPLE, st.integers(100, 3000))
def test_shards_hold_every_spelling_where_the_starts_say(people: list[SearchEntry], most: int):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_index, "MAX_SHARD_BYTES", most)
        shards = search_index.split_into_shards(people)
    starts = [start.encode("utf-16-be") for start, _ in shards]
    assert starts == sorted(starts)
    for entry in people:
        for spelling in chain(*(derive_spellings(entry.name, reading) for reading in entry.readings)):
            key = spelling.encode("utf-16-be")
            last = max(place for place, start in enumerate(starts) if start <= key)
            first = max((place for place, start in enumerate(starts) if start < key), default=0)
            assert any(entry in shards[place][1] for place in range(first, last + 1))
    for _, found in shards:
        assert sum(len(encode(one)) for one in found) <= most + 100
        assert len(set(found)) == len(found)


# --- in a browser ----------------------------------------------------------------------------------------------------


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[str]:
    """The site under a path of a server."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site.parent)) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}/{site.name}"
        served.shutdown()


def opened(chromium: Browser, url: str, **options: object) -> Page:
    page = chromium.new_context(**options).new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(url)
    return page


def answered(page: Page) -> None:
    """Wait until the search says what it found: an assertion that looks again asks no page to evaluate anything."""
    expect(page.locator(".search [role=status]")).not_to_have_text("")


def sought(page: Page, query: str) -> list[str]:
    """What is listed for a query."""
    page.fill("#search", "")
    page.fill("#search", query)
    answered(page)
    return [one.strip() for one in page.locator("[role=option]").all_inner_texts()]


def flat(texts: list[str]) -> list[str]:
    return [re.sub(r"\s+", " ", text) for text in texts]


@pytest.fixture(scope="module")
def month_page(chromium: Browser, site: Path) -> Page:
    """A page on which one thing after the other is looked for."""
    return opened(chromium, (site / "branches/first/2026-03.html").as_uri())


class TestInABrowser:
    pytestmark = browser

    @pytest.mark.parametrize("scheme", ["file", "http"])
    def test_every_way_of_naming_finds(self, chromium: Browser, site: Path, server: str, scheme: str):
        root = site.as_uri() if scheme == "file" else server
        page = opened(chromium, f"{root}/branches/first/2026-03.html")
        found = {
            query: flat(sought(page, query))
            for query in ["单晓萌", "晓萌", "萌", "shanxiaomeng", "Shan Xiaom", "sxm", "xiaomeng", "第三"]
        }
        shan = ["单晓萌 第一党支部"]
        assert found == dict.fromkeys(found, shan) | {"第三": ["第三党支部"]}
        assert flat(sought(page, "lj")) == ["李静 第三党支部", "李静 （办公室） 第一党支部"]
        sought(page, "sxm")
        page.click("[role=option]")
        page.wait_for_url(f"{root}/members/shan-xiaomeng.html")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            # branches: in short, by number, pinyin and initials, in traditional characters
            ("第一支部", ["第一党支部"]),
            ("一支部", ["第一党支部"]),
            ("第1党支部", ["第一党支部"]),
            ("3支部", ["第三党支部"]),
            ("dyzb", ["第一党支部"]),
            ("dydzb", ["第一党支部"]),
            ("yizhibu", ["第一党支部"]),
            ("第二黨支部", ["第二党支部"]),
            # readings that a name doesn't have
            ("danxiaomeng", ["单晓萌 第一党支部"]),
            ("chayuqin", ["查玉琴 第三党支部"]),
            ("ceng", ["曾凡玲 第一党支部"]),
            ("chou", ["仇钢 第四党支部"]),
            # traditional characters, one character wrong, too many or too few
            ("單曉萌", ["单晓萌 第一党支部"]),
            ("单小萌", ["单晓萌 第一党支部"]),
            ("小萌", ["单晓萌 第一党支部"]),
            ("单晓晓萌", ["单晓萌 第一党支部"]),
            ("shangxiaomeng", ["单晓萌 第一党支部"]),
            # other pages
            ("2026上半年积分", ["2026年上半年积分榜", "2026年上半年党员积分榜公布 2026年7月9日"]),
            ("问答", ["积分管理问答 2026年3月16日"]),
            ("办法", ["《机关党员积分制管理办法（试行）》 规则"]),
            ("审核记录", ["审核记录 目录"]),
        ],
    )
    def test_what_readers_write_is_found(self, month_page: Page, query: str, found: list[str]):
        assert flat(sought(month_page, query)) == found

    def test_enter_opens_nothing_while_there_is_a_choice(self, chromium: Browser, site: Path):
        page = opened(chromium, (site / "index.html").as_uri())
        address = page.url
        for query in ("李静", "lijing", "李", "单小萌", "没有这个人"):
            page.fill("#search", query)
            for _ in range(3):
                page.keyboard.press("Enter")
                page.wait_for_timeout(60)
            assert page.locator("[role=option]").count() > 0
            assert page.url == address, query
        sought(page, "李静")
        page.keyboard.press("ArrowDown")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "members/li-jing" in page.url

    def test_whoever_finds_nothing_is_shown_where_to_look(self, chromium: Browser, site: Path):
        page = opened(chromium, (site / "index.html").as_uri())
        found = flat(sought(page, "没有这个人"))
        assert "审核记录 目录" in found
        assert page.inner_text(".search [role=status]") == (
            "没有找到“没有这个人”。可以换成姓名、拼音或首字母，或者从这里找"
        )

    @pytest.mark.parametrize("composing", [{"keyCode": 229}, {"isComposing": True}], ids=str)
    def test_keys_of_an_input_method_are_its_own(self, chromium: Browser, site: Path, composing: dict[str, int | bool]):
        page = opened(chromium, (site / "index.html").as_uri())
        address = page.url
        sought(page, "fangliqun")
        press = """([key, more]) => document.querySelector('#search').dispatchEvent(
            new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true, ...more}))"""
        for key in ("Enter", "ArrowDown", "Escape"):
            assert page.evaluate(press, [key, composing]), key
        page.wait_for_timeout(100)
        assert (page.url, page.locator("[aria-selected=true]").count()) == (address, 0)
        assert page.is_visible(".results")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url == (site / "members/fang-liqun.html").as_uri()

    def test_it_all_works_from_the_keyboard(self, chromium: Browser, site: Path):
        page = opened(chromium, (site / "boards/2026-H1.html").as_uri())
        page.keyboard.press("/")
        field = page.locator("#search")
        assert field.evaluate("field => field === document.activeElement")
        page.keyboard.insert_text("lijing")  # at once: no answer to its beginning comes in between
        page.wait_for_selector("[role=option]")
        states = []
        for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "Escape", "ArrowDown"):
            page.keyboard.press(key)
            states.append((field.get_attribute("aria-expanded"), field.get_attribute("aria-activedescendant")))
        shown = [("true", f"found.{place}") for place in (0, 1, 0, 1)]
        assert states == [*shown, ("false", None), ("true", None)]
        page.keyboard.press("ArrowUp")
        assert page.get_attribute("[aria-selected=true]", "href") == "../members/li-jing.html"
        page.keyboard.press("Enter")
        page.wait_for_url("**/members/li-jing.html")

    @pytest.mark.parametrize("key", ["Escape", "Tab"])
    def test_what_was_left_is_not_opened_by_a_late_answer(self, chromium: Browser, site: Path, key: str):
        page = opened(chromium, (site / "index.html").as_uri())
        sought(page, "fan")
        page.keyboard.type("g")
        page.keyboard.press(key)
        page.wait_for_timeout(500)
        assert page.locator("#search").get_attribute("aria-expanded") == "false"
        assert not page.is_visible(".results")

    def test_enter_straight_after_typing_waits_for_the_index(self, chromium: Browser, site: Path):
        page = opened(chromium, (site / "index.html").as_uri())
        page.keyboard.press("/")
        page.keyboard.type("fang")
        page.keyboard.press("Enter")
        page.wait_for_url("**/members/fang-*.html")
        assert page.url == (site / "members/fang-liqun.html").as_uri()
        assert page.inner_text("h1") == "方立群的积分"

    def test_without_script_nothing_of_it_is_seen(self, chromium: Browser, site: Path):
        page = opened(chromium, (site / "index.html").as_uri(), java_script_enabled=False)
        for part in ("#search", ".switch"):
            assert not page.is_visible(part)
        assert page.get_by_role("link", name="第三党支部", exact=True).is_visible()

    def test_a_missing_file_of_the_index_is_told(self, chromium: Browser, server: str):
        page = opened(chromium, f"{server}/index.html")
        page.route("**/search/0.js", lambda route: route.abort())
        assert sought(page, "lijing") == []
        assert page.inner_text(".search [role=status]") == "查找所需的文件无法打开"

    def test_large_type_stays_from_page_to_page_and_off_paper(self, chromium: Browser, site: Path):
        page = opened(chromium, (site / "index.html").as_uri())
        size = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
        plain, button = page.evaluate(size), page.locator("[data-setting=large]")
        for times, following in ((1.25, "特大"), (1.5, "标准")):
            button.click()
            assert (button.inner_text(), page.evaluate(size)) == (following, plain * times)
        page.goto((site / "rules.html").as_uri())
        assert (button.inner_text(), page.evaluate(size)) == ("标准", plain * 1.5)
        page.emulate_media(media="print")
        on_paper = page.evaluate(size)
        page.evaluate("document.documentElement.className = 'js'")
        assert page.evaluate(size) == on_paper

    def test_a_session_of_searches_among_20000_loads_less_than_200_kb(self, chromium: Browser, tmp_path: Path):
        """Queries are typed key by key, some in vain; what was found on the way counts, and the page isn't left."""
        folder = tmp_path / "crowd"
        people = crowd(folder, 20_000)
        page = opened(chromium, (folder / "index.html").as_uri())
        loaded: list[int] = []
        page.on("response", lambda answer: loaded.append(len((folder / answer.url.split("crowd/")[1]).read_bytes())))
        page.goto((folder / "index.html").as_uri())
        listed = {}
        for one in (people[0], people[7777], people[-1]):
            for query in (one.name, one.readings[0], one.name[0] + "龘" + one.name[2:]):
                page.fill("#search", "")
                page.focus("#search")
                page.keyboard.type(query, delay=40)
                page.wait_for_timeout(400)
                found = page.locator("[role=option]").all_inner_texts()
                many = "只列出" in page.inner_text(".search [role=status]")
                listed[query] = many or any(one.name in text for text in found)
        assert all(found for query, found in listed.items() if "龘" not in query), listed
        for number in range(0, 20_000, 500):
            page.fill("#search", people[number].name)
            page.wait_for_timeout(150)
        assert 100_000 < sum(loaded) < 200_000
        assert page.inner_text(".search [role=status]") == "本页查找次数较多，请刷新后再查"


# --- tables ----------------------------------------------------------------------------------------------------------

TABLE = """<!doctype html><meta charset="utf-8"><script src="site.js"></script>
<form class="filters" data-filters="t"><select name="branch"><option value="">全部<option>甲<option>乙</select>
</form>
<table class="sortable" id="t"><thead>
<tr><th data-sort="rank">名次<th data-sort="name">姓名<th data-sort="points">积分</thead><tbody>
<tr data-branch="甲"><td data-rank="1">1<td data-order="2">张三<td>10
<tr data-branch="乙"><td data-rank="2">2<td data-order="1">李四<td>−9.5
<tr data-branch="甲"><td data-rank="3">3<td data-order="3">王五<td>
<tr data-branch="甲"><td data-rank="10">10<td data-order="4">赵六<td>9
</tbody></table>"""


@pytest.fixture
def table(chromium: Browser, tmp_path: Path) -> Page:
    (tmp_path / "site.js").write_bytes(SCRIPTS[0].read_bytes())
    (tmp_path / "table.html").write_text(TABLE, encoding="utf-8")
    return opened(chromium, (tmp_path / "table.html").as_uri())


def shown(table: Page) -> str:
    rows = "[...document.querySelectorAll('tbody tr')].filter(row => !row.hidden)"
    return "".join(table.evaluate(f"{rows}.map(row => row.cells[1].textContent[0])"))


class TestTables:
    pytestmark = browser

    @pytest.mark.parametrize(
        ("column", "key", "direction", "order"),
        [
            ("名次", "rank", "ascending", "张李王赵"),
            ("姓名", "name", "ascending", "李张王赵"),
            ("积分", "points", "descending", "张赵李王"),
        ],
    )
    def test_figures_are_sorted_from_the_highest_and_never_from_the_lowest(
        self, table: Page, column: str, key: str, direction: str, order: str
    ):
        head, address = table.locator("th", has_text=column), table.url
        found = []
        for _ in range(3):
            table.focus(f"button:text('{column}')")
            table.keyboard.press("Enter")
            found.append((head.get_attribute("aria-sort"), shown(table), table.url.removeprefix(address)))
        assert found == [(direction, order, f"#sort={key}"), (None, "张李王赵", ""), found[0]]

    def test_a_filter_hides_rows_and_says_how_many_are_left(self, table: Page):
        found = {}
        for choice in ("乙", "甲", ""):
            table.select_option("select", choice)
            found[choice] = shown(table), table.inner_text("[role=status]")
        assert found == {
            "乙": ("李", "本页显示 1 行，共 4 行"),
            "甲": ("张王赵", "本页显示 3 行，共 4 行"),
            "": ("张李王赵", ""),
        }

    def test_paper_has_the_rows_as_they_were(self, table: Page):
        table.click("button:text('姓名')")
        table.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert shown(table) == "张李王赵"
        table.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert shown(table) == "李张王赵"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_the_scripts_are_small_and_ask_nothing_of_newer_browsers(script: Path):
    text = script.read_text(encoding="utf-8")
    assert len(text.encode()) <= 15 * 1000
    newer = r"fetch\(|XMLHttp|import\b|eval\(|innerHTML|\?\?=|\|\|=|\.at\(|replaceChildren|\.style\b"
    assert re.findall(newer, text) == []
