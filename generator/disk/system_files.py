"""Files that operating systems and their file managers put into folders by themselves."""

_NAMES = {"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store", ".localized", ".directory"}
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
    return name in _NAMES or name.startswith("._") or any(folder in _FOLDERS for folder in folders)
