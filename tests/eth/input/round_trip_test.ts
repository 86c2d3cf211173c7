import { assertEquals, assertThrows } from "@std/assert";
import {
  accessList,
  address,
  anyJson,
  authorizationList,
  big,
  blockNumber,
  blockNumberOrHash,
  blockOverrides,
  type BlockRef,
  bool,
  callRequest,
  type Codec,
  data,
  float64,
  goInt,
  type Hash,
  hash,
  type Hex,
  hexOrDecimal,
  hexOrDecimal256,
  index,
  jsonUint64,
  type LogQuery,
  logQuery,
  simulation,
  stateOverrides,
  text,
  traceCallConfig,
  traceConfig,
  transactionRequest,
  uint256,
  uint64,
  withdrawals,
} from "../../../src/eth/mod.ts";
import { Random } from "../../support/random.ts";

const SEED = 20_261_125;
const ROUNDS = 200;
const TAGS = ["latest", "pending", "safe", "finalized", "earliest"] as const;

type Make<T> = (random: Random) => T;

function bytes(random: Random, count: number): Hex {
  return `0x${Array.from({ length: count }, () => random.below(256).toString(16).padStart(2, "0")).join("")}`;
}

function number(random: Random, bits: number): bigint {
  const wanted = random.below(bits + 1);
  return wanted === 0 ? 0n : BigInt(bytes(random, 32)) >> BigInt(256 - wanted);
}

const anAddress: Make<Hex> = (random) => bytes(random, 20);
const aHash: Make<Hash> = (random) => bytes(random, 32);
const someData: Make<Hex> = (random) => bytes(random, random.below(70));
const aBool: Make<boolean> = (random) => random.chance(0.5);

function several<T>(make: Make<T>, most = 4): Make<T[]> {
  return (random) => Array.from({ length: random.below(most) }, () => make(random));
}

/** An object with some of the members. */
function some<T extends object>(members: { readonly [K in keyof T]: Make<T[K]> }): Make<Partial<T>> {
  return (random) => {
    const kept = Object.entries<Make<unknown>>(members).filter(() => random.chance(0.5));
    return Object.fromEntries(kept.map(([name, make]) => [name, make(random)])) as Partial<T>;
  };
}

function whole<T extends object>(members: { readonly [K in keyof T]: Make<T[K]> }): Make<T> {
  return (random) =>
    Object.fromEntries(Object.entries<Make<unknown>>(members).map(([name, make]) => [name, make(random)])) as T;
}

function keyed<T>(make: Make<T>, key: Make<Hex>): Make<Record<Hex, T>> {
  return (random) => Object.fromEntries(Array.from({ length: random.below(4) }, () => [key(random), make(random)]));
}

const uint = (bits: number): Make<bigint> => (random) => number(random, bits);

const numberOrTag: Make<BlockRef> = (random) =>
  random.chance(0.5) ? { tag: random.pick(TAGS) } : { number: number(random, 63) };
const anyBlock: Make<BlockRef> = (random) =>
  random.chance(0.5) ? numberOrTag(random) : { hash: aHash(random), requireCanonical: aBool(random) };

const aLogQuery: Make<LogQuery> = (random) => ({
  addresses: several(anAddress)(random),
  topics: several((inner) => inner.chance(0.3) ? null : [aHash(inner), ...several(aHash)(inner)])(random),
  ...(random.chance(0.3)
    ? { blockHash: aHash(random) }
    : some<{ fromBlock: BlockRef; toBlock: BlockRef }>({ fromBlock: numberOrTag, toBlock: numberOrTag })(random)),
});

const accessTuple = whole({ address: anAddress, storageKeys: several(aHash) });
const anAuthorization = whole({
  chainId: uint(256),
  address: anAddress,
  nonce: uint(64),
  yParity: uint(1),
  r: uint(256),
  s: uint(256),
});
const aWithdrawal = whole({ index: uint(64), validatorIndex: uint(64), address: anAddress, amount: uint(64) });

const aRequest = some({
  type: (random) => random.below(128),
  from: anAddress,
  to: anAddress,
  gas: uint(64),
  gasPrice: uint(256),
  maxFeePerGas: uint(256),
  maxPriorityFeePerGas: uint(256),
  maxFeePerBlobGas: uint(256),
  value: uint(256),
  nonce: uint(64),
  input: someData,
  chainId: uint(256),
  accessList: several(accessTuple),
  authorizationList: several(anAuthorization),
  blobVersionedHashes: several(aHash),
  commitments: several((random) => bytes(random, 48)),
  proofs: several((random) => bytes(random, 48)),
});

