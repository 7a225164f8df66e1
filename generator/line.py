"""One build under way: what the branches come to, what the organ comes to, and everybody's pages.

Branches are worked on side by side. What has not changed since it was last done is taken from the memo, and what the
output folder holds already is not written again: digests tell, never the clock.
"""

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from itertools import chain
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from generator import assembly, books, drawers, organ, profile, shards
from generator.core.ground import Ground
from generator.core.revisions import Point
from generator.core.settings import Audience
from generator.executors import Hands, Tell
from generator.inventory import ChangedError
from generator.keys import Keys
from generator.lying import Lying
from generator.memo import Memo
from generator.opened import Opened
from generator.organ import Organ, Shares
from generator.render import committee, pages, search
from generator.render.editions import Edition, Page
from generator.render.pages import Links
from generator.render.templates import filler
from generator.rereading import Rereading
from generator.shards import Asked, Beyond, Made, still
from generator.summaries import Summary

NOTHING = Made({})

Work = partial[Any]

_AHEAD = 64  # pieces of work handed out before they are asked for


class Line:
    """One build under way: its opened project, who does the work, what is remembered, and who is told of progress."""

    def __init__(
        self, opened: Opened, hands: Hands, memo: Memo | None, tell: Tell, reread: Rereading | None = None
    ) -> None:
        self.opened = opened
        self.job = opened.job
        self.hands = hands
        self.memo = memo
        self.tell = tell
        self.turns = {branch: turn for turn, branch in enumerate(opened.homes)}
        self.keys = Keys(self.job, opened.frame, opened.digests, opened.slices)
        self.lying = Lying(self.job, hands, reread, tell)

    # --- what the branches come to

    def survey(self) -> dict[str, Summary] | None:
        """Every branch's summary, in roster order; None if anything is wrong that stops the build."""
        found = self._surveyed(self.opened.homes)
        if None in found.values():
            return None
        copied = organ.copies([one for one in found.values() if one])
        if copied:  # whose approval was copied from another branch is judged anew, as a draft
            homes = {
                branch: replace(home, copies=tuple(sorted(copied.get(branch, {}).items())))
                for branch, home in self.opened.homes.items()
            }
            self.opened = replace(self.opened, homes=homes)
            found |= self._surveyed(self.opened.homes)
        return None if None in found.values() else {branch: one for branch, one in found.items() if one}

    def _surveyed(self, branches: Collection[str]) -> dict[str, Summary | None]:
        names = {branch: self.keys.branch(branch, self.opened.near(branch)) for branch in branches if self.memo}
        if self.memo:
            self.memo.used.update(map(drawers.name, branches))  # by whoever reads them

        def pieces() -> Iterator[tuple[str, Summary | Work]]:
            for branch in branches:
                kept = self._remembered(names.get(branch, ""))
                yield branch, kept or partial(shards.survey, self.job, self.opened.near(branch), branch)

        found = dict.fromkeys(branches)
        for branch, summary, fresh in self._done("计分 支部", pieces(), len(branches)):
            found[branch] = summary
            if fresh and summary and self.memo:
                self.memo.put(names[branch], summary)
        return found

    def _remembered(self, name: str) -> Summary | None:
        found = self.memo.get(name, Summary) if self.memo else None
        return found if found and found.holds(self.job.today) else None

    def history(self, points: Sequence[Point]) -> list[Shares]:
        """What the organ ranked at each of these moments, by branch."""
        branches = list(self.opened.frame.roster.branch)
        pieces = (
            (branch, partial(shards.history, self.job, self.opened.near(branch), branch, points)) for branch in branches
        )
        told = {branch: shares for branch, shares, _ in self._done("追溯 支部", pieces, len(branches))}
        return [[(branch, told[branch][n]) for branch in branches] for n in range(len(points))]

    def _done(
        self, what: str, pieces: Iterable[tuple[str, Any]], of: int, meanwhile: Iterable[Any] = ()
    ) -> Iterator[tuple[str, Any, bool]]:
        """What each of so many pieces comes to, by name, and whether it is fresh: work done, not as it was given.

        Pieces are asked for one by one, and what there is to do is under way while the next are sought. A branch goes
        to the same hands each time, which may know it. What there is to do ``meanwhile`` is done here, as long as the
        hands keep us waiting; it has no name.
        """
        running: dict[Future[Any], str] = {}
        done, pages, told, idle = 0, 0, of, iter(meanwhile)
        for piece in chain(pieces, (None,)):
            if piece and isinstance(piece[1], partial):
                hand = self.hands[self.turns.get(piece[0], 0) % len(self.hands)]
                running[hand.submit(profile.measured, piece[1])] = piece[0]
            elif piece:
                of -= 1
                yield *piece, False
            while running and ((ready := any(map(Future.done, running))) or piece is None or len(running) >= _AHEAD):
                if not ready and (one := next(idle, None)) is not None:
                    yield "", one, False
                    continue
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    value, spent = future.result()
                    profile.add(spent)
                    done, pages = done + 1, pages + (len(value.digests) if isinstance(value, Made) else 0)
                    told = of
                    self.tell(what, done, of, pages)
                    yield running.pop(future), value, True
        if done and told != of:
            self.tell(what, done, of, pages)

    # --- pages

    def files(self, found: Organ, made: Ground, whole: "Whole") -> Iterator[Made]:
        """All files of the site, the branches' and the organ's, drawn unless the folder holds what they come to."""
        self.lying.remember()
        names: dict[str, str] = {}
        pieces, shared = self._pieces(found, made, whole, names), self._shared(whole)
        of = sum(map(bool, whole.paths.values()))
        for branch, files, fresh in self._done("生成 支部", pieces, of, shared):
            if fresh:
                self._keep(names[branch], files)
            yield files
        yield from shared

    def _pieces(
        self, found: Organ, made: Ground, whole: "Whole", names: dict[str, str]
    ) -> Iterator[tuple[str, "Made | Work"]]:
        """Of every branch that has pages: its files as they are, or what draws them; ``names`` gets their keys."""
        places, paths = organ.elsewhere(found, made), whole.paths
        for branch, one in found.summaries.items():
            if not paths[branch]:
                continue
            near = self.opened.near(branch)
            built = whole.own.union(*(paths[home.branch] for home in near))
            beyond = Beyond(found.begun, places.get(branch, {}), built)
            names[branch] = self.keys.pages(near, one, beyond) if self.memo else ""
            kept = self._kept(names[branch])
            if kept and still(kept.asked, built) and self.lying.holds(kept.files):
                yield branch, Made(kept.files)
            else:
                yield branch, partial(shards.publish, self.job, near, branch, beyond)

    def _kept(self, name: str) -> "Kept | None":
        return self.memo.get(name, Kept) if self.memo else None

    def _keep(self, name: str, made: Made) -> None:
        if self.memo:
            self.memo.put(name, Kept(made.digests, made.asked))

    # --- the committee's own

    def _office(self) -> "Office":
        """The committee's pages but its ledger forms: they rest on all there is, so the whole organ is read at once."""
        if Audience.COMMITTEE not in self.job.audiences:
            return Office()
        name = self.keys.everything("committee") if self.memo else ""
        kept = self._kept(name)
        if kept and self.lying.holds(kept.files):
            return Office(Made(kept.files))
        found = books.read(self.job.project, self.job.today).books
        if found is None:
            raise ChangedError(self.job.project.name(self.job.project.settings))
        made = assembly.ground(found, books.score(found, found.drafts if self.job.drafts else {}))
        edition = assembly.edition(found, made, (), desk=True, preview=self.job.drafts)
        return Office(NOTHING, edition, tuple(committee.pages(edition)), name)

    # --- the organ's own

    def whole(self, found: Organ, made: Ground) -> "Whole":
        """The organ's pages, and all paths of the site."""
        edition = organ.edition(found, made, preview=self.job.drafts)
        office = self._office()
        listed = list(pages.organ(edition, self.job.audiences))
        paths = found.paths(self.job.audiences)
        built = {path for own in paths.values() for path in own}
        built |= {page.path for page in listed} | office.paths
        looks = pages.others(edition, self.job.audiences, self.opened.frame.theme)
        index = search.index(edition, organ.named(found, edition, built), built)
        own = {page.path for page in listed} | office.paths | looks.keys() | ({search.INDEX} if index else set())
        return Whole(edition, listed, office, looks, index, paths, frozenset(own), frozenset(built | own))

    def _shared(self, whole: "Whole") -> Iterator[Made]:
        """The organ's files: what is no page, then pages."""
        yield shards.keep(self.job, whole.looks.items())
        name = self.keys.value("search", whole.index) if self.memo else ""
        yield self._recalled(name, whole, lambda _: search.files(whole.index).items())
        yield self._desk(whole)
        for page in whole.listed:
            yield self._page(page, whole)

    def _desk(self, whole: "Whole") -> Made:
        office = whole.office
        if office.edition is None:
            return office.kept
        fill, edition = filler(self.opened.frame.theme), office.edition
        links = Links(edition.settings, whole.built)
        made = shards.keep(self.job, ((page.path, pages.render(edition, page, fill, links)) for page in office.pages))
        self._keep(office.name, made)
        return made

    def _page(self, page: Page, whole: "Whole") -> Made:
        def drawn(built: Container[str]) -> Iterator[tuple[str, bytes]]:
            with profile.stage("排版"):
                links = Links(whole.edition.settings, built)
                raw = pages.render(whole.edition, page, filler(self.opened.frame.theme), links)
            yield page.path, raw

        return self._recalled(self.keys.page(page) if self.memo else "", whole, drawn)

    def _recalled(
        self, name: str, whole: "Whole", draw: Callable[[Container[str]], Iterable[tuple[str, bytes]]]
    ) -> Made:
        """Files drawn anew unless all their links lead where they led and the folder holds them."""
        kept = self._kept(name)
        if kept and still(kept.asked, whole.built) and self.lying.holds(kept.files):
            return Made(kept.files)
        asked = Asked(whole.built)
        made = replace(shards.keep(self.job, draw(asked)), asked=asked.told)
        self._keep(name, made)
        return made


class Kept(Struct, frozen=True):
    """Files as they were last drawn, by their digests, and the links that were asked for."""

    files: Mapping[str, str]
    asked: Mapping[str, bool]


class Office(Struct, frozen=True):
    """The committee's pages: as they are ``kept``, or what they are to be drawn from; ``name`` is their key."""

    kept: Made = NOTHING
    edition: Edition | None = None
    pages: tuple[Page, ...] = ()
    name: str = ""

    @property
    def paths(self) -> AbstractSet[str]:
        """Where they lie."""
        return self.kept.digests.keys() | {page.path for page in self.pages}


class Whole(Struct, frozen=True):
    """The organ's part of a site; ``paths`` are the branches', ``own`` its own, ``built`` those of the whole site."""

    edition: Edition
    listed: Sequence[Page]
    office: Office
    looks: Mapping[str, bytes]
    index: search.Index
    paths: Mapping[str, Sequence[str]]
    own: frozenset[str]
    built: frozenset[str]
