import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { Address, Data, Hash, TransactionRequest } from "../../src/eth/types.ts";
import { signingDigest } from "../../src/primitives/sender.ts";
import { networkEncoding, withSignature } from "../../src/primitives/signed_transaction.ts";
import { ALL_PARTS, type ChainEvent } from "../../src/events/mod.ts";
import { type ChainOptions, createDevChain, type DevAccount, type EmbeddedChain } from "../../src/chain/mod.ts";

/** 2026-11-22 10:56:31 UTC, the moment at which every chain of these tests lives. */
export const NOW_MS = 1_795_344_991_000;

/** A chain with a fixed clock, closed when the test ends. */
export async function testChain(options: ChainOptions = {}): Promise<TestChain> {
  return new TestChain(await createDevChain({ now: () => NOW_MS, ...options }));
}

/** A chain and what tests do with one: sign as its accounts, watch its events, read its answers. */
export class TestChain implements Disposable {
  readonly node: EmbeddedChain;
  readonly events: ChainEvent[] = [];

  constructor(node: EmbeddedChain) {
    this.node = node;
    node.events.want(ALL_PARTS);
    node.events.onEvent((event) => this.events.push(event));
  }

  [Symbol.dispose](): void {
    this.node.close();
  }

  /** Account 0 is geth's developer, 1 to 10 are those of the mnemonic. */
  account(index: number): DevAccount {
    const account = this.node.accounts[index];
    if (account === undefined) throw new Error(`no account ${index}`);
    return account;
  }

  async sign(index: number, request: TransactionRequest): Promise<Data> {
    const { address, privateKey } = this.account(index);
    const filled = await this.node.submit.fill({ from: address, ...request }, new AbortController().signal);
    const bytes = secp256k1.sign(
      Uint8Array.fromHex(signingDigest(filled.transaction).slice(2)),
      Uint8Array.fromHex(privateKey.slice(2)),
      {
        prehash: false,
        format: "recovered",
      },
    );
    const signature = {
      yParity: bytes[0] === 0 ? 0 : 1,
      r: BigInt(`0x${bytes.slice(1, 33).toHex()}`),
      s: BigInt(`0x${bytes.slice(33).toHex()}`),
    } as const;
    return networkEncoding(withSignature(filled.transaction, signature), filled.sidecar);
  }

  async send(index: number, request: TransactionRequest): Promise<Hash> {
    return await this.node.submit.sendRaw(await this.sign(index, request));
  }

  /** Deploys code that returns `runtime`, and answers its address. */
  async deploy(index: number, runtime: string): Promise<Address> {
    const size = (runtime.length / 2).toString(16).padStart(2, "0");
    const hash = await this.send(index, { input: `0x60${size}600c60003960${size}6000f3${runtime}`, gas: 1_000_000n });
    const receipt = await this.receipt(hash);
    return receipt["contractAddress"] as Address;
  }

  async receipt(hash: Hash): Promise<Record<string, unknown>> {
    return fields((await this.node.blocks.receipt(hash))?.decode());
  }

  async block(number: bigint | "latest" | "pending", full = false): Promise<Record<string, unknown>> {
    const at = typeof number === "bigint" ? { number } : { tag: number };
    return fields((await this.node.blocks.block(at, full))?.decode());
  }

  async transaction(hash: Hash): Promise<Record<string, unknown>> {
    return fields((await this.node.blocks.transaction(hash))?.decode());
  }

  /** The number of the head. */
  async head(): Promise<bigint> {
    return BigInt(await this.node.blocks.headNumber());
  }

  async balance(address: Address): Promise<bigint> {
    return BigInt(await this.node.state.balance(address, { tag: "latest" }));
  }

  /** What has happened, in words: `pending`, `block 1`, `removed 1`. */
  story(): string[] {
    return this.events.map((event) => event.kind === "pending" ? "pending" : `${event.kind} ${event.block.number}`);
  }
}

function fields(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new Error(`expected an object, found ${value}`);
  return value as Record<string, unknown>;
}

/** Logs its first word as a topic and the caller's value as data: LOG1(mem[0..32], topic = calldata[0..32]). */
export const EMITTER = "3460005260003560206000a1";
