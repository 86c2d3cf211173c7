import { parseExactly } from "../../rpc/exact_json.ts";
import type { Address, Data, Hash } from "../../eth/types.ts";
import { type ChainConfig, GenesisError, optionalNumber, readAddress, readChainConfig, shown } from "./chain_config.ts";
import type { Rules } from "../../evm/forks.ts";
import { ForkSchedule } from "./forks.ts";
import {
  EMPTY_BLOOM,
  EMPTY_REQUESTS_HASH,
  EMPTY_ROOT,
  EMPTY_UNCLES_HASH,
  type Header,
} from "../../primitives/header.ts";
import { INITIAL_BASE_FEE } from "./header_rules.ts";
import { World } from "../../state/world.ts";
import { ZERO_ADDRESS, ZERO_HASH } from "../../primitives/hex.ts";

/** An account that exists from block 0. */
export interface GenesisAccount {
  readonly balance: bigint;
  readonly nonce: bigint;
  readonly code: Data;
  readonly storage: readonly (readonly [Hash, Hash])[];
}

/** A genesis file, read. */
export interface Genesis {
  readonly config: ChainConfig;
  readonly nonce: bigint;
  readonly timestamp: bigint;
  readonly extraData: Data;
  /** Null takes geth's default. */
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  readonly difficulty: bigint;
  readonly mixHash: Hash;
  readonly coinbase: Address;
  readonly parentHash: Hash;
  readonly number: bigint;
  readonly baseFeePerGas: bigint | null;
  readonly excessBlobGas: bigint;
  readonly blobGasUsed: bigint;
  readonly alloc: ReadonlyMap<Address, GenesisAccount>;
}

/** Block 0, its state, and the forks of the chain that starts from it. */
export interface GenesisBlock {
  readonly header: Header;
  readonly world: World;
  readonly forks: ForkSchedule;
}

/** geth's params.GenesisGasLimit and params.GenesisDifficulty. */
const DEFAULT_GAS_LIMIT = 4_712_388n;
const DEFAULT_DIFFICULTY = 131_072n;

/** Reads the text of a geth genesis file; throws GenesisError. */
export function readGenesis(text: string): Genesis {
  let file: unknown;
  try {
    // geth's files write difficulties and balances as JSON numbers.
    file = parseExactly(text);
  } catch (cause) {
    // V8's message quotes the file, which may be anything.
    const place = /line \d+ column \d+/.exec(cause instanceof Error ? cause.message : "");
    throw new GenesisError(`genesis: not JSON${place === null ? "" : ` (${place[0]})`}`, { cause });
  }
  const object = readObject(file, "genesis");
  const rawConfig = readObject(object["config"], "genesis config");
  const config = readChainConfig(rawConfig);
  const number = (field: string) => optionalNumber(object, field);
  const alloc = new Map<Address, GenesisAccount>();
  for (const [key, value] of Object.entries(readObject(object["alloc"], "genesis alloc"))) {
    const address = readAddress(key);
    if (address !== null) alloc.set(address, readAccount(readObject(value, `genesis alloc ${shown(key)}`)));
  }
  const mixHash = readWord(object["mixHash"] ?? object["mixhash"] ?? "0x0");
  const difficulty = number("difficulty") ??
    (rawConfig["ethash"] === undefined || mixHash !== ZERO_HASH ? 0n : DEFAULT_DIFFICULTY);
  return {
    config,
    nonce: number("nonce") ?? 0n,
    timestamp: number("timestamp") ?? 0n,
    extraData: readData(object["extraData"]),
    gasLimit: number("gasLimit") || DEFAULT_GAS_LIMIT,
    gasUsed: number("gasUsed") ?? 0n,
    difficulty,
    mixHash,
    coinbase: readAddress(object["coinbase"]) ?? ZERO_ADDRESS,
    parentHash: readWord(object["parentHash"] ?? "0x0"),
    number: number("number") ?? 0n,
    baseFeePerGas: number("baseFeePerGas"),
    excessBlobGas: number("excessBlobGas") ?? 0n,
    blobGasUsed: number("blobGasUsed") ?? 0n,
    alloc,
  };
}

