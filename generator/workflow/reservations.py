"""Reservations: the approvals that wait for a signature from another machine, and the numbers that they will have.

They are in ``.jifenbang/requests.json``, which only the holder of the project's lock writes.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Annotated

import msgspec
from msgspec import Struct

from generator.core.ledgers import filings_and_withdrawals
from generator.core.ledgers.approval_rules import Meeting
from generator.core.sealing import approval_chain
from generator.core.sealing.sealed_files import LedgerFile, SealedFile
from generator.disk import atomic_files
from generator.loader.load import LoadedProject
from generator.project import Project
from generator.publish import published_digests
from generator.publish.store import ABSENT_ERRORS

_SCHEMA = 1


class RequestedApproval(Struct, frozen=True, forbid_unknown_fields=True):
    """A file to be approved, the sha256 of its bytes, and the number of its approval; ballots have none."""

    file: str
    draft: str
    serial: Annotated[int, msgspec.Meta(ge=1, le=999_999_999)] | None


class SigningRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A request to sign approvals, in the order in which they are given at a meeting.

    ``by``, ``acting`` and ``consent`` are as with ``approve``. ``approvers`` is the digest of the list of signers;
    ``heads`` are the digests of the newest approval of each branch that has any.
    """

    meeting: date
    by: str | None
    acting: str | None
    consent: str | None
    approvers: str
    heads: Mapping[str, str]
    approvals: tuple[RequestedApproval, ...]

    @property
    def id(self) -> str:
        """The sha256 of the request: the same for the same request."""
        return atomic_files.digest_bytes(msgspec.json.encode(self))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files."""
        return tuple(approval.file for approval in self.approvals)

    @property
    def serials(self) -> Mapping[str, int]:
        """The numbers of ledgers and corrections by name."""
        return {approval.file: approval.serial for approval in self.approvals if approval.serial is not None}

    def meeting_on(self, today: date) -> Meeting:
        """Return the meeting that approves, as of a day."""
        return Meeting(self.meeting, self.by, self.consent, today, self.acting)


Reservations = Mapping[str, SigningRequest]


class _ReservationFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The content of the file: requests by their id."""

    schema: int
    requests: dict[str, SigningRequest]


def read_reservations(project: Project) -> Reservations:
    """Return all requests that were not answered, by id; none if the file is damaged: new ones must be made then."""
    try:
        content = msgspec.json.decode(project.requests_path.read_bytes(), type=_ReservationFile)
    except (*ABSENT_ERRORS, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    return content.requests if content.schema == _SCHEMA else {}


def find_waiting(loaded: LoadedProject, except_names: Collection[str] = ()) -> Reservations:
    """Return the requests whose answer still fits the project, without those of files with these names."""
    requests = read_reservations(loaded.project)
    # Most projects have no requests, and what was published needn't be read for them.
    late_before = find_published_serial(loaded) if requests else 0
    return {
        request_id: request
        for request_id, request in requests.items()
        if not set(request.names).intersection(except_names)
        and min(request.serials.values(), default=late_before) >= late_before
        and _fits(loaded, request)
    }


def find_published_serial(loaded: LoadedProject) -> int:
    """Return the highest number of a published approval; 0 if there is none.

    No approval may get a number before it any more: revisions that are published would be renumbered.
    """
    published = published_digests.read_published_digests(loaded.project)
    approvals = filings_and_withdrawals.list_approvals(loaded.ledger_files.by_name.values())
    return max((approval.serial or 0 for _, approval in approvals if approval.digest in published), default=0)


def find_overtaken(loaded: LoadedProject) -> Sequence[SigningRequest]:
    """Return the requests whose answers come too late once all that is approved now is published."""
    waiting = find_waiting(loaded).values()
    if not waiting:
        return ()
    approvals = filings_and_withdrawals.list_approvals(loaded.ledger_files.by_name.values())
    newest = max((approval.serial or 0 for _, approval in approvals), default=0)
    return [request for request in waiting if min(request.serials.values(), default=newest) < newest]


def describe_overtaken(loaded: LoadedProject) -> Sequence[str]:
    """Return what is said of requests before a publication that overtakes them."""
    names = [name for request in find_overtaken(loaded) for name in request.names]
    if not names:
        return ()
    return [f"还在等签名的 {'、'.join(names)}，编号在这次公布的前面：公布以后，答复不能再收，要重新请求签名。"]


def find_requests_by_name(loaded: LoadedProject) -> Mapping[str, SigningRequest]:
    """Return the request of each file that waits for an answer, by name."""
    return {name: request for request in find_waiting(loaded).values() for name in request.names}


def find_heads(loaded: LoadedProject, selected: Collection[SealedFile]) -> Mapping[str, str]:
    """Return the digests of the newest approvals of the branches of these files."""
    branches = sorted({file.branch for file in selected if isinstance(file, LedgerFile)})
    heads = {
        branch: approval_chain.find_chain_head(loaded.ledger_files.branch_approvals(branch)) for branch in branches
    }
    return {branch: head for branch, head in heads.items() if head}


def _fits(loaded: LoadedProject, request: SigningRequest) -> bool:
    files = [file for name in request.names if (file := loaded.files_by_name.get(name)) and not file.sealed]
    listed = loaded.approver_lists.current
    return (
        len(files) == len(request.approvals)
        and listed is not None
        and listed.digest == request.approvers
        and find_heads(loaded, files) == request.heads
        and all(
            atomic_files.digest_file(loaded.project.root / approval.file) == approval.draft
            for approval in request.approvals
        )
    )


def highest_serial(waiting: Reservations) -> int:
    """Return the highest number that is reserved; 0 if none is."""
    return max((serial for request in waiting.values() for serial in request.serials.values()), default=0)


def write_reservations(project: Project, waiting: Reservations) -> None:
    """Let these be all requests that wait; the caller has the lock of the project."""
    if waiting != read_reservations(project):
        content = _ReservationFile(_SCHEMA, dict(waiting))
        atomic_files.write_durably(project.requests_path, msgspec.json.format(msgspec.json.encode(content)) + b"\n")
