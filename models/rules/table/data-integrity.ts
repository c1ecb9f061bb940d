/** Stored data or its schema is wrong: constraints, checksums, damaged files. */
import { names, phrases } from "../list.ts";
import type { Rule } from "../rule.ts";

export const DATA_INTEGRITY_RULES: readonly Rule[] = [
  {
    id: "integrity-code",
    class: "data_integrity",
    strength: 0.93,
    codes: names(`
      sqlstate:23502 sqlstate:23503 sqlstate:23514 sqlstate:23000 sqlstate:23001 sqlstate:42P01 sqlstate:42703 sqlstate:3F000
      sqlstate:XX001 sqlstate:XX002 sqlstate:42S02 sqlstate:42S22 mysql:1452 mysql:1451 mysql:1048 mysql:1216 mysql:1217
      mysql:1146 mysql:1054 mysql:1364 mysql:3819 mysql:4025 mysql:1034 mysql:145 oracle:ORA-00942 oracle:ORA-00904
      oracle:ORA-02291 oracle:ORA-02292 oracle:ORA-01400 oracle:ORA-01578 oracle:ORA-02290 mssql:547 mssql:515 mssql:208 mssql:207
      mssql:824 grpc:DATA_LOSS errno:EUCLEAN errno:EBADMSG
    `),
    examples: [
      {
        attributes: { "db.response.status_code": "23503" },
        message: 'insert or update on table "lines" violates foreign key constraint',
      },
    ],
  },
  {
    id: "integrity-type",
    class: "data_integrity",
    strength: 0.9,
    types: names(`
      ForeignKeyViolation NotNullViolation NotNullViolationError CheckViolation IntegrityError UndefinedTable UndefinedColumn
      UndefinedTableError UndefinedColumnError ForeignKeyConstraintError ForeignKeyViolationException
      DataIntegrityViolationException BadGzipFile BadZipFile ChecksumException CorruptedException CorruptIndexException
      CorruptRecordException DataCorruptionException IndexCorrupted ER_NO_REFERENCED_ROW_2 ER_ROW_IS_REFERENCED_2
      ER_BAD_NULL_ERROR ER_NO_SUCH_TABLE ER_BAD_FIELD_ERROR InvalidForeignKey ActiveRecord::InvalidForeignKey
      ActiveRecord::NotNullViolation SchemaVersionMismatch P2003 P2021 P2022 TableNotFoundException LoadPrivilegeException
      IncorrectResultSizeDataAccessException NonUniqueResultException MultipleObjectsReturned MultipleResultsFound
      NoReferencedTableError ZipException CrcError CorruptionException InvalidChecksumError SchemaManagementException
      DatabaseCorruptException Zlib::GzipFile::Error ChecksumError
    `),
    without: phrases("duplicate key | duplicate entry | unique"),
    examples: [
      {
        type: "psycopg.errors.ForeignKeyViolation",
        message: 'insert or update on table "items" violates foreign key constraint "items_order_fk"',
      },
    ],
  },
  {
    id: "integrity-phrase",
    class: "data_integrity",
    strength: 0.88,
    phrases: phrases(`
      manifest says | recomputed | stored hash | hash chain | incorrect data check | incorrect header check | end of stream marker
      zlib input stream | not a gzip file | invalid distance | decompressing | wrong signature trying to load | points to * that
      point to * that are not there | checksum in | foreign key constraint | violates foreign key | not null constraint
      violates not null | null value in column | violates check constraint | check constraint | integrity constraint
      cannot be null | relation * does not exist | table * does not exist | table * doesn't exist | no such table | no such column
      column * does not exist | unknown column | invalid column name | invalid object name | missing column
      schema * does not exist | undefined column | undefined table | unknown table | has no column named | pending migration
      migrations are pending | schema version | checksum mismatch | checksum did not match | checksum error | checksum failed
      bad checksum | invalid checksum | crc mismatch | crc check | crc error | crc | hash mismatch | digest mismatch
      hash does not match | corrupt | corrupted | corruption | is damaged | database disk image is malformed
      file is not a database | invalid page in block | page verification failed | could not read block
      could not access status of transaction | index * contains unexpected | incorrect key file | is marked as crashed
      unexpected end of file while | unexpected end of input stream | bad magic number | invalid magic | not a zip file
      not in gzip format | not a gzipped file | truncated | invalid block type | does not balance | do not add up
      does not add up | out of balance | inconsistent state of data | data inconsistency | inconsistent data | inconsistency
      orphaned | orphan | dangling reference | references a missing | refers to a missing | still referenced | more than one row
      returned more than one | query did not return a unique result | expected 1 row, got | wrong number of rows | sum of lines
      totals differ | differs from the ledger | mismatch between | data loss | unrecoverable block | bad block
      did not match any expected | end of central directory | negative stock | gap in sequence | gap in | missing row
      impossible value | computed checksums did not match | crc32 | record is damaged | tampered | failed integrity
      integrity check | wrong checksum | parity | mismatched checksum | expected checksum
    `),
    without: phrases(`
      duplicate key | duplicate entry | unique constraint | authentication | hostname mismatch | double free | heap | stack
      password | unexpected token
    `),
    severity: "high",
    examples: ['relation "invoices" does not exist'],
  },
];
