"""What a child process does before its program starts, so that it ends with its parent."""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def ends_with_parent(sign: signal.Signals) -> Callable[[], None]:
    """Return a `preexec_fn` that has the system send `sign` when the parent dies, however it dies.

    Only Linux can; elsewhere a child notices by the pipe that it shares with its parent. It is
    bound to the thread that starts the child, so start children from the main thread.
    """
    parent = os.getpid()

    def prepare() -> None:
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


def await_serve(control: int) -> None:
    """Return when the supervisor says to serve; end when it is gone."""
    if not os.read(control, 64):
        os._exit(1)


def end_with_supervisor(control: int) -> None:
    """Ask ourselves to stop when the supervisor's end of the pipe closes, on any system."""

    def watch() -> None:
        while os.read(control, 64):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
