"""A small load generator: HTTP/1.1 over connections that are kept, one process, no threads, bounded in time."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from itertools import cycle

import msgspec


class Sample(msgspec.Struct, kw_only=True):
    """What a stretch of load brought: the time of each answer in seconds, and how long the stretch took."""

    times: list[float]
    seconds: float
    received: int
    failed: int

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the time within which that share of the answers came, in ms."""
        ordered = sorted(self.times)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000


class _Connection:
    def __init__(self, port: int) -> None:
        self._port = port
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self._port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.missing = 0

    def send(self, address: bytes) -> None:
        self.began = time.perf_counter()
        self.buffer.clear()
        self.missing = 0
        self.socket.sendall(b"GET " + address + b" HTTP/1.1\r\nHost: localhost\r\nAccept-Language: en\r\n\r\n")

    def receive(self) -> int | None:
        """Take what came; return the status once the answer is whole."""
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionError("The server closed the connection.")
        self.buffer += part
        if not self.missing:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return None
            head = bytes(self.buffer[:end]).lower()
            at = head.index(b"content-length:") + 15
            self.missing = end + 4 + int(head[at : head.find(b"\r", at) if b"\r" in head[at:] else None])
        return int(self.buffer[9:12]) if len(self.buffer) >= self.missing else None


def load(port: int, addresses: Sequence[str], *, seconds: float, connections: int) -> Sample:
    """Ask for the addresses in turn over so many connections at once, for so long."""
    each: Iterator[bytes] = cycle([address.encode() for address in addresses])
    sample = Sample(times=[], seconds=0, received=0, failed=0)
    open_ones = [_Connection(port) for _ in range(connections)]
    with selectors.DefaultSelector() as selector:
        for connection in open_ones:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(next(each))
        began = time.perf_counter()
        ends = began + seconds
        waiting = len(open_ones)
        while waiting:
            ready = selector.select(timeout=10)
            if not ready:
                raise TimeoutError("The server did not answer within 10 seconds.")
            for key, _ in ready:
                connection = key.data
                status = connection.receive()
                if status is None:
                    continue
                now = time.perf_counter()
                sample.times.append(now - connection.began)
                sample.received += len(connection.buffer)
                sample.failed += status != 200
                if now < ends:
                    connection.send(next(each))
                else:
                    waiting -= 1
        sample.seconds = time.perf_counter() - began
    for connection in open_ones:
        connection.socket.close()
    return sample
