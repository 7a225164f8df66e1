"""What is measured is what it says it is: the organ sound, the peers' records our pages, the table right."""

import json
import re
import sys
from pathlib import Path

import jinja2
import pytest
import yaml
from click.testing import CliRunner, Result

from generator.commands import cli
from tests.bench import __main__ as bench
from tests.bench import desk_pages, export, measuring, organs, serving, tables
from tests.bench.measuring import FailedError, Usage
from tests.bench.peers import LAYOUTS, PEERS, Tools
from tests.site_pages import without_marks

THEME = jinja2.Environment(loader=jinja2.FileSystemLoader(LAYOUTS / "jinja"), autoescape=True)
MEMBERS = 60  # the first branch has its whole year, the other two have a draft


@pytest.fixture(scope="module")
def organ(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bench") / "organ"
    organs.make(root, MEMBERS, jobs=1)
    return root


@pytest.fixture(scope="module")
def records(organ: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("records")
    export.write(organ, folder, jobs=1)
    return folder


@pytest.fixture(scope="module")
def site(organ: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    assert run(organ, "build", "--output", folder).exit_code == 0
    return folder


def run(root: Path, *words: object) -> Result:
    return CliRunner().invoke(cli, ["-C", str(root), *map(str, words), "--today", str(organs.TODAY)])


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("ledgers/**/*.yaml")}


def copy(organ: Path, root: Path) -> Path:
    for name, raw in {**files(organ), "content/site.yaml": (organ / "content/site.yaml").read_bytes()}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(raw)
    return root


# --- the organ -------------------------------------------------------------------------------------------------------


def test_an_organ_is_sound(organ: Path):
    assert run(organ, "check").exit_code == 0
    assert run(organ, "verify").exit_code == 0


def test_an_organ_is_the_same_with_any_number_of_processes(organ: Path, tmp_path: Path):
    organs.make(tmp_path, MEMBERS, jobs=2)
    assert files(tmp_path) == files(organ)


def test_a_branch_is_written_alike_in_a_larger_organ_but_for_the_numbers_of_its_approvals(organ: Path, tmp_path: Path):
    organs.make(tmp_path, 2 * MEMBERS, jobs=1)
    name = f"ledgers/{organs.YEAR}/b2/01.yaml"
    told = [raw.partition(b"\napproval:")[0] for raw in (files(organ)[name], files(tmp_path)[name])]
    assert told[0] == told[1]


def test_approvals_are_numbered_through_the_organ_month_by_month(organ: Path):
    numbers = {
        name: int(text.partition("serial: ")[2].partition("\n")[0])
        for name, raw in files(organ).items()
        if "serial: " in (text := raw.decode())
    }
    by_month = sorted(numbers, key=lambda name: (name[-7:], name))
    assert [numbers[name] for name in by_month] == list(range(1, len(numbers) + 1))


def test_one_member_of_each_branch_passes_through_two_others(organ: Path):
    roster = yaml.safe_load((organ / "ledgers/roster.yaml").read_text(encoding="utf-8"))
    moves = {
        one["branch"]: [change["branch"] for change in one["changes"]] for one in roster["members"] if "changes" in one
    }
    assert moves == {"b0": ["b1", "b2"], "b1": ["b2", "b0"], "b2": ["b0", "b1"]}
    [mover] = [one for one in roster["members"] if one["branch"] == "b1" and "changes" in one]
    found = json.loads(run(organ, "explain", mover["id"], "2026", "--format", "json").stdout)["lines"]
    assert {line["branch"] for line in found} == {"b0", "b1", "b2"}
    assert 72 <= len(found) <= 90


def test_circles_are_of_whole_branches_whatever_the_size():
    #  members   branches   circles
    #     100        5      0–4
    #     120        6      0–4, 5
    #     121        7      0–4, 5–6, the last of one member
    assert [organs.Size(100).circle(n) for n in (0, 4)] == [range(5), range(5)]
    assert [organs.Size(120).circle(n) for n in (4, 5)] == [range(5), range(5, 6)]
    assert organs.Size(121).circle(5) == range(5, 7)


def test_with_corrections_boards_have_revisions(tmp_path: Path):
    organs.make(tmp_path, MEMBERS, jobs=1, corrections=True)
    name, raw = organs.change(MEMBERS, corrections=True)
    (tmp_path / name).write_bytes(raw)
    assert run(tmp_path, "check").exit_code == 0
    numbers = [
        line.split()[1] for raw in files(tmp_path).values() for line in raw.decode().splitlines() if "serial:" in line
    ]
    assert sorted(map(int, numbers)) == list(range(1, len(numbers) + 1))
    assert run(tmp_path, "build").exit_code == 0
    revised = {path.name for path in (tmp_path / "site/branches").glob("*/*.r1.html")}
    assert {"2026-03.r1.html", "2026-Q1.r1.html"} <= revised


def test_a_member_has_some_eighty_lines(organ: Path):
    found = [json.loads(run(organ, "explain", f"m{n}", "2026", "--format", "json").stdout)["lines"] for n in (0, 9, 19)]
    assert all(72 <= len(lines) <= 90 for lines in found), [len(lines) for lines in found]


def test_the_change_is_what_approving_a_draft_makes_and_completes_no_half_year(organ: Path, tmp_path: Path):
    #          before    after
    # 2026-H1  complete  complete
    # 2026-H2  provisional, and after it too
    copy(organ, tmp_path)
    name, raw = organs.change(MEMBERS)
    draft = (tmp_path / name).read_bytes()
    assert raw.startswith(draft)
    assert b"approval:" not in draft
    (tmp_path / name).write_bytes(raw)
    assert run(tmp_path, "check").exit_code == 0
    for half, whole in (("2026-H1", True), ("2026-H2", False)):
        for root in (organ, tmp_path):
            board = json.loads(run(root, "score", half, "--format", "json").stdout)
            assert board["provisional"] is not whole
    (tmp_path / name).write_bytes(draft)
    done = run(
        tmp_path, "approve", tmp_path / name, "--meeting", "2027-01-08", "--by", "会议主持人", "--acting", "代行"
    )
    assert done.exit_code == 0, done.output


# --- the records -----------------------------------------------------------------------------------------------------


def rendered(records: Path, path: str) -> str:
    """A page as pelican and mkdocs render it."""
    words = json.loads((records / "site.json").read_text(encoding="utf-8"))
    record = json.loads((records / f"{path}.json").read_text(encoding="utf-8"))
    return THEME.get_template(f"{record['kind']}.html").render(d=record, site=words)


def lines(page: str) -> list[str]:
    """The lines of a page in any order, without marks, the words of a chart apart from its dots."""
    page = re.sub(r"\?v=[0-9a-f]{8}", "", page)  # peers name styles and scripts without digests
    apart = without_marks(page).replace("&#39;", "'").replace("<text", "\n<text").split("\n")
    return sorted(line.strip() for line in apart if line.strip())


def test_a_record_for_every_page_that_peers_render(records: Path, site: Path):
    ours = {
        path.relative_to(site).as_posix()
        for pattern in bench.KINDS.values()
        for path in bench.find_pages(site, pattern)
    }
    assert {path.relative_to(records).as_posix() for path in records.rglob("*.html.json")} == {
        f"{path}.json" for path in ours
    }


@pytest.mark.parametrize("member", ["m0", "m7", "m19", "m20", "m23", "m59"])
def test_a_members_record_makes_our_page_line_by_line(records: Path, site: Path, member: str):
    path = f"members/{member}.html"
    assert lines(rendered(records, path)) == lines((site / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", ["boards/2026-H1.html", "boards/2026.html", "branches/b0/2026-Q2.html", "index.html"])
def test_a_boards_record_makes_our_rows(records: Path, site: Path, path: str):
    both = [rendered(records, path), (site / path).read_text(encoding="utf-8")]
    theirs, ours = ([line for line in lines(page) if line.startswith("<tr") and "</td>" in line] for page in both)
    assert len(ours) >= 10
    assert [line for line in ours if line not in theirs and "nm" not in line] == []


def test_pages_weigh_within_a_tenth_of_ours(records: Path, site: Path):
    for kind, pattern in bench.KINDS.items():
        paths = [path.relative_to(site).as_posix() for path in bench.find_pages(site, pattern)]
        ours = sum((site / path).stat().st_size for path in paths)
        theirs = sum(len(rendered(records, path).encode()) for path in paths)
        assert abs(theirs / ours - 1) < 0.1, (kind, ours, theirs)


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_a_peers_project_holds_every_record(records: Path, tmp_path: Path, peer):
    peer.lay_out(tmp_path / peer.name, records)
    paths = json.loads((tmp_path / peer.name / "paths.json").read_text(encoding="utf-8"))
    assert len(paths) == len(list(records.rglob("*.html.json")))
    if peer.name.startswith("hugo"):
        assert len(list((tmp_path / peer.name / "content").rglob("*.md"))) == len(paths)


# --- the table -------------------------------------------------------------------------------------------------------


def runs(**walls: float) -> dict[str, list[Usage]]:
    names = {"cold": tables.COLD, "same": tables.SAME, "changed": tables.CHANGED, "copy": tables.COPY}
    return {
        names.get(name, name): [Usage(wall * part, 2 * wall, 50_000_000, 10, 4_000_000) for part in (1, 1.5, 0.5)]
        for name, wall in walls.items()
    }


def test_the_table_gives_medians_and_ratios():
    found = [*tables.rows(runs(cold=2.0, hugo=8.0))]
    assert found[1:] == [
        [tables.COLD, "3", "2.000", "1.000–3.000", "4.00", "50", "10", "4.0", "—", "0.250"],
        ["hugo", "3", "8.000", "4.000–12.000", "16.00", "50", "10", "4.0", "—", "1.000"],
    ]


def test_the_table_says_nothing_of_a_peer_that_is_not_there():
    assert [row[-2:] for row in tables.rows(runs(cold=2.0))] == [["/ hugo-html", "/ hugo"], ["—", "—"]]
    assert [row[0] for row in tables.goals(tables.reached({2_000: runs(cold=2.0, copy=1.0)}, {}))] == [
        "目标",
        "全新生成 / cp -r 成品",
    ]


def test_goals_are_met_or_missed_by_size():
    small, large = runs(cold=2.0, changed=0.5, same=0.2, hugo=6.0, copy=0.4), runs(cold=21.0, hugo=60.0)
    small["hugo-html"] = runs(html=10.0)["html"]
    found = {(row[0], row[1]): row[2:] for row in tables.goals(tables.reached({2_000: small, 20_000: large}, {}))}
    assert found["全新生成 / hugo", "2,000"] == ["0.333", "0.35", "达到"]
    assert found["全新生成 / hugo", "20,000"] == ["0.350", "0.3", "没有达到"]
    assert found["审核一份 / hugo", "2,000"] == ["0.083", "0.09", "达到"]
    assert found["没有变化 / hugo", "2,000"] == ["0.033", "0.03", "没有达到"]
    assert found["没有变化 / hugo-html", "2,000"] == ["0.020", "0.03", "达到"]
    assert found["全新生成 / cp -r 成品", "2,000"] == ["5.000", "7", "达到"]
    assert found["最大进程的内存 / hugo", "2,000"] == ["1.000", "0.25", "没有达到"]
    assert found["全新生成的时间 20,000 / 2,000", ""] == ["10.500", "10.5", "达到"]


def test_ratios_are_compared_with_those_recorded_last():
    ratios = [*tables.reached({2_000: runs(cold=2.0, hugo=8.0, copy=0.4)}, {})]
    recorded = {"全新生成 / hugo，2,000 人": 0.2, "全新生成 / pelican，2,000 人": 0.5}
    assert [*tables.compared(ratios, recorded)][1:] == [["全新生成 / hugo，2,000 人", "0.200", "0.250", "+25.0%"]]


def test_a_run_may_be_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(bench, "RECORDED", tmp_path / "recorded.json")
    for cold, record in ((2.0, True), (3.0, False)):
        ratios = [*tables.reached({2_000: runs(cold=cold, hugo=8.0)}, {})]
        bench._compare(ratios, "memory", {}, record=record)  # noqa: SLF001
    assert json.loads((tmp_path / "recorded.json").read_text(encoding="utf-8"))["memory"]["ratios"] == {
        "全新生成 / hugo，2,000 人": 0.25,
        "最大进程的内存 / hugo，2,000 人": 1,
    }
    assert "+50.0%" in capsys.readouterr().out


def test_the_memory_of_each_process_is_measured(tmp_path: Path):
    hold = "import time; held = bytearray({} << 20); time.sleep(0.5)"
    both = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold.format(60)!r}])"
    usage = measuring.run(measuring.Command([sys.executable, "-c", both], tmp_path, {}), tmp_path / "none")
    assert usage.memory > 60_000_000
    if sys.platform == "linux":
        [parent] = usage.others
        assert 1_000_000 < parent < 60_000_000


def test_columns_stand_below_each_other_whatever_their_script():
    table = tables.text([["", "秒"], ["全新", "1.5"], ["cp", "10"]])
    assert table.split("\n") == ["       秒", "全新  1.5", "cp     10"]


def test_a_small_run_measures_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bench, "BUILD", tmp_path)
    monkeypatch.setattr(bench, "WARM", 5)
    monkeypatch.setattr(bench, "RECORDED", tmp_path / "none.json")
    done = CliRunner().invoke(bench.main, ["--sizes", "40", "--rounds", "1", "--peers", "", "--serve", "40", "--disk"])
    assert done.exit_code == 0, done.output
    kept = json.loads((tmp_path / "40-disk.json").read_text(encoding="utf-8"))
    found = {name: one[0] for name, one in kept["sizes"]["40"].items()}
    ours = [tables.COLD, tables.SAME, tables.CHANGED]
    assert list(found) == [*ours, tables.COPY, *(name + tables.EDITIONS for name in ours)]
    cold, same, changed, copied, *whole = (found[name] for name in found)
    for first, again, approved in ((cold, same, changed), whole):
        assert (again["files"], again["written"]) == (0, 0)
        assert 20 < approved["files"] < first["files"]
    assert copied["written"] >= cold["written"] > 1_000_000
    assert whole[0]["files"] > cold["files"]
    assert list(kept["weights"]["40"]) == ["jifenbang"]
    [wait] = kept["serve"]["40"]
    assert 0 < wait < 60
    assert all(one["wall"] > 0 and one["memory"] > 1_000_000 for one in found.values())
    assert [path.name for path in tmp_path.iterdir()] == ["40-disk.json"]


