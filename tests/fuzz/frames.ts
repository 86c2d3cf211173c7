import type { Random } from "../support/random.ts";

const ADDRESS = '"0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"';

/** Messages as real clients send them; everything else is made from these. */
const CORPUS: readonly string[] = [
  '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}',
  '{"jsonrpc":"2.0","id":"a","method":"eth_blockNumber"}',
  '{"jsonrpc":"2.0","id":null,"method":"net_version","params":[]}',
  `{"jsonrpc":"2.0","id":2,"method":"eth_getBalance","params":[${ADDRESS},"latest"]}`,
  `{"jsonrpc":"2.0","id":3,"method":"eth_call","params":[{"to":${ADDRESS},"data":"0x06fdde03"},"latest"]}`,
  `{"jsonrpc":"2.0","id":4,"method":"eth_estimateGas","params":[{"from":${ADDRESS},"to":${ADDRESS},"value":"0x1"}]}`,
  '{"jsonrpc":"2.0","id":5,"method":"eth_getBlockByNumber","params":["latest",true]}',
  `{"jsonrpc":"2.0","id":6,"method":"eth_getLogs","params":[{"fromBlock":"0x0","address":${ADDRESS},"topics":[null]}]}`,
  '{"jsonrpc":"2.0","id":7,"method":"eth_subscribe","params":["newHeads"]}',
  '{"jsonrpc":"2.0","id":8,"method":"eth_subscribe","params":["logs",{"topics":[]}]}',
  '{"jsonrpc":"2.0","id":9,"method":"eth_unsubscribe","params":["0x1"]}',
  '{"jsonrpc":"2.0","id":10,"method":"eth_feeHistory","params":["0x4","latest",[10,90]]}',
  '{"jsonrpc":"2.0","id":11,"method":"eth_sendRawTransaction","params":["0x02f8"]}',
  '{"jsonrpc":"2.0","id":12,"method":"rpc_modules"}',
  `{"jsonrpc":"2.0","id":13,"method":"eth_getStorageAt","params":[${ADDRESS},"0x0","latest"]}`,
  `{"jsonrpc":"2.0","id":14,"method":"eth_getProof","params":[${ADDRESS},["0x0"],"latest"]}`,
  '{"jsonrpc":"2.0","id":15,"method":"web3_sha3","params":["0x00"]}',
  '{"jsonrpc":"2.0","method":"eth_chainId","params":[]}',
  '{"jsonrpc":"2.0","id":16,"result":"0x1"}',
  '[{"jsonrpc":"2.0","id":1,"method":"eth_chainId"},{"jsonrpc":"2.0","id":2,"method":"net_version"}]',
  '[{"jsonrpc":"2.0","method":"eth_chainId"}]',
  "[]",
  "[1,null,{}]",
];

const IDS: readonly string[] = [
  "9007199254740993",
  "-0",
  "1e400",
  "0.1000000000000000055511151231257827021181583404541015625",
  '"\\u0041\\n\\"\\\\"',
  `"${"x".repeat(10_000)}"`,
  "1".repeat(2_000),
  "[]",
  "{}",
  "true",
  "null",
];

const VALUES: readonly string[] = [
  "null",
  "true",
  "-1",
  "1e309",
  '""',
  '"0x"',
  '"0x0g"',
  '"pending"',
  "{}",
  "[]",
  '"\\ud800"',
  '{"fromBlock":"0x5","toBlock":"0x1"}',
  '{"__proto__":{"x":1},"constructor":1}',
  `"0x${"f".repeat(65)}"`,
  '{"blockHash":1}',
  `[${'"0x0",'.repeat(1_100)}"0x0"]`,
];

const NOISE: readonly string[] = ["{", "}", "[", "]", ",", ":", '"', "\\", "\u0000", "0x", "null", "é", "\u2028"];

/** One text frame: a valid message, or one that is broken in one or several ways. */
export function randomText(random: Random): string {
  const base = random.pick(CORPUS);
  switch (random.below(9)) {
    case 0:
      return base;
    case 1:
      return base.replace(/"id":("[^"]*"|\w+)/, () => `"id":${random.pick(IDS)}`);
    case 2:
      return base.replace(/"params":\[.*\]/, () => `"params":[${many(random, VALUES)}]`);
    case 3:
      return base.slice(0, random.below(base.length));
    case 4:
      return spliced(base, random);
    case 5:
      return nested(random);
    case 6:
      return `[${Array.from({ length: random.below(8) }, () => randomText(random)).join(",")}]`;
    case 7:
      return base.replace(
        /"(jsonrpc|method|params|id)"/,
        (key) => random.chance(0.5) ? random.pick(VALUES) : key.toUpperCase(),
      );
    default:
      return base.replace(
        /"method":"[^"]*"/,
        () => `"method":${random.pick([...VALUES, '"eth_nothing"', longName()])}`,
      );
  }
}

function many(random: Random, values: readonly string[]): string {
  return Array.from({ length: random.below(5) }, () => random.pick(values)).join(",");
}

function spliced(text: string, random: Random): string {
  let result = text;
  for (let i = random.below(4); i >= 0; i--) {
    const at = random.below(result.length + 1);
    result = result.slice(0, at) + random.pick(NOISE) + result.slice(at + random.below(3));
  }
  return result;
}

function nested(random: Random): string {
  const depth = 1 + random.below(12_000);
  const open = random.pick(["[", '{"a":']);
  const close = open === "[" ? "]" : "}";
  const text = open.repeat(depth) + (random.chance(0.5) ? `1${close.repeat(depth)}` : "");
  return random.chance(0.5) ? text : `{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[${text}]}`;
}

function longName(): string {
  return `"eth_${"n".repeat(3_000)}"`;
}

/** How many answers JSON-RPC 2.0 and geth's rules owe to a text: 0 or 1 (a batch is answered with one message). */
export function answersOwed(text: string): 0 | 1 {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return 1;
  }
  if (Array.isArray(message)) return message.length === 0 || message.some(owesAnswer) ? 1 : 0;
  return owesAnswer(message) ? 1 : 0;
}

function owesAnswer(message: unknown): boolean {
  if (typeof message !== "object" || message === null || Array.isArray(message)) return true;
  const { jsonrpc, id, method, ...rest } = message as Record<string, unknown>;
  const valid = jsonrpc === "2.0" && (id === undefined || id === null || typeof id !== "object");
  if (!valid) return true;
  if (typeof method === "string" && method !== "") return "id" in message;
  return !("id" in message && ("result" in rest || "error" in rest));
}
