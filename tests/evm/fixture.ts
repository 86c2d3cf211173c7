import { buildGenesis } from "../../src/chain/consensus/genesis.ts";
import { devGenesis } from "../../src/chain/consensus/dev_genesis.ts";
import type { BlockEnv } from "../../src/evm/env.ts";
import { EmbeddedExecutor } from "../../src/chain/roles/executor.ts";
import { Machine } from "../../src/evm/machine.ts";
import type { Message } from "../../src/evm/message.ts";
import type { World } from "../../src/state/world.ts";
import type { Transaction } from "../../src/primitives/transaction.ts";
import type { Address, BlockRef, TransactionRequest } from "../../src/eth/types.ts";
import type { CallOptions } from "../../src/node/mod.ts";

export const GWEI = 10n ** 9n;
export const ETHER = 10n ** 18n;

export function addressOf(byte: string): Address {
  return `0x${byte.repeat(20)}`;
}

export const ALICE = addressOf("aa");
export const BOB = addressOf("bb");
export const CONTRACT = addressOf("cc");
export const MINER = addressOf("c0");

/** The forks and the world of the dev chain, with every final fork active. */
export const genesis = buildGenesis(devGenesis({ accounts: [] }));

export const machine = new Machine();

export const env: BlockEnv = {
  rules: genesis.forks.merged,
  number: 1n,
  timestamp: 10n,
  coinbase: MINER,
  gasLimit: 30_000_000n,
  difficulty: 0n,
  prevRandao: `0x${"11".repeat(32)}`,
  parentHash: `0x${"22".repeat(32)}`,
  baseFee: GWEI,
  blobBaseFee: 1n,
  parentBeaconRoot: `0x${"33".repeat(32)}`,
  blockHash: (number) => number === 0n ? `0x${"44".repeat(32)}` : undefined,
};

export function bytes(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex);
}

/** The dev world with Alice rich and `code` at CONTRACT. */
export function worldWith(code: string): World {
  return genesis.world.withBalance(ALICE, 100n * ETHER).withCode(CONTRACT, bytes(code));
}

export function messageWith(changes: Partial<Message>): Message {
  return {
    from: ALICE,
    to: CONTRACT,
    nonce: 0n,
    value: 0n,
    gasLimit: 1_000_000n,
    gasPrice: 2n * GWEI,
    gasFeeCap: 3n * GWEI,
    gasTipCap: GWEI,
    data: new Uint8Array(0),
    accessList: [],
    blobFeeCap: 0n,
    blobHashes: undefined,
    authorizations: undefined,
    skipNonceChecks: false,
    skipTransactionChecks: false,
    noBaseFee: false,
    ...changes,
  };
}

export function transactionWith(changes: Partial<Transaction>): Transaction {
  return {
    type: 2,
    chainId: 1337n,
    nonce: 0n,
    gasLimit: 1_000_000n,
    gasFeeCap: 3n * GWEI,
    gasTipCap: GWEI,
    to: CONTRACT,
    value: 0n,
    data: new Uint8Array(0),
    accessList: [],
    blobFeeCap: 0n,
    blobHashes: [],
    authorizations: [],
    v: 0n,
    r: 1n,
    s: 1n,
    ...changes,
  };
}

const LATEST: BlockRef = { tag: "latest" };

/** Calls on one world, with short hands for a test. */
export function callsOn(world: World, limits: { gasCap?: bigint; timeoutMs?: number } = {}) {
  const executor = new EmbeddedExecutor(machine, () => ({ world, env }), {
    suggestedTip: () => 1n,
    gasCap: limits.gasCap ?? 50_000_000n,
    timeoutMs: limits.timeoutMs ?? 5_000,
  });
  const options = (more: Partial<CallOptions>): CallOptions => ({ signal: new AbortController().signal, ...more });
  return {
    call: (request: TransactionRequest, more: Partial<CallOptions> = {}) =>
      executor.call(request, LATEST, options(more)),
    estimate: (request: TransactionRequest, more: Partial<CallOptions> = {}) =>
      executor.estimateGas(request, LATEST, options(more)),
    accessList: (request: TransactionRequest, more: Partial<CallOptions> = {}) =>
      executor.createAccessList(request, LATEST, options(more)),
  };
}
