"""Files that are handed in: workbooks, forms and tables for drafts, and answers to requests for a signature."""

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from tornado import web

from generator.desk import hand_in
from generator.desk.desk import Desk
from generator.desk.fields import FieldError, Fields
from generator.desk.handlers.base import DeskHandler
from generator.disk import atomic_files, locked_files


class TrayHandler(DeskHandler):
    """Files that are handed in, one a request, each as its bare bytes."""

    async def post(self) -> None:
        """Take one, and say what it would become."""
        name = self.get_query_argument("name", "")
        fields = {name: self.get_query_argument(name, "") for name in self.request.query_arguments}
        if instead := fields.get("instead", ""):
            self.session.tray.drop([int(instead)] if instead.isascii() and instead.isdigit() else [])
        is_large = len(self.request.body) > hand_in.MAX_BYTES
        file = self.session.tray.add(name, self.request.body) if not is_large else None
        if is_large:
            self.send_json({"refused": f"这份文件太大，最多 {hand_in.MAX_BYTES:,} 字节"})
            return
        if file is None:
            self.send_json({"refused": "一次最多放六十份，请先写入或拿掉一些"})
            return
        if fields.get("kind") == "members":  # said by the act
            self.send_json({"number": file.number})
            return
        async with self.session.acting:
            answer = await asyncio.to_thread(_import_files, self.desk, [file], fields, writes=False)
        self.send_json({"number": file.number, **answer})


class ImportHandler(DeskHandler):
    """The files in the tray that are to be written."""

    async def post(self) -> None:
        """Write their drafts, and drop those that were written."""
        request_data = self.read_json()
        numbers, fields = request_data.get("numbers"), request_data.get("fields", {})
        if not (isinstance(numbers, list) and isinstance(fields, dict)):
            raise web.HTTPError(HTTPStatus.BAD_REQUEST)
        numbers = [number for number in numbers if isinstance(number, int)]
        fields = {name: str(value) for name, value in fields.items()}
        files = self.session.tray.find(numbers)
        async with self.session.acting:
            before = await asyncio.to_thread(self.desk.read_state)
            answer = await asyncio.to_thread(_import_files, self.desk, files, fields, writes=True)
            state = await asyncio.to_thread(self.desk.note_saved, "import", before)
            counts = await asyncio.to_thread(self.count_problems, state)
        if not answer.get("refused"):
            self.session.tray.drop(numbers)
        self.send_json({**answer, "counts": counts})


def _import_files(
    desk: Desk, files: Sequence[hand_in.HandedIn], values: Mapping[str, str], *, writes: bool
) -> Mapping[str, Any]:
    loaded = desk.read_state().load_result.loaded
    if loaded is None:
        return {"refused": "资料里有错误，现在不能导入；请先看“问题”"}
    try:
        request = hand_in.read_request(Fields(values, loaded))
    except FieldError as error:
        return {"refused": str(error)}
    return hand_in.import_files(desk.project, desk.today(), files, request, writes=writes)


class AnswerHandler(DeskHandler):
    """The answer to a request for a signature, as its bare bytes."""

    async def post(self) -> None:
        """Take it, and say where its outcome is."""
        if len(self.request.body) > hand_in.MAX_BYTES:
            self.send_json({"refused": f"这份文件太大，最多 {hand_in.MAX_BYTES:,} 字节"})
            return
        written = self.get_query_argument("name", "")
        name = "".join(sign for sign in written if sign.isalnum() or sign in "._-")[-80:] or "答复.zip"
        path = self.session.tray.reserve("answer.zip")
        atomic_files.write_atomically(str(path), self.request.body, durably=False)
        async with self.session.acting:
            words = ["approve", "--answer", name]
            number = await asyncio.to_thread(self.desk.run, "收下签好的答复", words, "", path)
        locked_files.delete_file(path)
        self.send_json({"done": f"done/{number}"})
