/** docs/configuration.md, rendered from the settings table. */
import { SETTINGS, type Setting } from "./settings.ts";

export function renderConfigurationReference(settings: Readonly<Record<string, Setting<unknown>>> = SETTINGS): string {
  const sections = new Map<string, string[]>();
  for (const [name, setting] of Object.entries(settings)) {
    const rows = sections.get(setting.section) ?? [];
    const fallback = setting.default === undefined ? `*unset:* ${setting.whenUnset ?? ""}` : `\`${setting.default}\``;
    rows.push(`| \`${name}\` | ${cell(fallback)} | ${cell(setting.description)} |`);
    sections.set(setting.section, rows);
  }
  const tables = [...sections].map(
    ([section, rows]) => `## ${section}\n\n| Setting | Default | Meaning |\n|---|---|---|\n${rows.join("\n")}\n`,
  );
  return `# Configuration

Harbinger is configured by environment variables alone. An empty value counts as unset. Durations are written \`500ms\`, \`60s\`, \`5m\`, \`1h\`,
\`30d\`; sizes \`1048576\`, \`64MiB\`, \`10MB\`. When settings are wrong the program does not start and lists all of them at once.

This page is generated from \`services/platform/config/settings.ts\` by \`npm run docs:config\`; do not edit it.

${tables.join("\n")}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
