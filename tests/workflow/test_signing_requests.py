"""Approvals signed on another machine: the request that goes there, the answer that returns, and what is refused."""

import hashlib
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.commands import cli
from generator.disk import packed_files
from generator.project import Project
from generator.workflow import approve, reservations, signing_files
from tests import corrections
from tests.conftest import PROVE
from tests.signing import (
    FEBRUARY,
    JANUARY,
    codes,
    key,
    make_chief,
    plain,
    seal,
    sign,
    signer,
)
from tests.site_project import TODAY, SiteProject, members

pytestmark = pytest.mark.needs("ssh-keygen")

ROSTER = members("zhang 张三 jia", "wang 王五 jia", "li 李四 yi")
MEETING = ("--meeting", "2026-03-03", "--by", "审核员", "--acting", "代行")
YI = "entries: [{member: 李四, item: suggestion, date: 2026-01-06}]\n"


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    return make_organ(tmp_path / "organ")


def make_organ(root: Path) -> SiteProject:
    made = SiteProject(root, ROSTER)
    made.ledger("jia", "2026-01", JANUARY)
    made.ledger("yi", "2026-01", YI)
    return made


@pytest.fixture
def chief(organ: SiteProject) -> Path:
    return make_chief(organ)


def ledger(organ: SiteProject, branch: str = "jia", month: str = "01") -> Path:
    return organ.root / f"ledgers/2026/{branch}/{month}.yaml"


def request(organ: SiteProject, *files: Path, name: str = "request.zip", words: tuple[str, ...] = MEETING) -> Path:
    output = organ.root.parent / name
    done = organ.run("approve", *(files or [ledger(organ)]), *words, "--request", output)
    assert done.exit_code == 0, done.output
    return output


def run_elsewhere(*words: object) -> Result:
    """Run a command where there is no site project."""
    line = [*map(str, words), "--today", TODAY.isoformat()]
    return CliRunner().invoke(cli, line, prog_name="jifenbang")


