"""Runs the real binary and speaks to it as a user would. Standard library only.

A test file is a program: functions named test_* run in order, each prints `ok NAME`, `skip NAME: reason` or
`FAIL NAME`, and the program ends with the count and a non-zero code when one failed. Data of real chains is
looked for as the unit tests do ($STIPPLE_SHARED_DATA, else ../shared/data beside the checkout).
"""
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("STIPPLE_SHARED_DATA", ROOT / ".." / "shared" / "data")).resolve()
BINARY = pathlib.Path(os.environ.get("STIPPLE_BINARY", ROOT / "build" / "release" / "stipple"))
CODE_CACHE = os.environ.get("STIPPLE_TEST_CACHE", os.path.join(tempfile.gettempdir(), "stipple-test-code-cache"))


class Skip(Exception):
    """Raised by a test whose data or tool is absent; the text names what was looked for."""


def tool(name):
    path = shutil.which(name)
    if path is None:
        raise Skip(f"{name} is not installed: run `make setup-check`")
    return path


def attempt(command, folder, seconds):
    """Absent when it went well, else the reason."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return f"no end in {seconds} s"
    return None if done.returncode == 0 else done.stderr.decode(errors="replace")[-400:]


def install_npm(folder, packages):
    """What the lock file of `folder` pins, from the registry npm is set up for; nothing when `packages` are there."""
    tool("node")
    npm = tool("npm")
    if all((folder / "node_modules" / name).is_dir() for name in packages):
        return
    # `npm ci` would refuse a lock file that leaves out optional packages for other systems.
    command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"]
    reason = attempt(command, folder, 300)
    if reason is not None:
        shutil.rmtree(folder / "node_modules", ignore_errors=True)
        raise Skip(f"npm install failed: {reason}")


def shared(relative):
    path = SHARED / relative
    if not path.exists():
        raise Skip(f"no real chain data at {path}")
    return path


PORTS = range(12_000, 32_000)  # below those the system gives to outgoing connections: nobody takes them meanwhile


def free_port():
    """One that nobody listens on; told once by this program."""
    while True:
        port = random.SystemRandom().choice(PORTS)
        if port in free_port.told:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        free_port.told.add(port)
        return port


free_port.told = set()


def run(*arguments, timeout=300, stdin=None):
    """Runs one command to its end; gives (exit code, standard output, standard error)."""
    done = subprocess.run([str(BINARY), *map(str, arguments)], capture_output=True, timeout=timeout, input=stdin)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


class RpcError(Exception):
    def __init__(self, error):
        super().__init__(json.dumps(error))
        self.code = error.get("code")


class Node:
    """A running node on a port of its own. `with Node(...) as node:` ends it, whatever happens."""

    def __init__(self, chain, base=None, *arguments, ready_seconds=120, command=()):
        self.port = free_port()
        self.metrics_port = free_port()
        self.log = tempfile.NamedTemporaryFile(prefix="stipple-log-", suffix=".txt", delete=False)
        where = ["--base-path", str(base)] if base else ["--tmp"]
        self.process = subprocess.Popen(
            [str(BINARY), *command, *(["--chain", str(chain), "--no-mdns"] if chain else []), *where, "--rpc-port", str(self.port),
             "--prometheus-port", str(self.metrics_port), *map(str, arguments)],
            stdout=self.log, stderr=subprocess.STDOUT)
        try:
            self.wait_ready(ready_seconds)
        except BaseException:
            self.__exit__()  # no `with` is there yet to end it
            raise

    def wait_ready(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the node ended with {self.process.returncode}:\n{self.log_text()}")
            try:
                self.rpc("system_health")
                return
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
        raise AssertionError(f"no RPC answer within {seconds} s:\n{self.log_text()}")

    def post(self, body, headers=None, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("POST", "/", body, headers or {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def rpc(self, method, *params, timeout=60):
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        status, body = self.post(json.dumps(request), timeout=timeout)
        answer = json.loads(body)
        if "error" in answer:
            raise RpcError(answer["error"])
        assert status == 200, status
        return answer["result"]

    def best(self):
        return int(self.rpc("chain_getHeader")["number"], 16)

    def finalized(self):
        return int(self.rpc("chain_getHeader", self.rpc("chain_getFinalizedHead"))["number"], 16)

    def wait_for(self, what, question, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if question():
                return
            if self.process.poll() is not None:
                raise AssertionError(f"the node ended while waiting for {what}:\n{self.log_text()}")
            time.sleep(0.2)
        raise AssertionError(f"no {what} within {seconds} s:\n{self.log_text()}")

    def metrics(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.metrics_port, timeout=20)
        try:
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def stop(self, seconds=30):
        """Asks politely; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=seconds)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def log_text(self, tail=4000):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text(errors="replace")[-tail:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()
        os.unlink(self.log.name)


class Folder:
    """A temporary folder for a test."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="stipple-test-"))
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def main(namespace):
    """Runs the tests of a module, each in the environment this program was given."""
    environment = dict(os.environ)
    failed = passed = skipped = 0
    wanted = sys.argv[1:]
    for name, test in list(namespace.items()):
        if not name.startswith("test_") or (wanted and name not in wanted):
            continue
        began = time.monotonic()
        try:
            test()
            passed += 1
            print(f"ok {name} ({time.monotonic() - began:.1f} s)", flush=True)
        except Skip as reason:
            skipped += 1
            print(f"skip {name}: {reason}", flush=True)
        except Exception:
            failed += 1
            print(f"FAIL {name}\n{traceback.format_exc()}", flush=True)
        finally:
            os.environ.clear()
            os.environ.update(environment)
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    if failed or passed + skipped == 0:
        sys.exit(1)
    sys.exit(77 if passed == 0 else 0)  # 77: ctest counts it as skipped
