/**
 * Random schedules of faults against real geths: blocks, reorganisations, kills, stops, restarts, nodes that lag, are slow
 * or are of another chain, with a subscriber and reader at the gateway that compares what it was told with the final chain.
 *
 *     deno run --lock=tests/deno.lock -A tests/e2e/geth_schedules.ts [FIRST] [LAST]
 */
import { assert, assertEquals } from "@std/assert";
import { Random } from "../support/random.ts";
import { findTool } from "../support/tools.ts";
import { until } from "../support/until.ts";
import { type FleetNode, GethFleet } from "./geth_fleet.ts";
import { RpcSocket, type Told } from "./rpc_socket.ts";
import { ServerProcess } from "./server_process.ts";

const STEPS = 14;
const DEEPEST_REORGANISATION = 16;
/** NUMBER, and its value is returned. */
const RETURN_NUMBER = "0x4360005260206000f3";
const NOBODY_ANSWERS = -32002;

/** A subscriber and reader at the gateway. */
export class GethWitness implements AsyncDisposable {
  readonly #client: RpcSocket;
  readonly #reads: Promise<void>[] = [];
  readonly heads: Told;
  readonly logs: Told;
  answers = 0;
  refusals = 0;

  private constructor(client: RpcSocket, { heads, logs }: { heads: Told; logs: Told }) {
    this.#client = client;
    this.heads = heads;
    this.logs = logs;
  }

  static async open(url: string): Promise<GethWitness> {
    const client = await RpcSocket.open(url);
    return new GethWitness(client, {
      heads: await client.subscribe("newHeads"),
      logs: await client.subscribe("logs", {}),
    });
  }

  call(method: string, ...params: unknown[]): Promise<unknown> {
    return this.#client.call(method, ...params);
  }

  /** Asks in the ways in which a client asks after a head; the answers are checked in {@link verify}. */
  ask(): void {
    const from = this.heads.length - 1;
    const head = this.heads[from];
    if (head === undefined) return;
    this.#expect(["eth_getBlockByNumber", "latest", false], (answer) => {
      const { hash } = answer as { hash: string };
      assert(
        this.#since(from, "hash").includes(hash),
        `latest was ${hash}, which was told before head ${from} or never`,
      );
    });
    this.#expect(["eth_call", { data: RETURN_NUMBER }, "latest"], (answer) => {
      const numbers = this.#since(from, "number").map(Number);
      assert(numbers.includes(Number(answer)), `a call at latest ran in block ${Number(answer)}, not in ${numbers}`);
    });
    for (const method of ["eth_getBlockByHash", "eth_getBlockReceipts"]) {
      const params = method === "eth_getBlockByHash" ? [head["hash"], true] : [head["hash"]];
      // A block that was taken back may be lost with the node that had it.
      this.#expect(
        [method, ...params],
        (answer) => assert(answer !== null || this.#wasTakenBack(from), `${method} of a head that was told is null`),
      );
    }
  }

  /** Checks everything that was told and answered against the chain that the geths have in the end. */
  async verify(fleet: GethFleet): Promise<void> {
    await Promise.all(this.#reads);
    const [first] = this.heads;
    const start = Number(first?.["number"]);
    for (const [index, head] of this.heads.entries()) {
      const known = index === 0 || this.heads.slice(0, index).some(({ hash }) => hash === head["parentHash"]) ||
        Number(head["number"]) <= start;
      assert(known, `the parent of head ${index} (${head["number"]}) was not told before it`);
    }
    let at: Told[number] | undefined = this.heads.at(-1);
    for (let distance = 0; at !== undefined && Number(at["number"]) >= start; distance++) {
      assertEquals(at["hash"], fleet.ancestor(distance).blockHash, `the block ${distance} below the head`);
      const parent: unknown = at["parentHash"];
      at = this.heads.findLast(({ hash }) => hash === parent);
    }
    const expected = (await fleet.logsFrom(start)).map(({ blockHash, logIndex }) => `${blockHash} ${logIndex}`);
    // Of the first head, its logs may have come before the subscription.
    const ofFirst = (key: string) => key.startsWith(String(first?.["hash"]));
    assertEquals(
      this.#liveLogs().filter((key) => !ofFirst(key)).toSorted(),
      expected.filter((key) => !ofFirst(key)).toSorted(),
      "the logs that a subscriber holds are those of the chain",
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }

  #wasTakenBack(index: number): boolean {
    const number = Number(this.heads[index]?.["number"]);
    return this.heads.slice(index + 1).some((later) => Number(later["number"]) <= number);
  }

  #since(from: number, field: string): string[] {
    return this.heads.slice(from).map((head) => String(head[field]));
  }

  #expect([method, ...params]: [string, ...unknown[]], check: (answer: unknown) => void): void {
    this.#reads.push(
      this.call(method, ...params).then(async (answer) => {
        const code = (answer as { readonly code?: number } | null)?.code;
        if (code === NOBODY_ANSWERS) {
          this.refusals += 1;
          return;
        }
        assertEquals(code, undefined, `${method} was refused: ${JSON.stringify(answer)}`);
        this.answers += 1;
        // A read may see a block just before its head is told.
        await until(() => {
          try {
            check(answer);
            return true;
          } catch {
            return false;
          }
        }).catch(() => check(answer));
      }),
    );
    // Every read is looked at in the end.
    this.#reads.at(-1)?.catch(() => {});
  }

  /** The logs that were told and not taken back, each once. */
  #liveLogs(): string[] {
    const live = new Set<string>();
    for (const log of this.logs) {
      const key = `${log["blockHash"]} ${log["logIndex"]}`;
      const isRemoved = log["removed"] === true;
      // A log of a block below the first head is not this subscriber's.
      if (!isRemoved) assert(!live.has(key), `log ${key} was told twice`);
      if (isRemoved) live.delete(key);
      else live.add(key);
    }
    return [...live];
  }
}

