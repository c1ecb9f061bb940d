/** One rule for both encodings: 0 means "not set" and stays so. */
const MAX_UNIX_NANO = 2n ** 64n - 1n;

/** @throws RangeError when the time would lie before 1970 or beyond 64 bits */
export function shiftTime(timeNs: bigint, shiftNs: bigint): bigint {
  if (timeNs === 0n) return 0n;
  const shifted = timeNs + shiftNs;
  // A recording that starts before its epoch: 0 would turn into "not set".
  if (shifted <= 0n || shifted > MAX_UNIX_NANO)
    throw new RangeError(`a time of ${timeNs} ns cannot be moved by ${shiftNs} ns`);
  return shifted;
}
