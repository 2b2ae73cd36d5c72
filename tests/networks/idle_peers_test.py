"""A thousand connected idle peers: what they cost the node in memory and time. Prints `name value unit` lines."""
import os
import subprocess
import time

from network import WESTEND_LOCAL, Network, main, shared

PEERS = int(os.environ.get("STIPPLE_IDLE_PEERS", "1000"))
SECONDS = int(os.environ.get("STIPPLE_IDLE_SECONDS", "30"))


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_thousand_idle_peers_cost_little():
    with Network(shared(WESTEND_LOCAL)) as network:
        host = network.add("host", "--in-peers", PEERS)
        node = host.start()
        pid = node.process.pid
        before = resident_mib(pid)
        load = subprocess.Popen([os.environ["STIPPLE_IDLE_PEERS_BINARY"], str(host.port),
                                 node.rpc("chain_getBlockHash", 0), str(PEERS), str(SECONDS + 5)],
                                stdout=subprocess.PIPE, text=True)
        network.on_exit(load.kill)
        assert load.stdout.readline().split() == ["joined", str(PEERS)]
        assert len(host.peers()) == PEERS
        used, began = cpu_seconds(pid), time.monotonic()
        time.sleep(SECONDS)
        share = 100 * (cpu_seconds(pid) - used) / (time.monotonic() - began)
        after = resident_mib(pid)
        print(f"idle_peers.memory {after:.0f} MiB (of which before them {before:.0f})")
        print(f"idle_peers.cpu {share:.2f} % of a core")
        assert load.wait(60) == 0, "a peer was lost"
        # The peers' share of the goal of 150 MB, and twice the goal of 2 % for a busy machine.
        assert after - before < 60, (before, after)
        assert share < 4, share


if __name__ == "__main__":
    main(globals())
