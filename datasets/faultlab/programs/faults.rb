# Faults of a Ruby back office.
require "json"
require "net/http"
require "openssl"
require "socket"
require "timeout"
require "uri"
require "date"
require "csv"
require "yaml"
require "zlib"
require "tempfile"
require "fileutils"
require "rexml/document"

DIR = ENV.fetch("LAB_DIR")
N = ENV.fetch("LAB_N", "17").to_i
HTTP = ENV.fetch("LAB_HTTP")

module Backoffice
  class Error < StandardError; end
  class OrderError < Error; end
  class SyncFailed < Error; end
  class NotAllowed < Error; end
  class StaleRecord < Error; end
  class QuotaExceeded < Error; end
  class UpstreamError < Error; end
  class CorruptLedger < Error; end
end

def host_port(name) = ENV.fetch(name).split(":")

def http_get(path, read_timeout: 7)
  host, port = HTTP.split(":")
  Net::HTTP.start(host, port.to_i, read_timeout: read_timeout) { |http| http.get(path) }
end

def checked(path)
  response = http_get(path)
  response.value
end

def talk(name)
  host, port = host_port(name)
  socket = TCPSocket.new(host, port.to_i)
  socket.write("PING\r\n")
  socket.flush
  sleep 0.1
  socket.write("PING\r\n")
  line = socket.readline
  line
end

def tls_connect(name, verify: true)
  host, port = host_port(name)
  context = OpenSSL::SSL::SSLContext.new
  context.verify_mode = OpenSSL::SSL::VERIFY_PEER if verify
  OpenSSL::SSL::SSLSocket.new(TCPSocket.new(host, port.to_i), context).connect
end