def test_waits_have_a_table_of_their_own():
    assert [*tables.waits({1000: [2.0, 1.0, 4.0]})][1:] == [["1,000 人", "3", "2.000", "1.000–4.000"]]


def test_the_desk_is_measured_page_by_page(organ: Path, tmp_path: Path):
    root = copy(organ, tmp_path / "organ")
    taken = desk_pages.measure(root, MEMBERS, 2, tmp_path / "desk")
    assert {len(seconds) for seconds in taken.values()} == {2}
    found = [*desk_pages.rows({desk_pages.CHECK: [2.0], desk_pages.SAVE: [0.4], "总览": [0.5]})]
    assert [row[-3:] for row in found[1:]] == [["1.00", "—", ""], ["0.20", "0.3", "没有达到"], ["0.25", "1", "达到"]]


def test_a_preview_that_does_not_follow_is_no_figure(organ: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(serving, "PATIENCE", 2)
    root = copy(organ, tmp_path / "organ")
    (root / "ledgers/roster.yaml").write_text("branches:", encoding="utf-8")
    with pytest.raises(FailedError, match="没有出现"):
        serving.saves(root, MEMBERS, 1)


def test_what_was_interrupted_is_made_again(tmp_path: Path):
    stock = tmp_path / "stock"
    (stock / "20.part").mkdir(parents=True)
    (stock / "20.part/half").touch()
    bench.Bench(tmp_path / "here", stock, 20, 1).prepare([])
    assert [path.name for path in stock.iterdir()] == ["20"]
    assert not (stock / "20/half").exists()
    assert files(stock / "20") == files(tmp_path / "here/organ")


def test_rounds_that_would_take_too_long_are_three(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    #  minutes a round   asked   of 25 minutes
    #        4             5       5 fit
    #        6             5       3
    #       30             5       3, whatever they take
    #       30             1       1
    def rounds(minutes: int, asked: int) -> int:
        clock = iter(range(0, 10_000, 60 * minutes))
        monkeypatch.setattr(bench.time, "monotonic", lambda: next(clock))
        found, _ = bench.size(bench.Bench(tmp_path, tmp_path, 40, 1), tools, [], asked, 25)
        return len(found[tables.COLD])

    tools = Tools(tmp_path)
    monkeypatch.setattr(bench.Bench, "prepare", lambda *_: None)
    monkeypatch.setattr(bench.Bench, "turn", lambda *_: [(tables.COLD, runs(cold=1.0)[tables.COLD][0])])
    assert [rounds(*case) for case in ((4, 5), (6, 5), (30, 5), (30, 1))] == [5, 3, 3, 1]
