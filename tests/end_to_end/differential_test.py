"""Our reference runtime beside the real Rococo 1.15 runtime: what both have must encode alike.

Both describe themselves as metadata V15, asked of our node on each chain. Pallets, storage items (prefix, hashers,
keys, values, defaults), calls, events, errors, constants, transaction extensions and runtime APIs of the same name are
compared item by item, their types down to the last field. Every difference is either a failure or matches an entry of
ACCEPTED with its reason; an entry there that matches nothing any more is a failure, too.
"""
import re
import sys

from harness import BINARY, ROOT, Node, Skip, main, shared
from metadata import Comparison, Metadata, Reader

sys.path.insert(0, str(ROOT / "tools"))
import wasm_sections  # noqa: E402

CHAIN = "chain-specs/rococo-local-bulk-1.15.json"
MINIMUM = {"pallets": 18, "storage": 75, "calls": 65, "events": 60, "errors": 70, "constants": 30, "extensions": 9,
           "methods": 70}

# What is found, as "item: why", and the reason why it may be.
ACCEPTED = {
    r"(System.Version|api Core.version): .*transaction_version, system_version\), theirs .*, state_version\)":
        "the field is called system_version since Core 5",
    r"api .*InvalidTransaction: alike but for IndeterminateImplicit, UnknownOrigin":
        "reasons of general transactions (extrinsic version 5), later than 1.15",
    r"(Scheduler.Agenda|Utility call.dispatch_as): .*OriginCaller: alike but for Origins, ParachainsOrigin, Void, XcmPallet":
        "origins of pallets that this runtime does not have",
    r"Proxy (call|event).*ProxyType: alike but for Auction, Governance, IdentityJudgement, OnDemandOrdering, Society":
        "proxies for pallets that this runtime does not have",
    r"Proxy.Proxies: .*ProxyType: alike but for Auction, Governance, IdentityJudgement, OnDemandOrdering, Society":
        "proxies for pallets that this runtime does not have",
    r"Balances.Freezes: .*RuntimeFreezeReason is variant":
        "no pallet of Rococo freezes, so its reason is the empty tuple",
    r"api (version 0x49eaaf1b548a0cb0: 6, theirs 4|BeefyApi.submit_report_(fork|future_block)_voting.*: not there)":
        "BeefyApi since 5 takes reports of fork and future voting",
    r"api (version 0x91d5df18b0d2cf58: 3, theirs 2|MmrApi.generate_ancestry_proof: not there)":
        "MmrApi 3 proves ancestry",
    r"pallet.Staking: not there": "Rococo's validators are chosen by its operators; Westend and Polkadot stake",
    r"api TransactionPaymentCallApi: not there": "Rococo 1.15 leaves it out; the larger networks have it",
}


def metadata_of(node):
    answer = node.rpc("state_call", "Metadata_metadata_at_version", "0x0f000000")
    encoded = bytes.fromhex(answer[2:])
    assert encoded[0] == 1, "no metadata V15"
    skip = {0: 1, 1: 2, 2: 4}[encoded[1] & 3]
    return Metadata(encoded[1 + skip:])


