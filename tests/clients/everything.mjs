// All that people do with the JavaScript API on a development chain: decode the metadata without a
// complaint, read every storage item, transfer with tip and mortal era, batch, multisig, proxy,
// watch events, meet each refusal by its name, and upgrade the runtime.
//
//     node everything.mjs ws://127.0.0.1:9944 next_runtime.wasm
//
// Prints OK and ends with 0 when all of it was right; otherwise prints what was not and ends with 1.
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import { createKeyMulti, encodeAddress, sortAddresses } from '@polkadot/util-crypto';
import { u8aToHex } from '@polkadot/util';
import { readFileSync } from 'node:fs';

import { expect, guard, until } from './common.mjs';

const [url, nextRuntime] = process.argv.slice(2);
const unit = 1_000_000_000_000n;
const migrated = u8aToHex(new TextEncoder().encode(':stipple:migrated'));

guard();
const complaints = [];
for (const level of ['warn', 'error']) {
    const original = console[level];
    console[level] = (...parts) => {
        const text = parts.join(' ');
        // The refusals below are wanted; the client does not know the newer methods, nor the newest BEEFY and MMR APIs.
        if (!/RPC-CORE: submitExtrinsic|RPC methods not decorated|versions: ((BeefyApi|MmrApi)\/\d [^,]*,? ?)+$|updated to spec/.test(text)) {
            complaints.push(text);
        }
        original(...parts);
    };
}

const provider = new WsProvider(url);
const api = await ApiPromise.create({ provider });
const keyring = new Keyring({ type: 'sr25519' });
const [alice, bob, charlie, dave] = ['Alice', 'Bob', 'Charlie', 'Dave'].map((who) => keyring.addFromUri(`//${who}`));

const free = async (who) => (await api.query.system.account(who)).data.free.toBigInt();

// Resolves with the events of the transaction once it is in a block; a failed dispatch rejects.
function send(transaction, sender, options = {}) {
    return new Promise((resolve, reject) => {
        transaction
            .signAndSend(sender, { nonce: -1, ...options }, ({ status, events, dispatchError }) => {
                if (dispatchError) {
                    const known = dispatchError.isModule && api.registry.findMetaError(dispatchError.asModule);
                    reject(new Error(known ? `${known.section}.${known.name}` : dispatchError.toString()));
                } else if (status.isInBlock || status.isFinalized) {
                    resolve(events.map(({ event }) => event));
                } else if (status.isInvalid || status.isDropped || status.isUsurped) {
                    reject(new Error(`transaction is ${status.type}`));
                }
            })
            .catch(reject);
    });
}
const only = (events, section, method) => {
    const found = events.filter((event) => event.section === section && event.method === method);
    expect(found.length === 1, `${found.length} events ${section}.${method} in ${events.map((e) => e.method)}`);
    return found[0].data;
};
const reason = (promise) => promise.then(
    () => 'nothing went wrong',
    (error) => error.data ? `${error.message}: ${error.data}` : error.message,
);

// ---- metadata: each type has a definition, each call and item a description ----
function readMetadata() {
    const { lookup, pallets } = api.runtimeMetadata.asLatest;
    for (const { id } of lookup.types) {
        lookup.getTypeDef(id);
    }
    expect(api.registry.createType('Call', api.tx.system.remark('0x00').method.toU8a()).section === 'system', 'a call');
    return `${lookup.types.length} types, ${pallets.length} pallets`;
}
console.log(`metadata V${api.runtimeMetadata.version}: ${readMetadata()}`);

// ---- storage: every item of every pallet ----
async function readStorage() {
    let items = 0;
    let entries = 0;
    for (const pallet of api.runtimeMetadata.asLatest.pallets) {
        const section = Object.keys(api.query).find((name) => name.toLowerCase() === pallet.name.toString().toLowerCase());
        for (const { name, type } of pallet.storage.isSome ? pallet.storage.unwrap().items : []) {
            const method = Object.keys(api.query[section]).find((one) => one.toLowerCase() === name.toString().toLowerCase());
            const query = api.query[section][method];
            entries += type.isPlain ? ((await query()), 1) : (await query.entries()).length;
            items += 1;
        }
    }
    return `${items} storage items, ${entries} values`;
}
console.log(await readStorage());

// ---- a transfer with tip and mortal era; the events as a subscription sees them ----
const watched = [];
const unwatch = await api.query.system.events((records) => watched.push(...records.map(({ event }) => event.method)));
const before = await free(bob.address);
const paid = await send(api.tx.balances.transferKeepAlive(bob.address, unit), alice, { tip: unit / 10n, era: 64 });
expect((await free(bob.address)) === before + unit, 'Bob got another amount');
const [payer, fee, tip] = only(paid, 'transactionPayment', 'TransactionFeePaid');
expect(payer.toString() === encodeAddress(alice.publicKey) && tip.toBigInt() === unit / 10n && fee.toBigInt() > unit / 10n,
    `fee ${fee}, tip ${tip} of ${payer}`);
await until('event in the subscription', () => watched.includes('TransactionFeePaid'));
unwatch();
console.log('transfer with tip and era');

// ---- batches ----
const share = api.tx.balances.transferKeepAlive(charlie.address, unit);
const tooMuch = api.tx.balances.transferKeepAlive(charlie.address, 10n ** 30n);
const all = await send(api.tx.utility.batchAll([share, share]), alice);
expect(all.filter(({ method }) => method === 'ItemCompleted').length === 2, 'items of batch_all');
const cut = only(await send(api.tx.utility.batch([share, tooMuch, share]), alice), 'utility', 'BatchInterrupted');
expect(cut[0].toNumber() === 1, `interrupted at ${cut[0]}`);
const forced = await send(api.tx.utility.forceBatch([tooMuch, share]), alice);
only(forced, 'utility', 'BatchCompletedWithErrors');
expect((await reason(send(api.tx.utility.batchAll([share, tooMuch]), alice))).includes('FundsUnavailable'), 'batch_all of too much');
console.log('batch, batch_all, force_batch');

