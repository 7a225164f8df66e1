"""Attachments of notices and pages, and links that lead nowhere."""

import zipfile
from datetime import date
from pathlib import Path

import pytest

from generator.intake.files import attachment_file
from tests.site_project import SETTINGS, SiteProject

ROSTER = """\
branches: [{id: first, name: 第一党支部, secretary: zhou}]
members: [{id: zhou, name: 周敏, branch: first, status: full}]
"""
TODAY = date(2026, 2, 10)
NAMES = ["a.pdf", "关于 公示的通知（附件一）.docx", "照片.JPG", "A(1).xlsx", "50%#1.zip", "表/二.et"]


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    return SiteProject(tmp_path / "organ", ROSTER)


def notice(organ: SiteProject, text: str, slug: str = "gongshi", day: str = "2026-02-01") -> str:
    organ.write(f"content/notices/{slug}.md", f"---\ntitle: 公示\ndate: {day}\n---\n{text}\n")
    return f"content/notices/{slug}.md"


def put(organ: SiteProject, name: str, raw: bytes = b"\x00\xff bytes") -> Path:
    path = organ.root / "content" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    return path


def published(organ: SiteProject, output: str = "site") -> dict[str, bytes]:
    """The files in the folders of articles that are no pages."""
    site = organ.root / output
    paths = [path for folder in ("notices", "pages") for path in (site / folder).rglob("*") if path.is_file()]
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in paths if path.suffix != ".html"}


def codes(organ: SiteProject, *words: str, today: date = TODAY) -> list[str]:
    """The codes of what a command says about content, without those of months."""
    said = organ.run(*words, today=today).stderr
    found = [line.rsplit("〔", 1)[1].removesuffix("〕") for line in said.splitlines() if line.endswith("〕")]
    return [code for code in found if code.startswith(("content.", "file.", "text."))]


# --- what is published -----------------------------------------------------------------------------------------------


def test_what_an_article_links_is_published_byte_for_byte_at_the_address_it_is_linked_by(organ: SiteProject):
    for number, name in enumerate(NAMES):
        put(organ, f"notices/{name}", bytes([number, 0, 255, 13, 10]))
    put(organ, "pages/b.pdf", b"b")
    put(organ, "notices/unlinked.pdf", b"secret")
    links = (
        "[一](<a.pdf>) [二](<关于 公示的通知（附件一）.docx>) ![三](./照片.JPG) [四](<A(1).xlsx>) [五](50%25%231.zip)"
    )
    notice(organ, f"{links} [六](../notices/表/../表/%E4%BA%8C.et) [七](../pages/b.pdf#page=2)")
    built = organ.run("build", today=TODAY)
    assert built.exit_code == 0, built.stderr
    expected = {f"notices/{name}": bytes([number, 0, 255, 13, 10]) for number, name in enumerate(NAMES)}
    assert published(organ) == {**expected, "pages/b.pdf": b"b"}
    page = (organ.root / "site/notices/gongshi.html").read_text(encoding="utf-8")
    assert page.count('rel="noopener noreferrer">') == 6
    assert 'src="./照片.JPG"' in page
    assert "content.dead-link" not in built.stderr
    assert organ.run("verify", today=TODAY).exit_code == 0


@pytest.mark.parametrize(
    ("publish", "there"), [("[organ]", True), ("[organ, branch, member]", True), ("[branch]", False)]
)
def test_it_is_in_the_editions_that_have_its_page(organ: SiteProject, publish: str, *, there: bool):
    organ.write("content/site.yaml", f"{SETTINGS}publish: {publish}\n")
    put(organ, "notices/a.pdf")
    notice(organ, "[一](a.pdf) [二](nowhere.pdf)")
    told = ["content.attachment-text", "content.dead-link"] if there else []
    assert sorted(codes(organ, "build")) == told
    assert sorted(codes(organ, "check")) == told
    assert bool(published(organ)) == there


def test_an_attachment_of_a_notice_dated_ahead_waits_for_its_day(organ: SiteProject):
    put(organ, "notices/a.pdf")
    notice(organ, "[一](a.pdf)", day="2026-02-11")
    assert "content.attachment-unlinked" not in codes(organ, "check")
    organ.run("build", today=TODAY)
    assert published(organ) == {}
    organ.run("build", today=date(2026, 2, 11))
    assert published(organ).keys() == {"notices/a.pdf"}
    organ.run("build", today=TODAY)
    assert published(organ) == {}