const storage = keyed(aHash, aHash);
const someState = keyed(
  some({
    nonce: uint(64),
    code: someData,
    balance: uint(256),
    state: storage,
    stateDiff: storage,
    movePrecompileToAddress: anAddress,
  }),
  anAddress,
);
const someBlock = some({
  number: uint(256),
  difficulty: uint(256),
  time: uint(64),
  gasLimit: uint(64),
  feeRecipient: anAddress,
  prevRandao: aHash,
  baseFeePerGas: uint(256),
  blobBaseFee: uint(256),
  beaconRoot: aHash,
  withdrawals: several(aWithdrawal),
});

const traceFields = {
  enableMemory: aBool,
  disableStack: aBool,
  disableStorage: aBool,
  enableReturnData: aBool,
  limit: (random: Random) => random.below(1000),
  tracer: (random: Random) => random.pick(["callTracer", "prestateTracer"]),
  timeout: () => "5s",
  tracerConfig: (random: Random) => ({ onlyTopCall: aBool(random), depth: [random.below(9)] }),
};

const aSimulation = whole({
  blocks: several((random) => ({
    block: random.chance(0.5) ? someBlock(random) : undefined,
    state: random.chance(0.5) ? someState(random) : undefined,
    calls: several(aRequest)(random),
  })),
  traceTransfers: aBool,
  validation: aBool,
  fullTransactions: aBool,
});

/** Each codec with values that it can read. */
const CODECS: { readonly [name: string]: readonly [Codec<unknown>, Make<unknown>] } = {
  bool: [bool, aBool],
  text: [text, (random) => random.pick(["", "0x1", "latest"])],
  goInt: [goInt, (random) => random.below(2e9) - 1e9],
  float64: [float64, (random) => random.next() * 100],
  anyJson: [anyJson, (random) => ({ a: [random.below(9), null, "x"] })],
  address: [address, anAddress],
  hash: [hash, aHash],
  data: [data, someData],
  uint64: [uint64, uint(64)],
  big: [big, uint(256)],
  uint256: [uint256, uint(256)],
  index: [index, (random) => random.below(1e9)],
  jsonUint64: [jsonUint64, (random) => random.below(1e9)],
  hexOrDecimal: [hexOrDecimal, uint(64)],
  hexOrDecimal256: [hexOrDecimal256, uint(256)],
  blockNumber: [blockNumber, numberOrTag],
  blockNumberOrHash: [blockNumberOrHash, anyBlock],
  logQuery: [logQuery, aLogQuery],
  accessList: [accessList, several(accessTuple)],
  authorizationList: [authorizationList, several(anAuthorization)],
  withdrawals: [withdrawals, several(aWithdrawal)],
  callRequest: [callRequest, aRequest],
  transactionRequest: [transactionRequest, aRequest],
  stateOverrides: [stateOverrides, someState],
  blockOverrides: [blockOverrides, someBlock],
  simulation: [simulation, aSimulation],
  traceConfig: [traceConfig, some(traceFields)],
  traceCallConfig: [
    traceCallConfig,
    some({
      ...traceFields,
      stateOverrides: someState,
      blockOverrides: someBlock,
      txIndex: (random: Random) => random.below(99),
    }),
  ],
};

for (const [name, [codec, make]] of Object.entries(CODECS)) {
  Deno.test(`${name} reads back what it wrote`, () => {
    const random = new Random(SEED);
    for (let round = 0; round < ROUNDS; round++) {
      const value = make(random);
      const sent: unknown = JSON.parse(JSON.stringify(codec.write(value)));
      assertEquals(codec.read(sent), value, `${JSON.stringify(sent)}`);
    }
  });
}

Deno.test("A block that is named by its hash cannot be asked for where only a number can stand", () => {
  const ref: BlockRef = { hash: `0x${"ab".repeat(32)}`, requireCanonical: false };
  assertThrows(() => blockNumber.write(ref), TypeError, "is named by its hash where only a number or a tag can stand");
});

Deno.test("An unset recipient is not sent", () => {
  assertEquals(callRequest.write({ to: null, value: 1n }), { value: "0x1" });
});
