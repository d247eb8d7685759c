"""Puts a test into a network of its own, where a server that listens everywhere is heard by nobody else."""

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
    """Move this thread, and the processes it starts, where there is nothing but loopback.

    Raises PermissionError for whoever may not: that takes root.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        # Python has os.unshare and os.setns from 3.12 on only.
        if libc.unshare(CLONE_NEWNET):
            raise PermissionError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        try:
            loopback(up=True)
            yield
        finally:
            if libc.setns(home, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "the way back to the network is lost")
    finally:
        os.close(home)


def loopback(up: bool) -> None:
    """Let what is sent arrive, or not; only where this thread is apart."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP if up else 0))