def answer(asked: Path, chief: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The answer of the signer, who is in an empty folder, where nothing else is left."""
    folder = asked.parent / "elsewhere"
    folder.mkdir(exist_ok=True)
    with monkeypatch.context() as patch:
        patch.chdir(folder)
        done = run_elsewhere("approve", asked, "--key", chief, "--yes")
    assert done.exit_code == 0, done.output
    assert list(folder.iterdir()) == []
    return asked.with_name(f"{asked.stem}-答复.zip")


def take(organ: SiteProject, *answers: Path) -> Result:
    return organ.run("approve", "--answer", *answers)


def told(done: Result) -> list[str]:
    assert done.exit_code == 1, done.output
    assert not done.exception or isinstance(done.exception, SystemExit), done.exception
    return re.findall(r"错误：.*〔([a-z.-]+)〕", done.stderr)


def block(organ: SiteProject, branch: str = "jia", month: str = "01") -> dict[str, str]:
    return plain(organ, f"ledgers/2026/{branch}/{month}.yaml").get("approval", {})


# --- there and back --------------------------------------------------------------------------------------------------


def test_an_answer_gives_the_bytes_of_an_approval_here(
    organ: SiteProject, chief: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(approve.secrets, "token_hex", lambda count: "0" * 2 * count)
    here = make_organ(tmp_path / "here")
    here.write("content/approvers", signer(chief))
    for project in (organ, here):
        project.ledger("jia", "2026-02", FEBRUARY)
    sign(here, chief, ledger(here), ledger(here, month="02"))
    asked = request(organ, ledger(organ, month="02"), ledger(organ))
    again = request(organ, ledger(organ), ledger(organ, month="02"), name="again.zip")
    assert asked.read_bytes() == again.read_bytes()
    answered = answer(asked, chief, monkeypatch)
    done = take(organ, answered)
    assert done.exit_code == 0, done.output
    assert "已审核：ledgers/2026/jia/02.yaml（2026-03-03，审核员，代行：代行）" in done.stdout
    for month in ("01", "02"):
        assert ledger(organ, month=month).read_bytes() == ledger(here, month=month).read_bytes()
    assert told(take(organ, answered)) == ["request.unknown"]
    assert codes(organ, "build") == []


def test_the_signer_sees_what_is_sealed_and_may_refuse(
    organ: SiteProject, chief: Path, monkeypatch: pytest.MonkeyPatch
):
    asked = request(organ)
    monkeypatch.setattr("generator.commands.approve.is_terminal", lambda: True)
    done = CliRunner().invoke(cli, ["approve", str(asked), "--key", str(chief), "--today", "2027-06-01"], input="\n")
    assert done.exit_code == 1
    for words in ("示例机关请您签名封存", "jia支部 2026-01 台账", "个人事项 1 条", "2026-01-05，张三，", "张三 0 → "):
        assert words in done.stdout
    assert [path.name for path in asked.parent.glob("*.zip")] == ["request.zip"]


def test_a_request_holds_no_more_than_is_needed(organ: SiteProject, chief: Path):
    sign(organ, chief, ledger(organ))
    sign(organ, chief, ledger(organ, "yi"))
    organ.ledger("jia", "2026-02", FEBRUARY)
    organ.ledger("jia", "2026-03")
    organ.write("content/pages/about.md", "---\ntitle: 关于\n---\n")
    with zipfile.ZipFile(request(organ, ledger(organ, month="02"))) as packed:
        names = [name.removeprefix("files/") for name in packed.namelist()]
    assert names == [
        "content/approvers",
        "content/site.yaml",
        "ledgers/2026/cycle.yaml",
        "ledgers/2026/jia/01.yaml",
        "ledgers/2026/jia/02.yaml",
        "ledgers/roster.yaml",
        "ledgers/rulebooks/erqi-2021.yaml",
        "signing-request.json",
    ]


def test_corrections_with_consent_and_reviews_go_the_same_way(tmp_path: Path):
    """The list in force is the second, which names approvals of branches whose files are not in the request."""
    organ = corrections.approved_organ(tmp_path / "organ")
    chief = key(organ, "chief")
    organ.write("content/approvers", signer(chief))
    for branch in ("jia", "yi"):
        sign(organ, chief, organ.ledger(branch, "2026-03"), meeting="2026-04-03")
    seal(organ, 2, "--key", chief, text=signer(chief, "").replace("  ", " "))
    filed = organ.run("file", "2026-Q1", "--branch", "jia", "--on", "2026-04-15", "--by", "备案人", "--acting", "代行")
    assert filed.exit_code == 0, filed.output
    drafts = [
        corrections.draft(organ, "strike: [a2]\n"),
        organ.write("ledgers/2026/reviews.yaml", "year: 2026\nscores: {zhang: 90, wang: 80, zhao: 70, li: 60}\n"),
    ]
    words = ("--meeting", "2027-05-06", "--by", "审核员", "--acting", "代行", "--consent", "党委负责人")
    asked = request(organ, *drafts, words=words)
    folder = asked.parent / "elsewhere"
    folder.mkdir()
    done = run_elsewhere("approve", asked, "--key", chief, "--yes", "--output", folder / "signed.zip")
    assert done.exit_code == 0, done.output
    for shown in ("更正", "原来：2026-01-08，", "同意人党委负责人", "zhang: 90", "张三 0.5 → 1"):
        assert shown in done.stdout, shown
    done = take(organ, folder / "signed.zip")
    assert done.exit_code == 0, done.output
    assert plain(organ, "ledgers/2026/jia/01.c1.yaml")["approval"]["consent"] == "党委负责人"
    assert "serial" not in plain(organ, "ledgers/2026/reviews.yaml")["approval"]
    assert codes(organ, "check") == []


# --- numbers ---------------------------------------------------------------------------------------------------------


def test_answers_come_in_any_order(organ: SiteProject, chief: Path, monkeypatch: pytest.MonkeyPatch):
    organ.ledger("jia", "2026-02", FEBRUARY)
    first, second = request(organ), request(organ, ledger(organ, "yi"), name="second.zip")
    answers = [answer(asked, chief, monkeypatch) for asked in (second, first)]
    assert take(organ, answers[0]).exit_code == 0
    assert take(organ, answers[1]).exit_code == 0
    sign(organ, chief, ledger(organ, month="02"))
    assert [block(organ, *at)["serial"] for at in (("jia",), ("yi",), ("jia", "02"))] == ["1", "2", "3"]
    assert codes(organ, "build") == []


def test_a_number_behind_a_published_one_is_refused_and_the_gap_harms_nothing(
    organ: SiteProject, chief: Path, monkeypatch: pytest.MonkeyPatch
):
    answered = answer(request(organ), chief, monkeypatch)
    warning = "还在等签名的 ledgers/2026/jia/01.yaml，编号在这次公布的前面"
    assert warning not in organ.run("build").stderr  # nothing is approved yet
    sign(organ, chief, ledger(organ, "yi"))
    built = organ.run("build")
    assert (built.exit_code, warning in built.stderr) == (0, True)
    assert warning not in organ.run("build").stderr  # it is too late
    before = ledger(organ).read_bytes()
    done = take(organ, answered)
    assert told(done) == ["request.late"]
    assert "重新请求签名；空下来的号不再用" in done.stderr
    assert ledger(organ).read_bytes() == before
    assert take(organ, answer(request(organ), chief, monkeypatch)).exit_code == 0
    assert [block(organ, branch)["serial"] for branch in ("yi", "jia")] == ["2", "3"]
    for command in ("build", "verify"):
        assert codes(organ, command) == []
    anchor = organ.root / "site/audit.json"
    done = organ.run("approve", ledger(organ), "--withdraw", "--reason", "误审")
    assert "withdraw.bound" in done.stderr
    sign(organ, chief, organ.ledger("jia", "2026-02", FEBRUARY))
    assert block(organ, month="02")["serial"] == "4"
    assert organ.run("approve", ledger(organ, month="02"), "--withdraw", "--reason", "误审").exit_code == 0
    assert codes(organ, "build") == []
    assert codes(organ, "verify", "--anchor", str(anchor)) == []


def test_a_second_request_replaces_the_first(organ: SiteProject, chief: Path, monkeypatch: pytest.MonkeyPatch):
    old = answer(request(organ), chief, monkeypatch)
    words = ("--meeting", "2026-03-04", *MEETING[2:])
    new = answer(request(organ, name="new.zip", words=words), chief, monkeypatch)
    assert told(take(organ, old)) == ["request.unknown"]
    assert take(organ, new).exit_code == 0
    assert (block(organ)["meeting"], block(organ)["serial"]) == ("2026-03-04", "1")


def test_a_withdrawn_request_has_no_answer(organ: SiteProject, chief: Path, monkeypatch: pytest.MonkeyPatch):
    answered = answer(request(organ), chief, monkeypatch)
    assert "待签名" in organ.run("status").stdout
    assert "approve --answer" in organ.run("status").stdout
    organ.ledger("jia", "2026-01", JANUARY.replace("01-05", "01-06"))  # nor is it taken if the draft becomes as before
    assert "待签名" not in organ.run("status").stdout
    done = organ.run("approve", ledger(organ), "--withdraw")
    assert (done.exit_code, "已撤回签名请求" in done.stdout) == (0, True)
    organ.ledger("jia", "2026-01", JANUARY)
    assert told(take(organ, answered)) == ["request.unknown"]
    assert organ.run("approve", ledger(organ), "--withdraw").exit_code == 2
    assert reservations.read_reservations(Project(organ.root)) == {}


# --- what is refused -------------------------------------------------------------------------------------------------


def edit_draft(organ: SiteProject, _: Path) -> None:
    organ.ledger("jia", "2026-01", JANUARY.replace("01-05", "01-06"))


def change_roster(organ: SiteProject, _: Path) -> None:
    organ.write("ledgers/roster.yaml", members("zhang 张三 jia", "wang 王五 jia", "zhao 赵六 jia", "li 李四 yi"))


def change_rules(organ: SiteProject, _: Path) -> None:
    path = organ.root / "ledgers/rulebooks/erqi-2021.yaml"
    text = path.read_text("utf-8")
    changed = re.sub(r"(id: suggestion\b.*?points: )([0-9.]+)", r"\g<1>7", text, count=1, flags=re.DOTALL)
    assert changed != text
    path.write_text(changed, "utf-8")


def approve_another(organ: SiteProject, chief: Path) -> None:
    sign(organ, chief, organ.ledger("jia", "2026-02", FEBRUARY))


def approve_the_same(organ: SiteProject, chief: Path) -> None:
    sign(organ, chief, ledger(organ))


def exchange_list(organ: SiteProject, chief: Path) -> None:
    seal(organ, 2, "--key", chief, text=signer(chief, 'namespaces="jifenbang,jifenbang-approvers"'))


def remove_draft(organ: SiteProject, _: Path) -> None:
    ledger(organ).unlink()


def forget(organ: SiteProject, _: Path) -> None:
    (organ.root / ".jifenbang/requests.json").write_bytes(b"{")


CHANGES: dict[str, tuple[Callable[[SiteProject, Path], None], str, str]] = {
    "draft edited": (edit_draft, "request.changed", "草稿在请求签名以后改动过"),
    "draft removed": (remove_draft, "request.changed", "移走了"),
    "roster changed": (change_roster, "request.changed", "名册改动过"),
    "rules changed": (change_rules, "request.changed", "计分规则改动过"),
    "another approval": (approve_another, "request.changed", "又有别的审核"),
    "approved here": (approve_the_same, "approve.already", "已由审核员"),
    "another list": (exchange_list, "request.changed", "审核人名单换过"),
    "reservations lost": (forget, "request.unknown", "重新请求"),
}


@pytest.mark.parametrize(("change", "code", "words"), CHANGES.values(), ids=CHANGES)
def test_an_answer_that_fits_no_more_is_refused(
    organ: SiteProject,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[SiteProject, Path], None],
    code: str,
    words: str,
):
    chief = key(organ, "chief")
    organ.write("content/approvers", signer(chief, 'namespaces="jifenbang,jifenbang-approvers"'))
    answered = answer(request(organ), chief, monkeypatch)
    path = organ.root / ".jifenbang/requests.json"
    kept = path.read_bytes()
    change(organ, chief)
    if change is not forget:  # else some changes drop the request, and no more is to be said
        path.write_bytes(kept)
    before = {path: path.read_bytes() for path in organ.root.glob("ledgers/**/*.yaml")}
    done = take(organ, answered)
    assert (set(told(done)), words in done.stderr) == ({code}, True), done.stderr
    assert {path: path.read_bytes() for path in organ.root.glob("ledgers/**/*.yaml")} == before


@pytest.fixture(scope="module")
def answered_organ(tmp_path_factory: pytest.TempPathFactory) -> tuple[SiteProject, Path, bytes]:
    """An organ that waits for an answer, the path of the answer, and its bytes."""
    made = make_organ(tmp_path_factory.mktemp("answered") / "organ")
    chief, asked = make_chief(made), request(made)
    with pytest.MonkeyPatch.context() as patch:
        path = answer(asked, chief, patch)
    return made, path, path.read_bytes()


def rewrite(path: Path, change: Callable[[dict[str, bytes], dict], None]) -> Path:
    """Change the files or the manifest of a request or answer, as somebody who can mend every checksum."""
    unpacked = packed_files.unpack_files(path.read_bytes(), 1000, 10**8)
    assert not unpacked.fault
    files = {name: raw for name, raw in unpacked.files.items() if raw is not None}
    name = "signing-answer.json" if "signing-answer.json" in files else "signing-request.json"
    fields = packed_files.decode_manifest(files[name])
    assert fields is not None
    change(files, fields)
    if "files" in fields:
        digests = {
            name: hashlib.sha256(raw).hexdigest() for name, raw in files.items() if name != "signing-request.json"
        }
        fields["files"] = {name.removeprefix("files/"): digest for name, digest in sorted(digests.items())}
    path.write_bytes(packed_files.pack_files({**files, name: packed_files.encode_manifest(fields)}))
    return path


def bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("signing-request.json", b"0" * 1_000_000)
    return path


def approval_of(fields: dict) -> dict:
    return next(iter(fields["approvals"].values()))


FORGED_REQUESTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no zip": (lambda path: path.write_bytes(b"PK"), "文件损坏"),
    "nothing": (lambda path: path.write_bytes(b""), "文件损坏"),
    "half": (lambda path: path.write_bytes(path.read_bytes()[:-100]), "文件损坏"),
    "bomb": (bomb, "太多或太大"),
    "way out": (lambda path: rewrite(path, lambda files, _: files.update({"../out": b""})), "不该有的文件名"),
    "absolute": (lambda path: rewrite(path, lambda files, _: files.update({"/etc/x": b""})), "不该有的文件名"),
    "state": (lambda path: rewrite(path, lambda files, _: files.update({"files/.jifenbang/x": b""})), "不该有的文件名"),
    "deep": (lambda path: rewrite(path, lambda files, _: files.update({"files/ledgers/a/b/c/d.yaml": b""})), "文件名"),
    "newer": (lambda path: rewrite(path, lambda _, fields: fields.update(format=2)), "更新的版本"),
    "more": (lambda path: rewrite(path, lambda _, fields: fields.update(more=1)), "手工改过"),
    "no file": (lambda path: rewrite(path, lambda files, _: files.pop("files/ledgers/2026/jia/01.yaml")), "手工改过"),
    "no number": (
        lambda path: rewrite(path, lambda _, fields: fields["request"]["approvals"][0].update(serial=None)),
        "手工改过",
    ),
    "bad number": (
        lambda path: rewrite(path, lambda _, fields: fields["request"]["approvals"][0].update(serial=-1)),
        "手工改过",
    ),
    "no approvals": (lambda path: rewrite(path, lambda _, fields: fields["request"].update(approvals=[])), "手工改过"),
}


@pytest.mark.parametrize(("forge", "words"), FORGED_REQUESTS.values(), ids=FORGED_REQUESTS)
def test_a_damaged_or_forged_request_is_not_signed(
    answered_organ: tuple[SiteProject, Path, bytes], tmp_path: Path, forge: Callable[[Path], object], words: str
):
    organ, path, _ = answered_organ
    asked = tmp_path / "forged.zip"
    asked.write_bytes(path.with_name("request.zip").read_bytes())
    forge(asked)
    done = run_elsewhere("approve", asked, "--key", organ.root.parent / "chief", "--yes")
    assert (told(done), words in done.stderr) == (["request.unreadable"], True), done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["forged.zip"]


def test_a_request_for_what_is_no_ledger_is_not_signed(answered_organ: tuple[SiteProject, Path, bytes], tmp_path: Path):
    organ, path, _ = answered_organ
    asked = tmp_path / "forged.zip"
    asked.write_bytes(path.with_name("request.zip").read_bytes())
    digest = hashlib.sha256((organ.root / "content/site.yaml").read_bytes()).hexdigest()
    rewrite(
        asked,
        lambda _, fields: fields["request"]["approvals"][0].update(file="content/site.yaml", draft=digest),
    )
    done = run_elsewhere("approve", asked, "--key", organ.root.parent / "chief", "--yes")
    assert told(done) == ["approve.not-a-ledger"]


FORGED_ANSWERS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "half": (lambda path: path.write_bytes(path.read_bytes()[:-100]), "request.unreadable", "文件损坏"),
    "bomb": (bomb, "request.unreadable", "太多或太大"),
    "more files": (
        lambda path: rewrite(path, lambda files, _: files.update({"x.yaml": b""})),
        "request.unreadable",
        "手工改过",
    ),
    "no nonce": (
        lambda path: rewrite(path, lambda _, fields: approval_of(fields).pop("nonce")),
        "request.unreadable",
        "手工改过",
    ),
    "lines in the nonce": (
        lambda path: rewrite(path, lambda _, fields: approval_of(fields).update(nonce="0\napproval: x")),
        "request.unreadable",
        "手工改过",
    ),
    "no signature": (
        lambda path: rewrite(path, lambda _, fields: approval_of(fields).update(signature="")),
        "request.unreadable",
        "手工改过",
    ),
    "another signature": (
        lambda path: rewrite(path, lambda _, fields: approval_of(fields).update(signature="A" * 300)),
        "approve.not-an-approver",
        "答复里签名用的密钥",
    ),
    "another nonce": (
        lambda path: rewrite(path, lambda _, fields: approval_of(fields).update(nonce="0" * 32)),
        "approve.not-an-approver",
        "答复里签名用的密钥",
    ),
    "another number": (
        lambda path: rewrite(path, lambda _, fields: approval_of(fields).update(serial="7")),
        "request.changed",
        "手工改过",
    ),
    "another president": (
        lambda path: rewrite(path, lambda _, fields: approval_of(fields).update(by="别人")),
        "request.changed",
        "审核人不同",
    ),
    "another file": (
        lambda path: rewrite(path, lambda _, fields: fields.update(approvals={"x": approval_of(fields)})),
        "request.unknown",
        "别的站点",
    ),
    "another project": (
        lambda path: rewrite(path, lambda _, fields: fields.update(request="0" * 64)),
        "request.unknown",
        "别的站点",
    ),
}


@pytest.mark.parametrize(("forge", "code", "words"), FORGED_ANSWERS.values(), ids=FORGED_ANSWERS)
def test_a_damaged_or_forged_answer_is_not_taken(
    answered_organ: tuple[SiteProject, Path, bytes], forge: Callable[[Path], object], code: str, words: str
):
    organ, path, raw = answered_organ
    path.write_bytes(raw)
    forge(path)
    before = ledger(organ).read_bytes()
    done = take(organ, path)
    assert (told(done), words in done.stderr) == ([code], True), done.stderr
    assert ledger(organ).read_bytes() == before


def test_requests_and_answers_are_not_mistaken_for_each_other(
    answered_organ: tuple[SiteProject, Path, bytes], tmp_path: Path
):
    organ, path, raw = answered_organ
    path.write_bytes(raw)
    done = take(organ, path.with_name("request.zip"))
    assert (told(done), "还没有签名" in done.stderr) == (["request.unreadable"], True)
    done = run_elsewhere("approve", path, "--key", tmp_path / "none", "--yes")
    assert (told(done), "--answer 收下" in done.stderr) == (["request.unreadable"], True)


@pytest.mark.parametrize("kind", ["request", "answer"])
def test_any_damage_is_seen_or_harmless(answered_organ: tuple[SiteProject, Path, bytes], tmp_path: Path, kind: str):
    _, path, raw = answered_organ
    raw = raw if kind == "answer" else path.with_name("request.zip").read_bytes()
    read = signing_files.read_answer if kind == "answer" else signing_files.read_request
    damaged, chance = tmp_path / "damaged.zip", random.Random(kind)
    damaged.write_bytes(raw)
    whole, seen = read(damaged)[0], 0
    assert whole is not None
    for _ in range(2000 if PROVE else 30):
        changed = bytearray(raw)
        for _ in range(chance.randint(1, 3)):
            changed[chance.randrange(len(raw))] = chance.randrange(256)
        damaged.write_bytes(changed[: chance.choice([len(raw), chance.randrange(len(raw))])])
        content, problems = read(damaged)
        assert (content == whole and not problems) or {problem.code for problem in problems} == {"request.unreadable"}
        seen += bool(problems)
    assert seen > 10


USAGE = [
    (["--request", "x.zip", "--key", "KEY"], "私钥在审核人的电脑上"),
    (["--request", "x.txt"], "不是 .zip 文件名"),
    (["--request", "ledgers/x.zip"], "原始资料"),
    (["--yes"], "只在给签名请求签名"),
    (["--answer"], "不写别的选项"),
]


@pytest.mark.parametrize(("words", "message"), USAGE)
def test_options_that_do_not_go_together_are_refused(
    organ: SiteProject, chief: Path, words: list[str], message: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(organ.root)
    done = organ.run("approve", ledger(organ), *MEETING, *[str(chief) if word == "KEY" else word for word in words])
    assert (done.exit_code, message in done.stderr) == (2, True), done.stderr
    assert reservations.read_reservations(Project(organ.root)) == {}


def test_a_request_is_signed_with_one_key_and_seen(organ: SiteProject, chief: Path):
    asked = request(organ)
    for words, message in [
        ([], "请加一个 --key"),
        (["--key", chief], "不能询问"),
        (["--key", chief, "--by", "张三", "--yes"], "会议、审核人都在请求里"),
        ([asked.with_name("other.zip"), "--key", chief], "没有“"),
    ]:
        done = run_elsewhere("approve", asked, *words)
        assert (done.exit_code, message in done.stderr) == (2, True), done.stderr
    stranger = key(organ, "stranger")
    assert told(run_elsewhere("approve", asked, "--key", stranger, "--yes")) == ["approve.not-an-approver"]
