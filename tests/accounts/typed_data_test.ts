import { assertEquals, assertThrows } from "@std/assert";
import { TypedDataEncoder } from "../clients/ethers.ts";
import { hashTypedData, keccak256, stringToHex } from "../clients/viem.ts";
import { typedData } from "../../src/accounts/typed_data.ts";
import { ValueError } from "../../src/rpc/schema.ts";

type Json = { [name: string]: unknown };
type Fields = { name: string; type: string }[];

const DOMAIN_TYPE: Fields = [
  { name: "name", type: "string" },
  { name: "version", type: "string" },
  { name: "chainId", type: "uint256" },
  { name: "verifyingContract", type: "address" },
];
const DOMAIN = {
  name: "Ether Mail",
  version: "1",
  chainId: 1,
  verifyingContract: "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC",
};
/** The example of EIP-712. */
const MAIL = {
  types: {
    EIP712Domain: DOMAIN_TYPE,
    Person: [{ name: "name", type: "string" }, { name: "wallet", type: "address" }],
    Mail: [
      { name: "from", type: "Person" },
      { name: "to", type: "Person" },
      { name: "contents", type: "string" },
    ],
  },
  primaryType: "Mail",
  domain: DOMAIN,
  message: {
    from: { name: "Cow", wallet: "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826" },
    to: { name: "Bob", wallet: "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB" },
    contents: "Hello, Bob!",
  },
};
const EXAMPLE_DIGEST = "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2";

function digest(value: unknown): string {
  return typedData.read(value).toHex();
}

interface Message {
  types: Json;
  primaryType: string;
  domain: Json;
  message: Json;
}

// viem's parameter follows a literal's types, which generated data does not have.
function byViem(value: Message): string {
  return hashTypedData(value as Parameters<typeof hashTypedData>[0]).slice(2);
}

/** What ethers and viem make of the same data; they must agree before they can judge. */
function reference(value: Message): string {
  const { EIP712Domain: _, ...types } = value.types as { [name: string]: Fields };
  const byEthers = TypedDataEncoder.hash(value.domain, types, value.message).slice(2);
  assertEquals(byViem(value), byEthers);
  return byEthers;
}

Deno.test("The example of EIP-712 has the digest that the EIP states", () => {
  assertEquals(digest(MAIL), EXAMPLE_DIGEST);
  assertEquals(digest(JSON.stringify(MAIL)), EXAMPLE_DIGEST);
  assertEquals(reference(MAIL), EXAMPLE_DIGEST);
});

Deno.test("Typed data without the type of the domain gets it from the domain's fields", () => {
  const { EIP712Domain: _, ...types } = MAIL.types;
  assertEquals(digest({ ...MAIL, types }), EXAMPLE_DIGEST);
});

Deno.test("Arrays, nested structs, recursion and every kind of number agree with ethers and viem", () => {
  const value = {
    types: {
      EIP712Domain: DOMAIN_TYPE,
      Leaf: [{ name: "id", type: "uint8" }, { name: "tag", type: "bytes4" }],
      Tree: [
        { name: "leaves", type: "Leaf[]" },
        { name: "grid", type: "int16[2][]" },
        { name: "blob", type: "bytes" },
        { name: "children", type: "Tree[]" },
        { name: "flag", type: "bool" },
        { name: "owner", type: "address" },
        { name: "big", type: "uint256" },
        { name: "low", type: "int256" },
        { name: "word", type: "bytes32" },
      ],
    },
    primaryType: "Tree",
    domain: DOMAIN,
    message: {} as Json,
  };
  const tree = (children: unknown[]): Json => ({
    leaves: [{ id: 0, tag: "0xdeadbeef" }, { id: "255", tag: "0x00000000" }],
    grid: [[1, -1], [32767, -32768]],
    blob: "0x0102030405",
    children,
    flag: true,
    owner: DOMAIN.verifyingContract,
    big: (2n ** 256n - 1n).toString(),
    low: (-(2n ** 255n)).toString(),
    word: keccak256("0x"),
  });
  value.message = tree([tree([]), tree([tree([])])]);
  // Recursive types are not for ethers, which refuses them; the rest of the types is.
  assertEquals(digest(value), byViem(value));
  const flat = value.types.Tree.filter(({ name }) => name !== "children");
  const { children: _, ...leaf } = tree([]);
  const plain = { ...value, types: { ...value.types, Tree: flat }, message: leaf };
  assertEquals(digest(plain), reference(plain));
});