def test_a_warm_build_is_a_cold_one(organ: SiteProject):
    steps = [
        lambda: notice(organ, "[一](a.pdf)"),  # there is no such file yet
        lambda: put(organ, "notices/a.pdf", b"one"),
        lambda: put(organ, "notices/a.pdf", b"another"),
        lambda: put(organ, "notices/b.pdf", b"not linked"),
        lambda: notice(organ, "[一](b.pdf) ![二](a.pdf)"),
        (organ.root / "content/notices/a.pdf").unlink,
        lambda: notice(organ, "无附件"),
    ]
    for step in steps:
        step()
        assert organ.run("build", today=TODAY).exit_code == 0
        assert organ.run("build", "--no-cache", "--output", organ.root.parent / "cold", today=TODAY).exit_code == 0
        trees = [
            {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
            for root in (organ.root / "site", organ.root.parent / "cold")
        ]
        assert trees[0] == trees[1]
    assert published(organ) == {}


def test_a_build_without_changes_writes_nothing_and_reads_no_attachment(organ: SiteProject, monkeypatch):
    put(organ, "notices/a.pdf")
    notice(organ, "[一](a.pdf)")
    organ.run("build", today=TODAY)
    organ.write("content/pages/about.md", "---\ntitle: 说明\n---\n一\n")
    monkeypatch.setattr(attachment_file, "find_authors", lambda _: pytest.fail("read"))
    again = organ.run("build", today=TODAY)
    assert again.exit_code == 0, again.output
    assert "content.attachment-text" not in again.stderr  # said when it was new
    assert published(organ).keys() == {"notices/a.pdf"}


def test_a_release_with_attachments_is_verified_and_rolled_back(organ: SiteProject):
    attachment = put(organ, "notices/a.pdf", b"one")
    notice(organ, "[一](a.pdf)")
    organ.run("build", today=TODAY)
    attachment.write_bytes(b"another")
    assert "content/notices/a.pdf" in organ.run("diff", today=TODAY).output
    organ.run("build", today=TODAY)
    (organ.root / "site/notices/a.pdf").write_bytes(b"tampered")
    said = organ.run("verify", today=TODAY)
    assert (said.exit_code, "notices/a.pdf" in said.stderr) == (1, True)
    organ.run("build", today=TODAY)
    assert published(organ) == {"notices/a.pdf": b"another"}
    assert organ.run("rollback", today=TODAY).exit_code == 0
    assert published(organ) == {"notices/a.pdf": b"one"}


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["x.html", "x.svg", "x.js", "x.SVG", "x.exe", "x.pdf.html", "x"])
def test_what_a_browser_would_run_is_refused(organ: SiteProject, name: str):
    put(organ, f"notices/{name}", b"<script>alert(1)</script>")
    where = notice(organ, f"\n[一]({name})")
    done = organ.run("build", today=TODAY)
    assert (done.exit_code, f"{where}:6:5: 错误：“{name}”这样的文件不能作附件" in done.stderr) == (1, True)
    assert not (organ.root / "site").exists()
    assert "content.attachment" in codes(organ, "check")


@pytest.mark.parametrize(
    "target",
    ["../../secret.pdf", "../../../secret.pdf", "/etc/x.pdf", "../site.yaml", "..", "%2e%2e/%2e%2e/secret.pdf"],
)
def test_nothing_outside_is_published(organ: SiteProject, target: str):
    (organ.root / "secret.pdf").write_bytes(b"secret")
    (organ.root.parent / "secret.pdf").write_bytes(b"secret")
    notice(organ, f"[一]({target})")
    assert codes(organ, "build") == ["content.dead-link"]
    assert published(organ) == {}
    assert f'href="{target}"' not in (organ.root / "site/notices/gongshi.html").read_text("utf-8")


@pytest.mark.parametrize("link", ["notices/a.pdf", "notices/more"])
def test_a_link_of_the_file_system_is_not_followed(organ: SiteProject, link: str):
    outside = organ.root.parent / "outside"
    outside.mkdir()
    (outside / "a.pdf").write_bytes(b"secret")
    path = organ.root / "content" / link
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(outside / "a.pdf" if link.endswith(".pdf") else outside)
    notice(organ, f"[一]({link.removeprefix('notices/')}{'' if link.endswith('.pdf') else '/a.pdf'})")
    done = organ.run("build", today=TODAY)
    assert "file.outside" in done.stderr or "content.attachment" in done.stderr or "content.dead-link" in done.stderr
    assert b"secret" not in published(organ).values()


