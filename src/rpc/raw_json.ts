/** JSON text that is encoded already: a block or a log is turned into text once and sent many times. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Encodes `value` once. */
  static of(value: unknown): RawJson {
    return new RawJson(JSON.stringify(value));
  }

  /** Joins encoded items into an encoded array. */
  static array(items: readonly RawJson[]): RawJson {
    return new RawJson(`[${items.map((item) => item.text).join(",")}]`);
  }

  /** The decoded value; for tests and for the rare reader that must look inside. */
  decode(): unknown {
    return JSON.parse(this.text);
  }

  /** Lets `JSON.stringify` encode a structure that contains one; the text is decoded for it. */
  toJSON(): unknown {
    return this.decode();
  }
}
