import type { Address, Hash } from "../../../src/eth/types.ts";

/** An account before the transaction. */
export interface PreAccount {
  readonly address: Address;
  readonly nonce: bigint;
  readonly balance: bigint;
  readonly code: Uint8Array;
  readonly storage: readonly (readonly [slot: bigint, value: bigint])[];
}

/** The block in which the transaction runs. Undefined fields are those of later forks. */
export interface StateTestEnv {
  readonly coinbase: Address;
  readonly gasLimit: bigint;
  readonly number: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
  readonly difficulty: bigint;
  readonly random: Hash | undefined;
  readonly baseFee: bigint | undefined;
  readonly excessBlobGas: bigint | undefined;
}

/** What must hold after the transaction. */
export interface StateTestResult {
  readonly stateRoot: Hash;
  /** Keccak-256 of the RLP of the logs. */
  readonly logsHash: Hash;
}

/** One transaction on one state under one fork: an execution-spec state test, read. */
export interface StateTest {
  readonly name: string;
  /** The name that the test format gives the fork: `ConstantinopleFix`, `Paris`. */
  readonly fork: string;
  readonly chainId: bigint;
  readonly env: StateTestEnv;
  readonly pre: readonly PreAccount[];
  /** The signed transaction in its consensus encoding. */
  readonly transaction: Uint8Array;
  readonly sender: Address;
  readonly expected: StateTestResult;
  /** Names of exceptions of which one must be raised; undefined when the transaction is valid. */
  readonly exceptions: readonly string[] | undefined;
}

interface AccountJson {
  readonly nonce: string;
  readonly balance: string;
  readonly code: string;
  readonly storage: Readonly<Record<string, string>>;
}

/** The members of a state test file that are read here; all numbers are hex. */
export interface StateTestJson {
  readonly env: {
    readonly currentCoinbase: Address;
    readonly currentGasLimit: string;
    readonly currentNumber: string;
    readonly currentTimestamp: string;
    readonly currentDifficulty?: string;
    readonly currentRandom?: string;
    readonly currentBaseFee?: string;
    readonly currentExcessBlobGas?: string;
  };
  readonly pre: Readonly<Record<string, AccountJson>>;
  readonly transaction: { readonly sender: Address };
  readonly post: Readonly<Record<string, readonly PostJson[]>>;
  readonly config?: { readonly chainid?: string };
}

interface PostJson {
  readonly hash: Hash;
  readonly logs: Hash;
  readonly txbytes: string;
  readonly expectException?: string;
}

/** Reads the text of a state test file: one test for each name, fork and entry of `post`. */
export function readStateTests(text: string): StateTest[] {
  const file = JSON.parse(text) as Readonly<Record<string, StateTestJson>>;
  return Object.entries(file).flatMap(([name, json]) => testsOf(name, json));
}

/** The tests of one member of a state test file. */
export function testsOf(name: string, json: StateTestJson): StateTest[] {
  const pre = Object.entries(json.pre).map(([address, account]) => accountOf(address, account));
  const env = envOf(json.env);
  return Object.entries(json.post).flatMap(([fork, entries]) =>
    entries.map((entry): StateTest => ({
      name,
      fork,
      chainId: BigInt(json.config?.chainid ?? "0x1"),
      env,
      pre,
      transaction: bytesOf(entry.txbytes),
      sender: json.transaction.sender,
      expected: { stateRoot: entry.hash, logsHash: entry.logs },
      exceptions: entry.expectException?.split("|").map((exception) => exception.replace("TransactionException.", "")),
    }))
  );
}

function accountOf(address: string, account: AccountJson): PreAccount {
  return {
    address: address.toLowerCase() as Address,
    nonce: BigInt(account.nonce),
    balance: BigInt(account.balance),
    code: bytesOf(account.code),
    storage: Object.entries(account.storage).map(([slot, value]) => [BigInt(slot), BigInt(value)] as const),
  };
}

function envOf(env: StateTestJson["env"]): StateTestEnv {
  const optional = (value: string | undefined) => value === undefined ? undefined : BigInt(value);
  const random = optional(env.currentRandom);
  return {
    coinbase: env.currentCoinbase,
    gasLimit: BigInt(env.currentGasLimit),
    number: BigInt(env.currentNumber),
    timestamp: BigInt(env.currentTimestamp),
    difficulty: optional(env.currentDifficulty) ?? 0n,
    random: random === undefined ? undefined : `0x${random.toString(16).padStart(64, "0")}`,
    baseFee: optional(env.currentBaseFee),
    excessBlobGas: optional(env.currentExcessBlobGas),
  };
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex.slice(2));
}
