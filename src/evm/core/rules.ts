/** The parameters of the fork, which the host has put in. */
import { RULE_FLAGS, RULES } from "./layout";

export function rule(number: i32): u32 {
  return load<u32>(<usize> RULES + (<usize> number << 2));
}

export function has(flag: u32): bool {
  return (rule(RULE_FLAGS) & flag) != 0;
}
