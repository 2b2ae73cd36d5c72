// All that people do with polkadot-api on a development chain: every storage item through the
// metadata alone, a transfer with tip and mortal era, batch, multisig, proxy, events, each refusal
// by its type, and an upgrade of the runtime in the two steps of an authorised one.
//
//     node papi_everything.mjs ws://127.0.0.1:9944 next_runtime.wasm
//
// Prints OK and ends with 0 when all of it was right; otherwise prints what was not and ends with 1.
import { Keyring } from '@polkadot/keyring';
import { blake2AsU8a, createKeyMulti, cryptoWaitReady, encodeAddress, sortAddresses } from '@polkadot/util-crypto';
import { Metadata, TypeRegistry } from '@polkadot/types';
import { Binary, createClient } from 'polkadot-api';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { getWsProvider } from 'polkadot-api/ws';
import { readFileSync } from 'node:fs';
import WebSocket from 'ws';

import { expect, guard, until } from './common.mjs';

const [url, nextRuntime] = process.argv.slice(2);
const unit = 1_000_000_000_000n;

guard();
await cryptoWaitReady();
const keyring = new Keyring({ type: 'sr25519' });
const person = (name) => {
    const pair = keyring.addFromUri(`//${name}`);
    const signer = getPolkadotSigner(pair.publicKey, 'Sr25519', (input) => pair.sign(input));
    return { address: pair.address, signer, id: { type: 'Id', value: pair.address } };
};
const [alice, bob, charlie, dave, nobody] = ['Alice', 'Bob', 'Charlie', 'Dave', 'Nobody'].map(person);
// Says it is Alice and signs with the key of Bob.
const liar = getPolkadotSigner(alice.signer.publicKey, 'Sr25519', (input) => keyring.getPair(bob.address).sign(input));

const client = createClient(getWsProvider(url, { websocketClass: WebSocket }));
const api = client.getUnsafeApi();
const free = async (who) => (await api.query.System.Account.getValue(who.address)).data.free;

// ---- storage: every item of every pallet ----
async function readStorage() {
    const versions = await api.apis.Metadata.metadata_versions();
    const opaque = await api.apis.Metadata.metadata_at_version(15);
    // The names come from another decoder; the values are decoded by the client under test.
    const { pallets, lookup } = new Metadata(new TypeRegistry(), opaque).asLatest;
    let items = 0;
    let entries = 0;
    let constants = 0;
    for (const pallet of pallets) {
        for (const { name } of pallet.constants) {
            await api.constants[pallet.name.toString()][name.toString()]();
            constants += 1;
        }
        for (const { name, type } of pallet.storage.isSome ? pallet.storage.unwrap().items : []) {
            const query = api.query[pallet.name.toString()][name.toString()];
            entries += type.isPlain ? ((await query.getValue()), 1) : (await query.getEntries()).length;
            items += 1;
        }
    }
    return `metadata V${versions.join(', V')}: ${lookup.types.length} types; ${constants} constants, ` +
        `${items} storage items, ${entries} values`;
}
console.log(await readStorage());

// Sends, waits for finality; gives the events. A failed dispatch is thrown as its error.
async function send(transaction, who, options = {}) {
    const done = await transaction.signAndSubmit(who.signer, options);
    if (!done.ok) {
        throw Object.assign(new Error('dispatch'), { dispatch: done.dispatchError });
    }
    return done.events;
}
const only = (events, pallet, name) => {
    const found = events.filter(({ type, value }) => type === pallet && value.type === name);
    expect(found.length === 1, `${found.length} events ${pallet}.${name}`);
    return found[0].value.value;
};
async function refusal(promise) {
    try {
        await promise;
    } catch (error) {
        const { dispatch } = error;
        if (dispatch?.type === 'Module') {
            return `${dispatch.value.type}.${dispatch.value.value.type}`;
        }
        return dispatch ? `${dispatch.type}.${dispatch.value?.type}` : error?.error?.value?.type ?? String(error);
    }
    return 'none';
}

// ---- a transfer with tip and mortal era; its event as a subscription sees it ----
const watched = [];
const watching = api.event.Balances.Transfer.watch().subscribe(({ events }) => watched.push(...events));
const pay = (to, value) => api.tx.Balances.transfer_keep_alive({ dest: to.id, value });
const before = await free(bob);
const paid = await send(pay(bob, unit), alice, { tip: unit / 10n, mortality: { mortal: true, period: 64 } });
expect((await free(bob)) === before + unit, 'Bob got another amount');
expect(only(paid, 'TransactionPayment', 'TransactionFeePaid').tip === unit / 10n, 'the tip');
expect(only(paid, 'Balances', 'Transfer').amount === unit, 'the event of the transfer');
await until('event in the subscription', () => watched.length >= 1);
expect(watched[0].payload.amount === unit && watched[0].payload.to === bob.address, 'another event is watched');
watching.unsubscribe();
console.log('transfer with tip and era');

