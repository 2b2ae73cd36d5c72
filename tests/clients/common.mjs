// What the scripts of this folder share: how they end, and what they expect.
export function fail(reason) {
    console.error(`FAILED: ${reason}`);
    process.exit(1);
}

export function expect(condition, what) {
    if (!condition) {
        fail(what);
    }
}

/// Ends the script with 1 when it takes too long or a promise is left rejected.
export function guard(limitMs = Number(process.env.CLIENT_TIME_MS ?? 180_000)) {
    setTimeout(() => fail(`not done after ${limitMs} ms`), limitMs);
    process.on('unhandledRejection', (reason) => fail(reason?.stack ?? reason));
}

/// Waits until `question()` is true; asks four times a second.
export async function until(what, question, limitMs = 60_000) {
    for (const end = Date.now() + limitMs; Date.now() < end; ) {
        if (await question()) {
            return;
        }
        await new Promise((resolve) => setTimeout(resolve, 250));
    }
    fail(`no ${what} within ${limitMs} ms`);
}