/** A small generator with a fixed seed: the same hundred messages in each run. */
function* randomMessages(count: number): Generator<Message> {
  let state = 1;
  const next = (bound: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % bound;
  };
  const hex = (bytes: number) => keccak256(stringToHex(`${next(1 << 20)}`)).slice(0, 2 + 2 * bytes);
  const atoms: [string, () => unknown][] = [
    ["uint256", () => BigInt(hex(32)).toString()],
    ["uint64", () => hex(8)],
    ["int128", () => `-${BigInt(hex(15))}`],
    ["bool", () => next(2) === 1],
    ["address", () => hex(20)],
    ["bytes", () => hex(next(33))],
    ["bytes7", () => hex(7)],
    ["string", () => ["", "ä€😀", "plain"][next(3)]],
  ];
  for (let made = 0; made < count; made++) {
    const types: { [name: string]: Fields } = { EIP712Domain: DOMAIN_TYPE };
    const makers = new Map<string, () => unknown>();
    for (let struct = 0; struct <= next(4); struct++) {
      const fields: Fields = [];
      const parts: [string, () => unknown][] = [];
      for (let at = 0; at <= next(6); at++) {
        const earlier = [...makers];
        const [base, make] = earlier.length > 0 && next(3) === 0
          ? earlier[next(earlier.length)] ?? ["bool", () => true]
          : atoms[next(atoms.length)] ?? ["bool", () => true];
        const [type, value]: [string, () => unknown] = next(3) === 0
          ? [`${base}[]`, () => Array.from({ length: next(4) }, make)]
          : [base, make];
        fields.push({ name: `field${at}`, type });
        parts.push([`field${at}`, value]);
      }
      types[`Struct${struct}`] = fields;
      makers.set(`Struct${struct}`, () => Object.fromEntries(parts.map(([name, make]) => [name, make()])));
    }
    const [primaryType, make] = [...makers].at(-1) ?? ["", () => ({})];
    // ethers insists that the primary type is the only one that nobody refers to.
    const reachable = new Set([primaryType, "EIP712Domain"]);
    for (const name of reachable) {
      for (const { type } of types[name] ?? []) reachable.add(type.replace(/\[\]$/, ""));
    }
    const kept = Object.fromEntries(Object.entries(types).filter(([name]) => reachable.has(name)));
    yield { types: kept, primaryType, domain: DOMAIN, message: make() as Json };
  }
}

Deno.test("A hundred random messages agree with ethers and viem", () => {
  for (const message of randomMessages(100)) assertEquals(digest(message), reference(message), JSON.stringify(message));
});

Deno.test("An integer beyond 2^53 in JSON text is signed as it is written", () => {
  const types = { Order: [{ name: "amount", type: "uint256" }] };
  const text = JSON.stringify({ types, primaryType: "Order", domain: {}, message: { amount: "@" } });
  const amount = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
  assertEquals(digest(text.replace('"@"', amount)), digest(text.replace("@", amount)));
  assertEquals(digest(text.replace('"@"', "9007199254740993")), digest(text.replace("@", "9007199254740993")));
});

Deno.test("A message of primary type EIP712Domain is the domain alone", () => {
  const value = { types: { EIP712Domain: DOMAIN_TYPE }, primaryType: "EIP712Domain" as const, domain: DOMAIN };
  assertEquals(digest(value), byViem({ ...value, message: {} }));
});

Deno.test("A struct without a value is 32 zero bytes, as in version 4 of eth-sig-util", () => {
  const types = { Node: [{ name: "next", type: "Node" }, { name: "id", type: "uint8" }] };
  const of = (message: Json) => digest({ types, primaryType: "Node", domain: {}, message });
  assertEquals(of({ id: 1 }), of({ id: 1, next: null }));
  // keccak256(typeHash || 0 || 1), put together by hand.
  const typeHash = keccak256(stringToHex("Node(Node next,uint8 id)")).slice(2);
  const struct = keccak256(`0x${typeHash}${"0".repeat(64)}${"1".padStart(64, "0")}`).slice(2);
  const domain = keccak256(keccak256(stringToHex("EIP712Domain()"))).slice(2);
  assertEquals(of({ id: 1 }), keccak256(`0x1901${domain}${struct}`).slice(2));
});

