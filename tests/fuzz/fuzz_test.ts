import { assert, assertEquals } from "@std/assert";
import { ServerProcess } from "../e2e/server_process.ts";
import { OPCODE, RawClient } from "../transport/raw_client.ts";
import { answersOwed, randomText } from "./frames.ts";
import { Random } from "../support/random.ts";

const FRAMES = 20_000;
const CONNECTIONS = 4;
/** Sent before their answers are waited for; a fraction of what may wait. */
const BURST = 50;
const WARM_UP_FRAMES = 5_000;
const ALLOWED_GROWTH_BYTES = 96 * 1024 * 1024;
const SEED = Number(Deno.env.get("FUZZ_SEED") ?? "20261122");

/** What one frame is expected to do. */
interface Sent {
  readonly owed: number;
  /** The frame breaks the protocol: the server must end this connection, and only this one. */
  readonly fatal: boolean;
}

async function sendRandom(client: RawClient, random: Random): Promise<Sent> {
  const text = randomText(random) || " ";
  switch (random.below(25)) {
    case 0:
    case 1:
      await client.sendFragments(text, 1 + random.below(200) + (text.length >> 6));
      return { owed: answersOwed(text), fatal: false };
    case 2:
      await client.send(text, { opcode: OPCODE.binary });
      return { owed: answersOwed(text), fatal: false };
    case 3:
      // Broken UTF-8 in a binary message is a message that is no JSON.
      await client.send(Uint8Array.of(0x22, 0xc3, 0x28, 0x22), { opcode: OPCODE.binary });
      return { owed: 1, fatal: false };
    case 7:
      // Deno takes frames without a mask, which RFC 6455 section 5.1 forbids to clients.
      await client.send(text, { masked: false });
      return { owed: answersOwed(text), fatal: false };
    case 4:
      await client.send("ping", { opcode: OPCODE.ping });
      return { owed: 0, fatal: false };
    case 5:
      if (random.chance(0.8)) break;
      // RFC 6455 section 8.1: broken UTF-8 in a text message fails the connection.
      await client.send(Uint8Array.of(0x22, 0xc3, 0x28, 0x22));
      return { owed: 0, fatal: true };
    case 6:
      if (random.chance(0.8)) break;
      await client.send(text, random.pick([{ reserved: 4 }, { opcode: 5 }, { opcode: 11 }]));
      return { owed: 0, fatal: true };
  }
  await client.send(text);
  return { owed: answersOwed(text), fatal: false };
}

/** Counts the answers on one connection; notifications of subscriptions are none. */
async function countAnswers(client: RawClient, until: number): Promise<number> {
  let count = 0;
  while (count < until) {
    const text = await client.text();
    if (text === null) break;
    if (!text.includes('"method":"eth_subscription"')) count++;
  }
  return count;
}

async function withDeadline<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what}: not within 30 s (FUZZ_SEED=${SEED})`)), 30_000);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function storm(port: number, options: { frames: number; seed: number }): Promise<void> {
  const random = new Random(options.seed);
  let client = await RawClient.connect(port);
  for (let left = options.frames; left > 0;) {
    let owed = 0;
    let fatal = false;
    for (let i = 0; i < BURST && left > 0 && !fatal; i++, left--) {
      const sent = await sendRandom(client, random);
      owed += sent.owed;
      fatal = sent.fatal;
    }
    if (fatal) {
      await withDeadline(client.closeFrame(), "a broken connection must end");
      client.close();
      client = await RawClient.connect(port);
      continue;
    }
    const answered = await withDeadline(countAnswers(client, owed), `${owed} answers`);
    assertEquals(answered, owed, `FUZZ_SEED=${SEED}`);
  }
  await client.send('{"jsonrpc":"2.0","id":"last","method":"eth_chainId"}');
  assertEquals(await withDeadline(client.text(), "last"), '{"jsonrpc":"2.0","id":"last","result":"0x539"}');
  client.close();
}

Deno.test(`The program answers every call among ${FRAMES} random frames, and its memory stays flat`, async () => {
  await using server = await ServerProcess.start();
  const port = Number(new URL(server.url).port);
  const run = (frames: number, seed: number) =>
    Promise.all(
      Array.from({ length: CONNECTIONS }, (_, i) => storm(port, { frames: frames / CONNECTIONS, seed: seed + i })),
    );
  await run(WARM_UP_FRAMES, SEED);
  const warm = server.residentBytes();
  await run(FRAMES - WARM_UP_FRAMES, SEED + CONNECTIONS);
  const growth = server.residentBytes() - warm;
  assert(growth < ALLOWED_GROWTH_BYTES, `grew by ${growth} bytes (FUZZ_SEED=${SEED})`);
  assert(!server.printed.includes("crashed"), server.printed);
  assertEquals(await server.stop(), 0);
});
