import {
  createTestClient,
  type Hex,
  keccak256,
  parseEther,
  parseGwei,
  publicActions,
  type webSocket,
} from "../clients/viem.ts";
import { mnemonicToAccount } from "../clients/viem_accounts.ts";
import { type Exchange, recordingTransport } from "./compare_answers.ts";
import { closeSocket } from "./viem_socket.ts";

const MNEMONIC = "test test test test test test test test test test test junk";
const FEES = { maxFeePerGas: parseGwei("10"), maxPriorityFeePerGas: parseGwei("1") };

export const alice = mnemonicToAccount(MNEMONIC);
export const bob = mnemonicToAccount(MNEMONIC, { addressIndex: 1 });
/** Sends what one of two chains takes in and the other refuses, so that the others' nonces stay the same. */
export const carol = mnemonicToAccount(MNEMONIC, { addressIndex: 2 });
export const ALICE_BALANCE = parseEther("100");

/** What was asked in one step of a scenario, and what came back. */
export interface Step {
  readonly name: string;
  readonly exchanges: readonly Exchange[];
}

function createClient(transport: ReturnType<typeof webSocket>) {
  return createTestClient({ mode: "anvil", transport, account: alice, pollingInterval: 20 }).extend(publicActions);
}

/** A viem client whose every exchange is kept, step by step. */
export class RecordedPlay implements AsyncDisposable {
  readonly client: ReturnType<typeof createClient>;
  readonly steps: Step[] = [];
  readonly #nonces = new Map<Hex, number>();
  #exchanges: Exchange[] = [];

  constructor(url: string) {
    this.client = createClient(recordingTransport(url, (exchange) => this.#exchanges.push(exchange)));
  }

  /** Keeps what `run` asks. It may fail: then the error is the answer to compare. */
  async step<T>(name: string, run: () => Promise<T>): Promise<T | undefined> {
    this.#exchanges = [];
    const result = await run().catch(() => undefined);
    this.steps.push({ name, exchanges: this.#exchanges });
    return result;
  }

  /** Puts an answer of another kind among those of this step, or forgets what was asked so far. */
  note(exchanges: readonly Exchange[]): void {
    this.#exchanges = [...exchanges];
  }

  raw(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return this.client.request({ method: method as never, params: params as never });
  }

  /** One request as a step of its own. */
  ask(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return this.step(method, () => this.raw(method, ...params));
  }

  /** Signs with the next nonce, unless the fields name one. */
  async sign(fields: Record<string, unknown>, sender = alice): Promise<Hex> {
    const nonce = this.#nonces.get(sender.address) ?? 0;
    if (fields.nonce === undefined) this.#nonces.set(sender.address, nonce + 1);
    const fees = fields.gasPrice === undefined ? FEES : {};
    const request = { chainId: 1337, gas: 200_000n, nonce, type: "eip1559", ...fees, ...fields };
    return await sender.signTransaction(request as Parameters<typeof sender.signTransaction>[0]);
  }

  /** Signs and sends as a step of its own; answers the hash, also of what was refused. */
  async send(name: string, fields: Record<string, unknown>, sender = alice): Promise<Hex> {
    const before = this.#nonces.get(sender.address) ?? 0;
    const serializedTransaction = await this.sign(fields, sender);
    const taken = await this.step(name, () => this.client.sendRawTransaction({ serializedTransaction }));
    if (taken === undefined) this.#nonces.set(sender.address, before);
    return keccak256(serializedTransaction);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await closeSocket(await this.client.transport.getRpcClient());
  }
}
