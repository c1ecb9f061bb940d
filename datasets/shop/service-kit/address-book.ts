/** Where the other services are. The runner tells it over the private parent channel, again whenever a service moves. */

export interface AddressBook {
  /** @param service e.g. `payment`   @throws Error before the runner has told where it is */
  urlOf(service: string): string;
}

export function followAddressBook(): AddressBook {
  const urls = new Map<string, string>();
  process.on("message", (message) => {
    if (typeof message !== "object" || message === null || !("peers" in message)) return;
    for (const [service, url] of Object.entries(message.peers ?? {})) urls.set(service, String(url));
  });
  return {
    urlOf(service) {
      const url = urls.get(service);
      if (url === undefined) throw new Error(`nobody has said where ${service} is`);
      return url;
    },
  };
}
