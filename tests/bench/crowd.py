"""A generated crowd in the search index, and how fast Chromium answers: ``python -m tests.bench.crowd``."""

import random
import shutil
import statistics
import sys
import tempfile
from itertools import accumulate
from pathlib import Path

from playwright.sync_api import sync_playwright

from generator.intake.text import name_order, written_forms
from generator.render.site import search_index
from generator.render.site.search_index import SearchEntry, SearchPlace
from tests.conftest import CHROMIUM
from tests.site_project import REPOSITORY

# Surnames by their share of the population, in tenths of a per cent; the others share what is left.
COMMON = "李79王74张71刘54陈45杨31赵23黄22周21吴20徐17孙15胡13朱13高12林12何12郭11马11罗9梁8宋8郑8谢7韩7唐7冯7于6董6萧6"
RARE = (
    "程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉萍红建国文志海春梅晓雪佳慧子"
    "轩宇浩然思雨欣怡嘉俊博远立新德昌永光振东"
)


def crowd(folder: Path, size: int) -> list[SearchEntry]:
    """Write a page with the field, and the index of that many members in 600 branches."""
    chance = random.Random(size)
    weights = [int("".join(filter(str.isdigit, part))) for part in _parts(COMMON)]
    surnames = [part[0] for part in _parts(COMMON)] + list(RARE)
    bounds = list(accumulate([*weights, *[(1000 - sum(weights)) / len(RARE)] * len(RARE)]))
    people = []
    for number in range(size):
        given = "".join(chance.choices(GIVEN, k=1 + (chance.random() < 0.8)))
        name = chance.choices(surnames, cum_weights=bounds)[0] + given
        readings = written_forms.list_readings(name, name_order.name_syllables(name, None))
        people.append(SearchEntry(name, "", readings, number % 600, f"members/member-{number}.html"))
    _write(folder, people)
    return people


def _parts(text: str) -> list[str]:
    starts = [place for place, one in enumerate(text) if not one.isdigit()]
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def _write(folder: Path, people: list[SearchEntry]) -> None:
    shards = search_index.split_into_shards(people)
    branches = [
        SearchPlace(f"第{number}党支部", f"branches/b{number}/index.html", "", f"di {number} dang zhi bu")
        for number in range(600)
    ]
    forms = written_forms.list_traditional_forms(one.name for one in people)
    (folder / "search").mkdir(parents=True)
    for number, (_, entries) in enumerate(shards):
        (folder / f"search/{number}.js").write_bytes(search_index.render_script("shard", number, entries))
    (folder / search_index.INDEX_PATH).write_bytes(
        search_index.render_script("index", branches, [start for start, _ in shards], forms)
    )
    shutil.copy(REPOSITORY / "themes/default/assets/search.js", folder / "search.js")
    (folder / "index.html").write_text(PAGE, encoding="utf-8")


PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>查找</title><script src="search.js"></script>
<div class="search" role="search" data-index="search/index.js"><input type="text" id="search" role="combobox">
<div class="results" hidden><div id="found" role="listbox"></div><p role="status"></p></div></div></html>
"""

# From typing to the list in place, each query twice: with its shards still to be loaded, and again.
MEASURE = """async queries => {
  const field = document.querySelector('#search'), said = document.querySelector('[role=status]');
  const once = query => new Promise(done => {
    field.value = ''; field.dispatchEvent(new Event('input')); said.textContent = '';
    const start = performance.now();
    new MutationObserver((_, seen) => { seen.disconnect(); done(performance.now() - start); })
      .observe(said, {childList: true});
    field.value = query; field.dispatchEvent(new Event('input'));
  });
  const found = [];
  for (const query of queries) found.push([await once(query), await once(query)]);
  return found;
}"""


def measure(size: int) -> None:
    """Print the weight of the index and the milliseconds of 200 queries."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name) / "crowd"
        people = crowd(folder, size)
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page()
        page.goto((folder / "index.html").as_uri())
        queries = [query for one in people[:: size // 50] for query in _queries(one)]
        cold, warm = zip(*page.evaluate(MEASURE, queries), strict=True)
        weights = [path.stat().st_size for path in (folder / "search").iterdir()]
        lines = [f"{size} members: {len(weights)} files, {sum(weights)} bytes, the largest {max(weights)}"]
        lines += [_line("first", cold), _line("again", warm)]
        sys.stdout.write("\n".join(lines) + "\n")
        chromium.close()


def _queries(one: SearchEntry) -> list[str]:
    return [one.name, one.name[1:], one.readings[0], "".join(word[0] for word in one.readings[0].split())]


def _line(what: str, times: tuple[float, ...]) -> str:
    return f"{what}: median {statistics.median(times):.1f} ms, longest {max(times):.1f} ms of {len(times)}"


if __name__ == "__main__":
    measure(20_000)
