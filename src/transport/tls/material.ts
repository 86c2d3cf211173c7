/** The PEM texts that TLS needs. */
export interface TlsMaterial {
  /** The certificate of this server first, then those of the authorities between it and a root. */
  readonly cert: string;
  /** The private key of that certificate. */
  readonly key: string;
  /** The authorities whose certificates clients must show; undefined where clients show none. */
  readonly clientCa?: string | undefined;
}