// ---- batches ----
const share = pay(charlie, unit);
const tooMuch = pay(charlie, 10n ** 30n);
const calls = (...all) => ({ calls: all.map((one) => one.decodedCall) });
only(await send(api.tx.Utility.batch_all(calls(share, share)), alice), 'Utility', 'BatchCompleted');
const cut = only(await send(api.tx.Utility.batch(calls(share, tooMuch, share)), alice), 'Utility', 'BatchInterrupted');
expect(cut.index === 1 && cut.error.type === 'Token', `interrupted at ${cut.index} by ${cut.error.type}`);
only(await send(api.tx.Utility.force_batch(calls(tooMuch, share)), alice), 'Utility', 'BatchCompletedWithErrors');
console.log('batch, batch_all, force_batch');

// ---- multisig ----
const people = [alice, bob, charlie].map(({ address }) => address);
const shared = { address: encodeAddress(createKeyMulti(people, 2)) };
shared.id = { type: 'Id', value: shared.address };
const others = (me) => sortAddresses(people.filter((address) => address !== me.address));
await send(pay(shared, 10n * unit), alice);
const fromShared = pay(dave, unit);
const { weight } = await fromShared.getPaymentInfo(alice.address);
const multi = (who, when) => api.tx.Multisig.as_multi({
    threshold: 2, other_signatories: others(who), maybe_timepoint: when, call: fromShared.decodedCall, max_weight: weight,
});
await send(multi(alice, undefined), alice);
const [{ value: open }] = await api.query.Multisig.Multisigs.getEntries(shared.address);
expect(only(await send(multi(bob, open.when), bob), 'Multisig', 'MultisigExecuted').result.success, 'the multisig call');
console.log('multisig');

// ---- proxy ----
const any = { type: 'Any', value: undefined };
await send(api.tx.Proxy.add_proxy({ delegate: bob.id, proxy_type: any, delay: 0 }), dave);
const asDave = api.tx.Proxy.proxy({ real: dave.id, force_proxy_type: undefined, call: pay(alice, unit).decodedCall });
expect(only(await send(asDave, bob), 'Proxy', 'ProxyExecuted').result.success, 'the proxied call');
const asAlice = api.tx.Proxy.proxy({ real: alice.id, force_proxy_type: undefined, call: share.decodedCall });
const stranger = await refusal(send(asAlice, bob));
expect(stranger === 'Proxy.NotProxy', `a stranger as proxy: ${stranger}`);
console.log('proxy');

// ---- refusals ----
const remark = api.tx.System.remark({ remark: Binary.fromText('x') });
async function oldEra() {
    const at = await client.getFinalizedBlock();
    const signed = await remark.sign(alice.signer, { at: at.hash, mortality: { mortal: true, period: 4 } });
    await until('later block', async () => (await client.getFinalizedBlock()).number > at.number + 6);
    return refusal(client.submit(signed));
}
async function unknownCall() {
    const signed = await remark.sign(alice.signer);
    const bytes = typeof signed === 'string' ? Buffer.from(signed.slice(2), 'hex') : Buffer.from(signed);
    bytes[bytes.length - 4] = 200; // [pallet, call, length, byte]: no pallet has this index
    return refusal(client.submit(typeof signed === 'string' ? `0x${bytes.toString('hex')}` : new Uint8Array(bytes)));
}
const refused = {
    Stale: await refusal(remark.signAndSubmit(alice.signer, { nonce: 0 })),
    Payment: await refusal(remark.signAndSubmit(nobody.signer)),
    BadProof: await refusal(remark.signAndSubmit(liar)),
    // Its period counts again from a block that is not there yet, or from one that was not signed.
    'AncientBirthBlock or BadProof': await oldEra(),
    Call: await unknownCall(),
    'Token.FundsUnavailable': await refusal(send(tooMuch, alice)),
    'Sudo.RequireSudo': await refusal(send(api.tx.Sudo.sudo({ call: remark.decodedCall }), bob)),
};
console.log(Object.values(refused).join(', '));
for (const [name, got] of Object.entries(refused)) {
    expect(name.split(' or ').includes(got), `${got} instead of ${name}`);
}

// ---- the runtime of the next version, authorised first ----
if (nextRuntime) {
    const version = async () => (await api.constants.System.Version()).spec_version;
    const old = await version();
    const code = new Uint8Array(readFileSync(nextRuntime));
    const hash = `0x${Buffer.from(blake2AsU8a(code)).toString('hex')}`;
    const apply = api.tx.System.apply_authorized_upgrade({ code });
    console.log('applying without authority');
    const early = await refusal(send(apply, bob));
    expect(early === 'System.NothingAuthorized', `without authority: ${early}`);
    console.log(early);
    const authorize = api.tx.System.authorize_upgrade({ code_hash: hash });
    only(await send(api.tx.Sudo.sudo({ call: authorize.decodedCall }), alice), 'System', 'UpgradeAuthorized');
    console.log('authorised');
    only(await send(apply, bob), 'System', 'CodeUpdated');
    console.log('applied');
    await until('the next version', async () => (await version()) === old + 1);
    await send(pay(bob, unit), alice);
    console.log(`upgraded to ${old + 1}; ${await readStorage()}`);
}

client.destroy();
console.log('OK');
process.exit(0);
