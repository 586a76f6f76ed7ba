"""The place's own search of files for harm, where it connects one: a command that reads the file and says yes or no.

Braid has none of its own. The command is that of `BRAID_DOCUMENT_SCANNER`, with its arguments; it gets the bytes on its
standard input and nothing else. It says yes by ending with 0 within the time. Whatever else it does is a no.
"""

import logging
import shlex
import subprocess

from django.conf import settings

from braid.language.steps import NotPossible

LONGEST_SECONDS = 30
FOUND = "The file was not taken: the search for harmful files said no. Ask whoever runs Braid here before you try again"
NO_ANSWER = "The file was not taken: the search for harmful files did not answer. Try again later"
logger = logging.getLogger(__name__)


def scan(content: bytes, longest_seconds: float = LONGEST_SECONDS) -> None:
    """Raise `NotPossible` unless the place's command lets the file pass. Where there is none, nothing is searched."""
    command = shlex.split(settings.DOCUMENT_SCANNER)
    if not command:
        return
    try:
        # The command is the place's own, from its environment; nothing of the file is in it.
        ended = subprocess.run(  # noqa: S603
            command,
            input=content,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=longest_seconds,
            check=False,
            env={"PATH": settings.DOCUMENT_SCANNER_PATH},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        logger.error("the search for harmful files did not answer: %s", type(error).__name__)
        raise NotPossible(NO_ANSWER) from None
    if ended.returncode != 0:
        raise NotPossible(FOUND)
