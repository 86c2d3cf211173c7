import { Semaphore } from "./semaphore.ts";

/** Lets one task run at a time. The others wait in the order in which they came. */
export class Mutex extends Semaphore {
  constructor() {
    super(1);
  }
}