/** Runs one schedule; the geths go on with the next one. Rejects with what was broken. */
export async function runSchedule(fleet: GethFleet, seed: number): Promise<{ answers: number; refusals: number }> {
  const random = new Random(seed);
  await using gateway = await ServerProcess.start({ flags: ["--upstream", fleet.urls] });
  await using witness = await GethWitness.open(gateway.url);
  const told: string[] = [];
  try {
    // More blocks than a reorganisation takes away are kept before the first one.
    await fleet.build(fleet.best, DEEPEST_REORGANISATION + 2);
    await tellAll(fleet);
    await until(() => witness.heads.at(-1)?.["hash"] === fleet.best.blockHash);
    for (let i = 0; i < STEPS; i++) {
      told.push(await step(fleet, random));
      witness.ask();
      await new Promise((resolve) => setTimeout(resolve, random.below(300)));
      witness.ask();
    }
    await fleet.heal();
    await fleet.build(fleet.best, 1);
    await tellAll(fleet);
    await until(() => witness.heads.at(-1)?.["hash"] === fleet.best.blockHash);
    const final = fleet.best.blockHash;
    await until(async () => await headOf(witness) === final);
    await until(async () => await settled(witness, fleet));
    await witness.verify(fleet);
    return witness;
  } catch (error) {
    const printed = gateway.printed.split("\n").slice(-30).join("\n");
    throw new Error(`seed ${seed}: ${told.join(", ")}\n${printed}`, { cause: error });
  } finally {
    await fleet.heal();
    await tellAll(fleet);
  }
}

async function headOf(witness: GethWitness): Promise<unknown> {
  return (await witness.call("eth_getBlockByNumber", "latest", false) as { hash: string }).hash;
}

/** The last logs follow the last head. */
async function settled(witness: GethWitness, fleet: GethFleet): Promise<boolean> {
  const last = (await fleet.logsFrom(Number(fleet.best.blockNumber))).map(({ blockHash }) => blockHash);
  return last.every((hash) => witness.logs.some(({ blockHash }) => blockHash === hash));
}

async function step(fleet: GethFleet, random: Random): Promise<string> {
  const node = random.pick(fleet.nodes);
  const name = `node ${fleet.nodes.indexOf(node)}`;
  const choice = random.below(100);
  if (choice < 40) {
    const blocks = 1 + random.below(2);
    await fleet.build(fleet.best, blocks, { logs: random.chance(0.7) });
    await tellSome(fleet, random);
    return `${blocks} blocks`;
  }
  if (choice < 58) {
    const depth = 1 + random.below(DEEPEST_REORGANISATION);
    await fleet.build(fleet.ancestor(depth), depth + 1);
    await tellSome(fleet, random);
    return `reorganisation of ${depth}`;
  }
  if (choice < 66) {
    fleet.resume(node);
    await fleet.kill(node);
    return `${name} killed`;
  }
  if (choice < 76) {
    fleet.resume(node);
    fleet.putBack(node);
    node.relay.delayMs = 0;
    await fleet.restart(node);
    if (random.chance(0.5)) await fleet.tell(node);
    return `${name} restarted`;
  }
  if (choice < 82) {
    if (node.geth.isRunning) fleet.stop(node);
    return `${name} stopped`;
  }
  if (choice < 87) {
    fleet.replace(node);
    return `${name} is of another chain`;
  }
  if (choice < 92) {
    node.relay.delayMs = 50 + random.below(150);
    return `${name} is slow`;
  }
  if (fleet.isWell(node)) await fleet.tell(node);
  return `${name} catches up`;
}

/** Most nodes get a new head at once, the others lag. */
async function tellSome(fleet: GethFleet, random: Random): Promise<void> {
  const well = fleet.nodes.filter((node: FleetNode) => fleet.isWell(node) && random.chance(0.75));
  await Promise.all(well.map((node) => fleet.tell(node)));
}

async function tellAll(fleet: GethFleet): Promise<void> {
  await Promise.all(fleet.nodes.map((node) => fleet.tell(node)));
}

if (import.meta.main) {
  const program = findTool("geth");
  if (program === undefined) throw new Error("geth is not installed");
  const [first = 1, last = 50] = Deno.args.map(Number);
  await using fleet = await GethFleet.start(program, 2);
  let failed = 0;
  for (let seed = first; seed <= last; seed++) {
    const started = Date.now();
    try {
      const { answers, refusals } = await runSchedule(fleet, seed);
      console.log(`seed ${seed}: held, ${answers} answers, ${refusals} refusals, ${Date.now() - started} ms`);
    } catch (error) {
      failed += 1;
      console.log(`seed ${seed}: FAILED\n`, error);
    }
  }
  console.log(`${last - first + 1 - failed} of ${last - first + 1} schedules held`);
  if (failed > 0) Deno.exitCode = 1;
}
