import {
  type Hex,
  keccak256,
  parseTransaction,
  recoverTransactionAddress,
  serializeTransaction,
} from "../clients/viem.ts";
import type { TransactionSerializableEIP1559, TransactionSerializedEIP1559 } from "../clients/viem.ts";
import type { Address, Hash, Signature, TransactionRequest } from "../../src/eth/types.ts";
import type { FilledTransaction, SendOptions, TransactionSender } from "../../src/node/node.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";

const GWEI = 10n ** 9n;

/**
 * A sender without a chain: it fills in nonces from what it has taken, encodes with viem, and takes a transaction only
 * when the signature recovers to the sender and the nonce is the next one. What the accounts do wrong shows here.
 */
export class SigningLedger implements TransactionSender {
  readonly taken: { readonly from: Address; readonly nonce: bigint; readonly signed: boolean }[] = [];
  readonly impersonated = new Set<Address>();
  /** Resolves before each fill, so that tests can let two calls overlap. */
  beforeFill: () => Promise<void> = () => Promise.resolve();

  async fill(request: TransactionRequest): Promise<FilledTransaction> {
    const from = request.from ?? `0x${"0".repeat(40)}`;
    const nonce = request.nonce ?? BigInt(this.#count(from));
    await this.beforeFill();
    const whole = { gas: 21_000n, maxFeePerGas: 2n * GWEI, maxPriorityFeePerGas: GWEI, ...request, from, nonce };
    const { raw, tx } = encode(whole);
    const fee = whole.gas * (whole.gasPrice ?? whole.maxFeePerGas);
    return { raw, tx, from, request: whole, digest: keccak256(raw), fee };
  }

  assemble(filled: FilledTransaction, signature: Signature) {
    return encode(filled.request, signature);
  }

  async sendRaw(raw: Hex, options?: SendOptions): Promise<Hash> {
    const serialized = raw as TransactionSerializedEIP1559;
    const { gas = 0n, maxFeePerGas = 0n } = parseTransaction(serialized);
    options?.checkFee(gas * maxFeePerGas);
    const from = (await recoverTransactionAddress({ serializedTransaction: serialized })).toLowerCase() as Address;
    this.#take(from, { nonce: BigInt(parseTransaction(serialized).nonce ?? 0), signed: true });
    return keccak256(raw);
  }

  sendUnsigned(filled: FilledTransaction): Promise<Hash> {
    this.#take(filled.from, { nonce: filled.request.nonce ?? 0n, signed: false });
    return Promise.resolve(keccak256(filled.raw));
  }

  isImpersonated(address: Address): boolean {
    return this.impersonated.has(address);
  }

  waitForReceipt(): Promise<null> {
    return Promise.reject(new Error("nobody waits here"));
  }

  #count(from: Address): number {
    return this.taken.filter((transaction) => transaction.from === from).length;
  }

  #take(from: Address, { nonce, signed }: { nonce: bigint; signed: boolean }): void {
    if (nonce !== BigInt(this.#count(from))) throw new Error(`nonce ${nonce} of ${from} is taken or too high`);
    this.taken.push({ from, nonce, signed });
  }
}

function encode(request: TransactionRequest, signature?: Signature): { raw: Hex; tx: RawJson } {
  const hex = (value: bigint | number): Hex => `0x${value.toString(16)}`;
  const transaction: TransactionSerializableEIP1559 = {
    type: "eip1559",
    chainId: 1337,
    nonce: Number(request.nonce),
    to: request.to ?? null,
    value: request.value ?? 0n,
    data: request.input ?? "0x",
    gas: request.gas ?? 0n,
    maxFeePerGas: request.gasPrice ?? request.maxFeePerGas ?? 0n,
    maxPriorityFeePerGas: request.gasPrice ?? request.maxPriorityFeePerGas ?? 0n,
  };
  const { r = 0n, s = 0n, yParity = 0 } = signature ?? {};
  const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;
  const raw = signature === undefined
    ? serializeTransaction(transaction)
    : serializeTransaction(transaction, { r: word(r), s: word(s), yParity });
  const tx = {
    type: "0x2",
    nonce: hex(transaction.nonce ?? 0),
    to: request.to ?? null,
    gas: hex(request.gas ?? 0n),
    value: hex(request.value ?? 0n),
    input: request.input ?? "0x",
    v: hex(yParity),
    r: hex(r),
    s: hex(s),
    hash: keccak256(raw),
  };
  return { raw, tx: RawJson.of(tx) };
}
