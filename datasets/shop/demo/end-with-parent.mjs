/** Preloaded into Harbinger by the demo: when the demo is gone, however it went, Harbinger is asked to stop. */
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
// the channel to the demo is no reason to stay alive
process.channel?.unref();
