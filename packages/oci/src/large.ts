/**
 * A blob from this size on fills its connection's width: what more of them bring at the same time lies about in the
 * kernel until it is out of the processor's caches. Bytes.
 */
export const LARGE = 8 * 1024 * 1024;