class Differential:
    def __init__(self, ours, theirs):
        self.ours, self.theirs = ours, theirs
        self.types = Comparison(ours, theirs)
        self.found = {}
        self.compared = dict.fromkeys(MINIMUM, 0)

    def say(self, item, why):
        if why is not None:
            self.found[item] = why

    def equal(self, item, ours, theirs):
        self.say(item, None if ours == theirs else f"{ours!r}, theirs {theirs!r}")

    def common(self, kind, item, ours, theirs):
        """Names both have, counted; names that only we have are told."""
        for name in ours:
            if name in theirs:
                self.compared[kind] += 1
                yield name
            else:
                self.say(f"{item}.{name}", "not there")

    def cases(self, kind, item, ours, theirs):
        a, b = self.ours.cases(ours), self.theirs.cases(theirs)
        for name in self.common(kind, item, a, b):
            at = f"{item}.{name}"
            if a[name]["index"] != b[name]["index"]:
                self.say(at, f"index {a[name]['index']}, theirs {b[name]['index']}")
            else:
                self.say(at, self.types.fields(a[name]["fields"], b[name]["fields"], name))

    def storage(self, name, a, b):
        for entry in self.common("storage", name, a["storage"], b["storage"]):
            at, x, y = f"{name}.{entry}", a["storage"][entry], b["storage"][entry]
            for what in ("modifier", "hashers"):
                self.equal(at, x.get(what), y.get(what))
            if "key" in x and "key" in y:
                self.say(f"{at} key", self.types.difference(x["key"], y["key"]))
            why = self.types.difference(x["value"], y["value"])
            self.say(at, why)
            if why is None and x["modifier"] == y["modifier"] == "default":
                self.equal(f"{at} default", x["fallback"].hex(), y["fallback"].hex())

    def constants(self, name, a, b):
        for one in self.common("constants", name, a["constants"], b["constants"]):
            self.say(f"{name}.{one}", self.types.difference(a["constants"][one][0], b["constants"][one][0]))

    def pallets(self):
        for name in self.common("pallets", "pallet", self.ours.pallets, self.theirs.pallets):
            a, b = self.ours.pallets[name], self.theirs.pallets[name]
            self.equal(f"{name} index", a["index"], b["index"])
            if a["prefix"] and b["prefix"]:
                self.equal(f"{name} prefix", a["prefix"], b["prefix"])
            self.storage(name, a, b)
            for part, kind in (("call", "calls"), ("event", "events"), ("error", "errors")):
                self.cases(kind, f"{name} {part}", a[kind], b[kind])
            self.constants(name, a, b)

    def extrinsic(self):
        self.equal("extrinsic version", self.ours.extrinsic_version, self.theirs.extrinsic_version)
        for part in ("address", "signature"):
            self.say(f"extrinsic {part}", self.types.difference(self.ours.extrinsic[part], self.theirs.extrinsic[part]))
        self.equal("extensions", [name for name, _, _ in self.ours.extensions],
                   [name for name, _, _ in self.theirs.extensions])
        theirs = {name: rest for name, *rest in self.theirs.extensions}
        for name, explicit, implicit in self.ours.extensions:
            if name in theirs:
                self.compared["extensions"] += 1
                self.say(f"extension {name}", self.types.difference(explicit, theirs[name][0]))
                self.say(f"extension {name} implicit", self.types.difference(implicit, theirs[name][1]))

    def apis(self):
        for name, methods in self.ours.apis.items():
            if name not in self.theirs.apis:
                self.say(f"api {name}", "not there")
                continue
            for method in self.common("methods", f"api {name}", methods, self.theirs.apis[name]):
                (inputs, output), (their_inputs, their_output) = methods[method], self.theirs.apis[name][method]
                self.say(f"api {name}.{method}", self.types.fields(inputs, their_inputs, method)
                         or self.types.difference(output, their_output))


def test_what_both_runtimes_have_encodes_alike():
    chain = shared(CHAIN)
    with Node(None, None, "--manual-seal", command=["dev"]) as ours:
        with Node(chain, None) as theirs:
            different = Differential(metadata_of(ours), metadata_of(theirs))
            version = {one["specName"]: dict(one["apis"]) for one in
                       (node.rpc("state_getRuntimeVersion") for node in (ours, theirs))}
    different.pallets()
    different.extrinsic()
    different.apis()
    for api, number in version["stipple"].items():
        if api in version["rococo"]:
            different.equal(f"api version {api}", number, version["rococo"][api])
    for kind, least in MINIMUM.items():
        assert different.compared[kind] >= least, f"only {different.compared[kind]} {kind} are in both"
    found = [f"{item}: {why}" for item, why in different.found.items()]
    news = [line for line in found if not any(re.match(pattern, line) for pattern in ACCEPTED)]
    gone = [pattern for pattern in ACCEPTED if not any(re.match(pattern, line) for line in found)]
    assert not news, "differences without a reason:\n  " + "\n  ".join(news)
    assert not gone, f"accepted, yet nothing like it differs: {gone}"
    print(f"compared {different.compared}; {len(found)} accepted differences")


def test_the_code_tells_its_version_without_being_run():
    path = BINARY.parent / "runtime" / "stipple_runtime.wasm"
    if not path.is_file():
        raise Skip(f"no {path}: build the target stipple_runtime_wasm")
    sections = wasm_sections.custom_sections(path.read_bytes())
    with Node(None, None, "--manual-seal", command=["dev"]) as node:
        version = node.rpc("state_getRuntimeVersion")
    told = Reader(sections["runtime_version"])
    assert [told.text(), told.text()] == [version["specName"], version["implName"]]
    for name in ("authoringVersion", "specVersion", "implVersion"):
        assert told.u32() == version[name], name
    assert told.u8() == 0, "the list of APIs is a section of its own"
    assert told.u32() == version["transactionVersion"]
    apis = Reader(sections["runtime_apis"])
    assert [["0x" + apis.take(8).hex(), apis.u32()] for _ in version["apis"]] == version["apis"]
    assert apis.at == len(apis.data)


if __name__ == "__main__":
    main(globals())
