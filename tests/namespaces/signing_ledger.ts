import type { Address, Data, Hash, TransactionRequest } from "../../src/eth/types.ts";
import type { FilledTransaction, Node, SendOptions } from "../../src/node/mod.ts";
import { type Hex, keccak256, parseTransaction, recoverTransactionAddress } from "../clients/viem.ts";
import type { TransactionSerializedEIP1559 } from "../clients/viem.ts";
import { unreachable } from "../support/unreachable.ts";

const GWEI = 10n ** 9n;

/**
 * A node without a chain: it fills in nonces from the transactions that it has taken, and takes a transaction only when
 * viem recovers its sender from the signature and the nonce is the next one. A mistake of the accounts shows here.
 */
export class SigningLedger {
  readonly taken: { readonly from: Address; readonly nonce: bigint; readonly signed: boolean }[] = [];
  readonly impersonated = new Set<Address>();
  /** Thrown instead of taking a signed transaction. */
  failure: Error | undefined;
  /** Resolves before each fill, so that tests can let two calls overlap. */
  beforeFill: () => Promise<void> = () => Promise.resolve();

  /** The ledger as the roles that the account methods need. */
  readonly node: Pick<Node, "submit" | "dev"> = {
    submit: {
      fill: (request) => this.#fill(request),
      sendRaw: (raw, options) => this.#sendRaw(raw, options),
    },
    dev: {
      ...unreachable<NonNullable<Node["dev"]>>("dev"),
      impersonated: () => [...this.impersonated],
      isImpersonated: (address) => this.impersonated.has(address),
      sendUnsigned: ({ from, transaction }) => {
        this.#take(from, { nonce: transaction.nonce, signed: false });
        return Promise.resolve<Hash>(`0x${"d1".repeat(32)}`);
      },
    },
  };

  async #fill(request: TransactionRequest): Promise<FilledTransaction> {
    const from = request.from ?? `0x${"0".repeat(40)}`;
    const nonce = request.nonce ?? BigInt(this.#count(from));
    await this.beforeFill();
    return {
      from,
      transaction: {
        type: 2,
        chainId: 1337n,
        nonce,
        to: request.to ?? null,
        value: request.value ?? 0n,
        data: Uint8Array.fromHex((request.input ?? "0x").slice(2)),
        gasLimit: request.gas ?? 21_000n,
        gasFeeCap: request.gasPrice ?? request.maxFeePerGas ?? 2n * GWEI,
        gasTipCap: request.gasPrice ?? request.maxPriorityFeePerGas ?? GWEI,
        accessList: [],
        blobFeeCap: 0n,
        blobHashes: [],
        authorizations: [],
        ...{ v: 0n, r: 0n, s: 0n },
      },
      sidecar: null,
    };
  }

  async #sendRaw(raw: Data, options?: SendOptions): Promise<Hash> {
    if (this.failure !== undefined) throw this.failure;
    const serialized = raw as TransactionSerializedEIP1559;
    const { gas = 0n, maxFeePerGas = 0n, nonce = 0 } = parseTransaction(serialized);
    options?.checkFee(gas * maxFeePerGas);
    const from = (await recoverTransactionAddress({ serializedTransaction: serialized })).toLowerCase() as Address;
    this.#take(from, { nonce: BigInt(nonce), signed: true });
    return keccak256(raw as Hex);
  }

  #count(from: Address): number {
    return this.taken.filter((transaction) => transaction.from === from).length;
  }

  #take(from: Address, { nonce, signed }: { nonce: bigint; signed: boolean }): void {
    if (nonce !== BigInt(this.#count(from))) throw new Error(`nonce ${nonce} of ${from} is taken or too high`);
    this.taken.push({ from, nonce, signed });
  }
}
