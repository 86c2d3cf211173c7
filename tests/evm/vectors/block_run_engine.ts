import { DEFAULT_BLOBS, MAINNET_DEPOSIT_CONTRACT } from "../../../src/chain/consensus/chain_config.ts";
import { keccak256 } from "../../../src/crypto/keccak.ts";
import { attempts } from "../../../src/evm/attempts.ts";
import { BlockRun } from "../../../src/evm/block_run.ts";
import type { BlockEnv } from "../../../src/evm/env.ts";
import { type Fork, FORKS, type Rules } from "../../../src/evm/forks.ts";
import { Machine } from "../../../src/evm/machine.ts";
import type { EvmLog } from "../../../src/primitives/receipt.ts";
import { TransactionError } from "../../../src/evm/transaction_error.ts";
import { ForkSchedule } from "../../../src/chain/consensus/forks.ts";
import { blobBaseFee } from "../../../src/chain/consensus/header_rules.ts";
import { encodeRlp, RlpError } from "../../../src/primitives/rlp.ts";
import { recoverSender, SignatureError } from "../../../src/primitives/sender.ts";
import { emptyLeaf } from "../../../src/state/account.ts";
import type { Misses } from "../../../src/state/base.ts";
import { World } from "../../../src/state/world.ts";
import { decodeTransaction } from "../../../src/primitives/transaction_codec.ts";
import type { Hash } from "../../../src/eth/types.ts";
import type { PreAccount, StateTest } from "./state_test_format.ts";
import { LateBase, mergedInto } from "../../support/late_base.ts";
import type { StateTestEngine, StateTestOutcome } from "./verdict.ts";
import { wordHex, ZERO_HASH } from "../../../src/primitives/hex.ts";

const FORK_OF: Readonly<Record<string, Fork>> = {
  Frontier: "chainstart",
  Homestead: "homestead",
  EIP150: "tangerineWhistle",
  EIP158: "spuriousDragon",
  Byzantium: "byzantium",
  Constantinople: "constantinople",
  ConstantinopleFix: "petersburg",
  Istanbul: "istanbul",
  Berlin: "berlin",
  London: "london",
  Paris: "paris",
  Merge: "paris",
  Shanghai: "shanghai",
  Cancun: "cancun",
  Prague: "prague",
  Osaka: "osaka",
};

/** What the state of a test stands on: a base that misses every first read, for which a run waits, or is repeated. */
export type StateOver = "nothing" | "a base" | "attempts";

/** State tests on the modules with which the embedded chain executes its blocks. */
export class BlockRunEngine implements StateTestEngine {
  readonly #over: StateOver;
  readonly #machine = new Machine();
  readonly #forks = new Map<bigint, ForkSchedule>();

  constructor(over: StateOver = "nothing") {
    this.#over = over;
  }

  async execute(test: StateTest): Promise<StateTestOutcome> {
    const rules = this.#rules(test);
    const whole = worldOf(test.pre);
    const base = new LateBase(whole, { hashOf: hashOfNumber });
    const isLate = this.#over !== "nothing";
    const world = isLate ? World.over(base) : whole;
    const blockHash = isLate ? (number: bigint) => base.blockHash(number) : hashOfNumber;
    const env = { ...envOf(test, rules), blockHash };
    try {
      const { transaction } = decodeTransaction(test.transaction.toHex());
      const { chainId } = test;
      const sender = recoverSender(transaction, { chainId, homestead: rules.has("homestead") });
      if (sender !== test.sender) return { kind: "refused", reason: `sender ${sender} instead of ${test.sender}` };
      const executed = async (noted?: Misses): Promise<StateTestOutcome> => {
        using run = new OpenRun(new BlockRun(this.#machine, world, env, { noted }));
        const { result } = await run.block.transaction(transaction, sender);
        const after = isLate ? mergedInto(whole, run.block.world()) : run.block.world();
        return { kind: "executed", result: { stateRoot: after.root(), logsHash: logsHash(result.logs) } };
      };
      if (this.#over !== "attempts") return await executed();
      return await attempts(base, executed, { during: (load) => load(undefined) });
    } catch (error) {
      if (error instanceof TransactionError) return { kind: "refused", reason: error.kind };
      if (error instanceof RlpError || error instanceof SignatureError) {
        return { kind: "refused", reason: error.message };
      }
      throw error;
    }
  }

  close(): void {
    this.#machine.close();
  }

  #rules({ fork, chainId }: StateTest): Rules {
    const name = FORK_OF[fork];
    if (name === undefined) throw new Error(`state test: unknown fork ${fork}`);
    let forks = this.#forks.get(chainId);
    if (forks === undefined) {
      forks = new ForkSchedule({
        chainId,
        blocks: new Map(FORKS.slice(0, FORKS.indexOf("paris")).map((each) => [each, 0n])),
        times: new Map(FORKS.slice(FORKS.indexOf("shanghai")).map((each) => [each, 0n])),
        otherForkBlocks: [],
        terminalTotalDifficulty: 0n,
        depositContract: MAINNET_DEPOSIT_CONTRACT,
        blobSchedules: DEFAULT_BLOBS,
      });
      this.#forks.set(chainId, forks);
    }
    return forks.of(name);
  }
}

/** Gives the EVM of a block run back whatever happens. */
class OpenRun implements Disposable {
  readonly block: BlockRun;

  constructor(block: BlockRun) {
    this.block = block;
  }

  [Symbol.dispose](): void {
    this.block.close();
  }
}

/** The format's rule: the hash of a block is that of its number in decimal digits. */
function hashOfNumber(number: bigint): Hash {
  return hashOf(new TextEncoder().encode(number.toString()));
}

function envOf({ env }: StateTest, rules: Rules): Omit<BlockEnv, "blockHash"> {
  return {
    rules: { at: () => rules },
    number: env.number,
    timestamp: env.timestamp,
    coinbase: env.coinbase,
    gasLimit: env.gasLimit,
    difficulty: rules.has("paris") ? 0n : env.difficulty,
    prevRandao: env.random ?? ZERO_HASH,
    parentHash: ZERO_HASH,
    baseFee: rules.has("london") ? env.baseFee : undefined,
    blobBaseFee: rules.blobs === null ? undefined : blobBaseFee(env.excessBlobGas ?? 0n, rules.blobs),
    parentBeaconRoot: undefined,
  };
}

/** The accounts as given, empty ones included, which a world does not make by itself. */
function worldOf(accounts: readonly PreAccount[]): World {
  let world = World.empty();
  for (const { address, nonce, balance, code, storage } of accounts) {
    world = world.withLeaves([[address, { ...emptyLeaf(address), nonce, balance }]]);
    if (code.length > 0) world = world.withCode(address, code);
    if (storage.length > 0) {
      world = world.withStorage(address, storage.map(([slot, value]) => [wordHex(slot), wordHex(value)] as const));
    }
  }
  return world;
}

function logsHash(logs: readonly EvmLog[]): Hash {
  const encoded = encodeRlp(
    logs.map((log) => [log.address.slice(2), log.topics.map((topic) => topic.slice(2)), log.data.toHex()]),
  );
  return hashOf(Uint8Array.fromHex(encoded));
}

function hashOf(bytes: Uint8Array): Hash {
  return `0x${keccak256(bytes).toHex()}`;
}
