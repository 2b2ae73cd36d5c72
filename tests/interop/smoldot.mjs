// A light client nobody here wrote: smoldot knows the genesis, one address of ours, and verifies the rest.
//
//     node smoldot.mjs CHAIN_SPEC BOOT_NODE [--blocks N] [--warp-target N]
//
// Follows finalised blocks through chainHead_v1, reads storage and calls the runtime (both are light/2 requests to
// our node with proofs that smoldot checks), and compares with what our own RPC says (--rpc URL).
import { readFileSync } from "node:fs";
import { start } from "smoldot";

const [specPath, bootNode, ...rest] = process.argv.slice(2);
const option = (name, fallback) => {
    const at = rest.indexOf(`--${name}`);
    return at < 0 ? fallback : rest[at + 1];
};
const blocksWanted = Number(option("blocks", "3"));
const heightWanted = Number(option("height", "0"));
const rpcUrl = option("rpc");
const deadline = setTimeout(() => {
    console.error("no result in time");
    process.exit(1);
}, Number(option("seconds", "90")) * 1000);

const spec = JSON.parse(readFileSync(specPath, "utf8"));
spec.bootNodes = [bootNode];
spec.telemetryEndpoints = null;

const client = start({
    maxLogLevel: Number(option("log", "3")),
    logCallback: (level, target, message) => console.error(`[${level}] ${target}: ${message.slice(0, 300)}`),
});
const chain = await client.addChain({ chainSpec: JSON.stringify(spec) });

// ---- JSON-RPC over the chain object ----
const waiting = new Map();
let onEvent = () => {};
let nextId = 1;
const call = (method, ...params) =>
    new Promise((resolve, reject) => {
        const id = nextId++;
        waiting.set(id, { resolve, reject, method });
        chain.sendJsonRpc(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
(async () => {
    for (;;) {
        let message;
        try {
            message = JSON.parse(await chain.nextJsonRpcResponse());
        } catch {
            return;
        }
        if (message.id === undefined) {
            onEvent(message.params.result);
            continue;
        }
        const { resolve, reject, method } = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.error) {
            reject(new Error(`${method}: ${JSON.stringify(message.error)}`));
        } else {
            resolve(message.result);
        }
    }
})();
const ask = async (method, ...params) => {
    const answer = await fetch(rpcUrl, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    return (await answer.json()).result;
};
function expect(what, condition, detail) {
    if (!condition) {
        throw new Error(`${what}: ${JSON.stringify(detail)}`);
    }
}

// ---- the chain, as finalised ----
const events = [];
let wake = () => {};
onEvent = (event) => {
    events.push(event);
    wake();
};
const nextEvent = async () => {
    while (events.length === 0) {
        await new Promise((resolve) => (wake = resolve));
    }
    return events.shift();
};
const numberOf = (header) => {
    // Parent hash (32 bytes), then the number as a SCALE compact.
    const bytes = Buffer.from(header.slice(2), "hex").subarray(32);
    const mode = bytes[0] & 3;
    return mode === 0 ? bytes[0] >> 2 : mode === 1 ? bytes.readUInt16LE(0) >> 2 : bytes.readUInt32LE(0) >>> 2;
};

const follow = await call("chainHead_v1_follow", true);
const first = await nextEvent();
expect("the first event", first.event === "initialized", first);
expect("a runtime of the finalised block", first.finalizedBlockRuntime?.type === "valid", first);
console.log(`runtime ${first.finalizedBlockRuntime.spec.specName} ${first.finalizedBlockRuntime.spec.specVersion}`);

let finalised = first.finalizedBlockHashes.at(-1);
let height = numberOf(await call("chainHead_v1_header", follow, finalised));
console.log(`begins at finalised #${height}`);
let arrived = 0;
while (arrived < blocksWanted || height < heightWanted) {
    const event = await nextEvent();
    expect("the subscription goes on", event.event !== "stop", event);
    if (event.event === "finalized") {
        for (const hash of event.finalizedBlockHashes) {
            const number = numberOf(await call("chainHead_v1_header", follow, hash));
            expect("finalised blocks come in order", number === height + 1, { number, height });
            height = number;
            finalised = hash;
            arrived += 1;
        }
        await call("chainHead_v1_unpin", follow, event.prunedBlockHashes);
    }
}
console.log(`${arrived} finalised blocks, now #${height}`);

// ---- operations: each is a request with a proof to a peer ----
const operation = async (method, ...params) => {
    const begun = await call(method, follow, ...params);
    expect(`${method} begins`, begun.result === "started", begun);
    const items = [];
    for (;;) {
        const event = await nextEvent();
        if (event.operationId !== begun.operationId) {
            expect("the subscription goes on", event.event !== "stop", event);
            continue;
        }
        if (event.event === "operationStorageItems") {
            items.push(...event.items);
        } else if (event.event === "operationWaitingForContinue") {
            await call("chainHead_v1_continue", follow, begun.operationId);
        } else if (event.event === "operationStorageDone") {
            return items;
        } else if (event.event === "operationCallDone") {
            return event.output;
        } else if (event.event === "operationBodyDone") {
            return event.value;
        } else {
            throw new Error(`${method}: ${JSON.stringify(event)}`);
        }
    }
};
const systemNumber = "0x26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac";
const systemPrefix = "0x26aa394eea5630e07c48ae0c9558cef7";

const [number] = await operation("chainHead_v1_storage", finalised, [{ key: systemNumber, type: "value" }], null);
expect("the block number in storage", Buffer.from(number.value.slice(2), "hex").readUInt32LE(0) === height, number);
const [absent, hash] = [
    await operation("chainHead_v1_storage", finalised, [{ key: "0x00112233", type: "value" }], null),
    await operation("chainHead_v1_storage", finalised, [{ key: "0x3a636f6465", type: "hash" }], null),
];
expect("an absent key has no item", absent.length === 0, absent);
expect("the hash of the code", /^0x[0-9a-f]{64}$/.test(hash[0].hash), hash);
const version = await operation("chainHead_v1_call", finalised, "Core_version", "0x");
expect("an output of the runtime", version.length > 40, version);
const below = await operation("chainHead_v1_storage", finalised, [{ key: systemPrefix, type: "descendantsValues" }], null);
expect("descendants of System", below.length > 5 && below.some(({ key }) => key === systemNumber), below.length);
const body = await operation("chainHead_v1_body", finalised);
expect("a body", body.length >= 1, body);
console.log(`storage, ${below.length} descendants, a call and a body of ${body.length} read`);

if (rpcUrl) {
    expect("the same block", (await ask("chain_getBlockHash", height)) === finalised, finalised);
    expect("the same hash of the code", (await ask("state_getStorageHash", "0x3a636f6465", finalised)) === hash[0].hash, hash);
    expect("the same version", (await ask("state_call", "Core_version", "0x", finalised)) === version, version);
    const keys = await ask("state_getKeysPaged", systemPrefix, 1000, null, finalised);
    expect("the same keys", JSON.stringify(keys) === JSON.stringify(below.map(({ key }) => key).sort()), keys.length);
    expect("the same body", JSON.stringify((await ask("chain_getBlock", finalised)).block.extrinsics) ===
        JSON.stringify(body), body.length);
    console.log("our RPC says the same");
}
clearTimeout(deadline);
console.log("OK");
await client.terminate();
process.exit(0);
