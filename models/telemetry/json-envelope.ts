/** Walks what the three requests share in JSON. Official encoders write a resource before its records and no field twice, so one pass
 *  is enough; a request that does otherwise, or that is wrong, is read again carefully, and that reading decides. */
import type { AnyValueMap } from "./any-value.ts";
import { TelemetryDecodeError, undecodable } from "./decode-error.ts";
import { OBJECT } from "./json-grammar.ts";
import type { JsonReader } from "./json-reader.ts";
import { optionalObject, readKeyValues } from "./json-values.ts";
import { NameTable } from "./name-table.ts";
import type { RecordSink } from "./record-source.ts";

export interface EnvelopeNames {
  request: NameTable;
  group: NameTable;
  scope: NameTable;
}

export function envelopeNames(resources: string, scopes: string, records: string): EnvelopeNames {
  return {
    request: new NameTable([resources]),
    group: new NameTable(["resource", scopes]),
    scope: new NameTable([records]),
  };
}

/** index in `group` */
const RESOURCE = 0;

/** @param readRecord gets the reader on each record, and must read it */
export function readJsonEnvelope(
  reader: JsonReader,
  names: EnvelopeNames,
  sink: Pick<RecordSink<never>, "resource" | "restart">,
  readRecord: () => void,
): void {
  try {
    readRequest(reader, names, sink, readRecord);
  } catch (error) {
    if (!(error instanceof TelemetryDecodeError) || error.failure !== "undecodable") throw error;
    sink.restart();
    reader.restart();
    readRequest(reader, names, sink, readRecord);
  }
}

function readRequest(
  reader: JsonReader,
  { request, group, scope }: EnvelopeNames,
  sink: Pick<RecordSink<never>, "resource">,
  readRecord: () => void,
): void {
  const readRecords = () => reader.list("records", readRecord);
  const readScope = () => reader.fields("a scope", scope, readRecords);
  const readGroup = () => {
    let resourceAt = -1;
    let hasRecords = false;
    reader.fields("a resource's records", group, (field) => {
      if (field === RESOURCE) {
        if (hasRecords) throw undecodable("a resource follows its records");
        resourceAt = reader.pos;
        readResource(reader);
      } else {
        hasRecords = true;
        sink.resource(() => attributesOf(reader, resourceAt));
        reader.list("scopes", readScope);
      }
    });
  };
  reader.fields("the request", request, () => reader.list("resources", readGroup));
  reader.end();
}

function readResource(reader: JsonReader): void {
  if (reader.skipNull()) return;
  if (reader.peek() !== OBJECT) throw undecodable("a resource is not an object");
  reader.skip();
}

function attributesOf(reader: JsonReader, resourceAt: number): AnyValueMap {
  const { attributes } = optionalObject(reader.valueAt(resourceAt), "a resource");
  return readKeyValues(attributes, new Map());
}