Deno.test("Bad typed data fails with the place and the reason", () => {
  const withMessage = (message: Json) => ({ ...MAIL, message: { ...MAIL.message, ...message } });
  const withField = (type: unknown, value?: unknown) => ({
    types: { T: [{ name: "x", type }] },
    primaryType: "T",
    domain: {},
    message: { x: value },
  });
  const nested = (depth: number) => {
    let value: unknown = 1;
    for (let level = 0; level < depth; level++) value = [value];
    return value;
  };
  const manyNames = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`A${index}`, []]));
  const deep = (depth: number): unknown => depth === 0 ? [] : [{ x: deep(depth - 1) }];
  const cases: [unknown, string][] = [
    [null, "want an object with types, primaryType, domain and message"],
    ["{", "the text is not JSON"],
    [`[${"{},".repeat(200_000)}1]`, "the text has more than 100000 values"],
    [{ ...MAIL, domain: [] }, "domain: want an object"],
    [{ ...MAIL, types: null }, "types: want an object"],
    [{ ...MAIL, primaryType: "Male" }, "primaryType: want one of EIP712Domain, Person, Mail"],
    [{ ...MAIL, message: undefined }, "message: want an object"],
    [withMessage({ to: "Bob" }), "message.to: want an object of type Person"],
    [withMessage({ contents: 1 }), "message.contents: want string, got 1"],
    [withMessage({ contents: "\ud800" }), 'message.contents: want string, got "\\ud800"'],
    [withMessage({ to: { name: "Bob" } }), "message.to.wallet: missing value of type address"],
    [withMessage({ to: { name: "Bob", wallet: "0x12" } }), 'message.to.wallet: want address, got "0x12"'],
    [withField("uint8", 256), "message.x: want uint8, got 256"],
    [withField("uint8", -1), "message.x: want uint8, got -1"],
    [withField("int8", "128"), 'message.x: want int8, got "128"'],
    [withField("uint256", 2 ** 60), "message.x: want uint256, got 1152921504606847000"],
    [withField("uint256", 1.5), "message.x: want uint256, got 1.5"],
    [withField("uint256", ""), 'message.x: want uint256, got ""'],
    [withField("bool", "true"), 'message.x: want bool, got "true"'],
    [withField("bytes2", "0x010203"), 'message.x: want bytes2, got "0x010203"'],
    [withField("bytes", "0x1"), 'message.x: want bytes, got "0x1"'],
    [withField("uint8[]", 1), "message.x: want an array of uint8"],
    [withField("uint8[2]", [1]), "message.x: want 2 items, got 1"],
    [withField("uint8[][]", [[1], ["z"]]), 'message.x[1][0]: want uint8, got "z"'],
    [withField("uint7", 1), 'types.T[0].type: unknown type "uint7"'],
    [withField("uint264", 1), 'types.T[0].type: unknown type "uint264"'],
    [withField("bytes33", "0x"), 'types.T[0].type: unknown type "bytes33"'],
    [withField("toString", "0x"), 'types.T[0].type: unknown type "toString"'],
    [withField(1, 1), "types.T[0]: want an object with the strings name and type"],
    [withField("T[]", deep(200)), `message${".x[0]".repeat(65)}: nested deeper`],
    [withField("uint8[]", new Array(4096).fill(1)), "message.x[4095]: more than 4096 values"],
    [withField("uint8[]", new Array(70_000).fill(1)), "message.x: more than 4096 values"],
    [withField("uint8[][]", new Array(2_000_000).fill([])), "message.x: more than 4096 values"],
    [withField("string", "x".repeat(600_000)), "message.x: the members have more than 262144 characters"],
    [withField("bytes32", nested(20_000)), "message.x: want bytes32, got an array"],
    [withField("uint8", { a: nested(20_000) }), "message.x: want uint8, got an object"],
    [withField("uint8", "y".repeat(16_000_000)), "message.x: the members have more than 262144 characters"],
    [withField("T", nested(20_000)), "message.x: want an object of type T"],
    [" ".repeat(30_000_000), "the text is longer than 1048576 characters"],
    [{ ...withField("bool", true), types: manyNames(100_000) }, "types: more than 64 structs or 512 fields"],
    [{ ...withField("bool", true), domain: manyNames(100_000) }, "domain.A0: no such field"],
    [{ ...withField("bool", true), domain: { host: "a" } }, "domain.host: no such field, and no type EIP712Domain"],
    [{ ...MAIL, types: { "Ma il": [] } }, 'types: "Ma il" is no name for a struct'],
    [{ ...MAIL, types: { uint8: [] } }, 'types: "uint8" is no name for a struct'],
    [{ ...MAIL, types: { A: [{ name: "x,y", type: "bool" }] } }, 'types.A[0].name: "x,y" is no identifier'],
    [
      { ...MAIL, types: { A: [{ name: "x", type: "bool" }, { name: "x", type: "bool" }] } },
      'types.A[1].name: "x" comes twice',
    ],
    [
      { ...MAIL, types: Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`A${at}`, []])) },
      "types: more than 64 structs or 512 fields",
    ],
  ];
  for (const [value, message] of cases) {
    const error = assertThrows(() => typedData.read(value), ValueError);
    assertEquals(error.message.slice(0, 12 + message.length), `typed data: ${message}`);
  }
});
