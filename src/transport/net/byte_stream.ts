/** A connection of bytes in both directions; a `Deno.Conn` is one. */
export interface ByteStream {
  /** Resolves with the number of bytes put into `into`, or with null at the end of the stream. */
  read(into: Uint8Array): Promise<number | null>;
  /** Resolves with the number of bytes taken, once the system has taken any. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends the direction to the peer. */
  closeWrite(): Promise<void>;
  /** Ends both directions; reads and writes that are pending reject. */
  close(): void;
}

/** A connection as a `Deno.Listener` accepts it. */
export interface AcceptedConn extends ByteStream {
  readonly remoteAddr: Deno.Addr;
  setNoDelay?(enable?: boolean): void;
}

/** Closes a stream that may be closed already. */
export function closeStream(stream: ByteStream): void {
  try {
    stream.close();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.BadResource)) throw cause;
  }
}

/** Writes all of `bytes`. */
export async function writeAll(stream: ByteStream, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    sent += await stream.write(sent === 0 ? bytes : bytes.subarray(sent));
  }
}
