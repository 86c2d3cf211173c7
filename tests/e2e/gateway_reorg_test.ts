import { assertEquals } from "@std/assert";
import { privateKeyToAccount } from "../clients/viem_accounts.ts";
import { until } from "../support/until.ts";
import { toolTest } from "../support/tools.ts";
import { CHAIN_ID, EngineGeth, LOGGER, type Payload } from "./engine_geth.ts";
import { RpcSocket, type Told } from "./rpc_socket.ts";
import { ServerProcess } from "./server_process.ts";

const sender = privateKeyToAccount("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");

function signed(nonce: number): Promise<string> {
  return sender.signTransaction({
    chainId: CHAIN_ID,
    nonce,
    to: LOGGER as `0x${string}`,
    gas: 200_000n,
    maxFeePerGas: 10n ** 10n,
    maxPriorityFeePerGas: 10n ** 9n,
    type: "eip1559",
  });
}

/** Two real geths that a test drives, and a gateway with one subscriber before them. */
class Stage implements AsyncDisposable {
  readonly #made: Payload[] = [];
  #nonce = 0;

  private constructor(
    readonly one: EngineGeth,
    readonly other: EngineGeth,
    readonly gateway: ServerProcess,
    readonly client: RpcSocket,
    readonly heads: Told,
    readonly logs: Told,
  ) {}

  static async open(program: string): Promise<Stage> {
    const [one, other] = await Promise.all([EngineGeth.start(program), EngineGeth.start(program)]);
    const gateway = await ServerProcess.start({ flags: ["--upstream", `${one.url},${other.url}`] });
    const client = await RpcSocket.open(gateway.url);
    return new Stage(
      one,
      other,
      gateway,
      client,
      await client.subscribe("newHeads"),
      await client.subscribe("logs", {}),
    );
  }

  /** Builds a block at the first geth, with a transaction that the gateway takes in; it becomes nobody's head yet. */
  async block(parent: Payload | null, { tag = 1, sends = false } = {}): Promise<Payload> {
    if (sends) await this.client.call("eth_sendRawTransaction", await signed(this.#nonce++));
    const payload = await this.one.build(parent, { tag, transactions: sends ? 1 : 0 });
    this.#made.push(payload);
    return payload;
  }

  /** Gives every block that was made so far to the second geth. */
  async share(): Promise<void> {
    for (const payload of this.#made) await this.other.take(payload);
  }

  /** Waits until the gateway stands at a block, and checks that it is read from there. */
  async stands(payload: Payload): Promise<void> {
    await until(() => this.heads.at(-1)?.["hash"] === payload.blockHash);
    const latest = await this.client.call("eth_getBlockByNumber", "latest", false) as Told[number];
    assertEquals(latest["hash"], payload.blockHash);
  }

  /** The logs that a subscriber holds in the end, by block. */
  liveLogs(): string[] {
    const live = new Map<string, string>();
    for (const log of this.logs) {
      const key = `${log["blockHash"]} ${log["logIndex"]}`;
      assertEquals(live.has(key), log["removed"] === true, `log ${key} is told once and removed once`);
      if (log["removed"] === true) live.delete(key);
      else live.set(key, String(log["blockHash"]));
    }
    return [...live.values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.gateway.stop();
    await Promise.all([this.one[Symbol.asyncDispose](), this.other[Symbol.asyncDispose]()]);
  }
}

toolTest("geth", {
  name: "Before real geths, a reorganisation in one step is told block by block, with its logs taken back once",
  async fn(program) {
    await using stage = await Stage.open(program);
    const { one, heads } = stage;
    const first = await stage.block(null, { sends: true });
    await one.choose(first);
    await stage.stands(first);
    const old: Payload[] = [first];
    for (let i = 0; i < 3; i++) {
      const next = await stage.block(old.at(-1) ?? first, { sends: true });
      await one.choose(next);
      await stage.stands(next);
      old.push(next);
    }
    assertEquals(stage.liveLogs().length, 8);
    // Building on an older block makes geth go back to it first, which is a reorganisation too.
    const branch: Payload[] = [];
    let parent = first;
    for (let i = 0; i < 4; i++) branch.push(parent = await stage.block(parent, { tag: 2 }));
    await one.choose(parent);
    await stage.stands(parent);
    await one.choose(old.at(-1) ?? first);
    await stage.stands(old.at(-1) ?? first);
    await until(() => stage.liveLogs().length === 8);
    for (const [index, head] of heads.entries()) {
      const known = index === 0 || heads.slice(0, index).some(({ hash }) => hash === head["parentHash"]);
      assertEquals(known, true, `the parent of head ${index} was told before it`);
    }
  },
});

toolTest("geth", {
  name: "Before real geths, a killed and a stopped node cost no block, and a lagging one takes none back",
  async fn(program) {
    await using stage = await Stage.open(program);
    const { one, other, heads } = stage;
    let parent = await stage.block(null);
    await one.choose(parent);
    for (let i = 0; i < 4; i++) await one.choose(parent = await stage.block(parent));
    await stage.stands(parent);
    // The second node knows nothing of this yet: following it must not take the blocks back.
    await one.kill();
    await stage.gateway.waitForOutput(/Upstream lost/);
    assertEquals(await stage.client.call("eth_blockNumber"), parent.blockNumber);
    await stage.share();
    await other.choose(parent);
    const onward = await other.build(parent, { tag: 1, transactions: 0 });
    await other.choose(onward);
    await stage.stands(onward);
    await one.run();
    await one.take(onward).catch(() => {});
    other.signal("SIGSTOP");
    await stage.gateway.waitForOutput(/Upstream lost.*ping/, 20_000);
    other.signal("SIGCONT");
    const last = await other.build(onward, { tag: 1, transactions: 0 });
    await other.choose(last);
    await stage.stands(last);
    assertEquals(
      heads.map(({ number }) => Number(number)),
      heads.map((_, index) => Number(heads[0]?.["number"]) + index),
    );
  },
});
