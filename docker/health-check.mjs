/** Exits with 0 when the process in this container is ready. The image has no curl. */
const port = process.env.HARBINGER_HTTP_PORT || "8080";
try {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(4_000) });
  if (!response.ok) console.error(await response.text());
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
