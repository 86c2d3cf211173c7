/** JSON text that is encoded already: a block or a log is encoded once and sent many times. */
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

  /** Returns the decoded value; for tests and for the rare reader that needs it. */
  decode(): unknown {
    return JSON.parse(this.text);
  }

  /** Lets `JSON.stringify` encode a structure that contains one; the text is decoded for it. */
  toJSON(): unknown {
    return this.decode();
  }
}
