// A transfer by the JavaScript API of the field: metadata, signing, inclusion, finality.
//
//     node transfer.mjs ws://127.0.0.1:9944
//
// Prints OK and ends with 0 when the transfer from //Alice to //Bob was seen in a block and
// finalised and Bob has the money; otherwise prints what went wrong and ends with 1.
import { ApiPromise, HttpProvider, Keyring, WsProvider } from '@polkadot/api';

const url = process.argv[2] ?? 'ws://127.0.0.1:9944';
const amount = 1_000_000_000_000n;
const limitMs = Number(process.env.TRANSFER_TIME_MS ?? 180_000);

function fail(reason) {
    console.error(`FAILED: ${reason}`);
    process.exit(1);
}

setTimeout(() => fail(`nothing final after ${limitMs} ms`), limitMs);
process.on('unhandledRejection', (reason) => fail(reason?.stack ?? reason));

async function freeBalance(api, address) {
    return (await api.query.system.account(address)).data.free.toBigInt();
}

// Resolves with the hash of the block that is final with the transfer in it.
function sendAndWait(transfer, sender) {
    return new Promise((resolve, reject) => {
        transfer
            .signAndSend(sender, ({ status, dispatchError }) => {
                console.log(`status: ${status.type}`);
                if (dispatchError) {
                    reject(new Error(`dispatch: ${dispatchError.toString()}`));
                } else if (status.isInvalid || status.isDropped || status.isUsurped) {
                    reject(new Error(`transaction is ${status.type}`));
                } else if (status.isFinalized) {
                    resolve(status.asFinalized);
                }
            })
            .catch(reject);
    });
}

async function checkOverHttp(blockHash) {
    const api = await ApiPromise.create({
        provider: new HttpProvider(url.replace(/^ws/, 'http')),
        noInitWarn: true,
    });
    const header = await api.rpc.chain.getHeader(blockHash);
    await api.disconnect();
    return header.number.toNumber();
}

const api = await ApiPromise.create({ provider: new WsProvider(url), noInitWarn: true });
const [chain, name, version] = await Promise.all([
    api.rpc.system.chain(),
    api.rpc.system.name(),
    api.rpc.system.version(),
]);
console.log(`connected to ${chain} by ${name} ${version}`);

const keyring = new Keyring({ type: 'sr25519' });
const alice = keyring.addFromUri('//Alice');
const bob = keyring.addFromUri('//Bob');

let heads = 0;
const stopHeads = await api.rpc.chain.subscribeNewHeads(() => {
    heads += 1;
});
const before = await freeBalance(api, bob.address);
const transfer = api.tx.balances.transferKeepAlive(bob.address, amount);
const info = await transfer.paymentInfo(alice);
console.log(`fee: ${info.partialFee.toString()}`);
const finalized = await sendAndWait(transfer, alice);
const after = await freeBalance(api, bob.address);
if (after - before !== amount) {
    fail(`Bob got ${after - before} instead of ${amount}`);
}
if (heads < 2) {
    fail(`only ${heads} new heads were told`);
}
console.log(`final in block ${await checkOverHttp(finalized)}`);
stopHeads();
await api.disconnect();
console.log('OK');
process.exit(0);
