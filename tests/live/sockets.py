"""What tests do with an open socket."""

import json

from websockets.exceptions import ConnectionClosed

from apps.runs import live


def change(run):
    """What a verb does to a run that it changes, without its rules."""
    run.seq += 1
    run.save(update_fields=["seq"])
    live.run_changed(run)


def frame(socket, timeout=5):
    """The next frame that is no heartbeat."""
    while True:
        message = json.loads(socket.recv(timeout=timeout))
        if "heartbeat" not in message:
            return message


def frames_until(socket, wanted, timeout=5):
    """All frames up to the one for which `wanted` is true."""
    found = []
    while not found or not wanted(found[-1]):
        found.append(frame(socket, timeout))
    return found


def close_code(socket, timeout=12):
    """The code with which the site closes; frames before it are read over."""
    try:
        while True:
            socket.recv(timeout=timeout)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006
