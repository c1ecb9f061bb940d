<?php
// Faults of a PHP shop.
declare(strict_types=1);

namespace Shop;

class ShopException extends \RuntimeException {}
class CheckoutFailed extends ShopException {}
class AccessDenied extends ShopException {}
class StaleCart extends ShopException {}
class TooManyRequests extends ShopException {}
class UpstreamException extends ShopException {}

set_error_handler(static function (int $level, string $message, string $file, int $line): bool {
    if ($level === E_DEPRECATED) return true;
    throw new \ErrorException($message, 0, $level, $file, $line);
});
ini_set('memory_limit', '64M');

final class Price { public function __construct(public readonly int $cents) {} public function net(int $rate): int { return intdiv($this->cents, $rate); } }

final class Faults
{
    private string $dir; private string $http; private int $n;
    public function __construct() { $this->dir = getenv('LAB_DIR'); $this->http = 'http://' . getenv('LAB_HTTP'); $this->n = (int) getenv('LAB_N'); }

    private function fetch(string $path, float $timeout = 5): string {
        $context = stream_context_create(['http' => ['timeout' => $timeout]]);
        $body = file_get_contents($this->http . $path, false, $context);
        return $body === false ? throw new UpstreamException('no body') : $body;
    }
    private function curl(string $url, int $timeoutMs = 3000): string {
        $handle = curl_init($url);
        curl_setopt_array($handle, [CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT_MS => $timeoutMs]);
        $body = curl_exec($handle);
        if ($body === false) throw new UpstreamException(sprintf('cURL error %d: %s', curl_errno($handle), curl_error($handle)), curl_errno($handle));
        $status = curl_getinfo($handle, CURLINFO_HTTP_CODE);
        if ($status >= 400) throw new UpstreamException(sprintf('Client error: `GET %s` resulted in a `%d` response: %s', $url, $status, substr((string) $body, 0, 60)), $status);
        return $body;
    }
    private function pg(string $sql): mixed {
        $parts = parse_url(getenv('LAB_PG'));
        $pdo = new \PDO(sprintf('pgsql:host=%s;port=%d;dbname=%s', $parts['host'], $parts['port'] ?? 5432, ltrim($parts['path'], '/')), $parts['user'] ?? 'postgres', $parts['pass'] ?? '');
        return $pdo->exec($sql);
    }
    private function sqlite(): \PDO {
        $db = new \PDO('sqlite::memory:');
        $db->exec('PRAGMA foreign_keys=ON; CREATE TABLE customer(id INTEGER PRIMARY KEY, email TEXT UNIQUE NOT NULL, balance INT CHECK(balance >= 0)); CREATE TABLE cart(id INTEGER PRIMARY KEY, customer_id INT REFERENCES customer(id)); INSERT INTO customer VALUES(1, "c1@example.com", 0)');
        return $db;
    }

