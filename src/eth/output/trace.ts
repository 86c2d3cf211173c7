import { array, boolean, integer, isObject, type Schema, string } from "../../rpc/schema.ts";
import { maybe, object, record } from "../../rpc/schema_object.ts";
import { wireAddress, wireData, wireHash, wireQuantity } from "./wire.ts";

const structLog = object({
  pc: integer({ minimum: 0 }),
  op: string,
  gas: integer({ minimum: 0 }),
  gasCost: integer({ minimum: 0 }),
  depth: integer({ minimum: 1 }),
  error: maybe(string),
  stack: maybe(array(wireQuantity)),
  returnData: maybe(wireData),
  memory: maybe(array(wireHash)),
  storage: maybe(record(wireHash, { value: wireHash })),
  refund: maybe(integer({ minimum: 0 })),
}, { closed: true });

const structTrace = object({
  gas: integer({ minimum: 0 }),
  failed: boolean,
  returnValue: wireData,
  structLogs: array(structLog),
}, { closed: true });

const callLog = object({
  address: wireAddress,
  topics: array(wireHash),
  data: wireData,
  index: wireQuantity,
  position: wireQuantity,
}, {
  closed: true,
});

/** A frame holds frames, so its shape refers to itself. */
const calls: Schema<readonly unknown[]> = {
  read: (value) => array(callFrame).read(value),
  json: { type: "array", items: { type: "object", title: "a frame like this one" } },
};

const callFrame: Schema<unknown> = object({
  from: wireAddress,
  gas: wireQuantity,
  gasUsed: wireQuantity,
  to: maybe(wireAddress),
  input: wireData,
  output: maybe(wireData),
  error: maybe(string),
  revertReason: maybe(string),
  calls: maybe(calls),
  logs: maybe(array(callLog)),
  value: maybe(wireQuantity),
  type: string,
}, { closed: true });

const account = object({
  balance: maybe(wireQuantity),
  code: maybe(wireData),
  codeHash: maybe(wireHash),
  nonce: maybe(integer({ minimum: 0 })),
  storage: maybe(record(wireHash, { value: wireHash })),
}, { closed: true });

const prestate = record(wireAddress, { value: account });
const difference = object({ post: prestate, pre: prestate }, { closed: true });
/** The selector of a function and the bytes of its arguments, with the number of calls. */
const fourBytes = record(string, { value: integer({ minimum: 1 }) });

/** What a tracer answers: the struct logger, callTracer, prestateTracer (with and without diffMode) or 4byteTracer. */
export const wireTrace: Schema<unknown> = {
  json: { oneOf: [structTrace, callFrame, difference, prestate, fourBytes].map(({ json }) => json) },
  read: (value) => shapeOf(value).read(value),
};

function shapeOf(value: unknown): Schema<unknown> {
  if (!isObject(value) || "structLogs" in value) return structTrace;
  if ("type" in value) return callFrame;
  if ("pre" in value) return difference;
  return Object.values(value).some((item) => typeof item === "number") ? fourBytes : prestate;
}

/** The traces of a block, in the order of its transactions. */
export const wireBlockTrace: Schema<unknown> = array(object({ txHash: wireHash, result: wireTrace }, { closed: true }));
