import { text } from "../../eth/input/codec.ts";
import { data, hexOrDecimal } from "../../eth/input/scalar.ts";
import { struct } from "../../eth/input/struct.ts";
import { transactionRequest } from "../../eth/input/transaction_request.ts";
import type { MineOptions, ReorgTransaction } from "../../node/mod.ts";
import { array, isObject, kindOf, type Read, type Schema, TypeMismatch, ValueError } from "../../rpc/schema.ts";
import { mapped } from "../../rpc/schema_object.ts";

/** Reads a count. A number beyond 2^53 is larger than any count, and is read as the largest safe integer. */
export const count: Schema<number> = mapped(
  hexOrDecimal,
  (value) => Math.min(Number(value), Number.MAX_SAFE_INTEGER),
);

const mineObject = struct({ timestamp: hexOrDecimal, blocks: hexOrDecimal }, { type: "anvil.MineOptions" });

/** Reads the argument of evm_mine: a timestamp (ganache, hardhat), or an object with it and a number of blocks (anvil). */
export const mineOptions: Schema<MineOptions> = {
  json: { oneOf: [hexOrDecimal.json, mineObject.json] },
  read: (value) => isObject(value) ? mineObject.read(value) : { timestamp: hexOrDecimal.read(value) },
};

/** One transaction of a reorganisation and the block it goes into, counted from the first replaced one. */
const reorgTransaction: Schema<ReorgTransaction> = {
  json: {
    type: "array",
    prefixItems: [{ oneOf: [data.json, transactionRequest.json] }, hexOrDecimal.json],
    minItems: 2,
    maxItems: 2,
  },
  read(value) {
    if (!Array.isArray(value)) throw new TypeMismatch(kindOf(value), "[]interface {}");
    if (value.length !== 2) throw new ValueError("want a transaction and the offset of its block");
    const [transaction, offset] = value;
    return {
      transaction: typeof transaction === "string" ? data.read(transaction) : transactionRequest.read(transaction),
      offset: count.read(offset),
    };
  },
};

/** The transactions of a reorganisation, each as a pair. */
export const reorgTransactions: Schema<readonly ReorgTransaction[]> = array(reorgTransaction);

const fork = struct({ jsonRpcUrl: text, blockNumber: hexOrDecimal }, { type: "anvil.Forking" });
const tagged = struct({ forking: fork }, { type: "anvil.Forking" });

/** Reads the chain that is to be forked; anvil takes it as the argument, hardhat and viem as the member `forking`. */
export const forking: Schema<Read<typeof fork>> = {
  json: { oneOf: [tagged.json, fork.json] },
  read: (value) => isObject(value) && "forking" in value ? tagged.read(value).forking ?? {} : fork.read(value),
};
