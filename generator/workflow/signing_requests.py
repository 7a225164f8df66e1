"""Have approvals signed on another machine: request signatures, sign what was requested, and take in the answer.

The private key never leaves its machine, and the project never goes there. An answer counts only if the project itself
computes the same approvals: nothing of it is used but nonces and signatures.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.core.ledgers import filings_and_withdrawals
from generator.core.ledgers.approval_rules import Meeting
from generator.core.sealing.sealed_files import LedgerFile, SealedFile
from generator.disk import atomic_files
from generator.intake.files import discovery
from generator.intake.text import yaml_nodes
from generator.loader import load, openssh
from generator.loader.load import CheckedBranch, LoadedProject, LoadResult, SharedFiles
from generator.problems import CommandResult, Location, Problem
from generator.project import Project
from generator.publish.lock import lock_project
from generator.workflow import approve, reservations, sealed_writing, sign, signing_files
from generator.workflow.approve import ApprovedFile, Sealing
from generator.workflow.record_text import RecordFields
from generator.workflow.reservations import RequestedApproval, Reservations, SigningRequest
from generator.workflow.sign import SignBlock
from generator.workflow.signing_files import ApprovalFields, RequestFile, SigningAnswer


class OpenedRequest(Struct, frozen=True):
    """A request on the signer's machine: its files as a project of their own, and those to be approved, in order."""

    request: SigningRequest
    meeting: Meeting
    loaded: LoadedProject
    selected: tuple[SealedFile, ...]
    approved: tuple[ApprovedFile, ...]


# --- on the clerk's machine: the request -----------------------------------------------------------------------------


def request_signatures(project: Project, names: Collection[str], meeting: Meeting) -> CommandResult[bytes]:
    """Return the request to sign the approval of all files of these names, and reserve the numbers that it will have.

    An earlier request for one of them is void.
    """
    with lock_project(project):
        load_result = load.load_project(project, meeting.today)
        selection = approve.select_drafts(load_result, names, meeting, signing=True)
        loaded, selected = load_result.loaded, selection.value
        if loaded is None or selected is None:
            return CommandResult(problems=selection.problems)
        if loaded.approver_lists.current is None:
            hint = "没有名单的站点不用密钥签名，请去掉 --request，直接审核"
            where = Location(project.file_name(project.approvers_path(1)))
            problem = Problem(where, "approve.no-approvers", "没有审核人名单，不需要签名", hint)
            return CommandResult(problems=(problem,))
        waiting = reservations.find_waiting(loaded, names)
        serials = approve.number_files(loaded, selected, waiting)
        _, problems = approve.seal_files(loaded, selected, meeting, Sealing(serials))
        if problems:
            return CommandResult(problems=tuple(problems))
        request = _compose_request(loaded, selected, meeting, serials)
        request = _find_same_request(reservations.find_waiting(loaded), request) or request
        raw = signing_files.pack_request(RequestFile(request, _read_needed_files(loaded, selected)))
        reservations.write_reservations(project, {**waiting, request.id: request})
    return CommandResult(raw, selection.problems)


def _compose_request(
    loaded: LoadedProject, selected: Sequence[SealedFile], meeting: Meeting, serials: Mapping[str, int]
) -> SigningRequest:
    listed = loaded.approver_lists.current
    assert listed is not None
    drafts = [atomic_files.digest_bytes((loaded.project.root / file.name).read_bytes()) for file in selected]
    return SigningRequest(
        meeting.day,
        meeting.approver,
        meeting.acting,
        meeting.consent,
        listed.digest,
        reservations.find_heads(loaded, selected),
        tuple(
            RequestedApproval(file.name, draft, serials.get(file.name))
            for file, draft in zip(selected, drafts, strict=True)
        ),
    )


def _find_same_request(waiting: Reservations, request: SigningRequest) -> SigningRequest | None:
    """Return the request that waits already and differs in its numbers at most: its numbers are kept."""
    return next(
        (earlier for earlier in waiting.values() if _without_serials(earlier) == _without_serials(request)), None
    )


def _without_serials(request: SigningRequest) -> SigningRequest:
    return replace(request, approvals=tuple(replace(approval, serial=None) for approval in request.approvals))


def _read_needed_files(loaded: LoadedProject, selected: Sequence[SealedFile]) -> dict[str, bytes]:
    """Return the bytes, by name, of all that decides what the approval of these files seals, and of nothing else."""
    project, ledger_files = loaded.project, loaded.ledger_files
    branches = {file.branch for file in selected if isinstance(file, LedgerFile)}
    names = {file.name for file in selected}
    names |= {file.name for file in ledger_files.by_name.values() if file.branch in branches and file.sealed}
    names |= {record.where.file for branch in branches for record in ledger_files.branch_records(branch)}
    years = {name.split("/")[1] for name in names}
    discovered = discovery.discover_files(project)
    paths = [
        project.settings_path,
        project.roster_path,
        *discovered.rulebooks,
        *(folder / "cycle.yaml" for folder in discovered.year_folders if folder.name in years),
    ]
    names |= {project.file_name(path) for path in paths if path.is_file()}
    for listed in loaded.approver_lists.in_force:
        names |= {listed.file, *([listed.record.where.file] if listed.record else [])}
    return {name: (project.root / name).read_bytes() for name in names}