def test_more_than_20_mb_is_refused(organ: SiteProject):
    with put(organ, "notices/a.pdf").open("wb") as file:
        file.truncate(attachment_file.MAX_BYTES)
    notice(organ, "[一](a.pdf)")
    assert codes(organ, "build") == ["content.attachment-text"]
    with (organ.root / "content/notices/a.pdf").open("ab") as file:
        file.write(b"x")
    assert codes(organ, "build") == ["file.too-large"]
    assert codes(organ, "check") == ["file.too-large"]


@pytest.mark.parametrize("name", ["con.pdf", "a:b.pdf", "问?.pdf", "e\u0301.pdf"])
def test_a_name_that_another_system_can_t_have_is_refused(organ: SiteProject, name: str):
    put(organ, f"notices/{name}")
    notice(organ, f"[一](<{name.replace('?', '%3F').replace(':', '%3A')}>)")
    assert codes(organ, "build") == ["content.attachment"]


def test_two_names_that_differ_by_case_alone_are_refused(organ: SiteProject):
    put(organ, "notices/a.pdf")
    put(organ, "notices/A.pdf")
    notice(organ, "[一](a.pdf)")
    assert codes(organ, "build") == ["content.attachment-text"]
    where = notice(organ, "[一](a.pdf)\n[二](A.pdf)")
    done = organ.run("build", today=TODAY)
    assert f"{where}:6:5: 错误：附件“notices/a.pdf”和“notices/A.pdf”的名字只差大小写" in done.stderr


def test_a_number_in_the_name_is_told(organ: SiteProject):
    put(organ, "notices/13800138000.pdf")
    notice(organ, "[一](1380013%38000.pdf)")
    assert codes(organ, "build") == ["text.private-number"]


# --- what is to be known ---------------------------------------------------------------------------------------------

GBK_AUTHOR = "周敏".encode("gbk")


def package(path: Path, creator: str) -> bytes:
    core = (
        f'<cp:coreProperties xmlns:dc="x"><dc:creator>{creator}</dc:creator><cp:lastModifiedBy>李强</cp:lastModifiedBy>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("docProps/core.xml", core)
    return path.read_bytes()


def compound(author: bytes) -> bytes:
    """A property set as documents of earlier formats have it."""
    text = (30).to_bytes(4, "little") + len(author).to_bytes(4, "little") + author
    section = (24 + len(text)).to_bytes(4, "little") + (1).to_bytes(4, "little")
    section += (4).to_bytes(4, "little") + (16).to_bytes(4, "little") + text
    head = b"\xfe\xff" + bytes(26) + bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9") + (48).to_bytes(4, "little")
    return b"\xd0\xcf\x11\xe0" + bytes(1000) + head + section


def test_authors_in_properties_are_found(tmp_path: Path):
    assert attachment_file.find_authors(package(tmp_path / "a", "周敏 &amp; 王芳")) == ("周敏 & 王芳", "李强")
    assert attachment_file.find_authors(b"%PDF-1.4 /Author (Zhou \\(Min\\)) >>") == ("Zhou (Min)",)
    hexadecimal = ("\ufeff周敏").encode("utf-16-be").hex().encode()
    assert attachment_file.find_authors(b"%PDF-1.4 /Author <" + hexadecimal + b">") == ("周敏",)
    escaped = b"".join(b"\\%03o" % byte for byte in "\ufeff周敏".encode("utf-16-be"))
    assert attachment_file.find_authors(b"%PDF-1.4 /Author(" + escaped + b")") == ("周敏",)
    assert attachment_file.find_authors(compound(GBK_AUTHOR + b"\0")) == ("周敏",)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\x03\x04",
        b"PK\x03\x04" + b"x" * 99,
        b"%PDF",
        b"%PDF /Author <zz>",
        b"\xd0\xcf\x11\xe0",
        compound(b"")[:1050],
        compound(b"x" * 9)[:-4],
    ],
)
def test_what_is_damaged_has_no_author(raw: bytes):
    assert isinstance(attachment_file.find_authors(raw), tuple)


def test_what_readers_can_see_and_the_program_can_t_is_told(organ: SiteProject, tmp_path: Path):
    put(organ, "notices/a.docx", package(tmp_path / "a", "周敏"))
    put(organ, "notices/b.png", b"\x89PNG")
    put(organ, "notices/c.zip", b"PK\x03\x04")
    where = notice(organ, "一\n\n[一](a.docx) ![二](b.png)\n[三](c.zip)")
    for command in ("check", "build"):
        said = organ.run(command, today=TODAY).stderr
        assert f"{where}:7:5: 提醒：附件“a.docx”的文件属性里写着作者“周敏”、“李强”" in said
        assert f"{where}:7:5: 提醒：附件“a.docx”、“c.zip”里的文字，程序没有查过" in said