    /** fault http-stalls: timeout */
    public function http_stalls(): void { $this->fetch('/stall', 0.2); }
    /** fault curl-timeout: timeout */
    public function curl_timeout(): void { $this->curl($this->http . '/stall', 200); }
    /** fault execution-time: timeout or resource_exhausted */
    public function execution_time(): void { set_time_limit(1); while (true) {} }
    /** fault pg-statement-timeout: timeout */
    public function pg_statement_timeout(): void { $this->pg("SET statement_timeout = '100ms'; SELECT pg_sleep(3)"); }
    /** fault curl-refused: connectivity */
    public function curl_refused(): void { $this->curl('http://' . getenv('LAB_REFUSED')); }
    /** fault curl-name-unknown: connectivity */
    public function curl_name_unknown(): void { $this->curl('http://ledger-' . $this->n . '.invalid/'); }
    /** fault curl-reset: connectivity */
    public function curl_reset(): void { $this->curl('http://' . getenv('LAB_RESET')); }
    /** fault curl-empty-reply: connectivity */
    public function curl_empty_reply(): void { $this->curl('http://' . getenv('LAB_CLOSING')); }
    /** fault curl-untrusted: connectivity or configuration */
    public function curl_untrusted(): void { $this->curl('https://' . getenv('LAB_TLS')); }
    /** fault socket-refused: connectivity */
    public function socket_refused(): void { [$h, $p] = explode(':', getenv('LAB_REFUSED')); fsockopen($h, (int) $p, $code, $message, 1); }
    /** fault stream-tls-plain: connectivity */
    public function stream_tls_plain(): void { stream_socket_client('tls://' . getenv('LAB_GARBAGE')); }
    /** fault pdo-refused: connectivity */
    public function pdo_refused(): void { [$h, $p] = explode(':', getenv('LAB_REFUSED')); new \PDO("pgsql:host=$h;port=$p;dbname=shop", 'shop', 'x'); }
    /** fault mysql-refused: connectivity */
    public function mysql_refused(): void { [$h, $p] = explode(':', getenv('LAB_REFUSED')); new \PDO("mysql:host=$h;port=$p;dbname=shop", 'shop', 'x'); }
    /** fault api-503: dependency_unavailable */
    public function api_503(): void { $this->curl($this->http . '/status/503'); }
    /** fault api-502: dependency_unavailable */
    public function api_502(): void { $this->fetch('/status/502'); }
    /** fault maintenance: dependency_unavailable */
    public function maintenance(): void { throw new CheckoutFailed('bank is under maintenance until 06:00'); }
    /** fault api-429: rate_limited */
    public function api_429(): void { $this->curl($this->http . '/status/429'); }
    /** fault throttle: rate_limited */
    public function throttle(): void { throw new TooManyRequests('Too Many Attempts.'); }
    /** fault api-401: access_denied */
    public function api_401(): void { $this->fetch('/status/401'); }
    /** fault api-403: access_denied */
    public function api_403(): void { $this->curl($this->http . '/status/403'); }
    /** fault open-denied: access_denied */
    public function open_denied(): void { file_get_contents($this->dir . '/secret.txt'); }
    /** fault mkdir-denied: access_denied */
    public function mkdir_denied(): void { mkdir($this->dir . '/sealed/new'); }
    /** fault pg-read-only: dependency_unavailable or access_denied, configuration */
    public function pg_read_only(): void { $this->pg('SET default_transaction_read_only = on; CREATE TABLE never(id int)'); }
    /** fault ability-missing: access_denied */
    public function ability_missing(): void { throw new AccessDenied('This action is unauthorized.'); }
    /** fault csrf: access_denied */
    public function csrf(): void { throw new AccessDenied('CSRF token mismatch.'); }
    /** fault int-expected: invalid_input or code_defect */
    public function int_expected(): void { new Price((int) $this->strict('12x')); }
    private function strict(string $value): int { return filter_var($value, FILTER_VALIDATE_INT) ?: throw new \InvalidArgumentException("\"$value\" is not a valid quantity"); }
    /** fault date-unparsable: invalid_input */
    public function date_unparsable(): void { new \DateTimeImmutable('31.31.2024'); }
    /** fault enum-unknown: invalid_input */
    public function enum_unknown(): void { Currency::from('XXQ'); }
    /** fault pg-bad-uuid: invalid_input */
    public function pg_bad_uuid(): void { $this->pg("SELECT 'A-" . $this->n . "'::uuid"); }
    /** fault api-422: invalid_input */
    public function api_422(): void { $this->curl($this->http . '/status/422'); }
    /** fault sqlite-check: data_integrity or invalid_input */
    public function sqlite_check(): void { $this->sqlite()->exec('INSERT INTO customer VALUES(2, "c2@example.com", -5)'); }
    /** fault api-404: not_found */
    public function api_404(): void { $this->fetch('/status/404'); }
    /** fault file-absent: not_found */
    public function file_absent(): void { fopen('/srv/data/feed-' . $this->n . '.xml', 'r'); }
    /** fault model-absent: not_found */
    public function model_absent(): void { throw new ShopException("No query results for model [Shop\\Order] {$this->n}"); }
    /** fault sqlite-unique: conflict */
    public function sqlite_unique(): void { $this->sqlite()->exec('INSERT INTO customer VALUES(3, "c1@example.com", 1)'); }
    /** fault pg-unique-key: conflict */
    public function pg_unique_key(): void { $this->pg('CREATE TEMP TABLE t(id int primary key); INSERT INTO t VALUES(1); INSERT INTO t VALUES(1)'); }
    /** fault cart-stale: conflict */
    public function cart_stale(): void { throw new StaleCart("cart {$this->n} was changed in another tab"); }
    /** fault mkdir-exists: conflict */
    public function mkdir_exists(): void { mkdir($this->dir . '/sealed'); }
    /** fault memory-limit: resource_exhausted */
    public function memory_limit(): void { $all = []; while (true) $all[] = str_repeat('x', 100000); }
    /** fault disk-full-php: resource_exhausted */
    public function disk_full_php(): void { file_put_contents('/dev/full', str_repeat('x', 100000)); }
    /** fault files-open: resource_exhausted (nofile=20) */
    public function files_open(): void { $all = []; for ($i = 0; $i < 99; $i++) $all[] = fopen('/dev/null', 'r'); }
    /** fault sqlite-foreign-key: data_integrity */
    public function sqlite_foreign_key(): void { $this->sqlite()->exec('INSERT INTO cart VALUES(1, 99)'); }
    /** fault sqlite-not-null: data_integrity or invalid_input */
    public function sqlite_not_null(): void { $this->sqlite()->exec('INSERT INTO customer VALUES(5, NULL, 1)'); }
    /** fault sqlite-no-table: data_integrity or configuration */
    public function sqlite_no_table(): void { $this->sqlite()->query('SELECT * FROM coupons'); }
    /** fault sqlite-malformed: data_integrity */
    public function sqlite_malformed(): void { (new \PDO('sqlite:' . $this->dir . '/not-a.db'))->query('SELECT * FROM t'); }
    /** fault gz-broken: data_integrity or serialization */
    public function gz_broken(): void { gzdecode(file_get_contents($this->dir . '/crc.gz')); }
    /** fault class-absent: configuration or code_defect */
    public function class_absent(): void { new \Vendor\Printer\Zebra(); }
    /** fault function-absent: configuration or code_defect */
    public function function_absent(): void { imagecreatefromwebp('x'); }
    /** fault driver-absent: configuration */
    public function driver_absent(): void { new \PDO('oci:dbname=//ora:1521/x'); }
    /** fault include-absent: configuration */
    public function include_absent(): void { require '/srv/shop/vendor/autoload.php'; }
    /** fault setting-absent: configuration */
    public function setting_absent(): void { throw new ShopException('No application encryption key has been specified.'); }
    /** fault bind-taken: configuration */
    public function bind_taken(): void { stream_socket_server('tcp://' . getenv('LAB_HTTP')); }
    /** fault json-syntax: serialization */
    public function json_syntax(): void { json_decode(file_get_contents($this->dir . '/cut.json'), false, 512, JSON_THROW_ON_ERROR); }
    /** fault json-utf8: serialization */
    public function json_utf8(): void { json_encode(['name' => file_get_contents($this->dir . '/latin1.txt')], JSON_THROW_ON_ERROR); }
    /** fault json-inf: serialization */
    public function json_inf(): void { json_encode(NAN, JSON_THROW_ON_ERROR); }
    /** fault unserialize-broken: serialization */
    public function unserialize_broken(): void { unserialize('a:2:{i:0;s:3:"ab'); }
    /** fault xml-malformed: serialization */
    public function xml_malformed(): void { new \SimpleXMLElement(file_get_contents($this->dir . '/bad.xml')); }
    /** fault closure-serialized: serialization or code_defect */
    public function closure_serialized(): void { serialize(static fn () => 1); }
    /** fault iconv-illegal: serialization */
    public function iconv_illegal(): void { iconv('UTF-8', 'ISO-8859-1', file_get_contents($this->dir . '/latin1.txt')); }
    /** fault null-method: code_defect */
    public function null_method(): void { $order = null; $order->total(); }
    /** fault null-property: code_defect */
    public function null_property(): void { $order = null; echo $order->total; }
    /** fault key-undefined: code_defect */
    public function key_undefined(): void { $row = ['net' => 1]; echo $row['gross']; }
    /** fault type-error: code_defect */
    public function type_error(): void { (new Price(100))->net('7'); }
    /** fault argument-few: code_defect */
    public function argument_few(): void { (new Price(100))->net(); }
    /** fault zero-division: code_defect */
    public function zero_division(): void { (new Price(100))->net(0); }
    /** fault readonly-changed: code_defect */
    public function readonly_changed(): void { $price = new Price(1); $price->cents = 2; }
    /** fault match-unhandled: code_defect */
    public function match_unhandled(): void { echo match ($this->n) { -1 => 'a' }; }
    /** fault method-undefined: code_defect */
    public function method_undefined(): void { (new Price(1))->gross(); }
    /** fault array-to-string: code_defect */
    public function array_to_string(): void { echo 'lines: ' . [1, 2]; }
    /** fault sql-syntax-php: code_defect */
    public function sql_syntax_php(): void { $this->sqlite()->query('SELEC 1'); }
    /** fault logic: code_defect */
    public function logic(): void { throw new \LogicException('invoice was finalised twice in one request'); }
    /** fault worker-died: crash */
    public function worker_died(): void { exec('sh -c "kill -11 \$\$"', $out, $code); throw new ShopException("pdf worker exited with code $code"); }
}
enum Currency: string { case Euro = 'EUR'; }

function report(\Throwable $error): void {
    echo '@@type ', $error::class, "\n@@message ", $error->getMessage(), "\n@@trace\n", $error, "\n@@end\n";
}
function call(string $name): void { (new Faults())->{str_replace('-', '_', $name)}(); }

switch (getenv('LAB_MODE')) {
    case 'report':
        try { call($argv[1]); } catch (\Throwable $error) { report($error); }
        break;
    case 'wrap':
        try {
            try { call($argv[1]); } catch (\Throwable $error) { throw new CheckoutFailed('order ' . getenv('LAB_N') . ' could not be completed', 0, $error); }
        } catch (CheckoutFailed $error) { report($error); }
        break;
    default:
        call($argv[1]);
}
