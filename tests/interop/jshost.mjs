// A host of js-libp2p that meets a node of ours; the same as gohost/main.go does.
//
//     node jshost.mjs dial ADDRESS GENESIS      it dials: identify, ping, Kademlia, a request, announcements both ways
//     node jshost.mjs listen tcp|ws|wss GENESIS the node dials it: prints LISTENING <address>, then the same
//
// ADDRESS is a multiaddress with /p2p, GENESIS the hash in hex without 0x. With wss it listens with the certificate
// of $TLS_CERT and $TLS_KEY, and dials whom $NODE_EXTRA_CA_CERTS vouches for. Prints OK at the end.
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { identify } from "@libp2p/identify";
import { kadDHT, passthroughMapper } from "@libp2p/kad-dht";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { lpStream } from "@libp2p/utils";
import { webSockets } from "@libp2p/websockets";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { CID } from "multiformats/cid";
import { sha256 } from "multiformats/hashes/sha2";
import { readFileSync } from "node:fs";
import { WebSocket } from "ws";

// Packages used here expect a newer Node.js.
globalThis.WebSocket ??= WebSocket;
Promise.withResolvers ??= function () {
    const made = {};
    made.promise = new this((resolve, reject) => Object.assign(made, { resolve, reject }));
    return made;
};

const [mode, where, genesis] = process.argv.slice(2);
const patience = mode === "dial" ? 60_000 : 120_000;
setTimeout(() => {
    console.log("FAIL no result in time");
    process.exit(1);
}, patience);

const text = new TextEncoder();
const named = (suffix) => `/${genesis}${suffix}`;
const hex = (string) => Uint8Array.from(string.match(/../g), (pair) => parseInt(pair, 16));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
function expect(what, condition, detail) {
    if (!condition) {
        throw new Error(`${what}: ${detail}`);
    }
}

const certificate = () => ({ cert: readFileSync(process.env.TLS_CERT), key: readFileSync(process.env.TLS_KEY) });

// A host with an address serves Kademlia, too.
const newHost = (listen) =>
    createLibp2p({
        addresses: { listen },
        transports: [tcp(), webSockets(process.env.TLS_CERT ? { https: certificate() } : {})],
        connectionEncrypters: [noise()],
        streamMuxers: [yamux()],
        connectionGater: { denyDialMultiaddr: () => false },
        connectionMonitor: { enabled: false },
        nodeInfo: { userAgent: "jshost" },
        services: {
            identify: identify(),
            ping: ping(),
            dht: kadDHT({
                protocol: named("/kad"),
                clientMode: listen.length === 0,
                peerInfoMapper: passthroughMapper,
                allowQueryWithZeroPeers: false,
                validators: { stipple: async () => {} },
                selectors: { stipple: () => 0 },
            }),
        },
    });

// Role full, best block: the genesis.
const handshake = Uint8Array.from([1, 0, 0, 0, 0, ...hex(genesis), ...hex(genesis)]);

async function identifies(host, node) {
    for (;;) {
        const known = await host.peerStore.get(node).catch(() => undefined);
        if (known?.protocols.includes(named("/sync/2")) && known.protocols.includes(named("/kad"))) {
            const agent = new TextDecoder().decode(known.metadata.get("AgentVersion"));
            expect("the node's agent", agent.startsWith("stipple/"), agent);
            console.log("identified", agent);
            return;
        }
        await pause(50);
    }
}

async function pings(host, node) {
    for (let i = 0; i < 3; i++) {
        await host.services.ping.ping(node);
        const isOpen = (connection) => connection.streams.some((stream) => stream.protocol === "/ipfs/ping/1.0.0");
        while (host.getConnections(node).some(isOpen)) {
            await pause(20); // one stream at a time: the end of the last has to arrive
        }
    }
    console.log("pinged");
}

