import type { Fault } from "./verdict.ts";

/** The forks in the order in which they came, by the names of the test format. */
const FORKS = [
  ...["Frontier", "Homestead", "EIP150", "EIP158", "Byzantium", "Constantinople", "ConstantinopleFix", "Istanbul"],
  ...["Berlin", "London", "Paris", "Merge", "Shanghai", "Cancun", "Prague", "Osaka"],
];

/** Counts what passed and what failed, per fork. */
export class ForkTable {
  readonly #counts = new Map<string, { passed: number; failed: number }>();
  readonly #faults: string[] = [];

  /** The faults, each with the name of its test. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  count(test: { readonly name: string; readonly fork: string }, fault: Fault): void {
    let counts = this.#counts.get(test.fork);
    if (counts === undefined) this.#counts.set(test.fork, counts = { passed: 0, failed: 0 });
    if (fault === undefined) {
      counts.passed += 1;
    } else {
      counts.failed += 1;
      this.#faults.push(`${test.name} [${test.fork}]: ${fault}`);
    }
  }

  /** Lines of text: fork, passed, failed. */
  toString(): string {
    const rows = [...this.#counts].sort(([one], [other]) => FORKS.indexOf(one) - FORKS.indexOf(other));
    const total = { passed: 0, failed: 0 };
    for (const [, { passed, failed }] of rows) {
      total.passed += passed;
      total.failed += failed;
    }
    return [["fork", "passed", "failed"], ...[...rows, ["all", total] as const].map(line)]
      .map(([name = "", passed = "", failed = ""]) => name.padEnd(20) + passed.padStart(8) + failed.padStart(8))
      .join("\n");
  }
}

function line([name, { passed, failed }]: readonly [string, { passed: number; failed: number }]): string[] {
  return [name, `${passed}`, `${failed}`];
}
