"""Files of other programs that people take for a text or a table, by how they begin."""

_BINARY = (
    (b"PK\x03\x04", " Excel 工作簿一类的文件"),
    (b"\xd0\xcf\x11\xe0", "旧版 Excel、WPS 的文件（.xls），或者加了密码"),
    (b"%PDF-", " PDF 文件"),
)
_MARKUP = ("<!doctype html", "<html", "<head", "<meta", "<body", "<table", "<style")
_BEGINNING = 1000  # bytes that hold its first words, after a mark of order and blanks


def describe_binary(raw: bytes) -> str | None:
    """Return the kind of a file that is no text, as it goes on after 这是; None of any other."""
    return next((kind for beginning, kind in _BINARY if raw.startswith(beginning)), None)


def describe_no_table(raw: bytes) -> str | None:
    """Return the kind of a file that is neither a workbook nor CSV, though it may be named so; None of any other."""
    beginning = raw[:_BEGINNING].replace(b"\0", b"").decode("latin-1").lstrip("\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if not beginning:
        return "空文件"
    if beginning.startswith("<?xml"):
        return "网页或 XML，不是表格，只是名字像"
    if beginning.startswith(_MARKUP):
        return "网页（HTML），不是表格，只是名字像"
    return None if raw.startswith(b"PK") else describe_binary(raw)