async function requests(host, node, number) {
    const stream = await host.dialProtocol(node, named("/sync/2"));
    const framed = lpStream(stream, { maxDataLength: 16 << 20 });
    // Fields: header, body, justification; from this number; ascending; one block.
    const fields = [0x08, 0x80, 0x80, 0x80, 0x98, 0x01];
    await framed.write(Uint8Array.from([...fields, 0x1a, 4, number, 0, 0, 0, 0x28, 0, 0x30, 1]));
    const answer = (await framed.read()).subarray();
    expect("an answer with a block", answer.length > 100 && answer[0] === 0x0a, answer.length);
    await stream.close();
    console.log("a block of", answer.length, "bytes");
}

async function takeAnnouncements(host) {
    let tell;
    const first = new Promise((resolve) => (tell = resolve));
    await host.handle(named("/block-announces/1"), async (stream) => {
        try {
            const framed = lpStream(stream);
            const theirs = (await framed.read()).subarray();
            expect("the node's handshake", theirs.length === 69, theirs.length);
            expect("the genesis", Buffer.from(theirs.subarray(37)).toString("hex") === genesis, theirs);
            await framed.write(handshake);
            tell((await framed.read()).subarray());
        } catch (error) {
            console.log("their announcements:", error.message);
        }
    });
    return { first }; // not the promise itself: the caller would wait for it
}

async function announces(host, node, first) {
    const framed = lpStream(await host.dialProtocol(node, named("/block-announces/1")));
    await framed.write(handshake);
    const theirs = (await framed.read()).subarray();
    expect("the node's handshake", theirs.length === 69, theirs.length);
    const message = await first;
    expect("an announced block", message.length > 100, message.length);
    console.log("announced: a header of", message.length, "bytes");
}

// The node keeps no records it cannot judge, but leads to the peer that has one; it keeps providers.
async function kademlia(writer, address) {
    const reader = await newHost([]);
    await reader.dial(address);
    while (writer.services.dht.routingTable.size === 0 || reader.services.dht.routingTable.size === 0) {
        await pause(50);
    }
    const key = text.encode(`/stipple/${writer.peerId}`);
    const value = text.encode(`a value of ${writer.peerId}`);
    await writer.contentRouting.put(key, value);
    // The node leads to the writer from when it has identified it.
    let got;
    while (got === undefined) {
        got = await reader.contentRouting.get(key).catch((error) => console.log("get:", error.message));
        await pause(200);
    }
    expect("the value", Buffer.from(got).equals(Buffer.from(value)), got);
    const thing = CID.createV1(0x55, await sha256.digest(value));
    await writer.contentRouting.provide(thing);
    let provider;
    while (provider === undefined) {
        for await (const found of reader.contentRouting.findProviders(thing)) {
            provider = found.id;
            break;
        }
    }
    expect("the provider", provider.equals(writer.peerId), provider);
    let closest = 0;
    for await (const _ of reader.peerRouting.getClosestPeers(key)) {
        closest += 1;
    }
    expect("the node among the closest", closest >= 1, closest);
    console.log("Kademlia: put, get, provide, providers, closest peers");
    await reader.stop();
}

async function dial() {
    const address = multiaddr(where);
    const host = await newHost(["/ip4/127.0.0.1/tcp/0"]); // a provider without an address would be none
    const { first } = await takeAnnouncements(host);
    const connection = await host.dial(address);
    console.log("connected to", connection.remoteAddr.toString());
    const node = connection.remotePeer;
    await identifies(host, node);
    await pings(host, node);
    await requests(host, node, 0);
    await kademlia(host, address);
    await announces(host, node, first);
}

async function listen() {
    const host = await newHost([`/ip4/127.0.0.1/tcp/0${where === "tcp" ? "" : `/${where}`}`]);
    const { first } = await takeAnnouncements(host);
    const arrived = new Promise((resolve) => host.addEventListener("connection:open", (event) => resolve(event.detail)));
    console.log("LISTENING", host.getMultiaddrs()[0].toString());
    const connection = await arrived;
    expect("the direction", connection.direction === "inbound", connection.direction);
    const node = connection.remotePeer;
    await identifies(host, node);
    await pings(host, node);
    await announces(host, node, first);
    await requests(host, node, 1);
}

try {
    await (mode === "dial" ? dial() : listen());
    console.log("OK");
    process.exit(0);
} catch (error) {
    console.log("FAIL", error);
    process.exit(1);
}