FAULTS = {
  # fault http-read-timeout: timeout
  "http-read-timeout" => -> { http_get("/stall", read_timeout: 0.2) },
  # fault budget-spent: timeout
  "budget-spent" => -> { Timeout.timeout(0.1) { sleep 2 } },
  # fault budget-named: timeout
  "budget-named" => -> { Timeout.timeout(0.1, nil, "pricing run #{N} took longer than its 100 ms") { sleep 2 } },
  # fault socket-silent: timeout
  "socket-silent" => -> {
    host, port = host_port("LAB_SILENT")
    socket = TCPSocket.new(host, port.to_i)
    socket.wait_readable(0.2) or raise Errno::ETIMEDOUT, "waiting for greeting"
  },
  # fault connect-refused: connectivity
  "connect-refused" => -> { host, port = host_port("LAB_REFUSED"); Net::HTTP.get(host, "/", port.to_i) },
  # fault connect-refused-tcp: connectivity
  "connect-refused-tcp" => -> { host, port = host_port("LAB_REFUSED"); TCPSocket.new(host, port.to_i) },
  # fault peer-reset: connectivity
  "peer-reset" => -> { talk("LAB_RESET") },
  # fault peer-hangs-up: connectivity
  "peer-hangs-up" => -> { talk("LAB_CLOSING") },
  # fault name-unknown: connectivity
  "name-unknown" => -> { Net::HTTP.get("stock-#{N}.invalid", "/") },
  # fault tls-untrusted: connectivity or configuration
  "tls-untrusted" => -> { tls_connect("LAB_TLS") },
  # fault tls-on-plain-port: connectivity
  "tls-on-plain-port" => -> { tls_connect("LAB_GARBAGE") },
  # fault upstream-502: dependency_unavailable
  "upstream-502" => -> { checked("/status/502") },
  # fault upstream-503: dependency_unavailable
  "upstream-503" => -> { checked("/status/503") },
  # fault upstream-504: dependency_unavailable or timeout
  "upstream-504" => -> { raise Backoffice::UpstreamError, "carrier api answered #{http_get("/status/504").code}" },
  # fault breaker-open: dependency_unavailable
  "breaker-open" => -> { raise Backoffice::SyncFailed, "circuit for stock-service is open, call not made" },
  # fault throttled-429: rate_limited
  "throttled-429" => -> { checked("/status/429") },
  # fault quota-used-up: rate_limited
  "quota-used-up" => -> { raise Backoffice::QuotaExceeded, "#{N} of #{N} label prints used today" },
  # fault upstream-401: access_denied
  "upstream-401" => -> { checked("/status/401") },
  # fault upstream-403: access_denied
  "upstream-403" => -> { checked("/status/403") },
  # fault file-sealed: access_denied
  "file-sealed" => -> { File.read("#{DIR}/secret.txt") },
  # fault folder-sealed: access_denied
  "folder-sealed" => -> { File.write("#{DIR}/sealed/out.txt", "x") },
  # fault signal-foreign: access_denied
  "signal-foreign" => -> { Process.kill("TERM", 1) },
  # fault role-missing: access_denied
  "role-missing" => -> { raise Backoffice::NotAllowed, "clerk #{N} may not approve refunds above 500 EUR" },
  # fault signature-wrong: access_denied
  "signature-wrong" => -> {
    given = OpenSSL::HMAC.hexdigest("SHA256", "old key", "payload")
    OpenSSL::HMAC.hexdigest("SHA256", "key", "payload") == given or raise Backoffice::NotAllowed, "signature of webhook #{N} does not verify"
  },
  # fault number-malformed: invalid_input
  "number-malformed" => -> { Integer("12 pcs") },
  # fault float-malformed: invalid_input
  "float-malformed" => -> { Float("1,99") },
  # fault date-malformed: invalid_input
  "date-malformed" => -> { Date.parse("2024-13-41") },
  # fault uri-malformed: invalid_input
  "uri-malformed" => -> { URI.parse("http://shop example/ü x") },
  # fault value-out-of-range: invalid_input
  "value-out-of-range" => -> { raise ArgumentError, "quantity must be between 1 and 99, got #{N + 100}" },
  # fault upstream-422: invalid_input
  "upstream-422" => -> { checked("/status/422") },
  # fault upstream-400: invalid_input
  "upstream-400" => -> { checked("/status/400") },
  # fault upstream-404: not_found
  "upstream-404" => -> { checked("/status/404") },
  # fault file-missing: not_found
  "file-missing" => -> { File.read("/srv/data/prices-#{N}.csv") },
  # fault folder-missing: not_found
  "folder-missing" => -> { Dir.children("/srv/data/inbox-#{N}") },
  # fault record-missing: not_found
  "record-missing" => -> { raise Backoffice::OrderError, "Couldn't find Invoice with 'id'=#{N}" },
  # fault record-stale: conflict
  "record-stale" => -> { raise Backoffice::StaleRecord, "Attempted to update a stale object: Booking #{N}" },
  # fault file-exists: conflict
  "file-exists" => -> { File.open("#{DIR}/cut.json", File::CREAT | File::EXCL | File::WRONLY) },
  # fault lock-taken: conflict
  "lock-taken" => -> {
    path = "#{Dir.pwd}/run-#{N}.lock"
    first = File.open(path, "w"); first.flock(File::LOCK_EX)
    File.open(path, "w").flock(File::LOCK_EX | File::LOCK_NB) or raise Backoffice::SyncFailed, "another import holds #{File.basename(path)}"
  },
  # fault upstream-409: conflict
  "upstream-409" => -> { checked("/status/409") },
  # fault upstream-412: conflict
  "upstream-412" => -> { checked("/status/412") },
  # fault device-full: resource_exhausted
  "device-full" => -> { File.open("/dev/full", "w") { |file| file.write("x" * 10_000) } },
  # fault descriptors-used-up: resource_exhausted (nofile=24)
  "descriptors-used-up" => -> { Array.new(100) { File.open("/dev/null") } },
  # fault stack-too-deep: resource_exhausted or code_defect
  "stack-too-deep" => -> { walk = ->(n) { walk.(n + 1) }; walk.(0) },
  # fault memory-used-up: resource_exhausted or crash (as=600000000)
  "memory-used-up" => -> { "x" * 2_000_000_000 },
  # fault queue-full: resource_exhausted
  "queue-full" => -> { queue = SizedQueue.new(1); 2.times { queue.push(1, true) } },
  # fault pool-exhausted: resource_exhausted or timeout
  "pool-exhausted" => -> { raise Backoffice::Error, "could not obtain a connection from the pool within 5.000 seconds; all pooled connections were in use" },
  # fault file-too-big: resource_exhausted (fsize=1000)
  "file-too-big" => -> { trap("XFSZ", "IGNORE"); File.write("#{Dir.pwd}/big-#{N}", "x" * 10_000) },
  # fault gzip-checksum: data_integrity or serialization
  "gzip-checksum" => -> { Zlib::GzipReader.open("#{DIR}/crc.gz", &:read) },
  # fault gzip-cut: data_integrity or serialization
  "gzip-cut" => -> { Zlib::GzipReader.open("#{DIR}/cut.gz", &:read) },
  # fault sum-mismatch: data_integrity
  "sum-mismatch" => -> { raise Backoffice::CorruptLedger, "digest of block #{N} is 9f2c, index says 77ab" },
  # fault ledger-unbalanced: data_integrity
  "ledger-unbalanced" => -> { raise Backoffice::CorruptLedger, "postings of voucher #{N} add up to 0.01 instead of 0" },
  # fault env-missing: configuration
  "env-missing" => -> { ENV.fetch("PAYMENT_GATEWAY_URL") },
  # fault library-missing: configuration
  "library-missing" => -> { require "oci8_driver" },
  # fault command-missing: configuration
  "command-missing" => -> { system("wkhtmltopdf-#{N}", exception: true) },
  # fault port-taken: configuration
  "port-taken" => -> { TCPServer.new("127.0.0.1", HTTP.split(":").last.to_i) },
  # fault class-missing: configuration or code_defect
  "class-missing" => -> { Object.const_get("LegacyExporter") },
  # fault setting-invalid: configuration
  "setting-invalid" => -> { raise Backoffice::Error, "unknown log level 'verbos' in settings.yml, use one of debug, info, warn, error" },
  # fault version-mismatch: configuration
  "version-mismatch" => -> { gem "json", "= 0.0.1" },
  # fault json-cut: serialization
  "json-cut" => -> { JSON.parse(File.read("#{DIR}/cut.json")) },
  # fault json-is-html: serialization
  "json-is-html" => -> { JSON.parse(http_get("/html").body) },
  # fault json-empty: serialization
  "json-empty" => -> { JSON.parse(http_get("/empty").body.to_s) },
  # fault json-nan: serialization
  "json-nan" => -> { JSON.generate("rate" => Float::NAN) },
  # fault yaml-broken: serialization or configuration
  "yaml-broken" => -> { YAML.load_file("#{DIR}/bad.yaml") },
  # fault csv-broken: serialization
  "csv-broken" => -> { CSV.read("#{DIR}/bad.csv") },
  # fault xml-broken: serialization
  "xml-broken" => -> { REXML::Document.new(File.read("#{DIR}/bad.xml")) },
  # fault utf8-broken: serialization
  "utf8-broken" => -> { File.read("#{DIR}/latin1.txt", encoding: "UTF-8") =~ /ü/ },
  # fault not-encodable: serialization
  "not-encodable" => -> { "żółw".encode("ISO-8859-1") },
  # fault marshal-broken: serialization
  "marshal-broken" => -> { Marshal.load("\x04\x08[\x07i\x06") },
  # fault marshal-proc: serialization or code_defect
  "marshal-proc" => -> { Marshal.dump(-> {}) },
  # fault nil-call: code_defect
  "nil-call" => -> { nil.total },
  # fault method-missing: code_defect
  "method-missing" => -> { [1, 2].sum_of },
  # fault name-unbound: code_defect
  "name-unbound" => -> { Object.new.instance_eval { undefined_total } },
  # fault division-by-zero: code_defect
  "division-by-zero" => -> { N / 0 },
  # fault type-mismatch: code_defect
  "type-mismatch" => -> { "total: " + N },
  # fault argument-count: code_defect
  "argument-count" => -> { ->(a, b) { a }.(1) },
  # fault frozen-changed: code_defect
  "frozen-changed" => -> { "abc".freeze << "d" },
  # fault index-out-of-range: code_defect
  "index-out-of-range" => -> { [1, 2].fetch(N + 9) },
  # fault key-missing: code_defect
  "key-missing" => -> { { "net" => 1 }.fetch("gross") },
  # fault not-implemented: code_defect
  "not-implemented" => -> { raise NotImplementedError, "SEPA mandate export" },
  # fault no-branch: code_defect
  "no-branch" => -> { case { kind: "gift" }; in { kind: "sale" }; 1; end },
  # fault closed-stream: code_defect
  "closed-stream" => -> { io = StringIO.new; io.close; io.read },
  # fault fiber-dead: code_defect
  "fiber-dead" => -> { f = Fiber.new { 1 }; f.resume; f.resume },
  # fault iteration-changed: code_defect
  "iteration-changed" => -> { h = { a: 1 }; h.each { h[rand] = 1 } },
  # fault deadlock-threads: code_defect
  "deadlock-threads" => -> { Queue.new.pop },
  # fault child-killed: crash
  "child-killed" => -> { system("sh", "-c", "kill -9 $$"); $?.success? or raise Backoffice::SyncFailed, "render worker: #{$?.to_s.sub(/pid \d+ /, "")}" },
  # fault child-segv: crash
  "child-segv" => -> { system("sh", "-c", "kill -SEGV $$"); raise Backoffice::SyncFailed, "thumbnailer #{$?.inspect}" },
  # fault segv: crash
  "segv" => -> { Process.kill("SEGV", Process.pid); sleep 1 },
}.freeze

def report(error)
  puts "@@type #{error.class}", "@@message #{error.message}", "@@trace", error.full_message(highlight: false, order: :top), "@@end"
end

def call_wrapped(fault)
  fault.call
rescue Exception
  raise Backoffice::SyncFailed, "batch #{N} was not processed"
end

fault = FAULTS.fetch(ARGV.fetch(0))
begin
  ENV["LAB_MODE"] == "wrap" ? call_wrapped(fault) : fault.call
rescue Exception => error
  raise if ENV["LAB_MODE"] == "raise"
  report(error)
end
