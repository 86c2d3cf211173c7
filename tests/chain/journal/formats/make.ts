/**
 * Writes the file of a chain in the present format, for the test that opens those of all formats:
 *
 *     deno run --allow-all --lock=tests/deno.lock tests/chain/journal/formats/make.ts
 *
 * It is run once for each format, when `FORMAT` in `src/chain/journal/schema.ts` has been raised.
 */
import { DatabaseSync } from "node:sqlite";
import { FORMAT } from "../../../../src/chain/journal/schema.ts";
import { EMITTER } from "../../fixture.ts";
import { ChainFolder } from "../stored_chain.ts";

await using folder = new ChainFolder();
const chain = await folder.open();
const { dev, submit } = chain.node;
const to = chain.account(2).address;
const emitter = await chain.deploy(1, EMITTER);
await chain.send(1, { to: emitter, input: `0x${"22".repeat(32)}`, gas: 100_000n });
await dev.setStorageAt(emitter, `0x${"1".padStart(64, "0")}`, `0x${"2".padStart(64, "0")}`);
await chain.send(1, { to, value: 1n });
await dev.reorg(1, []);
await dev.mine(300n);
await dev.setBalance(to, 7n);
await dev.setAutomine(false);
await chain.send(1, { to, value: 2n });
await dev.snapshot();
const from = `0x${"99".repeat(20)}` as const;
await dev.setBalance(from, 10n ** 18n);
dev.impersonate(from);
await dev.sendUnsigned(await submit.fill({ from, to, value: 1n }, new AbortController().signal));
await chain.send(3, { to, value: 2n, nonce: 5n });
dev.setNextBlockBaseFeePerGas(7n);
dev.increaseTime(1000n);
chain.node.close();
await folder.closed();
const path = new URL(`format_${FORMAT}.sqlite`, import.meta.url).pathname;
Deno.copyFileSync(`${folder.path}/chain.sqlite`, path);
const file = new DatabaseSync(path);
file.exec("PRAGMA journal_mode = DELETE; VACUUM");
file.close();
