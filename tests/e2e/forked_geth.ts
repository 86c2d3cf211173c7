import { privateKeyToAccount } from "../clients/viem_accounts.ts";
import { CHAIN_ID, EngineGeth, LOGGER, type Payload } from "./engine_geth.ts";
import { RpcSocket } from "./rpc_socket.ts";

const SENDER_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const sender = privateKeyToAccount(SENDER_KEY);

/** Signs a transaction of the funded account that makes two logs. */
export function signedLog(nonce: number, to: string = LOGGER): Promise<string> {
  return sender.signTransaction({
    chainId: CHAIN_ID,
    nonce,
    to: to as `0x${string}`,
    gas: 200_000n,
    maxFeePerGas: 10n ** 10n,
    maxPriorityFeePerGas: 10n ** 9n,
    type: "eip1559",
  });
}

/** A real geth with a few blocks, each with the logs of one transaction but for every third, which is empty. */
export class ForkedGeth implements AsyncDisposable {
  readonly geth: EngineGeth;
  readonly client: RpcSocket;
  readonly transactions: readonly string[];
  readonly #blocks: readonly Payload[];

  private constructor(
    geth: EngineGeth,
    { client, transactions, blocks }: {
      readonly client: RpcSocket;
      readonly transactions: readonly string[];
      readonly blocks: readonly Payload[];
    },
  ) {
    this.geth = geth;
    this.client = client;
    this.transactions = transactions;
    this.#blocks = blocks;
  }

  static async start(program: string, blocks: number): Promise<ForkedGeth> {
    const geth = await EngineGeth.start(program);
    const client = await RpcSocket.open(geth.url);
    const transactions: string[] = [];
    const made: Payload[] = [];
    for (let number = 1; number <= blocks; number++) {
      const sends = number % 3 !== 0;
      if (sends) {
        const raw = await signedLog(transactions.length);
        transactions.push(String(await client.call("eth_sendRawTransaction", raw)));
      }
      const block = await geth.build(made.at(-1) ?? null, { tag: 1, transactions: sends ? 1 : 0 });
      await geth.choose(block);
      made.push(block);
    }
    return new ForkedGeth(geth, { client, transactions, blocks: made });
  }

  /** Replaces every block above a number by another. */
  async reorganise(number: number): Promise<void> {
    let parent = this.#blocks[number - 1] ?? null;
    for (let at = number; at < this.#blocks.length; at++) {
      parent = await this.geth.build(parent, { tag: 2, transactions: 0 });
    }
    if (parent !== null) await this.geth.choose(parent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.geth[Symbol.asyncDispose]();
  }
}
