"""Sign approvals: with a list of allowed signers every approval is signed, without one no signature can be checked."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from generator.core.model.approver_lists import APPROVER_NAMESPACE
from generator.core.sealing.sealed_files import SealedFile
from generator.loader import openssh
from generator.loader.load import LoadedProject
from generator.problems import Location, Problem
from generator.workflow.record_text import RecordFields

SignBlock = Callable[[SealedFile, RecordFields, str, date], tuple[str | None, list[Problem]]]
"""Signs the approval block of a file, whose digest is given, with a key that must be valid on a day.

Returns the signature, or None and the problems.
"""


def signing_problems(loaded: LoadedProject, key: Path | None) -> list[Problem]:
    """Return the reasons why nothing can be approved with this key, or without one."""
    listed = loaded.approver_lists.current
    where = listed.where if listed else Location(loaded.project.file_name(loaded.project.approvers_path(1)))
    if key is not None and listed is None:
        hint = "请先把审核人的公钥写进 content/approvers（OpenSSH allowed signers 格式），或去掉 --key"
        return [Problem(where, "approve.no-approvers", "没有审核人名单，签名无从核对", hint)]
    if key is None and listed is not None:
        return [Problem(where, "approve.no-key", "有审核人名单的站点，审核必须签名", "请加 --key 私钥文件")]
    problem = openssh.find_tool_problem(where, loaded.approver_lists.in_force) if key else None
    return [problem] if problem else []


def make_key_signer(loaded: LoadedProject, key: Path) -> SignBlock:
    """Return a function that signs approvals with the key, which must be an allowed signer's on the day."""

    def sign_block(file: SealedFile, _: RecordFields, digest: str, day: date) -> tuple[str | None, list[Problem]]:
        signature, messages = openssh.sign_digest(digest, key, APPROVER_NAMESPACE)
        if signature is None:
            return None, [failed_signing_problem(file.where, messages)]
        if is_signed(loaded, digest, signature, day):
            return signature, []
        return None, [not_an_approver_problem(loaded, file.where, day, key.name)]

    return sign_block


def is_signed(loaded: LoadedProject, digest: str, signature: str, day: date) -> bool:
    """Return whether an allowed signer of the list in force signed the digest, with a key that was valid on the day."""
    listed = loaded.approver_lists.current
    assert listed is not None
    return openssh.is_signed(listed.list_text(APPROVER_NAMESPACE), digest, signature, day, APPROVER_NAMESPACE)


def not_an_approver_problem(loaded: LoadedProject, where: Location, day: date, key_name: str) -> Problem:
    """Return the problem of a signature with a key that the list in force doesn't allow on the day."""
    listed = loaded.approver_lists.current
    assert listed is not None
    hint = f"请换用名单上的人的密钥，或由名单的保管人把公钥写进下一份名单（现行的是 {listed.file}）"
    message = f"{key_name} 不是审核人名单上的密钥，或者 {day} 那天无效"
    return Problem(where, "approve.not-an-approver", message, hint)


def failed_signing_problem(where: Location, messages: str) -> Problem:
    """Return the problem that ssh-keygen did not sign."""
    hint = "请核对 --key 指的是 OpenSSH 私钥文件，并且口令正确"
    return Problem(where, "approve.signing", f"签名没有成功：{messages}", hint)


def not_appendable_problem(where: Location) -> Problem:
    """Return the problem of a file whose text an approval block can't follow."""
    hint = "请删去文件末尾空的 approval: 一行或 ... 一行；整个文件不要缩进，也不要写在花括号里"
    return Problem(where, "approve.not-appendable", "文件末尾接不上审核记录", hint)
