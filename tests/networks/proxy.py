"""A TCP proxy in user space that delays, throttles, drops and cuts: bad links without help of the kernel.

    link = Proxy(target_port)          listens on link.port, forwards to 127.0.0.1:target_port
    link.delay = 0.2                   seconds every piece waits, each way
    link.rate = 100_000                bytes a second each way and connection (None: no bound)
    link.held = True                   nothing passes, connections stay: packets are lost
    link.cut()                         connections end with a reset, new ones are refused
    link.heal()                        as new
    link.drop_one_in(n)                of new connections, every n-th is reset after some bytes

One thread runs all links of a test.
"""
import collections
import heapq
import random
import selectors
import socket
import struct
import threading
import time

PIECE = 16 * 1024
BUFFERED_MAX = 256 * 1024  # bytes that wait in one direction; then nothing more is read


class Loop:
    """The thread under every proxy of a process."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.timers = []
        self.order = 0
        self.lock = threading.RLock()
        self.wake_read, self.wake_write = socket.socketpair()
        self.wake_read.setblocking(False)
        self.wake_write.setblocking(False)
        self.selector.register(self.wake_read, selectors.EVENT_READ, lambda _: self._drain())
        threading.Thread(target=self._run, name="proxy", daemon=True).start()

    def _drain(self):
        while True:
            try:
                if not self.wake_read.recv(4096):
                    return
            except BlockingIOError:
                return

    def wake(self):
        try:
            self.wake_write.send(b"!")
        except BlockingIOError:
            pass  # it wakes anyway

    def at(self, when, action):
        self.order += 1
        heapq.heappush(self.timers, (when, self.order, action))
        self.wake()

    def watch(self, sock, events, handler):
        known = sock in self.selector.get_map()
        if not events:
            if known:
                self.selector.unregister(sock)
        elif known:
            self.selector.modify(sock, events, handler)
        else:
            self.selector.register(sock, events, handler)

    def _run(self):
        while True:
            with self.lock:
                until = self.timers[0][0] - time.monotonic() if self.timers else 1.0
            ready = self.selector.select(max(0.0, min(until, 1.0)))
            with self.lock:
                for key, events in ready:
                    # One that was ready before may have closed this one meanwhile.
                    now = self.selector.get_map().get(key.fd)
                    if now is not None and now.fileobj is key.fileobj:
                        key.data(events)
                while self.timers and self.timers[0][0] <= time.monotonic():
                    heapq.heappop(self.timers)[2]()


LOOP = None


def loop():
    global LOOP
    if LOOP is None:
        LOOP = Loop()
    return LOOP


class Direction:
    """Bytes from one socket to the other."""

    def __init__(self, pair, source, sink):
        self.pair, self.source, self.sink = pair, source, sink
        self.pieces = collections.deque()  # (when it may go, bytes)
        self.waiting = 0
        self.ended = False  # the source has said all
        self.credit_at = time.monotonic()

    def read(self):
        try:
            data = self.source.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            self.pair.end()
            return
        if not data:
            self.ended = True
        else:
            link = self.pair.link
            link.bytes_passed += len(data)
            now = time.monotonic()
            when = now + link.delay
            if link.rate:
                self.credit_at = max(self.credit_at, now) + len(data) / link.rate
                when = self.credit_at + link.delay
            self.pieces.append((when, data))
            self.waiting += len(data)
            if when > now:
                loop().at(when, self.pair.refresh)
        self.pair.refresh()

    def may_write(self):
        return bool(self.pieces) and not self.pair.link.held and self.pieces[0][0] <= time.monotonic()

    def write(self):
        while self.may_write():
            when, data = self.pieces[0]
            try:
                sent = self.sink.send(data)
            except BlockingIOError:
                return
            except OSError:
                self.pair.end()
                return
            self.waiting -= sent
            if sent < len(data):
                self.pieces[0] = (when, data[sent:])
                return
            self.pieces.popleft()
            self.pair.spend(sent)
            if self.pair.over:
                return
        if self.ended and not self.pieces:
            self.pair.end()


class Pair:
    """One connection through the link."""

    def __init__(self, link, inner, outer, dies_after):
        self.link, self.inner, self.outer = link, inner, outer
        self.over = False
        self.bytes_left = dies_after
        self.up, self.down = Direction(self, inner, outer), Direction(self, outer, inner)
        self.refresh()

    def refresh(self):
        if self.over:
            return
        for sock, reads, writes in ((self.inner, self.up, self.down), (self.outer, self.down, self.up)):
            events = 0
            if not reads.ended and reads.waiting < BUFFERED_MAX:
                events |= selectors.EVENT_READ
            if writes.may_write():
                events |= selectors.EVENT_WRITE
            loop().watch(sock, events, lambda got, r=reads, w=writes: self._on(got, r, w))
        for direction in (self.up, self.down):
            if direction.ended and not direction.pieces:
                self.end()
                return

    def _on(self, events, reads, writes):
        if events & selectors.EVENT_WRITE:
            writes.write()
        if events & selectors.EVENT_READ and not self.over:
            reads.read()
        self.refresh()

    def spend(self, count):
        if self.bytes_left is not None:
            self.bytes_left -= count
            if self.bytes_left <= 0:
                self.end(reset=True)

    def end(self, reset=False):
        if self.over:
            return
        self.over = True
        for sock in (self.inner, self.outer):
            loop().watch(sock, 0, None)
            if reset:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
        self.link.pairs.discard(self)


class Proxy:
    def __init__(self, target_port, seed=1):
        self.target = ("127.0.0.1", target_port)
        self.delay = 0.0
        self.rate = None
        self._held = False
        self.refusing = False
        self.bytes_passed = 0
        self.accepted = 0
        self.drop_every = None
        self.random = random.Random(seed)
        self.pairs = set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        with loop().lock:
            loop().watch(self.listener, selectors.EVENT_READ, lambda _: self._accept())
        loop().wake()

    def _accept(self):
        try:
            inner, _ = self.listener.accept()
        except OSError:
            return
        self.accepted += 1
        outer = socket.socket()
        if self.refusing or not self._dial(outer):
            inner.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            inner.close()
            outer.close()
            return
        for sock in (inner, outer):
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        dies = self.drop_every is not None and self.accepted % self.drop_every == 0
        dies_after = self.random.randrange(1, 20_000) if dies else None
        self.pairs.add(Pair(self, inner, outer, dies_after))

    def _dial(self, outer):
        try:
            outer.settimeout(2)
            outer.connect(self.target)
            return True
        except OSError:
            return False

    @property
    def held(self):
        return self._held

    @held.setter
    def held(self, value):
        with loop().lock:
            self._held = value
            for pair in list(self.pairs):
                pair.refresh()
        loop().wake()

    def cut(self):
        with loop().lock:
            self.refusing = True
            for pair in list(self.pairs):
                pair.end(reset=True)
        loop().wake()

    def heal(self):
        with loop().lock:
            self.refusing = False
            self.delay, self.rate, self.drop_every = 0.0, None, None
        self.held = False

    def drop_one_in(self, count):
        self.drop_every = count

    def close(self):
        self.cut()
        with loop().lock:
            loop().watch(self.listener, 0, None)
            self.listener.close()
        loop().wake()
