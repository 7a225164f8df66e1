"""Lists of signers: what a line says, and that OpenSSH sees exactly the lines of the digest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.model.approver_lists import APPROVER_NAMESPACE, KEEPER_NAMESPACE, ApproverList
from generator.core.sealing import digests
from generator.intake.files import approver_files
from generator.intake.text.yaml_nodes import read_yaml

KEYS = [f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{letter}{'A' * 42}" for letter in "ABCD"]
BOTH = f'namespaces="{APPROVER_NAMESPACE},{KEEPER_NAMESPACE}"'
APPROVER, KEEPER = f'namespaces="{APPROVER_NAMESPACE}"', f'namespaces="{KEEPER_NAMESPACE}"'


def read(text: str) -> ApproverList:
    return approver_files.read_list(text.encode(), "content/approvers")[0]


@pytest.mark.parametrize(
    ("options", "approves", "keeps"),
    [
        ("", True, True),
        (APPROVER, True, False),
        (KEEPER, False, True),
        (BOTH, True, True),
        (f'valid-before="20270101",{KEEPER}', False, True),
        (f'NAMESPACES="{KEEPER_NAMESPACE}",valid-before="20270101"', False, True),
        ('namespaces="jifenbang*"', True, True),
        (f'namespaces="!{KEEPER_NAMESPACE},jifenbang*"', True, False),
        ('namespaces="git"', False, False),
        ('valid-before="20270101"', True, True),
    ],
)
def test_namespaces_tell_approvers_from_keepers(options: str, approves: bool, keeps: bool):  # noqa: FBT001
    line = f"zhou {options} {KEYS[0]} zhou@office"
    [key] = read(line).keys
    assert (key.is_allowed(APPROVER_NAMESPACE), key.is_allowed(KEEPER_NAMESPACE)) == (approves, keeps)
    assert (key.key, key.is_stolen) == (KEYS[0], False)


@pytest.mark.parametrize(
    ("lines", "namespace", "needed"),
    [
        ([f"a {KEYS[0]}"], APPROVER_NAMESPACE, 1),
        ([f"a {APPROVER} {KEYS[0]}"], APPROVER_NAMESPACE, 1),
        ([f"a {KEYS[0]}", f"also-a {KEYS[0]}"], APPROVER_NAMESPACE, 1),  # one key
        ([f"a {APPROVER} {KEYS[0]}", f"b {APPROVER} {KEYS[1]}", f"c {APPROVER} {KEYS[2]}"], APPROVER_NAMESPACE, 2),
        ([f"a {APPROVER} {KEYS[0]}", f"b {KEYS[1]}"], APPROVER_NAMESPACE, 2),
        ([f"a {APPROVER} {KEYS[0]}", f"b {APPROVER} {KEYS[1]} stolen"], APPROVER_NAMESPACE, 1),
        ([f"a {APPROVER} {KEYS[0]}", f"b {APPROVER} {KEYS[1]}", f"c {KEEPER} {KEYS[2]}"], KEEPER_NAMESPACE, 1),
        ([f"a {BOTH} {KEYS[0]}", f"b {APPROVER} {KEYS[1]}"], KEEPER_NAMESPACE, 1),
        (["# nobody"], APPROVER_NAMESPACE, 1),  # never none
    ],
)
def test_how_many_keepers_must_sign(lines: list[str], namespace: str, needed: int):
    listed = read("\n".join(lines))
    assert (listed.keeper_namespace, listed.keepers_needed) == (namespace, needed)


@pytest.mark.parametrize("word", ["stolen", "被盗", "stolen 2026-11-20 在火车上"])
def test_a_stolen_key_signs_on_none_of_its_lines(word: str):
    listed = read(f"a {APPROVER} {KEYS[0]} {word}\nb {KEYS[0]} not stolen\nc {KEYS[1]} a stolen laptop's\n")
    assert [key.is_stolen for key in listed.keys] == [True, True, False]
    assert listed.list_text(APPROVER_NAMESPACE) == f"c {KEYS[1]} a stolen laptop's\n"


@pytest.mark.parametrize(
    "line",
    [
        "zhou",
        f"zhou {KEYS[0].split()[1]}",
        "zhou ssh-ed25519 AAA*",
        "zhou ssh-ed25519 AAAAA",
        f'zhou namespaces="jifenbang, jifenbang-approvers" {KEYS[0]}',
    ],
)
def test_a_line_that_openssh_would_not_heed_is_told_at_its_place(line: str):
    _, [problem] = approver_files.read_list(f"# 名单\n\n{line}\n".encode(), "content/approvers.2", 2)
    assert (problem.code, problem.where.file, problem.where.line) == ("approvers.bad-line", "content/approvers.2", 3)


LINES = st.text(alphabet=st.sampled_from("a#\u3000 \t\n\r\x0b\x0c\x1c\x85\u2028é"), max_size=40)


@given(LINES)
def test_openssh_sees_exactly_the_lines_of_the_digest(text: str):
    listed = read(text)
    seen = listed.list_text(APPROVER_NAMESPACE)
    assert digests.digest_approvers(seen) == digests.digest_approvers(text) == listed.digest
    # Parted as OpenSSH does it, by line feeds alone: no line is a comment to one of both and not to the other.
    lines = seen.split("\n")[:-1]
    assert [line for line in lines if line.strip() and not line.strip().startswith("#")] == lines
    assert [line.splitlines() for line in lines] == [[line] for line in lines]


@pytest.mark.parametrize("field", ["list", "approvers", "previous", "on", "heads", "ballots", "nonce", "signatures"])
def test_a_record_without_one_of_its_fields_is_one_problem(field: str):
    fields = {
        "list": "2",
        "approvers": "sha256:a",
        "previous": "sha256:b",
        "on": "2027-06-01",
        "heads": "{jia: sha256:c}",
        "ballots": "[]",
        "nonce": "00",
        "signatures": "[AAAA]",
        "digest": "sha256:d",
    }
    whole = "".join(f"{key}: {value}\n" for key, value in fields.items())
    record, problems = approver_files.read_list_record(whole.encode(), "content/approvers.2.yaml")
    assert (record is not None, problems) == (True, [])
    text = "".join(f"{key}: {value}\n" for key, value in fields.items() if key != field)
    assert read_yaml(text.encode(), "x")[0] is not None
    record, [problem] = approver_files.read_list_record(text.encode(), "content/approvers.2.yaml")
    assert (record, problem.code) == (None, "record.incomplete")
