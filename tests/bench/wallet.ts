import { encodeDeployData, encodeFunctionData, type Hex, keccak256 } from "../clients/viem.ts";
import { mnemonicToAccount } from "../clients/viem_accounts.ts";
import { TOKEN_ABI, TOKEN_BYTECODE } from "../contracts/token.ts";
import { RawSocket, textFrame } from "./raw_socket.ts";

const CHAIN_ID = 1337;
const GAS_PRICE = 2_000_000_000n;
const ACCOUNT = mnemonicToAccount("test test test test test test test test test test test junk");

export const SENDER = ACCOUNT.address;
export const RECIPIENT: Hex = "0x000000000000000000000000000000000000beef";

/** Calls and signed transactions over one raw socket; nonces are counted here. */
export class Wallet {
  readonly #socket: RawSocket;
  #nonce: number;

  private constructor(socket: RawSocket, nonce: number) {
    this.#socket = socket;
    this.#nonce = nonce;
  }

  static async open(url: string): Promise<Wallet> {
    const wallet = new Wallet(await RawSocket.open(url), 0);
    wallet.#nonce = Number(await wallet.call("eth_getTransactionCount", SENDER, "latest"));
    return wallet;
  }

  async call(method: string, ...params: unknown[]): Promise<unknown> {
    const answer = await this.#ask(method, params);
    if (answer.error !== undefined) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
    return answer.result;
  }

  async #ask(method: string, params: unknown[]): Promise<{ result?: unknown; error?: unknown }> {
    await this.#socket.write(textFrame(request(method, ...params)));
    return JSON.parse(await this.#socket.text());
  }

  /** A raw transaction with the next nonce. */
  sign(transaction: { to?: Hex; data?: Hex; value?: bigint; gas: bigint }): Promise<Hex> {
    return ACCOUNT.signTransaction({
      type: "legacy",
      chainId: CHAIN_ID,
      nonce: this.#nonce++,
      gasPrice: GAS_PRICE,
      ...transaction,
    });
  }

  signTransfer(): Promise<Hex> {
    return this.sign({ to: RECIPIENT, value: 1n, gas: 21_000n });
  }

  signTokenTransfer(token: Hex): Promise<Hex> {
    const data = encodeFunctionData({ abi: TOKEN_ABI, functionName: "transfer", args: [RECIPIENT, 1n] });
    return this.sign({ to: token, data, gas: 100_000n });
  }

  /** Deploys the token and returns its address. */
  async deployToken(): Promise<Hex> {
    const data = encodeDeployData({ abi: TOKEN_ABI, bytecode: TOKEN_BYTECODE, args: [10n ** 24n] });
    const raw = await this.sign({ data, gas: 2_000_000n });
    return (await this.mined(await this.call("eth_sendRawTransaction", raw))).contractAddress;
  }

  /** Asks for a receipt until it is there: anvil answers before it seals, geth before it has put it into its index. */
  async mined(hash: unknown): Promise<{ contractAddress: Hex }> {
    for (;;) {
      const { result } = await this.#ask("eth_getTransactionReceipt", [hash]);
      if (typeof result === "object" && result !== null) return result as { contractAddress: Hex };
    }
  }

  /** Sends raw transactions one after the other and returns how many a second were mined. */
  async mineEach(raws: readonly Hex[]): Promise<number> {
    const frames = raws.map((raw) => textFrame(request("eth_sendRawTransaction", raw)));
    const started = performance.now();
    for (const frame of frames) {
      await this.#socket.write(frame);
      await this.#socket.take(1);
    }
    await this.mined(keccak256(raws.at(-1) ?? "0x"));
    return raws.length / (performance.now() - started) * 1000;
  }

  close(): void {
    this.#socket.close();
  }
}

export function request(method: string, ...params: unknown[]): string {
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
}
