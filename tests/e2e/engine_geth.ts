import type { Hash } from "../../src/eth/types.ts";
import { Output } from "./server_process.ts";
import { until } from "../support/until.ts";
import { hs256 } from "../access/token_maker.ts";
import { freePort } from "../support/free_port.ts";

const START_DEADLINE_MS = 60_000;
const ZERO_HASH = `0x${"00".repeat(32)}`;
/** Every state is on disk with its block, so that a killed geth comes back where it was. */
const KEPT_STATES = ["--state.scheme", "hash", "--gcmode", "archive"];
/** Emits two logs without data whenever it is called. */
export const LOGGER = `0x${"cc".repeat(20)}`;
/** Of the mnemonic `test test ... junk`. */
export const SENDER = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
export const CHAIN_ID = 4242;

/** A post-merge chain in Cancun from its first block on. */
const GENESIS = {
  config: {
    chainId: CHAIN_ID,
    ...Object.fromEntries(
      [
        "homestead",
        "eip150",
        "eip155",
        "eip158",
        "byzantium",
        "constantinople",
        "petersburg",
        "istanbul",
        "berlin",
        "london",
        "mergeNetsplit",
      ].map((fork) => [`${fork}Block`, 0]),
    ),
    shanghaiTime: 0,
    cancunTime: 0,
    terminalTotalDifficulty: 0,
    blobSchedule: { cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3338477 } },
  },
  difficulty: "0x0",
  gasLimit: "0x1c9c380",
  timestamp: "0x60000000",
  alloc: {
    [SENDER.slice(2)]: { balance: "0x56bc75e2d63100000000" },
    [LOGGER.slice(2)]: { balance: "0x0", code: "0x60015f5fa160025f5fa100" },
  },
};

/** A block as the engine API hands it over. */
export interface Payload {
  readonly blockHash: Hash;
  readonly parentHash: Hash;
  readonly blockNumber: string;
  readonly timestamp: string;
  readonly transactions: readonly string[];
}

/** A real geth without a consensus client: a test makes its blocks and says which is the head. */
export class EngineGeth implements AsyncDisposable {
  readonly #program: string;
  readonly #folder: string;
  readonly #ports: { readonly ws: number; readonly engine: number };
  readonly #secret: Uint8Array<ArrayBuffer>;
  #child: Deno.ChildProcess | null = null;
  #output: Output | null = null;
  #lastId = 0;

  private constructor(
    program: string,
    { folder, ports, secret }: {
      folder: string;
      ports: { ws: number; engine: number };
      secret: Uint8Array<ArrayBuffer>;
    },
  ) {
    this.#program = program;
    this.#folder = folder;
    this.#ports = ports;
    this.#secret = secret;
  }

  /** Makes a chain of its own from a genesis block; `alloc` are further accounts in it. */
  static async start(
    program: string,
    { alloc = {}, chainId = CHAIN_ID }: {
      readonly alloc?: Readonly<Record<string, unknown>>;
      readonly chainId?: number;
    } = {},
  ): Promise<EngineGeth> {
    const folder = await Deno.makeTempDir({ prefix: "sallyport_engine_" });
    const secret = crypto.getRandomValues(new Uint8Array(32));
    const genesis = {
      ...GENESIS,
      config: { ...GENESIS.config, chainId },
      alloc: { ...GENESIS.alloc, ...alloc },
    };
    await Deno.writeTextFile(`${folder}/genesis.json`, JSON.stringify(genesis));
    await Deno.writeTextFile(`${folder}/jwt`, secret.toHex());
    const init = await new Deno.Command(program, {
      args: ["init", "--datadir", folder, "--state.scheme", "hash", `${folder}/genesis.json`],
      stdout: "null",
      stderr: "null",
    }).output();
    if (!init.success) throw new Error("geth init failed");
    const geth = new EngineGeth(program, { folder, ports: { ws: freePort(), engine: freePort() }, secret });
    await geth.run();
    return geth;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#ports.ws}`;
  }

  get enginePort(): number {
    return this.#ports.engine;
  }

