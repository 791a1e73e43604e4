"""Files that a user names, of which only regular ones are read.

check_regular(Path("vrps.json"))      # nothing: it is one, or it is not there
check_regular(Path("/dev/zero"))      # DataError
"""

from pathlib import Path

from herdwick.tools.errors import DataError


def check_regular(path: Path) -> None:
    """Refuse pipes, devices and folders; that there is nothing shows when the file is opened.

    Raises:
        DataError: `no_file`; it is no regular file.
    """
    # Opening a pipe waits for somebody to write to it, and a device may have no end.
    try:
        is_other = path.exists() and not path.is_file()
    except OSError:
        return  # What cannot be looked at cannot be opened either, and that says why.
    if is_other:
        raise DataError(
            "no_file", f"{path} is no regular file.", "Save what it gives in a file, and name that."
        )
