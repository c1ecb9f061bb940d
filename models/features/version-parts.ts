/** The numbers of a version, so that a major release can be told from a patch. */

/** major, minor, patch, build; as in Semantic Versioning 2.0.0, with the fourth number that .NET and many build servers add. */
export const VERSION_PARTS = ["major", "minor", "patch", "build"] as const;

/** @returns one number per entry of VERSION_PARTS, 0 for parts that are not given; null when the version does not begin with a number
 *  @example versionParts("v2.10.3-rc.1"); // [2, 10, 3, 0] */
export function versionParts(version: string): number[] | null {
  const match = /^v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?![\w])/.exec(version);
  return match === null ? null : VERSION_PARTS.map((_, part) => Number(match[part + 1] ?? 0));
}

/** Whether a version comes after another: the first part that differs decides. */
export function isNewer(parts: readonly number[], than: readonly number[]): boolean {
  const differing = parts.findIndex((number, part) => number !== than[part]);
  return differing >= 0 && parts[differing]! > than[differing]!;
}
