/** Zstandard frames for tests on Nodes that cannot make them: by hand from raw and RLE blocks, and one from the reference program. */
import { execFileSync } from "node:child_process";
import { seeded } from "./otlp-payloads.ts";

const TYPE_BITS = { raw: 0, rle: 1, compressed: 2 } as const;

export interface ZstdBlock {
  type: keyof typeof TYPE_BITS;
  /** an RLE block repeats its one byte */
  bytes: Uint8Array;
  /** of an RLE block */
  times?: number;
}

export interface ZstdFrameOptions {
  /** the byte that says the window, exponent << 3 | mantissa; 0x38 is 128 KiB */
  window?: number;
  /** makes the frame a single segment of so many bytes */
  contentBytes?: number;
  dictionaryId?: number;
}

export function zstdFrame(blocks: readonly ZstdBlock[], options: ZstdFrameOptions = {}): Buffer {
  const { window = 0x38, contentBytes, dictionaryId } = options;
  const header: number[] = [0x28, 0xb5, 0x2f, 0xfd];
  header.push((contentBytes === undefined ? 0 : 0xa0) | (dictionaryId === undefined ? 0 : 1));
  if (contentBytes === undefined) header.push(window);
  if (dictionaryId !== undefined) header.push(dictionaryId);
  if (contentBytes !== undefined) header.push(...littleEndian(contentBytes, 4));
  const parts: Uint8Array[] = [Uint8Array.from(header)];
  blocks.forEach(({ type, bytes, times }, index) => {
    const size = type === "rle" ? (times ?? 1) : bytes.length;
    const isLast = index === blocks.length - 1 ? 1 : 0;
    parts.push(Uint8Array.from(littleEndian((size << 3) | (TYPE_BITS[type] << 1) | isLast, 3)), bytes);
  });
  return Buffer.concat(parts);
}

export function skippableFrame(content: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.from([0x53, 0x2a, 0x4d, 0x18, ...littleEndian(content.length, 4)]), content]);
}

/** So many times 128 KiB of zeros, at four bytes each. */
export function zstdBomb(blocks: number): Buffer {
  const block: ZstdBlock = { type: "rle", bytes: Uint8Array.of(0), times: 128 * 1024 };
  return zstdFrame(Array.from({ length: blocks }, () => block));
}

/** What `zstd -19` 1.5 makes of `fixtureText()`: Huffman codes, tables of its own, repeated offsets, a checksum. */
export const ZSTD_FIXTURE = Buffer.from(
  "KLUv/QRofRUAdpIyGnBL23CQloZDGha5jXM9CCOt7G7bLJaC/z+UNAAqACUAyVwiPLK1pCRglqIYkeS4UxNZVlrJKI3ESpSiNAzqATmoxSgShUgMQTAwfGgZ2YI0FCOxAm27m2nXyXtjdFRMi7q/hnyJllY6itlrS2NZlP56+YmSv0jKopaSABQMK337+b6veK71EBvyTy0386w52kXXv94uz8lH88eW+uQhQsbLa2qLqHtyVfe8j7nRYZ4/9ZzWg3rNhrnJebho2wcT7bBV0f6DeJg5A4DyqBGLBCJFlWwdIIQQY8xdNyIYMAaPgDwBXMCogCwMqX3WDQrA2wwATkR0DKQI7OtdsFJWnPAFmQlSMZ2nlEs9cqu7E0GengIIZGUbk9N3ZbfFcQGvu473I8/GbNN6ukjDrc/QbLIgZpex7AWWWRHSOjkehxkTfINrQV/OHjEJQFQW4Jz/H2vS9+EBnVXUu0nfZdH5yHr739QbEXE4OggEw9DW+3Vnma4itP49iwAsvUvpK/qk5GATLs8X7QEkh+qcAw30/93me1QBZWOoew3hjU/ZwfvnG02lq/UjYRpuduMih/TRFxnX6QAJzPCfBJZogS6CF6JCJNYf8dAox3VRFpWXXciVWFdUJLt/daBvDIE7ZqTwvSxxOAD1qFC2eDv6PCg2/xuiFFVmP9PFCMhQaFD9Fsi2uAkoz1qRWUHQdla04TAsPCUY/JLXZk7RhGdlU0jB5Yndx5sKPPaA//uM0bIgTBU8Tsxy+qr336OfAfTDFQ1OS3c0QsY6+0fLafvD5YEAo3Vpml+3oZZM+BFbyFuNIHYaAZpb8Nu2fPdOsOyXjaJuA6Pns1QKgZ0vd3ACWfpLc6wsQIOfwm2crmqpLRWyzRtv5rDGzhzjJ0OkoaA6hjohTykMmQB+nG7KAXgVy/OJyw==",
  "base64",
);

export function fixtureText(): string {
  const random = seeded(7);
  const words = [
    "timeout",
    "connection",
    "refused",
    "payment",
    "checkout",
    "error",
    "at",
    "db.internal",
    "GET",
    "/cart",
    "500",
    "retry",
  ];
  let text = "";
  while (text.length < 3000) {
    const word = words[Math.floor(random() * words.length)];
    text += `${word}${random() < 0.1 ? `-${Math.floor(random() * 1e6)}` : ""} `;
  }
  return text;
}

/** The reference program, where it is installed. */
export function zstdByProgram(input: Uint8Array, ...options: string[]): Buffer | null {
  try {
    return execFileSync("zstd", ["-q", "-c", ...options], {
      input,
      maxBuffer: 2 ** 30,
      stdio: ["pipe", "pipe", "ignore"],
    });
  } catch {
    return null;
  }
}

function littleEndian(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => Math.floor(value / 256 ** index) % 256);
}
