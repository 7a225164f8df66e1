"""Files that operating systems, their file managers, and programs that show a file put into folders by themselves."""

import re

_NAMES = {"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store", ".localized", ".directory", ".apdisk"}
# What macOS keeps of a file, NFS of one that is open elsewhere, and the marks of LibreOffice, Office and WPS of it.
_NAME = re.compile(r"\._.+|\.nfs[0-9a-f]{8,}|\.~lock\..+#|~\$.+")
_FOLDERS = {
    "system volume information",
    "$recycle.bin",
    "@eadir",
    ".spotlight-v100",
    ".trashes",
    ".fseventsd",
    ".temporaryitems",
    "lost+found",
}


def is_system_file(path: str) -> bool:
    """Return whether a file, by its path with ``/``, is one that no person and no build put there."""
    *folders, name = path.casefold().split("/")
    return name in _NAMES or _NAME.fullmatch(name) is not None or any(folder in _FOLDERS for folder in folders)


def is_system_name(name: str) -> bool:
    """Return whether a folder's entry of a name is such a file, or a folder of them."""
    return is_system_file(name) or name.casefold() in _FOLDERS