/** Builds block 0 (geth's Genesis.ToBlock). */
export function buildGenesis(genesis: Genesis): GenesisBlock {
  const forks = new ForkSchedule(genesis.config);
  let world = World.empty();
  for (const [address, account] of genesis.alloc) {
    // Also an account that has nothing: EIP-161 removes what is touched, and nothing touches block 0.
    world = world.withEmptyAccount(address);
    if (account.balance > 0n) world = world.withBalance(address, account.balance);
    if (account.nonce > 0n) world = world.withNonce(address, account.nonce);
    if (account.code !== "0x") world = world.withCode(address, Uint8Array.fromHex(account.code.slice(2)));
    if (account.storage.length > 0) world = world.withStorage(address, account.storage);
  }
  const rules = forks.at(genesis.number, genesis.timestamp, genesis.difficulty === 0n);
  const header: Header = {
    parentHash: genesis.parentHash,
    unclesHash: EMPTY_UNCLES_HASH,
    coinbase: genesis.coinbase,
    stateRoot: world.root(),
    transactionsRoot: EMPTY_ROOT,
    receiptsRoot: EMPTY_ROOT,
    logsBloom: EMPTY_BLOOM,
    difficulty: genesis.difficulty,
    number: genesis.number,
    gasLimit: genesis.gasLimit,
    gasUsed: genesis.gasUsed,
    timestamp: genesis.timestamp,
    extraData: genesis.extraData,
    mixHash: genesis.mixHash,
    nonce: `0x${genesis.nonce.toString(16).padStart(16, "0")}`,
    ...forkFields(genesis, rules),
  };
  return { header, world, forks };
}

function forkFields(genesis: Genesis, rules: Rules): Partial<Header> {
  return {
    ...(rules.has("london") ? { baseFeePerGas: genesis.baseFeePerGas ?? INITIAL_BASE_FEE } : {}),
    ...(rules.has("shanghai") ? { withdrawalsRoot: EMPTY_ROOT } : {}),
    ...(rules.has("cancun")
      ? {
        blobGasUsed: genesis.blobGasUsed,
        excessBlobGas: genesis.excessBlobGas,
        parentBeaconBlockRoot: ZERO_HASH,
      }
      : {}),
    ...(rules.has("prague") ? { requestsHash: EMPTY_REQUESTS_HASH } : {}),
  };
}

function readAccount(account: Record<string, unknown>): GenesisAccount {
  const storage: [Hash, Hash][] = [];
  for (const [slot, value] of Object.entries(readObject(account["storage"] ?? {}, "genesis alloc storage"))) {
    const word = readWord(value);
    if (word !== ZERO_HASH) storage.push([readWord(slot), word]);
  }
  return {
    balance: optionalNumber(account, "balance") ?? 0n,
    nonce: optionalNumber(account, "nonce") ?? 0n,
    code: readData(account["code"]),
    storage,
  };
}

function readObject(value: unknown, of: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new GenesisError(`${of}: expected an object`);
}

function readData(value: unknown): Data {
  if (value === undefined || value === null || value === "") return "0x";
  if (typeof value === "string" && /^(0x)?([0-9a-fA-F]{2})*$/.test(value)) {
    return `0x${value.replace(/^0x/, "").toLowerCase()}`;
  }
  throw new GenesisError(`genesis: expected bytes, found ${shown(value)}`);
}

function readWord(value: unknown): Hash {
  if (typeof value === "string" && /^(0x)?[0-9a-fA-F]{0,64}$/.test(value)) {
    return `0x${value.replace(/^0x/, "").toLowerCase().padStart(64, "0")}`;
  }
  throw new GenesisError(`genesis: expected 32 bytes, found ${shown(value)}`);
}
