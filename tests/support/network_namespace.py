"""Runs a test in a network namespace, where a server on all interfaces can't be reached from outside."""

import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

# From linux/sched.h, linux/sockios.h and linux/if.h.
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1


@contextmanager
def network_namespace() -> Iterator[None]:
    """Move this thread, and the processes that it starts, to a network with loopback only.

    Raises PermissionError unless this is root.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    original = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        # Python has os.unshare and os.setns from 3.12 on only.
        if libc.unshare(CLONE_NEWNET):
            raise PermissionError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        try:
            loopback(up=True)
            yield
        finally:
            if libc.setns(original, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "can't return to the original network")
    finally:
        os.close(original)


def loopback(up: bool) -> None:
    """Switch loopback on or off, in a network namespace only."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP if up else 0))
