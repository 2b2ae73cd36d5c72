"""What the tests of this folder share: tools that may be absent, peer programs, a node to meet. Standard library only."""
import pathlib
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "networks"))

from network import ROCOCO_DEV, ROCOCO_LOCAL, Network, Skip, free_port, main, shared  # noqa: E402,F401 (for the tests)
from harness import attempt, install_npm, tool  # noqa: E402,F401 (network has made it importable)

FOLDER = pathlib.Path(__file__).resolve().parent
AUTHOR = ["--alice", "--validator", "--force-authoring"]
GENESIS = "c81df6f5b2871fa630d7056055dc6922ec5cd19c328f216e6d9ec797c99c1f25"  # of rococo-dev


def install_packages():
    """The pinned npm packages, from the registry npm is set up for."""
    install_npm(FOLDER, ("smoldot", "libp2p", "@libp2p/kad-dht"))


def build_go_host(folder):
    """The go-libp2p host; modules come from the Go proxy or its cache."""
    binary = folder / "gohost"
    reason = attempt([tool("go"), "build", "-o", str(binary), "."], FOLDER / "gohost", 900)
    if reason is not None:
        raise Skip(f"go build failed: {reason}")
    return binary


class Program:
    """A peer program: its lines as they come."""

    def __init__(self, *command, folder=FOLDER):
        self.process = subprocess.Popen([str(part) for part in command], cwd=folder,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self.lines = []
        self.news = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.rstrip())
                self.news.notify_all()
        with self.news:
            self.lines.append("")  # the end
            self.news.notify_all()

    def line(self, beginning, seconds):
        """The rest of the first line that begins so."""
        def found():
            return next((line for line in self.lines if line.startswith(beginning)), None)
        with self.news:
            self.news.wait_for(lambda: found() is not None or "" in self.lines, seconds)
            line = found()
        assert line is not None, f"no {beginning!r} within {seconds} s:\n{self.text()}"
        return line[len(beginning):].strip()

    def succeeds(self, seconds):
        try:
            code = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"no end within {seconds} s:\n{self.text()}") from None
        with self.news:
            self.news.wait_for(lambda: "" in self.lines, 10)
        assert code == 0 and "OK" in self.lines, f"exit code {code}:\n{self.text()}"

    def text(self):
        return "\n".join(self.lines[-60:])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
