"""Lists of the keys that may sign approvals, each sealed by a record that keepers of two lists signed.

Lists are OpenSSH's ``allowed_signers`` files; their ``namespaces`` separate keepers, who may replace the list, from
approvers.
"""

from collections.abc import Mapping
from datetime import date
from fnmatch import fnmatchcase

from msgspec import Struct

from generator.problems import Location

APPROVER_NAMESPACE = "jifenbang"
KEEPER_NAMESPACE = "jifenbang-approvers"


class ApproverKey(Struct, frozen=True):
    """A line of a list: the whole line, its ``key`` as type and base64, its namespaces, None if it names none.

    ``is_stolen`` if the word behind the key says so: the key counts only for approvals that a kept record has.
    """

    line: str
    key: str
    namespaces: str | None
    is_stolen: bool
    where: Location

    def is_allowed(self, namespace: str) -> bool:
        """Return whether OpenSSH accepts the line's signatures in a namespace."""
        if self.namespaces is None:
            return True
        patterns = self.namespaces.split(",")
        if any(pattern.startswith("!") and fnmatchcase(namespace, pattern[1:]) for pattern in patterns):
            return False
        return any(fnmatchcase(namespace, pattern) for pattern in patterns)


class ListRecord(Struct, frozen=True):
    """The record that seals a list, from number 2 on: it makes it the list in force.

    ``approvers`` is the digest of the list; ``previous`` that of the record before, or of list 1 itself. ``heads`` are
    the digests of each branch's newest approval by then, by branch; ``ballots`` those of all approvals of reviews and
    polls: what was approved under earlier lists. ``anchor`` is the sha256 of the ``audit.json`` that had every approval
    of a key that the list calls stolen. ``lost`` is the reason why no keeper of the list before signed, and ``by`` who
    decided so for the organ committee; ``acting`` is as with an approval. The ``signatures`` sign everything but
    themselves and ``digest``, which is ``signed``; ``claims`` is the digest that the file states for itself.
    """

    number: int
    approvers: str
    previous: str
    on: date
    heads: Mapping[str, str]
    ballots: tuple[str, ...]
    nonce: str
    signatures: tuple[str, ...]
    claims: str
    where: Location
    anchor: str | None = None
    lost: str | None = None
    by: str | None = None
    acting: str | None = None
    digest: str = ""
    signed: str = ""


class ApproverList(Struct, frozen=True):
    """A list of signers by its number: the name of its file, its digest and keys, and the record that seals it.

    ``record`` is None for list 1, and for a draft.
    """

    number: int
    file: str
    digest: str
    keys: tuple[ApproverKey, ...]
    record: ListRecord | None = None

    @property
    def where(self) -> Location:
        """The location that a problem of the list as a whole names."""
        return Location(self.file)

    @property
    def keeper_namespace(self) -> str:
        """The namespace in which keepers sign: where no line names one for them, each signer is a keeper."""
        is_named = any(key.namespaces is not None and key.is_allowed(KEEPER_NAMESPACE) for key in self.keys)
        return KEEPER_NAMESPACE if is_named else APPROVER_NAMESPACE

    @property
    def keepers_needed(self) -> int:
        """The number of keepers that must sign: one, or two of the signers where no keeper is named."""
        if self.keeper_namespace == KEEPER_NAMESPACE:
            return 1
        # One secretary's key alone must not replace a list of several.
        signers = {key.key for key in self.keys if key.is_allowed(APPROVER_NAMESPACE) and not key.is_stolen}
        return 1 if len(signers) < 2 else 2  # noqa: PLR2004  the one signer, or two of several

    def list_text(self, namespace: str) -> str:
        """Return the lines that may sign in a namespace, for OpenSSH: never a stolen key's."""
        lines = [key.line for key in self.keys if key.is_allowed(namespace) and not key.is_stolen]
        return "".join(f"{line}\n" for line in lines)


class ApproverLists(Struct, frozen=True):
    """The lists of a project: those ``in_force`` by number from 1, and a draft of the next one.

    ``missing`` are the names of files that the numbers of others show to be missing.
    """

    in_force: tuple[ApproverList, ...] = ()
    draft: ApproverList | None = None
    missing: tuple[str, ...] = ()

    @property
    def current(self) -> ApproverList | None:
        """The list by which approvals are signed now; None if there is none."""
        return self.in_force[-1] if self.in_force else None

    @property
    def stolen_since(self) -> Mapping[str, int]:
        """The keys that a list calls stolen, each with the number of the first such list."""
        return {key.key: listed.number for listed in self.in_force[::-1] for key in listed.keys if key.is_stolen}

    def find(self, number: int) -> ApproverList | None:
        """Return the list in force of a number."""
        return self.in_force[number - 1] if 0 < number <= len(self.in_force) else None
