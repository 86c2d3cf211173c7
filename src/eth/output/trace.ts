import { array, boolean, integer, isObject, type Schema, string } from "../../rpc/schema.ts";
import { maybe, nullable, object, record } from "../../rpc/schema_object.ts";
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

/** A call as Parity's trace module has it; what is absent does not belong to its kind. */
const flatFrame = object({
  action: object({
    address: maybe(wireAddress),
    balance: maybe(wireQuantity),
    callType: maybe(string),
    creationMethod: maybe(string),
    from: maybe(wireAddress),
    gas: maybe(wireQuantity),
    init: maybe(wireData),
    input: maybe(wireData),
    refundAddress: maybe(wireAddress),
    to: maybe(wireAddress),
    value: maybe(wireQuantity),
  }, { closed: true }),
  blockHash: nullable(wireHash),
  blockNumber: integer({ minimum: 0 }),
  error: maybe(string),
  result: maybe(object({
    address: maybe(wireAddress),
    code: maybe(wireData),
    gasUsed: wireQuantity,
    output: maybe(wireData),
  }, { closed: true })),
  subtraces: integer({ minimum: 0 }),
  traceAddress: array(integer({ minimum: 0 })),
  transactionHash: nullable(wireHash),
  transactionPosition: integer({ minimum: 0 }),
  type: string,
}, { closed: true });
const flatTrace = array(flatFrame);

const count = integer({ minimum: 0 });
const slotCounts = record(wireHash, { value: count });

/** As {@link calls}, for frames with what they used. */
const userOperationCalls: Schema<readonly unknown[]> = {
  read: (value) => array(userOperationFrame).read(value),
  json: calls.json,
};

/** A frame of erc7562Tracer. */
const userOperationFrame: Schema<unknown> = object({
  from: wireAddress,
  gas: wireQuantity,
  gasUsed: wireQuantity,
  to: maybe(wireAddress),
  input: wireData,
  output: maybe(wireData),
  error: maybe(string),
  revertReason: maybe(string),
  logs: maybe(array(callLog)),
  value: maybe(wireQuantity),
  accessedSlots: object({
    reads: record(wireHash, { value: array(wireHash) }),
    writes: slotCounts,
    transientReads: slotCounts,
    transientWrites: slotCounts,
  }, { closed: true }),
  extCodeAccessInfo: array(wireAddress),
  usedOpcodes: record(wireQuantity, { value: count }),
  contractSize: record(wireAddress, { value: object({ contractSize: count, opcode: count }, { closed: true }) }),
  outOfGas: boolean,
  keccak: maybe(array(wireData)),
  calls: maybe(userOperationCalls),
  type: string,
}, { closed: true });

const preimages = record(wireHash, { value: wireData });

/** The answers of the tracers of muxTracer, by their names. */
const mux: Schema<unknown> = {
  read: (value) => record(string, { value: wireTrace }).read(value),
  json: { type: "object", title: "the trace of each tracer by its name" },
};

const SHAPES = [structTrace, callFrame, difference, prestate, fourBytes, flatTrace, userOperationFrame, preimages, mux];

/** The answer of a tracer: of the struct logger, or of one of the native tracers. */
export const wireTrace: Schema<unknown> = {
  json: { oneOf: SHAPES.map(({ json }) => json) },
  read: (value) => shapeOf(value).read(value),
};

function shapeOf(value: unknown): Schema<unknown> {
  if (Array.isArray(value)) return flatTrace;
  if (!isObject(value) || "structLogs" in value) return structTrace;
  if ("accessedSlots" in value) return userOperationFrame;
  if ("type" in value) return callFrame;
  if ("pre" in value) return difference;
  if (Object.keys(value).some((name) => name.endsWith("Tracer"))) return mux;
  const [first] = Object.values(value);
  return typeof first === "number" ? fourBytes : typeof first === "string" ? preimages : prestate;
}

/** The traces of a block, in the order of its transactions. */
export const wireBlockTrace: Schema<unknown> = array(object({ txHash: wireHash, result: wireTrace }, { closed: true }));
