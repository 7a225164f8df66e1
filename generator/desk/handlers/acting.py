"""Acts: what one will do is shown, then done; its progress and its outcome."""

import asyncio
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path

from tornado import web

from generator.desk import text_files
from generator.desk.acts import ACTS
from generator.desk.desk import format_command
from generator.desk.fields import FieldError, Fields
from generator.desk.handlers.base import DeskHandler
from generator.desk.page import DeskPage
from generator.disk import atomic_files


class ActHandler(DeskHandler):
    """An act: what it will do is shown first, and done once that is confirmed."""

    async def post(self, name: str) -> None:
        """Show or do it."""
        act = ACTS.get(name)
        if act is None:
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        values = self.read_fields()
        async with self.session.acting:
            state = await asyncio.to_thread(self.desk.read_state)
            loaded = state.load_result.loaded
            if loaded is None:
                self.draw_unreadable(state)
                return
            upload = self.session.tray.find_path(values.get("file", "")) if act.takes_file else None
            fields = Fields(values, loaded, upload)
            try:
                words, back = act.compose(self.desk, fields), act.back(fields)
                files, by_hand = act.find_files(self.desk, fields), act.by_hand(self.desk, fields)
                digest = _digest_files(files)
                if act.describe and not fields.flag("sure"):
                    facts = await asyncio.to_thread(act.describe, self.desk, fields, loaded)
                    data = {
                        "name": name,
                        "facts": facts,
                        "moves": act.find_moves(fields),
                        "command": "" if by_hand else format_command(words),
                        "by_hand": by_hand,
                        "texts": [text_files.read_text(path)[0] for path in files] if act.shows_files else [],
                        "fields": {key: value for key, value in values.items() if key not in {"sure", "digest"}},
                        "digest": digest,
                        "offer": self.session.offer_act(),
                        "back": back,
                    }
                    self.draw(DeskPage("confirm.html", act.title, data), state)
                    return
                if act.describe and not self.session.accept_act(fields.raw("sure")):
                    raise FieldError("这一件已经办过了，没有再办。要再办一次的，请返回重新看一遍")  # noqa: TRY301
                if act.describe and fields.raw("digest") != digest:
                    raise FieldError("这份文件刚刚被改动过，没有办。请返回核对新的内容，再办一次")  # noqa: TRY301
            except FieldError as error:
                self.draw(DeskPage("refused.html", act.title, {"reason": str(error)}), state, HTTPStatus.BAD_REQUEST)
                return
            if act.perform:
                perform = partial(act.perform, self.desk, fields)
                number = await asyncio.to_thread(self.desk.perform, act.title, words, back, by_hand, perform)
            else:
                path = self.session.tray.reserve(words[-1].rpartition("=")[2]) if act.makes_file else upload
                number = await asyncio.to_thread(self.desk.run, act.title, words, back, path)
        self.redirect(f"{self.session.root}done/{number}", status=HTTPStatus.SEE_OTHER)


def _digest_files(paths: Sequence[Path]) -> str:
    """Return a digest of the contents of files; empty for none."""
    digests = [atomic_files.digest_file(path) or "" for path in paths]
    return atomic_files.digest_bytes("\n".join(digests).encode()) if digests else ""


class OutcomeHandler(DeskHandler):
    """The outcome of an act."""

    async def get(self, number: str) -> None:
        """Send it."""
        state = await asyncio.to_thread(self.desk.read_state)
        if int(number) >= len(self.desk.outcomes):
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        outcome = self.desk.outcomes[int(number)]
        self.draw(DeskPage("outcome.html", outcome.title, {"outcome": outcome}), state)


class ProgressHandler(DeskHandler):
    """The progress of the act that is under way."""

    def get(self) -> None:
        """Send it, as the terminal would show it; empty while no command reports any."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(self.desk.progress)
