"""Sign approvals: with a list of allowed signers every approval is signed, without one no signature can be checked."""

from datetime import date
from pathlib import Path

from generator.core.model.approver_lists import APPROVER_NAMESPACE
from generator.loader import openssh
from generator.loader.load import LoadedProject
from generator.problems import Location, Problem


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


def sign_as_approver(
    loaded: LoadedProject, digest: str, where: Location, day: date, key: Path
) -> tuple[str | None, list[Problem]]:
    """Sign a digest with the key, which must be an allowed signer's on the day.

    Returns the signature, or None and the problem.
    """
    signature, messages = openssh.sign_digest(digest, key, APPROVER_NAMESPACE)
    if signature is None:
        return None, [failed_signing_problem(where, messages)]
    listed = loaded.approver_lists.current
    assert listed is not None
    allowed = listed.list_text(APPROVER_NAMESPACE)
    if not openssh.is_signed(allowed, digest, signature, day, APPROVER_NAMESPACE):
        hint = f"请换用名单上的人的密钥，或由名单的保管人把公钥写进下一份名单（现行的是 {listed.file}）"
        message = f"{key.name} 不是审核人名单上的密钥，或者 {day} 那天无效"
        return None, [Problem(where, "approve.not-an-approver", message, hint)]
    return signature, []


def failed_signing_problem(where: Location, messages: str) -> Problem:
    """Return the problem that ssh-keygen did not sign."""
    hint = "请核对 --key 指的是 OpenSSH 私钥文件，并且口令正确"
    return Problem(where, "approve.signing", f"签名没有成功：{messages}", hint)


def not_appendable_problem(where: Location) -> Problem:
    """Return the problem of a file whose text an approval block can't follow."""
    hint = "请删去文件末尾空的 approval: 一行或 ... 一行；整个文件不要缩进，也不要写在花括号里"
    return Problem(where, "approve.not-appendable", "文件末尾接不上审核记录", hint)
