/** `process.env` as it was before the import that must not see it. */
export const saved: { descriptor: PropertyDescriptor | undefined } = { descriptor: undefined };
