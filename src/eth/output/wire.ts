import { type JsonSchema, kindOf, type Schema, ValueError } from "../../rpc/schema.ts";
import { nullable } from "../../rpc/schema_object.ts";
import type { Address, Data, Hash, Hex, Quantity } from "../types.ts";

// The schemas of answers. Unlike those of arguments they admit one spelling only: lower case, no leading zeros.

function exactly(pattern: string, what: string): Schema<Hex> {
  const expression = new RegExp(pattern);
  const json: JsonSchema = { type: "string", pattern };
  return {
    json,
    read(value) {
      if (typeof value !== "string") throw new ValueError(`want ${what}, got ${kindOf(value)}`);
      if (!expression.test(value)) throw new ValueError(`want ${what}, got ${JSON.stringify(value.slice(0, 80))}`);
      return value as Hex;
    },
  };
}

/** A number on its way out: no leading zeros, at most 256 bits. */
export const wireQuantity: Schema<Quantity> = exactly("^0x(0|[1-9a-f][0-9a-f]{0,63})$", "a quantity");

/** Bytes on their way out. */
export const wireData: Schema<Data> = exactly("^0x([0-9a-f]{2})*$", "bytes");

/** 32 bytes on their way out. */
export const wireHash: Schema<Hash> = exactly("^0x[0-9a-f]{64}$", "32 bytes");

/** 20 bytes on their way out, lower case. */
export const wireAddress: Schema<Address> = exactly("^0x[0-9a-f]{40}$", "20 bytes");

/** The 2048 bits of a logs bloom filter. */
export const wireBloom: Schema<Data> = exactly("^0x[0-9a-f]{512}$", "256 bytes");

/** A block's eight-byte nonce. */
export const wireNonce: Schema<Data> = exactly("^0x[0-9a-f]{16}$", "8 bytes");

export const quantityOrNull: Schema<Quantity | null> = nullable(wireQuantity);
export const hashOrNull: Schema<Hash | null> = nullable(wireHash);
export const addressOrNull: Schema<Address | null> = nullable(wireAddress);
