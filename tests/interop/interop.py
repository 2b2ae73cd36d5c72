"""What the tests of this folder share: tools that may be absent, peer programs, a node to meet. Standard library only."""
import pathlib
import shutil
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "networks"))

from network import ROCOCO_DEV, ROCOCO_LOCAL, Network, Skip, free_port, main, shared  # noqa: E402,F401 (for the tests)

FOLDER = pathlib.Path(__file__).resolve().parent
AUTHOR = ["--alice", "--validator", "--force-authoring"]
GENESIS = "c81df6f5b2871fa630d7056055dc6922ec5cd19c328f216e6d9ec797c99c1f25"  # of rococo-dev


def tool(name):
    path = shutil.which(name)
    if path is None:
        raise Skip(f"{name} is not installed: run `make setup-check`")
    return path


def install_packages():
    """The pinned npm packages, from the registry npm is set up for."""
    tool("node")
    if all((FOLDER / "node_modules" / name).is_dir() for name in ("smoldot", "libp2p", "@libp2p/kad-dht")):
        return
    # `npm ci` would refuse a lock file that leaves out optional packages for other systems.
    command = [tool("npm"), "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"]
    reason = attempt(command, FOLDER, 300)
    if reason is not None:
        shutil.rmtree(FOLDER / "node_modules", ignore_errors=True)
        raise Skip(f"npm install failed: {reason}")


def build_go_host(folder):
    """The go-libp2p host; modules come from the Go proxy or its cache."""
    binary = folder / "gohost"
    reason = attempt([tool("go"), "build", "-o", str(binary), "."], FOLDER / "gohost", 900)
    if reason is not None:
        raise Skip(f"go build failed: {reason}")
    return binary


def attempt(command, folder, seconds):
    """Absent when it went well, else the reason."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return f"no end in {seconds} s"
    return None if done.returncode == 0 else done.stderr.decode(errors="replace")[-400:]


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
