import { assertEquals } from "@std/assert";
import { keccakDigits } from "../../../src/primitives/hash.ts";
import type { Act, Call } from "./crash_acts.ts";

/** What a client can find out about a chain in a few calls: two chains that differ have two of these. */
export async function fingerprint(call: Call): Promise<Record<string, unknown>> {
  const [head, proof, content, automine, metadata] = await Promise.all([
    call("eth_getBlockByNumber", "latest", false),
    call("eth_getProof", `0x${"00".repeat(20)}`, [], "latest"),
    call("txpool_content"),
    call("anvil_getAutomine"),
    call("anvil_metadata"),
  ]);
  const { number, hash } = head as Record<string, string>;
  const [root = "0x"] = (proof as { accountProof: string[] }).accountProof;
  const { snapshots } = metadata as { snapshots: unknown };
  return { number, hash, root: keccakDigits(root.slice(2)), pool: waiting(content), automine, snapshots };
}

/** The hashes of the transactions that wait, in an order of their own. */
function waiting(content: unknown): string[] {
  const { pending, queued } = content as Record<string, Record<string, Record<string, { hash: string }>>>;
  return [pending, queued].flatMap((accounts, place) =>
    Object.values(accounts ?? {}).flatMap((entries) => Object.values(entries).map(({ hash }) => `${place} ${hash}`))
  ).sort();
}

/** Where transactions went that were sent together. */
export interface Places {
  /** The senders of each new block, in order. */
  readonly blocks: readonly (readonly string[])[];
  /** The senders and hashes of those that wait. */
  readonly waiting: readonly (readonly [sender: string, hash: string])[];
}

/** Reads where transactions went that were sent when the chain was `height` high. */
export async function placesOf(chain: Call, height: number): Promise<Places> {
  const blocks: string[][] = [];
  for (let number = height + 1;; number++) {
    const block = await chain("eth_getBlockByNumber", `0x${number.toString(16)}`, true);
    if (block === null) break;
    blocks.push((block as { transactions: { from: string }[] }).transactions.map(({ from }) => from));
  }
  const { pending } = await chain("txpool_content") as { pending: Record<string, Record<string, { hash: string }>> };
  const waiting = Object.entries(pending).flatMap(([address, entries]) =>
    Object.values(entries).map(({ hash }) => [address.toLowerCase(), hash] as const)
  );
  return { blocks, waiting };
}

/** An act that was done, as far as is known. */
export interface Done {
  readonly act: Act;
  /** Undefined for calls that were not answered. */
  readonly answers: readonly unknown[];
  /** For sends together. */
  readonly places?: Places | undefined;
}

/** Does to a second chain, which no crash meets, what was done to the first one. */
export class Model {
  readonly call: Call;

  constructor(call: Call) {
    this.call = call;
  }

  async height(): Promise<number> {
    return Number(await this.call("eth_blockNumber"));
  }

  /** Repeats an act that was answered. */
  async repeat({ act, answers, places }: Done): Promise<void> {
    if (places !== undefined) return await this.#repeatSends({ act, answers, places });
    for (const [index, [method, ...params]] of act.calls.entries()) {
      assertEquals(await this.call(method, ...params), answers[index], `${act.name}: ${method}`);
    }
  }

  /** Repeats what `chain` has of an act that was cut short. Returns false when it has what the act does not do. */
  async repeatPart(cut: Done, chain: Call): Promise<boolean> {
    const wanted = await fingerprint(chain);
    const isEqual = async () => JSON.stringify(await fingerprint(this.call)) === JSON.stringify(wanted);
    const { calls, steps } = cut.act;
    if (steps === "as sealed") {
      await this.#repeatSends({ ...cut, places: await placesOf(chain, await this.height()) });
      return await isEqual();
    }
    if (await isEqual()) return true;
    if (steps !== "whole") {
      for (const [method, ...params] of steps) {
        await this.call(method, ...params);
        if (await isEqual()) return true;
      }
      return false;
    }
    const before = await this.height();
    for (const [method, ...params] of calls) await this.call(method, ...params);
    if (await isEqual()) return true;
    await this.call("anvil_rollback", await this.height() - before);
    await chain("anvil_rollback", Number(wanted["number"]) - before);
    return JSON.stringify(await fingerprint(this.call)) === JSON.stringify(await fingerprint(chain));
  }

  /** Repeats sends, in the blocks that they went into; those that went nowhere are left out. */
  async #repeatSends({ act, answers, places }: Done & { readonly places: Places }): Promise<void> {
    const { call } = this;
    const sent: unknown[] = act.calls.map(() => undefined);
    const send = async (sender: string) => {
      const index = act.calls.findIndex(([, request]) => (request as { from: string }).from === sender);
      const [method = "", ...params] = act.calls[index] ?? [];
      sent[index] = await call(method, ...params);
    };
    const automine = await call("anvil_getAutomine");
    await call("evm_setAutomine", false);
    for (const senders of places.blocks) {
      for (const sender of senders) await send(sender);
      await call("anvil_mine", "0x1");
    }
    const known = new Set(waiting(await call("txpool_content")).map((line) => line.split(" ")[1]));
    for (const [sender, hash] of places.waiting) if (!known.has(hash)) await send(sender);
    if (automine === true) await call("evm_setAutomine", true);
    answers.forEach((answer, index) => {
      if (answer !== undefined) assertEquals(sent[index], answer, `${act.name}: what was answered is there`);
    });
  }
}
