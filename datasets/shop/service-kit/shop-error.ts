/** An error that knows the HTTP status it is answered with. */
export class ShopError extends Error {
  readonly status: number;

  constructor(name: string, status: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = name;
    this.status = status;
  }
}
