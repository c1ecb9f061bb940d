/** Connections that say a little now and then and never come to an end (slowloris). */
import { connect, type Socket } from "node:net";

export interface SlowSenders {
  /** those that nobody has cut off yet */
  open(): number;
  /** what each was told before it was cut off */
  answers(): string[];
  close(): void;
}

const DRIBBLE_MS = 500;

/** @param head sent at once   @param rest sent byte by byte, over and over */
export function openSlowSenders(count: number, url: string, head: string, rest: string): SlowSenders {
  const { hostname, port } = new URL(url);
  const told = new Map<Socket, string>();
  const open = new Set<Socket>();
  for (let index = 0; index < count; index++) {
    const socket = connect(Number(port), hostname);
    open.add(socket);
    told.set(socket, "");
    let next = 0;
    socket.write(head);
    const timer = setInterval(() => socket.write(rest.charAt(next++ % rest.length)), DRIBBLE_MS);
    socket.on("data", (chunk) => told.set(socket, told.get(socket) + chunk.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(timer);
      open.delete(socket);
    });
  }
  return {
    open: () => open.size,
    answers: () => [...told.values()],
    close: () => {
      for (const socket of open) socket.destroy();
    },
  };
}
