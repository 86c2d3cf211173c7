import type { Address, Hex } from "../../eth/types.ts";

/** An account that the chain funds at genesis and that its node can sign for. */
export interface DevAccount {
  readonly address: Address;
  /** 32 bytes. */
  readonly privateKey: Hex;
}

export const DEFAULT_MNEMONIC = "test test test test test test test test test test test junk";
export const DEFAULT_ACCOUNT_COUNT = 10;

/** The key that every `geth --dev` uses since 1.14 (geth's cmd/utils/flags.go). */
export const GETH_DEVELOPER: DevAccount = {
  address: "0x71562b71999873db5b286df957af199ec94617f7",
  privateKey: "0xb71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291",
};

// The default mnemonic at m/44'/60'/0'/0/0 to 9: deriving them takes 55 to 75 ms of the start (measured).
const DEFAULT_ACCOUNTS: readonly (readonly [Address, Hex])[] = [
  ["0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266", "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"],
  ["0x70997970c51812dc3a010c7d01b50e0d17dc79c8", "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"],
  ["0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc", "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a"],
  ["0x90f79bf6eb2c4f870365e785982e1f101e93b906", "0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6"],
  ["0x15d34aaf54267db7d7c367839aaf71a00a2c6a65", "0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a"],
  ["0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc", "0x8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba"],
  ["0x976ea74026e726554db657fa54763abd0c3a0aa9", "0x92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e"],
  ["0x14dc79964da2c08b23698b3d3cc7ca32193d9955", "0x4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356"],
  ["0x23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f", "0xdbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97"],
  ["0xa0ee7a142d267c1f36714e4a8f75612f20a79720", "0x2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6"],
];

/** Words that are no BIP-39 mnemonic; the message says what they lack and shows none of them. */
export class MnemonicError extends Error {
  override readonly name = "MnemonicError";
}

/** BIP-39, "Generating the mnemonic": 128 to 256 bits in steps of 32. */
const MNEMONIC_LENGTHS: readonly number[] = [12, 15, 18, 21, 24];

/** The accounts of a mnemonic at m/44'/60'/0'/0/i; throws {@link MnemonicError} when its words are not a mnemonic. */
export async function mnemonicAccounts(mnemonic: string, count: number): Promise<DevAccount[]> {
  if (mnemonic === DEFAULT_MNEMONIC && count <= DEFAULT_ACCOUNTS.length) {
    return DEFAULT_ACCOUNTS.slice(0, count).map(([address, privateKey]) => ({ address, privateKey }));
  }
  const [{ mnemonicToSeed, validateMnemonic }, { wordlist }, { HDKey }, { secp256k1 }, { keccak256 }] = await Promise
    .all([
      import("@scure/bip39"),
      import("@scure/bip39/wordlists/english.js"),
      import("@scure/bip32"),
      import("@noble/curves/secp256k1.js"),
      import("../../crypto/keccak.ts"),
    ]);
  if (!validateMnemonic(mnemonic, wordlist)) throw new MnemonicError(mnemonicFault(mnemonic, wordlist));
  const branch = HDKey.fromMasterSeed(await mnemonicToSeed(mnemonic)).derive("m/44'/60'/0'/0");
  const accounts: DevAccount[] = [];
  for (let index = 0; index < count; index++) {
    const key = branch.deriveChild(index).privateKey;
    if (key === null) throw new Error(`no private key at index ${index}`);
    const address = keccak256(secp256k1.getPublicKey(key, false).subarray(1)).subarray(12);
    accounts.push({ address: `0x${address.toHex()}`, privateKey: `0x${key.toHex()}` });
  }
  return accounts;
}

function mnemonicFault(mnemonic: string, wordlist: readonly string[]): string {
  const words = mnemonic.normalize("NFKD").split(" ");
  if (!MNEMONIC_LENGTHS.includes(words.length)) {
    return `expected 12, 15, 18, 21 or 24 words of BIP-39's English list, with one space between them, got ${words.length}`;
  }
  const stranger = words.findIndex((word) => !wordlist.includes(word));
  return stranger < 0
    ? "the words are not a BIP-39 mnemonic: their checksum is wrong, so one is mistaken or out of place"
    : `word ${stranger + 1} of ${words.length} is not in BIP-39's English list`;
}