def withdraw_request(project: Project, today: date, name: str) -> SigningRequest | None:
    """Drop the request for the draft of that name, and return it; None if there is none."""
    with lock_project(project):
        requests = reservations.read_reservations(project)
        request = next((request for request in requests.values() if name in request.names), None)
        loaded = load.load_project(project, today).loaded if request else None
        file = loaded.files_by_name.get(name) if loaded else None
        if loaded is None or (file and file.sealed):
            return None
        reservations.write_reservations(project, reservations.find_waiting(loaded, [name]))
    return request


# --- on the signer's machine -----------------------------------------------------------------------------------------


def open_request(path: Path, folder: Path, today: date) -> CommandResult[OpenedRequest]:
    """Write a request's files into an empty folder, and check them there as ``approve`` does."""
    request_file, problems = signing_files.read_request(path)
    if request_file is None:
        return CommandResult(problems=tuple(problems))
    request, meeting = request_file.request, request_file.request.meeting_on(today)
    for name, raw in request_file.files.items():
        atomic_files.write_atomically(str(folder / name), raw, durably=False)
    load_result = _load_requested_branches(Project(folder), request, today)
    selection = approve.select_drafts(load_result, request.names, meeting, signing=True)
    loaded, selected = load_result.loaded, selection.value
    if loaded is None or selected is None:
        return CommandResult(problems=selection.problems)
    if {file.name for file in selected if isinstance(file, LedgerFile)} != set(request.serials):
        return CommandResult(problems=(signing_files.altered_request_problem(path),))
    approved = approve.describe_approved(loaded, selected, meeting)
    return CommandResult(OpenedRequest(request, meeting, loaded, selected, approved), selection.problems)


def _load_requested_branches(project: Project, request: SigningRequest, today: date) -> LoadResult:
    """Load a project of which the files of some branches are there: the others' are not missing."""
    branches = {name.split("/")[-2] for name in request.names}

    def read_requested_branch(
        shared_files: SharedFiles,
        branch: str,
        discovered: discovery.DiscoveredFiles,
        copied_approvals: Mapping[str, str],
    ) -> CheckedBranch:
        if branch in branches:
            return load.read_branch(shared_files, branch, discovered, copied_approvals)
        return load.empty_branch(branch)

    load_result = load.complete_load(load.read_shared_files(project, today), read_requested_branch)
    problems = [problem for problem in load_result.problems if problem.code != "ledger.missing"]
    return replace(load_result, problems=problems)


def sign_request(opened: OpenedRequest, key: Path) -> CommandResult[bytes]:
    """Sign the approvals of an opened request with the key, and return the answer."""
    loaded = opened.loaded
    if problems := sign.signing_problems(loaded, key):
        return CommandResult(problems=tuple(problems))
    sealing = Sealing(opened.request.serials, sign.make_key_signer(loaded, key))
    contents, problems = approve.seal_files(loaded, opened.selected, opened.meeting, sealing)
    if problems:
        return CommandResult(problems=tuple(problems))
    blocks = {name: _read_block(raw, name) for name, raw in contents.items()}
    return CommandResult(signing_files.pack_answer(SigningAnswer(opened.request.id, blocks)))


