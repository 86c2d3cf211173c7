import { wireHash, wireQuantity } from "../../eth/output/wire.ts";
import type { DevControl } from "../../node/mod.ts";
import { method, required } from "../../rpc/method.ts";
import { boolean, integer, type Schema, string, ValueError } from "../../rpc/schema.ts";
import { maybe, nullable, object, record } from "../../rpc/schema_object.ts";
import { type DevRow, named, nothing } from "./row.ts";

/** The parts of the program itself that a client can read and change. */
export interface ClientDependencies {
  readonly dev: Pick<DevControl, "nodeInfo">;
  readonly clientVersion: string;
  /** Writes a log line for each served call, or none. */
  readonly logCalls: (enabled: boolean) => void;
}

const count = integer({ minimum: 0 });

/** anvil answers a snapshot as the pair of its block's number and hash. */
const snapshot: Schema<readonly [number, string]> = {
  json: { type: "array", prefixItems: [count.json, wireHash.json], minItems: 2, maxItems: 2 },
  read(value) {
    if (!Array.isArray(value) || value.length !== 2) throw new ValueError("want a block's number and hash");
    return [count.read(value[0]), wireHash.read(value[1])];
  },
};

const nodeInfo = object({
  currentBlockNumber: wireQuantity,
  currentBlockTimestamp: count,
  currentBlockHash: wireHash,
  hardFork: string,
  transactionOrder: string,
  environment: object({ baseFee: wireQuantity, chainId: count, gasLimit: wireQuantity, gasPrice: wireQuantity }, {
    closed: true,
  }),
  forkConfig: object({
    forkUrl: nullable(string),
    forkBlockNumber: nullable(count),
    forkRetryBackoff: nothing,
  }, { closed: true }),
}, { closed: true });

const metadataFields = {
  clientVersion: string,
  chainId: count,
  instanceId: wireHash,
  latestBlockNumber: count,
  latestBlockHash: wireHash,
  snapshots: record(wireQuantity, { value: snapshot }),
};

const forkedNetwork = object({ chainId: count, forkBlockNumber: count, forkBlockHash: wireHash }, { closed: true });

const metadata = object({ ...metadataFields, forkedNetwork: nullable(forkedNetwork) }, { closed: true });

/** Hardhat leaves `forkedNetwork` out where nothing is forked. */
const hardhatMetadata = object({ ...metadataFields, forkedNetwork: maybe(forkedNetwork) }, { closed: true });

/** Makes the rows that report what the node is, as anvil and hardhat do. */
export function clientRows({ dev, clientVersion, logCalls }: ClientDependencies): readonly DevRow[] {
  async function described() {
    const info = await dev.nodeInfo();
    const { fork } = info;
    return {
      clientVersion,
      chainId: Number(info.chainId),
      instanceId: info.instanceId,
      latestBlockNumber: Number(info.currentBlockNumber),
      latestBlockHash: info.currentBlockHash,
      snapshots: Object.fromEntries(
        info.snapshots.map(({ id, number, hash }) => [id, [Number(number), hash]] as const),
      ),
      ...fork === null ? {} : {
        forkedNetwork: {
          chainId: Number(fork.chainId),
          forkBlockNumber: Number(fork.blockNumber),
          forkBlockHash: fork.blockHash,
        },
      },
    };
  }

  return [
    named(
      "anvil_nodeInfo",
      method({
        summary: "Returns the head, the fork in force and the fees of the next block.",
        params: [],
        result: nodeInfo,
        async handler() {
          const info = await dev.nodeInfo();
          return {
            currentBlockNumber: info.currentBlockNumber,
            currentBlockTimestamp: Number(info.currentBlockTimestamp),
            currentBlockHash: info.currentBlockHash,
            hardFork: info.hardFork,
            transactionOrder: info.transactionOrder,
            environment: {
              baseFee: info.baseFee,
              chainId: Number(info.chainId),
              gasLimit: info.gasLimit,
              gasPrice: info.gasPrice,
            },
            forkConfig: {
              forkUrl: info.fork?.url ?? null,
              forkBlockNumber: info.fork === null ? null : Number(info.fork.blockNumber),
              forkRetryBackoff: null,
            },
          };
        },
      }),
    ),
    named(
      "anvil_metadata",
      method({
        summary: "Returns the program's version, the head, and the live snapshots.",
        params: [],
        result: metadata,
        handler: async () => ({ forkedNetwork: null, ...await described() }),
      }),
    ),
    named(
      "hardhat_metadata",
      method({
        summary: "Returns the program's version, the head, and the live snapshots.",
        params: [],
        result: hardhatMetadata,
        handler: described,
      }),
    ),
    named(
      "anvil_setLoggingEnabled hardhat_setLoggingEnabled",
      method({
        summary: "Writes a log line for each call from now on, or none.",
        params: [required("enabled", boolean)],
        result: nothing,
        handler([enabled]) {
          logCalls(enabled);
          return null;
        },
      }),
    ),
  ];
}
