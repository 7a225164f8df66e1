"""OpenSSH of earlier releases, and in another encoding: what works with them works, all else is told."""

import shutil
from pathlib import Path

import pytest

from tests.signing import ROSTER, codes, enlist, make_chief, sign, sign_two_months, signer
from tests.site_project import SiteProject

pytestmark = pytest.mark.needs("ssh-keygen")

# What each release can't do: -Y came with 8.1; find-principals with 8.2, and until then any -O is one of a certificate;
# valid-… and verify-time with 8.7, before which -O is not looked at; a day with its time zone came with 9.1.
REFUSALS = {
    "7.7": 'case " $* " in *" -Y "*) echo "illegal option -- Y" >&2; exit 1;; esac',
    "8.1": 'case " $* " in *" find-principals "*) exit 1;; *" -O"*) echo "Unsupported option" >&2; exit 255;;'
    ' esac; no_days "$@"',
    "8.2": 'no_days "$@"',
    "8.9": 'case " $* " in *Overify-time=*Z*) echo "Invalid \\"verify-time\\" option" >&2; exit 255;; esac',
}
NO_DAYS = """
no_days() {
  for word in "$@"; do
    if [ -f "$word" ] && grep -q valid- "$word"; then echo "bad options: unknown key option" >&2; exit 255; fi
  done
}
"""


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    return SiteProject(tmp_path / "organ", ROSTER)


def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: str) -> None:
    """Put a program before the real one that refuses what an earlier release does not know."""
    real = shutil.which("ssh-keygen")
    folder = tmp_path / "programs"
    folder.mkdir()
    program = folder / "ssh-keygen"
    program.write_text(f'#!/bin/sh\n{NO_DAYS}{refusal}\nexec {real} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


@pytest.mark.parametrize("release", ["8.1", "8.2", "8.9"])
def test_a_list_without_days_is_enough_for_every_release_that_signs(
    organ: SiteProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: str
):
    chief = make_chief(organ)
    install(tmp_path, monkeypatch, REFUSALS[release])
    sign_two_months(organ, chief)
    assert codes(organ, "build") == []
    assert "2 次审核有密钥签名，已逐一核对" in organ.run("verify").stdout


@pytest.mark.parametrize("release", ["7.7", "8.1", "8.2"])
def test_days_of_keys_need_a_later_release(
    organ: SiteProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: str
):
    chief = make_chief(organ)
    enlist(organ, signer(chief, 'namespaces="jifenbang",valid-before="20300101"'))
    sign_two_months(organ, chief)
    install(tmp_path, monkeypatch, REFUSALS[release])
    assert set(codes(organ, "build")) == {"signature.old-tool"}
    file = organ.ledger("jia", "2026-03", "")
    words = ("--meeting", "2026-04-03", "--by", "审核员", "--acting", "代行", "--key", str(chief))
    assert codes(organ, "approve", str(file), *words) == ["signature.old-tool"]


def test_days_of_keys_are_judged_by_the_first_release_that_knows_them(
    organ: SiteProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    chief = make_chief(organ)
    enlist(organ, signer(chief, 'namespaces="jifenbang",valid-before="20260304"'))
    install(tmp_path, monkeypatch, REFUSALS["8.9"])
    sign_two_months(organ, chief)  # on 3 March
    assert codes(organ, "build") == []
    file = organ.ledger("jia", "2026-03", "")
    words = ("--meeting", "2026-04-03", "--by", "审核员", "--acting", "代行", "--key", str(chief))
    assert codes(organ, "approve", str(file), *words) == ["approve.not-an-approver"]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_last_day_of_a_key_is_the_same_in_every_time_zone(
    organ: SiteProject, monkeypatch: pytest.MonkeyPatch, zone: str
):
    monkeypatch.setenv("TZ", zone)
    chief = make_chief(organ)
    for until, found in (("20260303", ["approve.not-an-approver"]), ("20260304", [])):
        enlist(organ, signer(chief, f'namespaces="jifenbang",valid-before="{until}"'))
        file = organ.ledger("jia", "2026-01", "")
        words = ("--meeting", "2026-03-03", "--by", "审核员", "--acting", "代行", "--key", str(chief))
        assert codes(organ, "approve", str(file), *words) == found


def test_what_it_says_in_another_encoding_is_shown(organ: SiteProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    chief = make_chief(organ)
    said = "".join(f"\\{byte:03o}" for byte in "打不开该文件".encode("gbk"))
    refusal = f"""case " $* " in *" sign "*) printf '{said}' >&2; exit 255;; esac"""
    install(tmp_path, monkeypatch, refusal)
    file = organ.ledger("jia", "2026-01", "")
    words = ("--meeting", "2026-03-03", "--by", "审核员", "--acting", "代行", "--key", str(chief))
    done = organ.run("approve", file, *words)
    assert (done.exit_code, done.exception.__class__) == (1, SystemExit)
    assert "签名没有成功：打不开该文件。" in done.stderr


def test_the_name_of_a_key_may_be_in_quotation_marks(organ: SiteProject):
    first = make_chief(organ)
    line = signer(first).replace("chief ", '"chief of all,deputy" ', 1)
    enlist(organ, "chief ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKmlwTYe+7S8dXqer2GCJNv0vcxN3PossZ2FOWpGo+y0\n", line)
    sign(organ, first, organ.ledger("jia", "2026-01", ""))
    assert codes(organ, "build") == []