def _read_block(raw: bytes, name: str) -> ApprovalFields:
    """Return the approval block at the end of a file, without its digest."""
    node, _ = yaml_nodes.read_yaml(raw, name)
    data = yaml_nodes.to_plain_data(node) if node else None
    assert isinstance(data, Mapping)
    block = data["approval"]
    assert isinstance(block, Mapping)
    return {
        key: tuple(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in block.items()
        if key != "digest"
    }


# --- on the clerk's machine: the answer ------------------------------------------------------------------------------


def take_answer(project: Project, today: date, path: Path) -> CommandResult[tuple[ApprovedFile, ...]]:
    """Approve the files of a request with the signatures of its answer, all or none."""
    answer, problems = signing_files.read_answer(path)
    if answer is None:
        return CommandResult(problems=tuple(problems))
    with lock_project(project):
        request = reservations.read_reservations(project).get(answer.request)
        if request is None or set(answer.approvals) != set(request.names):
            return CommandResult(problems=(_unknown_problem(path),))
        return _approve_by_answer(project, request, request.meeting_on(today), answer)


def _unknown_problem(path: Path) -> Problem:
    message = "这份答复对不上正在等签名的请求：它已经收下过、请求已经撤回或者重做过，或者是别的站点的"
    hint = "请运行 jifenbang status 看哪些在等签名；要签名的，用 jifenbang approve 文件 --request 重新请求"
    return Problem(Location(path.as_posix(), 0), "request.unknown", message, hint)


def _approve_by_answer(
    project: Project, request: SigningRequest, meeting: Meeting, answer: SigningAnswer
) -> CommandResult[tuple[ApprovedFile, ...]]:
    load_result = load.load_project(project, meeting.today)
    # A draft that was changed is named as such: what is wrong with it now is not what was to be signed.
    if changed := tuple(_find_changed_drafts(load_result, request)):
        return CommandResult(problems=changed)
    selection = approve.select_drafts(load_result, request.names, meeting, signing=True)
    loaded, selected = load_result.loaded, selection.value
    if loaded is None or selected is None:
        return CommandResult(problems=selection.problems)
    listed = loaded.approver_lists.current
    problem = openssh.find_tool_problem(listed.where, loaded.approver_lists.in_force) if listed else None
    problems = [problem] if problem else [*_find_late_numbers(loaded, request)]
    if problems:
        return CommandResult(problems=tuple(problems))
    nonces = {name: str(block["nonce"]) for name, block in answer.approvals.items()}
    sealing = Sealing(request.serials, _make_answer_signer(loaded, answer, selected), nonces)
    contents, problems = approve.seal_files(loaded, selected, meeting, sealing)
    if problems:
        # The approvals behind one that failed refer to it.
        return CommandResult(problems=tuple(p for p in problems if p.where.file == problems[0].where.file))
    sealed_writing.write_sealed_files(project, contents)
    reservations.write_reservations(project, reservations.find_waiting(loaded, request.names))
    return CommandResult(approve.describe_approved(loaded, selected, meeting), selection.problems)


def _find_changed_drafts(load_result: LoadResult, request: SigningRequest) -> Iterator[Problem]:
    """Yield drafts whose bytes are not those of the request any more; what is approved by now has its own problem."""
    if load_result.loaded is None:
        return
    root = load_result.loaded.project.root
    for approval in request.approvals:
        file = load_result.loaded.files_by_name.get(approval.file)
        if not (file and file.sealed) and atomic_files.digest_file(root / approval.file) != approval.draft:
            yield _changed_problem(approval.file, "这份草稿在请求签名以后改动过或者移走了")


def _find_late_numbers(loaded: LoadedProject, request: SigningRequest) -> Iterator[Problem]:
    """Yield the files whose numbers can't be given any more."""
    approvals = filings_and_withdrawals.list_approvals(loaded.ledger_files.by_name.values())
    newest, used_serials = reservations.find_published_serial(loaded), {approval.serial for _, approval in approvals}
    for name, serial in request.serials.items():
        message = ""
        if serial < newest:
            message = (
                f"请求签名时留给它第 {serial} 号，后来第 {newest} 号审核先公布了：再排到它前面，公布过的更正要改号"
            )
        elif serial in used_serials:
            message = f"请求签名时留给它的第 {serial} 号，已经给了别的审核"
        if message:
            hint = f"请用 jifenbang approve {name} --request 重新请求签名；空下来的号不再用"
            yield Problem(Location(name, 0), "request.late", message, hint)


_DIFFERENCES = {
    "previous": "这个支部后来又有别的审核，或者有审核撤回了",
    "records": "这个支部后来又有备案或撤回的记录",
    "roll": "名册改动过，那个月在册的人不同了",
    "rulebook": "计分规则改动过",
    "counted": "按现在的名册和规则，台账里的各条读出来不同了",
    "approvers": "审核人名单换过",
    "list": "审核人名单换过",
    "by": "审核人不同了",
    "acting": "代行的原因不同了",
    "consent": "同意人不同了",
}


def _make_answer_signer(loaded: LoadedProject, answer: SigningAnswer, selected: Sequence[SealedFile]) -> SignBlock:
    """Return a function that takes the signature of a block from the answer, if that signed the very same block."""
    first_names = {file.branch: file.name for file in reversed(selected) if isinstance(file, LedgerFile)}

    def sign_block(file: SealedFile, block: RecordFields, digest: str, day: date) -> tuple[str | None, list[Problem]]:
        answered = answer.approvals[file.name]
        signature = str(answered["signature"])
        expected = {key: value if isinstance(value, str) else tuple(value) for key, value in block.items()}
        keys = {key for key in {**expected, **answered} if expected.get(key) != answered.get(key)} - {"signature"}
        # A later approval of a branch refers to the first of the answer: its problem, if it has one, is that one's.
        keys -= set() if file.name in first_names.values() else {"previous"}
        if keys:
            faults = [fault for key, fault in _DIFFERENCES.items() if key in keys] or ["答复里的内容是手工改过的"]
            return None, [_changed_problem(file.name, "，".join(dict.fromkeys(faults)))]
        if sign.is_signed(loaded, digest, signature, day):
            return signature, []
        return None, [sign.not_an_approver_problem(loaded, file.where, day, "答复里签名用的密钥")]

    return sign_block


def _changed_problem(name: str, fault: str) -> Problem:
    hint = f"请核对改动；仍要审核的，用 jifenbang approve {name} --request 重新请求签名"
    return Problem(Location(name, 0), "request.changed", f"答复用不上了：{fault}", hint)
