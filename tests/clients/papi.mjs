// What a client of the chainHead group sees: metadata, blocks, storage, runtime calls, a transfer up
// to finality, and refused transactions with their typed reasons.
//
//     node papi.mjs ws://127.0.0.1:9944
//
// Prints OK and ends with 0 when all of it was right; otherwise prints what was not and ends with 1.
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { createClient } from 'polkadot-api';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { getWsProvider } from 'polkadot-api/ws';
import WebSocket from 'ws';

const url = process.argv[2] ?? 'ws://127.0.0.1:9944';
const amount = 1_000_000_000_000n;
const limitMs = Number(process.env.TRANSFER_TIME_MS ?? 180_000);

function fail(reason) {
    console.error(`FAILED: ${reason}`);
    process.exit(1);
}
function expect(condition, what) {
    if (!condition) {
        fail(what);
    }
}

setTimeout(() => fail(`not done after ${limitMs} ms`), limitMs);
process.on('unhandledRejection', (reason) => fail(reason?.stack ?? reason));

await cryptoWaitReady();
const keyring = new Keyring({ type: 'sr25519' });
const alice = keyring.addFromUri('//Alice');
const bob = keyring.addFromUri('//Bob');
const aliceSigner = getPolkadotSigner(alice.publicKey, 'Sr25519', (input) => alice.sign(input));
// Signs with another key than it says.
const liar = getPolkadotSigner(alice.publicKey, 'Sr25519', (input) => bob.sign(input));

const client = createClient(getWsProvider(url, { websocketClass: WebSocket }));
const api = client.getUnsafeApi();

const spec = await client.getChainSpecData();
console.log(`connected to ${spec.name}, genesis ${spec.genesisHash}`);

// Blocks: at least three finalised ones, each above the last.
const seen = [];
await new Promise((resolve, reject) => {
    const subscription = client.finalizedBlock$.subscribe({
        next: (block) => {
            seen.push(block);
            if (seen.length >= 3) {
                setTimeout(() => subscription.unsubscribe());
                resolve();
            }
        },
        error: reject,
    });
});
for (let i = 1; i < seen.length; i += 1) {
    expect(seen[i].number === seen[i - 1].number + 1, `finalised ${seen[i - 1].number}, then ${seen[i].number}`);
}
const head = await client.getFinalizedBlock();
const header = await client.getBlockHeader(head.hash);
expect(header.number === head.number, `header ${header.number} of block ${head.number}`);
const body = await client.getBlockBody(head.hash);
expect(body.length >= 1, 'a block without inherents');
console.log(`finalised #${head.number}, ${body.length} extrinsics`);

// Storage: one value, the descendants of a prefix, a runtime call.
const account = await api.query.System.Account.getValue(alice.address);
expect(account.data.free > 0n, 'Alice has nothing');
const entries = await api.query.System.Account.getEntries();
expect(entries.some(({ keyArgs }) => keyArgs[0] === bob.address), `Bob is not among ${entries.length} accounts`);
const nonce = await api.apis.AccountNonceApi.account_nonce(alice.address);
expect(nonce === account.nonce, `nonce ${nonce}, in storage ${account.nonce}`);
console.log(`${entries.length} accounts, nonce ${nonce}`);

// A transfer, watched to finality.
const before = (await api.query.System.Account.getValue(bob.address)).data.free;
const transfer = api.tx.Balances.transfer_keep_alive({
    dest: { type: 'Id', value: bob.address },
    value: amount,
});
const done = await transfer.signAndSubmit(aliceSigner);
expect(done.ok, `dispatch: ${JSON.stringify(done.dispatchError)}`);
const after = (await api.query.System.Account.getValue(bob.address)).data.free;
expect(after - before === amount, `Bob got ${after - before}`);
console.log(`transfer final in #${done.block.number}, index ${done.block.index}`);

// Refusals, typed.
async function refusal(signer, options) {
    try {
        await transfer.signAndSubmit(signer, options);
    } catch (error) {
        return error?.error?.value?.type ?? error?.stack ?? String(error);
    }
    return 'none';
}
const stale = await refusal(aliceSigner, { nonce: 0 });
expect(stale === 'Stale', `a used nonce: ${stale}`);
const forged = await refusal(liar, {});
expect(forged === 'BadProof', `a bad signature: ${forged}`);
console.log(`refused: ${stale}, ${forged}`);

client.destroy();
console.log('OK');
process.exit(0);