  /** The file with the secret of the engine API's tokens, and the secret. */
  get secret(): { readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> } {
    return { path: `${this.#folder}/jwt`, bytes: this.#secret };
  }

  /** Starts the process, again after {@link kill}. */
  async run(): Promise<void> {
    this.#child = new Deno.Command(this.#program, {
      args: [
        ...["--datadir", this.#folder, "--networkid", String(CHAIN_ID), "--port", "0", "--nodiscover", "--ipcdisable"],
        ...["--ws", "--ws.port", String(this.#ports.ws), "--ws.api", "eth,net,web3,debug"],
        ...["--authrpc.port", String(this.#ports.engine), "--authrpc.jwtsecret", `${this.#folder}/jwt`],
        ...["--syncmode", "full", ...KEPT_STATES],
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#output = new Output(this.#child);
    await this.#output.waitFor(/WebSocket enabled\s+url=ws:/, START_DEADLINE_MS);
    await until(() => this.engine("engine_exchangeCapabilities", [[]]).then(() => true, () => false));
  }

  signal(signal: Deno.Signal): void {
    this.#child?.kill(signal);
  }

  /** True from its start until it is killed. */
  get isRunning(): boolean {
    return this.#child !== null;
  }

  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.status;
    await this.#output?.ended;
    this.#child = null;
  }

  /** Builds a block on `parent` with what waits in the pool; `tag` makes branches differ. */
  async build(parent: Payload | null, { tag, transactions }: { tag: number; transactions: number }): Promise<Payload> {
    const head = parent?.blockHash ?? await this.genesis();
    const timestamp = (parent === null ? 0x60000000 : Number(parent.timestamp)) + 12;
    let payload: Payload | null = null;
    let attempt = 0;
    // geth ends the building of a payload when it is asked for: one that came too early stays without its transactions.
    await until(async () => {
      const attributes = {
        timestamp: `0x${timestamp.toString(16)}`,
        prevRandao: `0x${(tag + 1000 * attempt++).toString(16).padStart(64, "0")}`,
        suggestedFeeRecipient: `0x${"22".repeat(20)}`,
        withdrawals: [],
        parentBeaconBlockRoot: ZERO_HASH,
      };
      const { payloadId } = await this.#choose(head, attributes) as { payloadId: string };
      const built = await this.engine("engine_getPayloadV3", [payloadId]) as { executionPayload: Payload };
      payload = built.executionPayload;
      return payload.transactions.length >= transactions;
    });
    if (payload === null) throw new Error("no payload");
    await this.take(payload);
    return payload;
  }

  /** Imports a block without making it the head. */
  async take(payload: Payload): Promise<void> {
    const status = await this.offer(payload);
    if (status !== "VALID") throw new Error(`geth says ${status} of block ${payload.blockHash}`);
  }

  /** Offers a block; returns what the engine API says of it: `VALID`, or `SYNCING` where its parent is missing. */
  async offer(payload: Payload): Promise<string> {
    const { status } = await this.engine("engine_newPayloadV3", [payload, [], ZERO_HASH]) as { status: string };
    return status;
  }

  /** Makes a block the head, whatever is the head now. */
  async choose(payload: Payload): Promise<void> {
    await this.#choose(payload.blockHash, null);
  }

  async genesis(): Promise<Hash> {
    const block = await this.engine("eth_getBlockByNumber", ["0x0", false]) as { hash: Hash };
    return block.hash;
  }

  /** Calls a method of the engine API's port, which answers `eth` as well. */
  async engine(method: string, params: readonly unknown[]): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.#ports.engine}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${await hs256(this.#secret, {})}` },
      body: JSON.stringify({ jsonrpc: "2.0", id: ++this.#lastId, method, params }),
    });
    const { result, error } = await response.json();
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child !== null) {
      this.signal("SIGCONT");
      await this.kill();
    }
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #choose(head: Hash, attributes: unknown): Promise<unknown> {
    const state = { headBlockHash: head, safeBlockHash: ZERO_HASH, finalizedBlockHash: ZERO_HASH };
    return await this.engine("engine_forkchoiceUpdatedV3", [state, attributes]);
  }
}