// ---- multisig: two of three ----
const people = [alice, bob, charlie].map(({ address }) => address);
const shared = encodeAddress(createKeyMulti(people, 2));
const others = (me) => sortAddresses(people.filter((address) => address !== me.address));
await send(api.tx.balances.transferKeepAlive(shared, 10n * unit), alice);
const fromShared = api.tx.balances.transferKeepAlive(dave.address, unit);
const { weight } = await fromShared.paymentInfo(alice);
await send(api.tx.multisig.asMulti(2, others(alice), null, fromShared, weight), alice);
const { when } = (await api.query.multisig.multisigs(shared, fromShared.method.hash)).unwrap();
const executed = await send(api.tx.multisig.asMulti(2, others(bob), when, fromShared, weight), bob);
expect(only(executed, 'multisig', 'MultisigExecuted')[4].isOk, 'the multisig call failed');
console.log('multisig');

// ---- proxy ----
await send(api.tx.proxy.addProxy(bob.address, 'Any', 0), dave);
const proxied = await send(api.tx.proxy.proxy(dave.address, null, api.tx.balances.transferKeepAlive(alice.address, unit)), bob);
expect(only(proxied, 'proxy', 'ProxyExecuted')[0].isOk, 'the proxied call failed');
expect((await reason(send(api.tx.proxy.proxy(alice.address, null, share), bob))) === 'proxy.NotProxy', 'a stranger as proxy');
await send(api.tx.proxy.removeProxies(), dave);
console.log('proxy');

// ---- refusals ----
const remark = api.tx.system.remark('0x01');
const nobody = keyring.addFromUri('//Nobody');
const refused = {
    nonce: await reason(remark.signAndSend(alice, { nonce: 0 })),
    balance: await reason(remark.signAndSend(nobody)),
    signature: await (async () => {
        const signed = await api.tx.system.remark('0x02').signAsync(alice, { nonce: -1 });
        const bytes = signed.toU8a();
        bytes[bytes.length - 1] ^= 1; // the call is another than the signed one
        return reason(api.rpc.author.submitExtrinsic(u8aToHex(bytes)));
    })(),
    era: await (async () => {
        const { number, hash } = await api.rpc.chain.getHeader();
        const era = api.registry.createType('ExtrinsicEra', { current: number.toNumber(), period: 4 });
        const signed = await remark.signAsync(alice, { nonce: -1, era, blockHash: hash });
        await until('later block', async () => (await api.rpc.chain.getHeader()).number.toNumber() > number.toNumber() + 6);
        return reason(api.rpc.author.submitExtrinsic(signed.toHex()));
    })(),
    call: await (async () => {
        const bytes = (await remark.signAsync(alice, { nonce: -1 })).toU8a();
        bytes[bytes.length - 3] = 200; // no pallet has this index: [pallet, call, length, byte]
        bytes[bytes.length - 4] = 200;
        return reason(provider.send('author_submitExtrinsic', [u8aToHex(bytes)])); // past the client's own check
    })(),
    dispatch: await reason(send(tooMuch, alice)),
    sudo: await reason(send(api.tx.sudo.sudo(remark), bob)),
};
console.log(JSON.stringify(refused));
const named = {
    nonce: '1010: Invalid Transaction: Transaction is outdated',
    balance: '1010: Invalid Transaction: Inability to pay some fees',
    signature: '1010: Invalid Transaction: Transaction has a bad signature',
    // Its period counts again from a block that is not there yet, or from one that was not signed.
    era: /^1010: Invalid Transaction: Transaction has (an ancient birth block|a bad signature)/,
    call: '1010: Invalid Transaction: Transaction call is not expected',
    dispatch: 'FundsUnavailable',
    sudo: 'sudo.RequireSudo',
};
for (const [what, text] of Object.entries(named)) {
    expect(refused[what].search(text) >= 0, `${what}: ${refused[what]}`);
}

// ---- the runtime of the next version ----
if (nextRuntime) {
    const version = api.runtimeVersion.specVersion.toNumber();
    const versions = [];
    await api.rpc.state.subscribeRuntimeVersion((one) => versions.push(one.specVersion.toNumber()));
    const code = u8aToHex(readFileSync(nextRuntime));
    const updated = await send(api.tx.sudo.sudo(api.tx.system.setCode(code)), alice);
    only(updated, 'system', 'CodeUpdated');
    expect(only(updated, 'sudo', 'Sudid')[0].isOk, 'set_code failed');
    await until('the next version', () => versions.at(-1) === version + 1);
    await until('the client to follow', () => api.runtimeVersion.specVersion.toNumber() === version + 1);
    await send(api.tx.balances.transferKeepAlive(bob.address, unit), alice);
    const runs = await api.rpc.state.getStorage(migrated);
    expect(runs.unwrap().toHex() === '0x01000000', `migrations: ${runs}`);
    const again = only(await send(api.tx.sudo.sudo(api.tx.system.setCode(code)), alice), 'sudo', 'Sudid')[0];
    expect(again.isErr && api.registry.findMetaError(again.asErr.asModule).name === 'SpecVersionNeedsToIncrease', `${again}`);
    console.log(`upgraded to ${version + 1}; ${readMetadata()}; ${await readStorage()}`);
}

expect(complaints.length === 0, `the client complained: ${complaints.join(' | ')}`);
await api.disconnect();
console.log('OK');
process.exit(0);