def test_a_file_that_no_article_links_is_told_by_check(organ: SiteProject):
    put(organ, "notices/a.pdf")
    assert codes(organ, "check") == ["content.attachment-unlinked"]
    notice(organ, "[一](a.pdf)")
    assert codes(organ, "check") == ["content.attachment-text"]


# --- dead links ------------------------------------------------------------------------------------------------------

DEAD = {
    "../rulez.html": "网站里没有“rulez.html”。您是不是要写“rules.html”",
    "fujian.pdf": "没有 content/notices/fujian.pdf 这个文件。文件名是“Fujian.pdf”，大小写要一样",
    "fujian1.pdf": "没有 content/notices/fujian1.pdf 这个文件。您是不是要写“Fujian.pdf”",
    "../members/nobody.html": "网站里没有“members/nobody.html”",
    "../boards/2026-Q9.html": "网站里没有“boards/2026-Q9.html”",
    "../branches/second/index.html": "网站里没有“branches/second/index.html”",
    "../pages/about.md": "请写成 ../pages/about.html",
    "#没有": "本页里没有“#没有”这个位置。",
    "../pages/about.html#二": "“pages/about.html”里没有“#二”这个位置。您是不是要写“第二节”",
    "file:///D:/附件.pdf": "它是这台电脑上的位置",
    "C:/附件.pdf": "它是这台电脑上的位置",
    "附件\\一.pdf": "请把 \\ 改成 /",
    "a#1.pdf": "没有 content/notices/a 这个文件。文件名里的 # 在链接里要写成 %23",
}
ALIVE = [
    "gongshi.html",
    "#第一节",
    "../pages/about.html#第二节",
    "../rules.html#x",
    "../audit.html",
    "../index.html",
    "../members/zhou.html",
    "../branches/first/index.html",
    "future.html",
    "Fujian.pdf",
    "https://a.example/x.pdf",
    "mailto:a@a.example",
    "../feed.xml",
    "../assets/theme.css",
]


@pytest.fixture
def linked(organ: SiteProject) -> SiteProject:
    organ.write("content/pages/about.md", "---\ntitle: 说明\n---\n## 第二节\n")
    put(organ, "notices/Fujian.pdf")
    notice(organ, "日后", slug="future", day="2026-03-01")
    organ.ledger("first", "2026-01", "activities: []\n")
    organ.approve(organ.root / "ledgers/2026/first/01.yaml", meeting="2026-02-03", today=TODAY)
    return organ


@pytest.mark.parametrize("target", DEAD)
def test_a_dead_link_is_told_with_its_line_by_check_and_build(linked: SiteProject, target: str):
    where = notice(linked, f"## 第一节\n\n见[附件](Fujian.pdf)和[这里](<{target}>)。")
    for command in ("check", "build"):
        done = linked.run(command, today=TODAY)
        assert done.exit_code == 0
        assert f"{where}:7:25: 提醒：链接“{target}”打不开：" in done.stderr
        assert DEAD[target] in done.stderr
        assert done.stderr.count("〔content.dead-link〕") == 1


def test_a_sound_link_is_not(linked: SiteProject):
    notice(linked, "## 第一节\n\n" + " ".join(f"[x](<{target}>)" for target in ALIVE))
    for command in ("check", "build"):
        assert "content.dead-link" not in linked.run(command, today=TODAY).stderr


def test_a_page_that_this_edition_does_not_have_is_dead_in_it(linked: SiteProject):
    notice(linked, "[x](../members/zhou.html)")
    assert "content.dead-link" in codes(
        linked, "build", "--audience", "organ", "--output", str(linked.root.parent / "organ-site")
    )
    assert "content.dead-link" not in codes(linked, "build")
    linked.write("content/site.yaml", f"{SETTINGS}publish: [organ]\n")
    assert "content.dead-link" in codes(linked, "check")


def test_code_is_no_link(organ: SiteProject):
    put(organ, "notices/a.pdf")
    notice(organ, "`[x](a.pdf)`\n\n    [x](b.pdf)\n")
    assert codes(organ, "build") == []
    assert published(organ) == {}
